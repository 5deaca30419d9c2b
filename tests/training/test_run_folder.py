"""A run's history read back, and what may be said of the difference of two accuracies."""

from pathlib import Path

import pytest

from resnext_viz.training.metrics import write_metrics
from resnext_viz.training.run_folder import accuracy_difference, read_history, step_in

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


@pytest.mark.parametrize(("first", "second", "pictures", "expected"), [
    # 61 and 71 of 102: 0.0980392 -+ 1.959964 sqrt((0.2403883 + 0.2115532) / 102)
    (0.6, 0.7, 100, (0.1, -0.0324243, 0.2285028)),
    # 5 and 5 of 6: four right answers of four do not make two networks equal
    (1.0, 1.0, 4, (0.0, -0.4217171, 0.4217171)),
    # 3 and 5 of 6
    (0.5, 1.0, 4, (0.5, -0.1656491, 0.8323157)),
    # 1 and 3 of 4, and no difference above the whole
    (0.0, 1.0, 2, (1.0, -0.1001140, 1.0)),
])  # fmt: skip
def test_a_difference_of_accuracies_has_agresti_and_caffos_interval(
    first: float, second: float, pictures: int, expected: tuple[float, float, float]
) -> None:
    assert accuracy_difference(first, second, pictures) == pytest.approx(expected, abs=1e-6)
