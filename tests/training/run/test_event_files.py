"""TensorBoard's own reader finds in a run's folder what the run's history says, however often it was stopped."""

import itertools
import json
import time
from errno import ENOSPC
from pathlib import Path

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from torch.utils.tensorboard import SummaryWriter

from resnext_viz.training.run.event_files import TAGS, EventFile
from resnext_viz.training.run.folder_lock import RunFolderError
from tests.support.pictures import picture_tree
from tests.training.run.test_training_run import RECIPE, read_splits, run_in


def assert_is_history(folder: Path) -> None:
    history = json.loads((folder / "history.json").read_text())
    events = EventAccumulator(str(folder)).Reload()
    assert set(events.Tags()["scalars"]) == set(TAGS.values())
    for name, tag in TAGS.items():
        points = events.Scalars(tag)
        assert [point.step for point in points] == [row["epoch"] for row in history]
        assert [point.value for point in points] == pytest.approx([row[name] for row in history])  # float32
        times = [point.wall_time - points[0].wall_time for point in points]
        assert times == pytest.approx([row["elapsed_s"] - history[0]["elapsed_s"] for row in history], abs=1e-4)


def test_a_file_that_finds_no_room_is_told_once_and_closed_in_silence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(_writer: SummaryWriter) -> None:
        raise OSError(ENOSPC, "No space left on device")

    run = run_in(tmp_path / "run", read_splits(picture_tree(tmp_path / "data", train=3, test=1), 16))
    monkeypatch.setattr(SummaryWriter, "flush", no_room)
    monkeypatch.setattr(SummaryWriter, "close", no_room)
    with pytest.raises(RunFolderError, match=r"No space left on device\); epoch 1 is kept. Free some space"):
        list(run.epochs())


def test_a_stopped_and_resumed_run_has_each_epoch_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    began, looks = time.time(), itertools.count()
    monkeypatch.setattr(time, "time", lambda: began + next(looks))  # files are read in the order of their seconds
    splits = read_splits(picture_tree(tmp_path / "data", train=3, test=1), 16)
    out = tmp_path / "run"
    next(run_in(out, splits).epochs())
    assert_is_history(out)
    # Killed after the events of an epoch whose checkpoint is lost: the same epoch comes again.
    events = EventFile(out, [])
    events.add({"epoch": 2, "elapsed_s": 9.0, **dict.fromkeys(TAGS, 0.5)})
    events.close()
    list(run_in(out, splits).epochs())
    assert_is_history(out)
    assert len(json.loads((out / "history.json").read_text())) == RECIPE.epochs
