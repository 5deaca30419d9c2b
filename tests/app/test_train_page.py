"""The Train page through Streamlit's own test runner: what fits, what is refused, and who sees which run."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from resnext_viz.ui.training_runs import RUNS
from tests.app.test_pages import drawn, link_of, opened

TRAIN = "pages/train_page.py"
NET = "resnext11_4x16d_cifarpool10_x2"


@pytest.fixture
def trainer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Runs train at once and learn nothing; none is left."""
    program = tmp_path / "python"
    script = Path(__file__).parents[1] / "ui" / "slow_trainer.py"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -S -E {script} "$@"\n')
    program.chmod(0o755)
    monkeypatch.setattr("resnext_viz.ui.training_turn.sys.executable", str(program))
    yield
    RUNS.end_all()


def test_a_network_that_does_not_train_here_is_replaced_with_one_click() -> None:
    app = opened(TRAIN)
    assert "ResNeXt-50 (32×4d) does not train here." in drawn(app)
    assert "Its stem is for ImageNet" in drawn(app)
    assert next(button for button in app.button if button.label == "Train").disabled
    next(button for button in app.button if button.label.startswith("Dial ")).click().run()
    assert not app.exception
    assert link_of(app)["net"] == NET
    assert "635,978 params" in drawn(app)
    assert "2,000 pictures to train on, 500 to test on, of 10 classes: airplane" in drawn(app)
    assert "MACs are not time" not in drawn(app)


def test_paths_that_train_slowly_are_told() -> None:
    assert "Paths narrower than 16 train slowly on a CPU" in drawn(opened(TRAIN, net="resnext11_4x4d_cifarpool10_x2"))


@pytest.mark.usefixtures("trainer")
def test_a_run_is_in_the_link_and_seen_by_nobody_without_it() -> None:
    app = opened(TRAIN, net=NET)
    next(box for box in app.number_input if box.label == "Epochs").set_value(4).run()
    next(button for button in app.button if button.label == "Train").click().run()
    run_id = link_of(app)["runs"]
    run = RUNS.find(run_id)
    assert run
    assert run.settings.epochs == 4
    run.turn.wait(60)
    app.run()
    # 0.62 − 0.5·e⁻³ is 59.5 %, of 500 pictures.
    for words in ("Finished: 4 epochs, 10 s of training.", "298 of 500 pictures", "59.5", "airplane"):
        assert words in drawn(app)
    again = opened(TRAIN, net=NET, runs=run_id)  # a reload, or another device
    assert "Finished: 4 epochs" in drawn(again)
    assert "Your runs" not in drawn(opened(TRAIN, net=NET))
    guessed = opened(TRAIN, net=NET, runs=f"{run_id[:-1]}.{'x' * 500}.<script>")
    assert "A run that this link names is not kept any more." in drawn(guessed)
    assert "Your runs" not in drawn(guessed)
    assert "<script>" not in drawn(guessed)
