"""The Train page through Streamlit's own test runner: what fits, what is refused, and who sees which run."""

import json
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.runtime.state.query_params import QueryParams
from streamlit.testing.v1 import AppTest

from resnext_viz.names import name_of
from resnext_viz.ui.kit import link
from resnext_viz.ui.train.runs import RUNS
from tests.app.test_pages import drawn, link_of, opened

TRAIN = "pages/train_page.py"
NET = "resnext11_4x16d_cifarpool10_x2"
HANGS = 99  # a seed that the trainer of the tests knows


@pytest.fixture
def trainer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Runs train at once and learn nothing; none is left."""
    program = tmp_path / "python"
    script = Path(__file__).parents[1] / "ui" / "train" / "slow_trainer.py"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -S -E {script} "$@"\n')
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    yield
    RUNS.end_all()


@pytest.mark.usefixtures("trainer")
def test_where_the_dialled_network_does_not_train_the_page_proposes_one_and_leaves_the_dials() -> None:
    app = opened(TRAIN)
    before = link_of(app)["net"]
    assert "ResNeXt-11 (4×16d) for CIFAR is trained here. ResNeXt-50 (32×4d) is not: its stem is for" in drawn(app)
    assert "635,978 params" in drawn(app)
    next(button for button in app.button if button.label == "Train").click().run()
    run = RUNS.find(link_of(app)["runs"])
    assert run
    assert name_of(run.settings.spec) == NET
    assert link_of(app)["net"] == before
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


@pytest.mark.usefixtures("trainer")
def test_what_comes_before_the_first_epoch_is_named_and_resume_says_where_it_goes_on() -> None:
    app = opened(TRAIN, net=NET)
    next(box for box in app.number_input if box.label == "Epochs").set_value(8).run()
    next(box for box in app.number_input if box.label == "Seed").set_value(HANGS).run()
    next(button for button in app.button if button.label == "Train").click().run()
    run = RUNS.find(link_of(app)["runs"])
    assert run
    until = time.monotonic() + 60
    while run.turn.step is None and time.monotonic() < until:
        time.sleep(0.01)
    run.turn.step = None  # as just before it was told
    app.run()
    assert re.search(r"Taking the first step, \d+ s so far\. Epoch 1 of 8 follows\.", drawn(app))
    app.button(key="stop_run").click().run()
    run.turn.wait(60)
    app.run()
    assert app.button(key="resume_run").label == "Resume from epoch 1 of 8"
    write_history(run.folder, 2)
    app.run()
    assert app.button(key="resume_run").label == "Resume from epoch 3 of 8"


def write_history(folder: Path, epochs: int) -> None:
    rows = [
        {"epoch": number, "loss": 2.0, "test_accuracy": 0.5, "images_per_s": 800, "elapsed_s": 2.5, "progress": 0.25}
        for number in range(1, epochs + 1)
    ]
    (folder / "history.json").write_text(json.dumps(rows))


def train(app: AppTest) -> None:
    """Starts a run and waits for its end."""
    next(button for button in app.button if button.label == "Train").click().run()
    run = RUNS.find(link_of(app)["runs"].split(".")[-1])
    assert run
    run.turn.wait(60)
    app.run()


@pytest.mark.usefixtures("trainer")
def test_what_a_visitor_does_with_runs_is_one_step_back_each(monkeypatch: pytest.MonkeyPatch) -> None:
    entries, send = [], QueryParams._send_query_param_msg

    def told(address: QueryParams) -> None:
        send(address)
        entries.append(dict(address).get("runs", ""))

    monkeypatch.setattr(QueryParams, "_send_query_param_msg", told)
    app = opened(TRAIN, net=NET)
    for count in (1, 2):
        train(app)
        assert len(entries) == entries.count("") + count
    app.segmented_control(key="run_choice").set_value(1).run()
    before = len(entries)
    train(app)
    assert len(entries) == before + 1
    others = entries[-1].split(".")[1:]
    app.segmented_control(key="run_choice").set_value(1).run()
    before = len(entries)
    app.button(key="remove_run").click().run()
    assert entries[before:] == [".".join(others)]


@pytest.mark.usefixtures("trainer")
def test_a_lost_run_is_told_of_until_the_visitor_goes_to_an_address_whose_runs_are_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    words = "A run that this link names is not kept any more."
    app = opened(TRAIN, net=NET)
    train(app)
    run_id = link_of(app)["runs"]
    app.button(key="remove_run").click().run()
    assert words not in drawn(app)
    with monkeypatch.context() as back:
        back.setattr(link, "_is_history", lambda: True)
        app.query_params["runs"] = run_id
        app.run()
        assert words in drawn(app)
    assert words in drawn(app.run())
    monkeypatch.setattr(link, "_is_history", lambda: True)
    assert words not in drawn(app.run())
