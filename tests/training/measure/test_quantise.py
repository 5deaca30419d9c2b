"""An 8-bit form is made from some pictures, measured on others, kept where it agrees and refused where it does not."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from resnext_viz.cli import main
from resnext_viz.inference.engines.engine import EngineChoice
from resnext_viz.inference.engines.int8 import MODEL_FILE, folder_of, network_key, read_record
from resnext_viz.inference.predictor.by_name import load_predictor
from resnext_viz.inference.weights.checkpoint import save_checkpoint
from resnext_viz.spec import ResNeXtSpec, Stem
from resnext_viz.training.measure import quantise
from tests.inference.conftest import MEAN, STD, trained
from tests.support.pictures import cifar_download

CLASSES = ("bright", "dark")


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """80 pictures, bright and dark ones, below train/ and test/."""
    root = tmp_path_factory.mktemp("pictures")
    random = np.random.default_rng(0)
    for split in ("train", "test"):
        for number, (name, level) in enumerate((("bright", 200), ("dark", 40))):
            (root / split / name).mkdir(parents=True)
            for i in range(20):
                pixels = (level + random.integers(-40, 40, (16, 16, 3))).astype(np.uint8)
                Image.fromarray(pixels).save(root / split / name / f"{number}{i:02}.png")
    return root


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network that tells bright from dark, by the sign of one channel's average."""
    spec = ResNeXtSpec(depths=(1,), cardinality=2, base_width=4, stem=Stem.CIFAR, num_classes=2)
    model = trained(spec)
    with torch.no_grad():
        light, shade = (model.features(torch.full((1, 3, 16, 16), value)).mean((0, 2, 3)) for value in (1.2, -1.2))
        direction = (light - shade) / (light - shade).norm()
        model.fc.weight.copy_(torch.stack([direction, -direction]))
        middle = direction @ (light + shade) / 2
        model.fc.bias.copy_(torch.stack([-middle, middle]))
    path = tmp_path_factory.mktemp("weights") / "light.safetensors"
    save_checkpoint(path, model.state_dict(), spec, CLASSES, MEAN, STD, 16, dtype=torch.float32)
    return path


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quantise, "LEAST_PICTURES", 40)


@pytest.mark.usefixtures("few")
def test_it_is_made_measured_found_and_used(
    weights: Path, pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    command = ["quantise", "--weights", str(weights), "--data", str(pictures), "--device", "cpu", "--json"]
    assert main(command) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["pictures"], said["calibration_pictures"]) == (40, 40)
    assert said["agreement"] >= 0.98
    assert said["exact_accuracy"] == 1.0
    predictor = load_predictor(weights, "cpu", engine="int8")
    assert predictor.engine == "OpenVINO, int8"
    assert predictor.int8 is not None
    assert predictor.int8.agreement == said["agreement"]
    test = sorted((pictures / "test").glob("*/*.png"))
    for choice in (EngineChoice.INT8, EngineChoice.EXACT):
        assert [p.top[0].label for p in predictor.predict(test, 1, choice)] == [path.parent.name for path in test]


@pytest.mark.usefixtures("few")
def test_one_that_agrees_too_seldom_is_not_kept(
    weights: Path, pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    monkeypatch.setattr(quantise, "MIN_AGREEMENT", 1.01)
    assert main(["quantise", "--weights", str(weights), "--data", str(pictures), "--device", "cpu"]) == 2
    assert "so it is not kept" in capsys.readouterr().err
    key = network_key(load_predictor(weights, "cpu", engine="exact").model)
    assert read_record(folder_of(key)) is None
    assert not list(tmp_path.rglob(MODEL_FILE))


def test_too_few_pictures_are_refused(weights: Path, pictures: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["quantise", "--weights", str(weights), "--data", str(pictures), "--device", "cpu"]) == 2
    assert "40 pictures to calibrate and 40 to measure; at least 300 of each" in capsys.readouterr().err


def test_a_cifar_download_calibrates_with_its_train_batches_and_measures_on_its_test_batch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quantise, "LEAST_PICTURES", 4)
    calibration, test = quantise._split(cifar_download(tmp_path))
    drawn = {number: np.random.default_rng(number).integers(0, 256, (4, 3072)).astype(np.uint8) for number in range(6)}
    for found, batches in ((calibration, range(5)), (test, (5,))):  # as the download was made
        rows = [(drawn[batch][row].reshape(3, 32, 32).transpose(1, 2, 0), f"class{(batch + row) % 10}")
                for batch in batches for row in range(4)]  # fmt: skip
        expected = sorted((picture.tobytes(), name) for picture, name in rows)
        assert sorted((np.asarray(photo).tobytes(), name) for photo, name in found) == expected


def test_a_folder_that_holds_other_things_is_left_alone(
    weights: Path, pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept, a_file = tmp_path / "checkpoint.pt", tmp_path / "card"
    kept.write_bytes(b"days of work")
    a_file.touch()
    command = ["quantise", "--weights", str(weights), "--data", str(pictures), "--device", "cpu", "--out"]
    assert main([*command, str(tmp_path)]) == 2
    assert "holds other things ('card', 'checkpoint.pt'); name an empty or a new folder" in capsys.readouterr().err
    assert main([*command, str(a_file)]) == 2
    assert "card is a file" in capsys.readouterr().err
    assert (kept.read_bytes(), sorted(tmp_path.iterdir())) == (b"days of work", [a_file, kept])


@pytest.mark.usefixtures("few")
def test_a_form_is_replaced_by_the_next_one(weights: Path, pictures: Path, tmp_path: Path) -> None:
    out = tmp_path / "form"
    command = ["quantise", "--weights", str(weights), "--data", str(pictures), "--device", "cpu", "--out", str(out)]
    assert main(command) == 0
    made = {path.name for path in out.iterdir()}
    (out / MODEL_FILE).write_text("damaged")
    assert main(command) == 0
    assert {path.name for path in out.iterdir()} == made
    assert (out / MODEL_FILE).stat().st_size > 100
    assert list(tmp_path.iterdir()) == [out]


@pytest.mark.parametrize(("names", "is_split"), [
    (("train", "test"), True), (("Train", "valid"), True), (("train", "val"), True), (("bright", "dark"), False),
])  # fmt: skip
def test_accuracy_is_said_of_test_pictures_alone(
    weights: Path, pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, names: tuple[str, str],
    is_split: bool,
) -> None:  # fmt: skip
    monkeypatch.setattr(quantise, "LEAST_PICTURES", 20)
    for name, part in zip(names, ("train", "test") if is_split else ("train/bright", "train/dark"), strict=True):
        shutil.copytree(pictures / part, tmp_path / "data" / name)
    predictor = load_predictor(weights, "cpu", engine="exact")
    record = quantise.quantise(predictor, tmp_path / "data", tmp_path / "form")
    assert record.agreement >= 0.98
    assert (record.exact_accuracy, record.pictures) == ((1.0, 40) if is_split else (None, 20))
    assert (record.accuracy is None) is not is_split


def test_no_picture_is_both_calibrated_with_and_measured_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quantise, "LEAST_PICTURES", 5)
    for number in range(11):
        Image.new("L", (4, 4)).save(tmp_path / f"{number}.png")
    calibration, test = quantise._split(tmp_path)
    assert not set(calibration) & set(test)
    assert len(calibration) + len(test) == 11
    assert quantise._split(tmp_path) == (calibration, test)
