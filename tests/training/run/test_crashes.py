"""A run that is killed, or finds its disk full or its folder shut, keeps whole epochs, and then ends as any other."""

import gc
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from filelock import FileLock

from resnext_viz.cli import main
from resnext_viz.kit.whole_file import write_whole
from resnext_viz.training.data.labelled_images import LabelledImages, read_splits
from resnext_viz.training.recipe.recipe import Recipe
from resnext_viz.training.run import training_run as run_module
from resnext_viz.training.run.folder_lock import LOCK, RunFolderError
from resnext_viz.training.run.run_checkpoint import CHECKPOINT
from resnext_viz.training.run.training_run import Run
from tests.support.pictures import picture_tree
from tests.training.run.test_training_run import CPU, SPEC, assert_same

resource = pytest.importorskip("resource", reason="Windows has no limits of a process")
ROOT = Path(__file__).parents[3]
RECIPE = Recipe(epochs=3, batch_size=6, translate=1, peak_rate=0.05, ema=0.7)
COMMAND = ["--depths", "1,1", "--cardinality", "2", "--base-width", "4", "--expansion", "1", "--device", "cpu",
           "--epochs", "3", "--batch-size", "6", "--translate", "1", "--peak-rate", "0.05", "--ema", "0.7", "--no-muon",
           "--no-whiten"]  # fmt: skip


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return picture_tree(tmp_path_factory.mktemp("data"), side=32)


@pytest.fixture(scope="module")
def splits(data: Path) -> tuple[LabelledImages, LabelledImages]:
    return read_splits(data, 32)


Splits = tuple[LabelledImages, LabelledImages]


@pytest.fixture(autouse=True)
def in_float32(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_module, "training_type", lambda _: torch.float32)


@pytest.fixture(scope="module")
def whole(splits: Splits, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The run that nothing happened to."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run_module, "training_type", lambda _: torch.float32)
        run = Run(SPEC, RECIPE, *splits, tmp_path_factory.mktemp("whole"), CPU)
        list(run.epochs())
    return run


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 400 kB: there is room for one checkpoint of 250 kB, and none to write the next beside it."""
    disk = tmp_path / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=400k", "none", str(disk)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("file systems cannot be mounted here")
    yield disk
    gc.collect()
    subprocess.run(["umount", "--lazy", disk], check=True)


def changed(disk: Path, options: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{options}", disk], check=True)


def train(data: Path, out: Path) -> int:
    return main(["train", "--data", str(data), "--out", str(out), *COMMAND])


def test_a_process_killed_within_an_epoch_lets_go_of_the_folder_and_the_same_command_goes_on(
    data: Path, splits: Splits, tmp_path: Path, whole: Run
) -> None:
    command = [sys.executable, "-m", "tests.training.run.command_worker", "in_an_epoch", "train", "--data", data,
               "--out", tmp_path, *COMMAND]  # fmt: skip
    killed = subprocess.run(list(map(str, command)), cwd=ROOT, capture_output=True, text=True, check=False)
    assert killed.returncode == -9, killed.stderr
    assert "\r" not in killed.stdout
    assert train(data, tmp_path) == 0
    again = Run(SPEC, RECIPE, *splits, tmp_path, CPU)
    assert_same(whole, again)
    assert [row["loss"] for row in again.history] == [row["loss"] for row in whole.history]


def test_a_full_disk_is_told_in_one_line_and_with_room_the_same_command_goes_on(
    data: Path, splits: Splits, small_disk: Path, whole: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert train(data, small_disk) == 2
    said = capsys.readouterr().err
    assert said == (
        f"resnext_viz: {small_disk} cannot be written to (No space left on device); epoch 1 is kept. "
        "Free some space: the same command goes on\n"
    )
    assert not list(small_disk.glob("*.part"))
    changed(small_disk, "size=2m,ro")
    assert train(data, small_disk) == 2
    said = capsys.readouterr().err
    assert "cannot be written to (Read-only file system); nothing in it was changed. Make it writable" in said
    changed(small_disk, "size=2m,rw")
    assert train(data, small_disk) == 0
    assert_same(whole, Run(SPEC, RECIPE, *splits, small_disk, CPU))


def test_a_checkpoint_that_finds_no_room_leaves_the_former_one(splits: Splits, tmp_path: Path, whole: Run) -> None:
    run = Run(SPEC, RECIPE, *splits, tmp_path, CPU)
    epochs = run.epochs()
    next(epochs)
    former = (tmp_path / CHECKPOINT).read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(former) // 2, limits[1]))
    try:
        with pytest.raises(RunFolderError, match=r"\(File too large\); epoch 1 is kept. Free some space"):
            next(epochs)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert (tmp_path / CHECKPOINT).read_bytes() == former
    assert not list(tmp_path.glob("*.part"))
    again = Run(SPEC, RECIPE, *splits, tmp_path, CPU)
    list(again.epochs())
    assert_same(whole, again)


def test_a_folder_that_becomes_read_only_is_told(splits: Splits, tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("whoever runs this may write everywhere")
    out = tmp_path / "out"
    epochs = Run(SPEC, RECIPE, *splits, out, CPU).epochs()
    next(epochs)
    out.chmod(0o555)
    try:
        with pytest.raises(RunFolderError, match=r"\(Permission denied\); epoch 1 is kept. Make it writable"):
            next(epochs)
    finally:
        out.chmod(0o755)


def test_another_process_in_the_folder_is_refused_as_long_as_it_lives(splits: Splits, tmp_path: Path) -> None:
    with FileLock(tmp_path / LOCK), pytest.raises(RunFolderError, match="another process is training in"):
        Run(SPEC, RECIPE, *splits, tmp_path, CPU)
    run = Run(SPEC, RECIPE, *splits, tmp_path, CPU)
    others = FileLock(tmp_path / LOCK, blocking=False)
    with pytest.raises(TimeoutError):
        others.acquire()
    del run
    gc.collect()
    others.acquire()
    others.release()


def test_a_file_is_settled_before_its_name_and_its_name_before_anything_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a loss of power a name never stands for what had not reached the disk."""
    done: list[str] = []
    sync, replace = os.fsync, Path.replace

    def noting_sync(number: int) -> None:
        done.append(f"sync {Path(f'/proc/self/fd/{number}').readlink().name}")
        sync(number)

    def noting_replace(self: Path, target: Path) -> Path:
        done.append(f"name {target.name}")
        return replace(self, target)

    if not Path("/proc/self/fd").exists():
        pytest.skip("there is no /proc here")
    monkeypatch.setattr(os, "fsync", noting_sync)
    monkeypatch.setattr(Path, "replace", noting_replace)
    write_whole(tmp_path / "file", lambda file: file.write(b"new"))
    assert done == ["sync file.part", "name file", f"sync {tmp_path.name}"]
