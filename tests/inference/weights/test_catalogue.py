"""The list of weights is torchvision's, name by name; what it tells is torchvision's own record."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
import torch
import torchvision
from torchvision.models import (
    ResNet50_Weights,
    ResNet101_Weights,
    ResNeXt50_32X4D_Weights,
    ResNeXt101_32X8D_Weights,
    ResNeXt101_64X4D_Weights,
    get_weight,
)

from resnext_viz.inference.errors import WeightsError
from resnext_viz.inference.weights import catalogue, download
from resnext_viz.inference.weights.catalogue import (
    Origin,
    available_weights,
    bundled_file,
    find_weights,
    folder_weights,
    load_weights,
    names_here,
)
from resnext_viz.inference.weights.checkpoint import save_checkpoint
from resnext_viz.nn.network import ResNeXt
from resnext_viz.spec import ResNeXtSpec
from tests.inference.conftest import CLASSES, MEAN, STD

ENUMERATIONS = {
    "resnext50_32x4d": ResNeXt50_32X4D_Weights,
    "resnext101_32x8d": ResNeXt101_32X8D_Weights,
    "resnext101_64x4d": ResNeXt101_64X4D_Weights,
    "resnet50": ResNet50_Weights,
    "resnet101": ResNet101_Weights,
}


def test_the_names_are_torchvisions() -> None:
    published = [str(member) for enumeration in ENUMERATIONS.values() for member in enumeration]
    own = [name for name in ("cifar10", "cifar10-c1") if bundled_file(name).is_file()]
    assert [info.name for info in available_weights()] == [*own, *published]


PUBLISHED = [info for info in available_weights() if info.origin is Origin.TORCHVISION]


@pytest.mark.parametrize("info", PUBLISHED, ids=lambda info: info.name)
def test_figures_are_torchvisions(info: catalogue.WeightsInfo) -> None:
    record = get_weight(info.name)
    assert info.params == record.meta["num_params"]
    assert info.classes_count == len(record.meta["categories"])
    assert info.published_accuracy == pytest.approx(record.meta["_metrics"]["ImageNet-1K"]["acc@1"] / 100)
    assert info.origin is Origin.TORCHVISION
    assert info.title.startswith(info.family)


@pytest.mark.parametrize("model", ENUMERATIONS)
def test_short_names_are_the_default(model: str) -> None:
    enumeration = ENUMERATIONS[model]
    expected = str(enumeration.DEFAULT)
    for name in (model, model.upper(), f"{enumeration.__name__}.DEFAULT", expected.lower(), f" {expected} "):
        assert find_weights(name).name == expected


@pytest.mark.parametrize(
    "name", ["", "resnet18", "ResNeXt50_32X4D_Weights", "ResNeXt50_32X4D_Weights.V9", "x" * 10_000]
)
def test_unknown_names_are_refused_with_what_there_is(name: str) -> None:
    with pytest.raises(WeightsError, match="use cifar10, .*ResNeXt50_32X4D_Weights") as caught:
        find_weights(name)
    assert len(str(caught.value)) < 1_000


def test_bundled_weights_that_are_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "BUNDLED_FILE", tmp_path / "cifar10.safetensors")
    with pytest.raises(WeightsError, match="missing from this installation"):
        load_weights(find_weights("cifar10"))
    (tmp_path / "cifar10.safetensors").write_bytes(b"damaged")
    with pytest.raises(WeightsError, match="damaged"):
        load_weights(find_weights("cifar10"))


def test_bundled_weights(
    tiny_spec: ResNeXtSpec, tiny_model: ResNeXt, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "cifar10.safetensors"
    save_checkpoint(file, tiny_model.state_dict(), tiny_spec, CLASSES, MEAN, STD, 32, 0.91)
    monkeypatch.setattr(catalogue, "BUNDLED_FILE", file)
    info = catalogue.WeightsInfo("cifar10", "CIFAR-10", Origin.BUNDLED)
    assert (info.spec, info.published_accuracy, info.classes_count) == (tiny_spec, 0.91, 5)
    assert info.params == sum(p.numel() for p in tiny_model.parameters())
    loaded = load_weights(info)
    assert loaded.preprocess.in_words().endswith("mean and deviation of CIFAR-10.")


@pytest.fixture
def torch_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty torch.hub folder, and a network that leads nowhere."""
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setattr(download, "PAUSE_S", 0.0)
    return tmp_path


@pytest.mark.usefixtures("torch_home")
def test_without_a_network_the_words_say_what_is_here(tiny_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "BUNDLED_FILE", tiny_file)
    with pytest.raises(WeightsError, match=r"download\.pytorch\.org cannot be reached .* What is here: cifar10\."):
        load_weights(find_weights("resnext50_32x4d"))


def test_what_torchvision_has_fetched_is_found_and_used(torch_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Random weights under the name torchvision would give them, with their own hash for the published one."""
    torch.manual_seed(0)
    theirs = torchvision.models.resnet50().eval()
    folder = torch_home / "checkpoints"
    folder.mkdir()
    torch.save(theirs.state_dict(), folder / "unnamed")
    name = f"resnet50-{hashlib.sha256((folder / 'unnamed').read_bytes()).hexdigest()[:8]}.pth"
    (folder / "unnamed").rename(folder / name)
    record = ResNet50_Weights.IMAGENET1K_V2
    monkeypatch.setattr(record.value, "url", f"https://download.pytorch.org/models/{name}")
    assert str(record) in names_here()
    loaded = load_weights(find_weights(str(record)))
    assert loaded.classes == tuple(record.meta["categories"])
    assert (loaded.preprocess.resize, loaded.preprocess.crop) == (232, 224)
    assert torch.equal(loaded.state_dict["layer4.2.conv3.weight"], theirs.state_dict()["layer4.2.conv3.weight"])


def test_a_folder_of_ones_own_weights(tiny_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RESNEXT_VIZ_WEIGHTS", raising=False)
    assert folder_weights() == {}
    (tmp_path / "b.safetensors").write_bytes(tiny_file.read_bytes())
    (tmp_path / "a.safetensors").write_bytes(b"")
    (tmp_path / "notes.txt").write_text("no weights")
    (tmp_path / "folder.safetensors").mkdir()
    monkeypatch.setenv("RESNEXT_VIZ_WEIGHTS", str(tmp_path))
    assert folder_weights() == {name: tmp_path / name for name in ("a.safetensors", "b.safetensors")}
    for name in ("c-00001-of-00002.safetensors", "c-00002-of-00002.safetensors"):
        (tmp_path / name).write_bytes(b"")
    assert len(folder_weights()) == 4
    (tmp_path / "c.safetensors.index.json").write_text("{}")
    assert list(folder_weights()) == ["a.safetensors", "b.safetensors", "c.safetensors.index.json"]
    monkeypatch.setenv("RESNEXT_VIZ_WEIGHTS", str(tmp_path / "nowhere"))
    assert folder_weights() == {}
