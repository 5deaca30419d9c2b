"""A run's history read back, and what may be said of the difference of two accuracies."""

from pathlib import Path

import pytest

from resnext_viz.training.run.metrics import write_metrics
from resnext_viz.training.run.run_folder import Preparation, preparation_in, read_history, step_in

ROW = {
    "epoch": 3, "loss": 1.5, "train_accuracy": 0.4, "test_loss": 1.4, "test_accuracy": 0.5,
    "class_accuracy": [0.25, 0.75], "rate": 0.1, "images_per_s": 800, "elapsed_s": 30.0, "progress": 0.25,
}  # fmt: skip


def test_what_a_run_writes_is_read_back(tmp_path: Path) -> None:
    assert read_history(tmp_path) == ()
    write_metrics(tmp_path, [ROW, {**ROW, "epoch": 4, "loss": None, "progress": 1.0}], ("cat", "dog"))
    third, fourth = read_history(tmp_path)
    assert (third.number, third.loss, third.class_accuracy, third.finished) == (3, 1.5, (0.25, 0.75), False)
    assert third.left_s == 90.0  # a quarter took 30 s
    assert (fourth.loss, fourth.left_s, fourth.finished) == (None, 0.0, True)
    (tmp_path / "history.json").write_text("{half")
    assert read_history(tmp_path) == ()


@pytest.mark.parametrize("line", ["epoch   1  loss 2.1", "", "{half", '{"epoch": 1}', "{}", '{"loss": 2}'])
def test_other_lines_tell_of_no_step(line: str) -> None:
    assert step_in(line) is None
    assert preparation_in(line) is None


def test_what_comes_before_the_first_step_is_told_in_the_words_that_are_shown() -> None:
    line = '{"preparation": "Building the network"}'
    assert preparation_in(line) is Preparation.BUILDING
    assert step_in(line) is None
    assert preparation_in('{"preparation": "Resting"}') is None
