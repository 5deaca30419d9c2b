"""Training runs of visitors: places in the queue, Stop, Resume, what goes wrong in words, bounds, and nothing left."""

import json
import os
import re
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from resnext_viz.errors import UserError
from resnext_viz.inference.weights.metadata import read_metadata
from resnext_viz.names import parse
from resnext_viz.training_cost import training_cost
from resnext_viz.ui.train import queue, turn
from resnext_viz.ui.train import runs as runs_module
from resnext_viz.ui.train.queue import place_in_words
from resnext_viz.ui.train.runs import Runs, State, TrainingRun
from resnext_viz.ui.train.settings import (
    DEFAULT_BATCH,
    DEFAULT_RATE,
    TrainingData,
    TrainingSettings,
    fitted_defaults,
    refusal,
    sample_data,
)
from tests.support.pictures import picture_tree

TRAINER = Path(__file__).with_name("slow_trainer.py")
SPEC = parse("resnext5_2x4d_cifarpool10_b1_x1")
HANGS, DISK_FULL, DIVERGES, PICTURES_GONE, NO_RIGHT, NO_MEMORY = 99, 13, 66, 67, 68, 69  # seeds the trainer knows


@pytest.fixture(autouse=True)
def in_the_background(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As a shell starts a server with `&`: Ctrl-C is heard neither by it nor by its processes."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    monkeypatch.setattr(turn, "GRACE_S", 600.0)  # whoever does not hear Stop holds up the test
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Runs]:
    """No visitor's run yet, and a trainer that does not train."""
    trainer = tmp_path / "python"
    trainer.write_text(f'#!/bin/sh\nexec {sys.executable} -S -E {TRAINER} "$@"\n')
    trainer.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(trainer))
    runs = Runs()
    yield runs
    runs.end_all()


def settings(seed: int = 0, epochs: int = 3) -> TrainingSettings:
    return TrainingSettings(SPEC, 32, sample_data(), epochs=epochs, seed=seed)


def unseen_for(run: TrainingRun, seconds: float) -> None:
    """As if it had ended, and somebody had last looked at it, so long ago."""
    assert run.turn.ended_s is not None
    run.turn.ended_s -= seconds
    run.seen -= seconds


def wait_for(holds: Callable[[], bool]) -> None:
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < 120
        time.sleep(0.01)


def ended(run: TrainingRun) -> TrainingRun:
    wait_for(lambda: not run.active)
    return run


def test_one_run_trains_the_others_know_their_place_and_nobody_passes(runs: Runs) -> None:
    first = runs.start(settings(HANGS))
    second, third = runs.start(settings(1)), runs.start(settings(2))
    wait_for(lambda: first.turn.step is not None)
    assert first.turn.step == (1, 0.25, 812.4, 75.0)
    assert (first.turn.preparation, second.turn.preparation) == ("Taking the first step", "Loading torch")
    assert first.state is State.RUNNING
    assert [run.turn.place for run in (first, second, third)] == [1, 2, 3]
    assert place_in_words(third.turn.place or 0) == "3rd in the queue"
    assert (second.state, third.state, second.epochs) == (State.WAITING, State.WAITING, ())
    second.turn.stop()
    ended(second)
    assert (second.state, second.weights, third.turn.place) == (State.STOPPED, None, 2)
    second.resume()  # behind the third
    assert (third.turn.place, second.turn.place) == (2, 3)
    first.turn.stop()
    assert ended(third).state is ended(second).state is State.FINISHED
    assert third.epochs[-1].elapsed_s == 7.5
    assert (third.weights or Path()).read_text() == "epoch 3"


def test_a_place_is_said_as_people_say_it() -> None:
    said = [place_in_words(place).split()[0] for place in (1, 2, 3, 4, 11, 12, 13, 21, 102)]
    assert said == ["1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "102nd"]


def test_stop_keeps_the_last_whole_epoch_with_its_weights_and_resume_goes_on(
    runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLOW_TRAINER_S", "0.1")
    run = runs.start(settings(epochs=40))
    wait_for(lambda: len(run.epochs) >= 2)
    assert run.weights is None  # while it trains, they are about to be replaced
    run.turn.stop()
    done = len(ended(run).epochs)
    assert (run.state, 2 <= done < 40) == (State.STOPPED, True)
    assert (run.weights or Path()).read_text() == f"epoch {done}"
    monkeypatch.setenv("SLOW_TRAINER_S", "0")
    run.resume()
    assert run.weights is None
    assert ended(run).state is State.FINISHED
    assert [epoch.number for epoch in run.epochs] == list(range(1, 41))
    assert (run.weights or Path()).read_text() == "epoch 40"


def test_two_tabs_that_resume_at_once_resume_once(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    run = runs.start(settings(HANGS))
    run.turn.stop()
    ended(run)
    new_turn, made = run._new_turn, list[turn.Turn]()

    def slowly() -> turn.Turn:
        made.append(new_turn())
        time.sleep(0.2)  # the other one asks meanwhile
        return made[-1]

    monkeypatch.setattr(run, "_new_turn", slowly)
    tabs = [threading.Thread(target=run.resume) for _ in range(2)]
    for tab in tabs:
        tab.start()
    for tab in tabs:
        tab.join()
    assert made == [run.turn]
    assert run.turn.place == 1


def test_a_killed_process_a_full_disk_and_a_mistake_are_told_and_resumed(
    runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed = runs.start(settings(HANGS))
    wait_for(lambda: killed.turn.process_id is not None)
    os.kill(killed.turn.process_id or 0, signal.SIGKILL)
    assert ended(killed).state is State.FAILED
    assert "ended from outside (signal 9)" in str(killed.turn.problem)
    full = ended(runs.start(settings(DISK_FULL)))
    assert (full.state, len(full.epochs)) == (State.FAILED, 1)
    assert full.turn.problem == "the disk of this server is full; the epochs before are kept"
    assert (full.weights or Path()).read_text() == "epoch 1"
    (full.folder / "room").touch()
    full.resume()
    assert ended(full).state is State.FINISHED
    diverged = ended(runs.start(settings(DIVERGES)))
    assert diverged.turn.problem == "the loss is no number any more in epoch 1; use a lower peak rate than 0.1"
    refused = ended(runs.start(settings(NO_RIGHT)))
    assert refused.turn.problem == "its folder cannot be written to (Permission denied); no epoch was done"
    short = ended(runs.start(settings(NO_MEMORY)))
    assert short.turn.problem == "this server is out of memory; train a smaller network, or in smaller batches"
    pictures = TrainingData("Your folder", ("a", "b"), 8, 2, full.folder)
    away = ended(runs.start(replace(settings(PICTURES_GONE), data=pictures)))
    assert away.turn.problem == "your folder is gone"
    assert ended(runs.start(settings(PICTURES_GONE))).turn.problem == "the folder of pictures is gone"
    monkeypatch.setattr(turn, "LIMIT_S", 0.1)
    late = ended(runs.start(settings(HANGS)))
    assert (late.state, late.turn.out_of_time, late.turn.problem) == (State.STOPPED, True, None)


def test_what_is_too_much_is_refused_in_words(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "MAX_WAITING", 1)
    held = [runs.start(settings(HANGS)), runs.start(settings(HANGS))]
    with pytest.raises(UserError, match="2 of your runs are under way or waiting"):
        runs.start(settings(), held)
    with pytest.raises(UserError, match="1 runs are waiting already"):
        runs.start(settings())
    for run in held:
        run.turn.stop()
        ended(run)
    monkeypatch.setattr(runs_module, "MAX_RUNS", 2)
    with pytest.raises(UserError, match="keeps 2 runs at a time, and all are in use"):
        runs.start(settings())
    unseen_for(held[0], 3600)  # it makes room
    assert ended(runs.start(settings())).state is State.FINISHED
    assert (runs.find(held[0].id), held[0].folder.exists()) == (None, False)
    assert runs.find(held[1].id) is held[1]
    monkeypatch.setattr(runs_module, "MAX_RUNS", 9)
    monkeypatch.setattr(runs_module, "MAX_BYTES", 1000)
    with pytest.raises(UserError, match="other visitors’ runs fill the space"):
        runs.start(settings())


def test_a_run_that_ended_while_nobody_looked_is_not_the_first_to_go(
    runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    older, unattended = ended(runs.start(settings())), ended(runs.start(settings(1)))
    unseen_for(older, 1200)
    unattended.seen -= 3600  # it waited for its turn and trained for an hour, and has ended just now
    monkeypatch.setattr(runs_module, "MAX_RUNS", 2)
    ended(runs.start(settings(2)))
    assert (runs.find(older.id), runs.find(unattended.id)) == (None, unattended)


def test_what_nobody_looked_at_for_a_day_goes_by_itself(runs: Runs) -> None:
    old, new = ended(runs.start(settings())), ended(runs.start(settings(1)))
    unseen_for(old, runs_module.KEPT_S + 1)
    runs.forget_old()
    assert (runs.find(old.id), old.folder.exists(), runs.find(new.id)) == (None, False, new)


def test_resuming_takes_no_more_places_than_starting(runs: Runs) -> None:
    held = [runs.start(settings(HANGS))]
    for _ in range(2):
        run = runs.start(settings(HANGS))
        run.turn.stop()
        held.append(ended(run))
    held[1].resume(held)
    with pytest.raises(UserError, match="2 of your runs are under way or waiting"):
        held[2].resume(held)
    assert held[2].turn.place is None
    held[1].resume(held)  # a second tab: it is in the line already


@pytest.mark.parametrize(("name", "side", "words"), [
    ("resnext50_32x4d", 32, "its stem is for ImageNet"),
    ("resnext29_8x64d_cifar10", 32, "it has 34.43 M params"),  # the paper's 34.4 M
    ("resnext29_2x16d_cifar10_x1", 64, "MACs"),
    ("resnext11_4x16d_cifarpool10_x2", 224, "its pictures have a side of 224 px"),
])  # fmt: skip
def test_a_network_that_does_not_train_here_is_told_why(name: str, side: int, words: str) -> None:
    assert words in refusal(parse(name), side)
    with pytest.raises(UserError, match=words):
        TrainingSettings(parse(name), side, sample_data())


def test_a_step_that_would_fill_the_memory_is_refused_with_the_batch_that_fits() -> None:
    wide = parse("resnet29_1x4d_cifar10_b9")
    assert refusal(wide, 64) == ""  # in small batches it trains here
    words = r"512 pictures of 64 px would keep 43.1 GB .* are 4 GB for it here; use a batch of up to (\d+) pictures$"
    with pytest.raises(UserError, match=words) as caught:
        TrainingSettings(wide, 64, sample_data(), batch_size=512)
    fits = int(re.search(words, str(caught.value))[1])  # type: ignore[index]
    assert training_cost(wide, 64, fits).memory.total <= 4e9 < training_cost(wide, 64, fits + 1).memory.total
    assert TrainingSettings(wide, 64, sample_data(), batch_size=fits).batch_size == fits
    deep = parse("resnet152_1x1d_cifar10_b50").with_options(depths=(140,), expansion=2)
    assert re.search("8 pictures of 64 px would keep .* use a network with fewer blocks$", refusal(deep, 64))


def test_few_pictures_get_small_batches_and_small_steps() -> None:
    assert fitted_defaults(2000) == (DEFAULT_BATCH, DEFAULT_RATE)
    batch, rate = fitted_defaults(90)
    assert 90 // batch >= 4  # steps of an epoch
    assert rate / DEFAULT_RATE == batch / DEFAULT_BATCH


def test_ids_are_secret_and_the_end_of_the_server_leaves_nothing(runs: Runs) -> None:
    run, waiting = runs.start(settings(HANGS)), runs.start(settings())
    assert len({run.id, waiting.id}) == 2
    assert min(len(run.id), len(waiting.id)) >= 22  # 128 bits
    assert runs.find("nonsense") is runs.with_weights(run.id) is None
    assert runs.with_weights(run.weights_name) is run
    assert run.id not in run.weights_name
    wait_for(lambda: run.turn.process_id is not None)
    process_id, root = run.turn.process_id or 0, runs.root
    runs.end_all()
    ended(run)
    with pytest.raises(ProcessLookupError):
        os.kill(process_id, 0)
    assert (root.exists(), runs.find(run.id), waiting.active) == (False, None, False)


def test_a_real_run_is_stopped_by_its_own_means_and_its_weights_are_a_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turn, "KINDNESS", 0)  # the tests wait for it
    data = picture_tree(tmp_path / "data", side=16)
    pictures = TrainingData("Three levels", ("bright", "dark", "middle"), 24, 9, data)
    runs = Runs()
    run = runs.start(TrainingSettings(SPEC, 16, pictures, 100_000, 0.05, 8))
    try:
        wait_for(lambda: bool(run.epochs) or not run.active)
        assert run.turn.step
        assert run.turn.step.epoch >= 1
        run.turn.stop()
        ended(run)
        _check_weights(run)
    finally:
        runs.end_all()


def _check_weights(run: TrainingRun) -> None:
    assert (run.state, run.turn.problem) == (State.STOPPED, None)
    metadata = read_metadata(run.weights or Path())
    assert metadata.spec == SPEC.with_options(num_classes=3)
    assert metadata.test_accuracy is not None
    assert metadata.classes == ("bright", "dark", "middle")
    assert json.loads((run.folder / "history.json").read_text())[-1]["epoch"] == len(run.epochs)
