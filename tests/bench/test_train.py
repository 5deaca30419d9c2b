"""Both sides of the training bench train one network on one set of pictures; how long it takes is never tested."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from resnext_viz.bench import plain_loop, train
from resnext_viz.bench.result import BenchError
from resnext_viz.cli import main
from resnext_viz.names import parse
from resnext_viz.training.data.labelled_images import read_images
from tests.support.one_thread import one_thread
from tests.support.pictures import cifar_download

__all__ = ["one_thread"]
TINY = "resnext11_4x4d_cifar10"
EACH = 6  # pictures of each of two classes


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    colours = np.random.default_rng(0)
    for name in ("cat", "dog"):
        place = tmp_path / "data" / "train" / name
        place.mkdir(parents=True)
        for number in range(EACH):
            Image.fromarray(colours.integers(0, 256, (32, 32, 3), np.uint8)).save(place / f"{number}.png")
    return tmp_path / "data"


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train, "BATCH", 4)
    monkeypatch.setattr(train, "WORK", {"cpu": 1.0})
    monkeypatch.setattr(train, "ROUNDS", 2)


def trial_of(folder: Path, into: Path, batch_size: int) -> train.Trial:
    classes = train.choose_pictures(folder, into, 2 * EACH)
    return train.Trial(parse(TINY).with_options(num_classes=classes), into, 32, batch_size, "cpu")


def test_a_trial_is_the_same_in_another_process(tmp_path: Path) -> None:
    spec = parse(TINY).with_options(num_classes=7)
    trial = train.Trial(spec, tmp_path / "with spaces", 48, 12, "cuda:1")
    assert train.Trial.of_words(*trial.to_words()) == trial


@pytest.mark.usefixtures("small")
def test_both_start_alike_and_have_the_same_loss(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One step over all pictures, nothing drawn, float32: batch norm and loss do not mind the order."""
    monkeypatch.setattr("resnext_viz.training.run.training_run.training_type", lambda _: torch.float32)
    monkeypatch.setattr(plain_loop, "WORKERS", 0)
    trial = trial_of(folder, tmp_path / "trial", 2 * EACH)
    run = train.our_run(trial, epochs=1, translate=0, flip=False, label_smoothing=0.0)
    loop = train.plain_loop(trial, is_augmented=False)
    ours, theirs = run.model.state_dict(), loop.network.state_dict()
    assert list(ours) == list(theirs)
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)
    row = next(run.epochs())
    assert row["loss"] == pytest.approx(loop.epoch(), abs=1e-4)


@pytest.mark.usefixtures("small")
def test_the_plain_loop_is_plain(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain_loop, "WORKERS", 0)
    loop = train.plain_loop(trial_of(folder, tmp_path / "trial", 4))
    pictures, _ = next(iter(loop.loader))
    assert (pictures.dtype, tuple(pictures.shape)) == (torch.float32, (4, 3, 32, 32))
    assert pictures.is_contiguous()
    before = loop.network.state_dict()["fc.weight"].clone()
    loop.epoch()
    assert not torch.equal(loop.network.state_dict()["fc.weight"], before)
    transform = loop.pictures.transform
    assert transform is not None
    names = [type(step).__name__ for step in transform.transforms]
    assert names == ["RandomCrop", "RandomHorizontalFlip", "ToTensor", "Normalize"]


@pytest.mark.usefixtures("small")
def test_pictures_come_from_all_classes_in_whole_batches(folder: Path, tmp_path: Path) -> None:
    assert train.choose_pictures(folder, tmp_path / "trial", 11) == 2
    copies = sorted(path.relative_to(tmp_path / "trial").parts[:2] for path in (tmp_path / "trial").rglob("*.png"))
    assert copies == [(split, name) for split, count in (("test", 1), ("train", 4)) for name in ("cat", "dog")
                      for _ in range(count)]  # fmt: skip


@pytest.mark.usefixtures("small")
def test_a_download_of_cifar_becomes_files_too(tmp_path: Path) -> None:
    cifar_download(tmp_path / "data")
    theirs = read_images(tmp_path / "data", "train", 32)
    labels, numbers = theirs.labels.unique(return_inverse=True)
    assert train.choose_pictures(tmp_path / "data", tmp_path / "trial", 1000) == len(labels)
    ours = read_images(tmp_path / "trial", "train", 32)
    order = numbers.argsort(stable=True)
    assert torch.equal(ours.labels, numbers[order])
    assert torch.equal(ours.images, theirs.images[order])


@pytest.mark.usefixtures("small")
def test_the_command_has_a_row_for_each_side(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Both sides in this process, because two more would each load torch; what is sent to them is words."""

    @contextmanager
    def in_this_process(make: Callable[..., Any], *words: str) -> Iterator[Callable[[str], float]]:
        assert all(isinstance(word, str) for word in words)
        engines = make(*words)
        yield lambda name: float(engines[name]())

    monkeypatch.setattr(train, "in_own_process", in_this_process)
    monkeypatch.setattr("resnext_viz.training.run.memory.keep_memory", lambda: False)
    monkeypatch.setattr(plain_loop, "WORKERS", 0)
    assert main(["bench", "train", TINY, "--data", str(folder), "--device", "cpu", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["machine"]["threads"] >= 1
    ours, plain, alone = document["rows"]
    assert ours["engine"].startswith("this package: ")
    assert plain["engine"] == train.PLAIN
    assert plain["ratio"] is None
    assert alone["engine"] == train.STEPS_ALONE
    for row in (ours, alone):
        assert row["against"] == train.PLAIN
        assert row["ratio"] == pytest.approx(plain["median_ms"] / row["median_ms"], rel=0.01)
    for row in document["rows"]:
        assert row["batch"] == 4
        assert row["per_second"] == pytest.approx(4 / row["median_ms"] * 1000, rel=0.01)


@pytest.mark.parametrize(("words", "told"), [
    (["resnet18", "resnet34"], "give one network, such as cifar10"),
    (["squeezenet"], "squeezenet"),
    (["resnext50_32x4d"], "GB for a batch of 128 pictures, at most"),
    ([TINY, "--data", "nowhere"], "nowhere"),
    ([TINY, "--weights", "cifar10"], "weights is not asked for by the subject 'train'"),
])  # fmt: skip
def test_mistakes_take_one_line(words: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "train", *words]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert told in lines[0]


def test_too_few_pictures_are_told(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(BenchError, match="with 12 pictures to train on; at least 128 are needed"):
        train.choose_pictures(folder, tmp_path / "trial", 1000)
