"""`train` on a stranger's pictures, and from weights that were trained before: what is found is said, mistakes too."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from PIL import Image

from resnext_viz.cli import main
from resnext_viz.inference.weights.checkpoint import load_checkpoint, save_checkpoint
from resnext_viz.nn import build
from resnext_viz.spec import ResNeXtSpec, Stem
from resnext_viz.training.data import decoding
from resnext_viz.training.recipe.fitting import fitted
from resnext_viz.training.recipe.recipe import Recipe
from tests.support.one_thread import one_thread
from tests.support.pictures import CLASSES, cifar_download, noise, picture_tree

__all__ = ["one_thread"]

SPEC = ResNeXtSpec(depths=(1, 1), cardinality=2, base_width=4, expansion=1, stem=Stem.CIFAR_POOL, num_classes=4)
NETWORK = ["--depths", "1,1", "--cardinality", "2", "--base-width", "4", "--expansion", "1"]
SHORT = ["--epochs", "2", "--translate", "1", "--device", "cpu"]


def photos(root: Path) -> Path:
    """Large pictures of three classes without a split, one of them broken, one trained and tested on, some junk."""
    for number, name in enumerate(CLASSES):
        (root / name / "deeper").mkdir(parents=True)
        for i in range(10):
            pixels = noise(60 + 60 * number, 70, seed=10 * number + i)
            Image.fromarray(pixels).save(root / name / "deeper" / f"{i:02}.PNG")
        (root / name / "notes.txt").write_text("not a picture")
    (root / "dark" / ".ipynb_checkpoints").mkdir()
    (root / "dark" / "broken.jpg").write_bytes(b"no picture")
    for i in range(10):  # nine of ten copies are trained on, the tenth tells nothing new
        (root / "bright" / f"copy {i}.png").write_bytes((root / "bright" / "deeper" / "00.PNG").read_bytes())
    return root


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """A small network for four other classes, in a file."""
    torch.manual_seed(1)
    path = tmp_path / "before.safetensors"
    save_checkpoint(path, build(SPEC).state_dict(), SPEC, "abcd", (0.5, 0.4, 0.3), (0.25, 0.25, 0.25), 24)
    return path


def test_ones_own_photos_train_and_the_card_says_what_was_done(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, out = photos(tmp_path / "photos"), tmp_path / "out"
    argv = ["train", "--data", str(data), "--out", str(out), *NETWORK, *SHORT]
    assert main(argv) == 2
    assert re.fullmatch(r"resnext_viz: .*broken.jpg cannot be used: .*--skip-broken.\n", capsys.readouterr().err)
    assert main([*argv, "--skip-broken"]) == 0
    said, card = capsys.readouterr().out, (out / "model_card.md").read_text()
    for words in (
        "classes: bright, dark, middle",
        "sizes: 70×70 px; centre square of each resized to 64×64 px, bicubic",
        "note: not read in photos/: 3 .txt",
        "note: 10 % of each class set aside as test pictures, by seed 0",
        "note: 1 of ",
        "of the training pictures",
        "36 pictures to train on, 4 to test on, 3 classes",
    ):
        assert words in said
    assert re.search(r"note: [12] of 4 test pictures are also among the training pictures", said)
    assert re.search(r"\| notes on the data \| .*10 % of each class.*broken.jpg.*also among", card)
    assert "--image-size 64" in card
    assert "| batch_size | 8 |" in card
    assert "| peak_rate | 0.001875 |" in card  # 0.03 for 128
    network = load_checkpoint(out / "model.safetensors")
    assert (network.classes, network.preprocess.crop) == (CLASSES, 64)


def test_fine_tuning_says_where_it_came_from_and_goes_on(
    tmp_path: Path, weights: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, out = picture_tree(tmp_path / "data", train=4, side=30), tmp_path / "out"
    argv = ["train", "--from", str(weights), "--freeze", "--data", str(data), "--out", str(out), *SHORT]
    assert main(argv) == 0
    said, card = capsys.readouterr().out, (out / "model_card.md").read_text()
    assert "colours: mean 0.5, 0.4, 0.3, deviation 0.25, 0.25, 0.25, those of before.safetensors" in said
    assert "resized to 24×24 px" in said
    assert "from before.safetensors; linear layer new for 3 classes in place of 4, it alone is trained" in said
    assert re.search(r"\| started from \| .*before.safetensors; .* SHA-256 `[0-9a-f]{64}` \|", card)
    assert "train --from before.safetensors --freeze --epochs 2" in card
    before, after = load_checkpoint(weights), load_checkpoint(out / "model.safetensors")
    assert after.classes == CLASSES
    for name, value in before.state_dict.items():
        if not name.startswith("fc."):
            assert torch.equal(after.state_dict[name], value), name  # both as half precision holds them
    assert main([word for word in argv if word != "--freeze"]) == 2
    assert "holds a run with other settings (peak_rate is" in capsys.readouterr().err
    assert main(argv) == 0
    assert "loss" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--freeze"], "freeze is True, but there are no trained weights to keep; name them by --from"),
        (["--from", "cifar10", "--preset", "cifar10"], "preset is given, but the network is that of the weights"),
        (["--from", "cifar10", "--cardinality", "8"], "cifar10 does not fit a network with another cardinality: "),
        (["--from", "cifar10", "--num-classes", "10"], "num_classes is given, but with --from the pictures say"),
        (["--from", "cifar11"], "weights is 'cifar11'; use cifar10"),
        (["--from", "nowhere/w.safetensors"], "nowhere"),
        (["--from", "cifar10", "--image-size", "0"], "image_size is"),
        (["--from", "cifar10", "--whiten"], "whiten is True, which makes a new stem"),
    ],
)
def test_mistakes_of_fine_tuning_take_one_line(
    tmp_path: Path, options: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    data = picture_tree(tmp_path / "data", train=2, test=1)
    assert main(["train", "--data", str(data), "--out", str(tmp_path / "out"), *SHORT, *options]) == 2
    err = capsys.readouterr().err
    assert words in err
    assert err.count("\n") == 1


def no_folder(root: Path) -> None:
    root.rename(root.with_name("elsewhere"))


def single_class(root: Path) -> None:
    for split in ("train", "test"):
        for name in ("dark", "middle"):
            (root / split / name).rename(root / f"{split} {name}")


def little_memory(_: Path) -> None:
    """There are 1,000 bytes; the test sees to it."""


@pytest.mark.parametrize(
    ("harm", "words"),
    [(no_folder, "data is no folder"), (single_class, "at least two are needed"), (little_memory, "use --image-size")],
)
def test_mistakes_in_the_data_take_one_line(
    tmp_path: Path, harm: Callable[[Path], None], words: str, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    data = picture_tree(tmp_path / "data", train=1, test=1)
    harm(data)
    monkeypatch.setattr(decoding, "available_bytes", lambda: 1000 if harm is little_memory else 10**12)
    assert main(["train", "--data", str(data), "--out", str(tmp_path / "out"), *NETWORK, *SHORT]) == 2
    err = capsys.readouterr().err
    assert words in err
    assert err.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_a_data_sets_name_stands_for_its_download(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RESNEXT_VIZ_DATA", str(cifar_download(tmp_path / "mine")))
    monkeypatch.chdir(tmp_path)
    assert main(["train", "--data", "cifar10", "--out", "out", *NETWORK, "--epochs", "1", "--device", "cpu"]) == 0
    assert "20 pictures to train on, 4 to test on, 10 classes" in capsys.readouterr().out
    assert "| data | CIFAR-10: 20 pictures" in (tmp_path / "out" / "model_card.md").read_text()
    assert main(["evaluate", "--data", "cifar10", "--weights", "out/model.safetensors", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["pictures"] == 4


def test_few_pictures_get_small_batches_at_a_rate_in_proportion() -> None:
    usual = Recipe(epochs=1)
    assert fitted(usual, 50_000, ()) == fitted(usual, 1024, ()) == usual
    small = fitted(usual, 180, ())
    assert (small.batch_size, small.peak_rate) == (32, usual.peak_rate / 8)
    assert fitted(usual, 3, ()).batch_size == 8
    assert fitted(usual, 180, {"batch_size"}) == usual
    assert fitted(usual, 180, {"peak_rate"}).peak_rate == usual.peak_rate
