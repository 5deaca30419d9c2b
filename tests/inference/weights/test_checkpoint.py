"""Checkpoints: written and read back whole, a stranger's refused in words, and no code in them ever run."""

from __future__ import annotations

import copy
import json
import pickle
import shlex
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import safetensors.torch
import torch
import torchvision

from resnext_viz.inference.errors import CheckpointError
from resnext_viz.inference.weights import carrying_out, pickles
from resnext_viz.inference.weights.checkpoint import load_checkpoint, save_checkpoint
from resnext_viz.inference.weights.metadata import read_metadata
from resnext_viz.inference.weights.pickles import CONVERT_LINE
from resnext_viz.nn.network import ResNeXt
from resnext_viz.spec import ResNeXtSpec, Stem
from tests.inference.conftest import CLASSES, MEAN, STD, trained

State = dict[str, torch.Tensor]


def raw(path: Path, state: State, metadata: dict[str, str] | None = None) -> Path:
    safetensors.torch.save_file(state, path, metadata)
    return path


def own_header(**changes: str) -> dict[str, str]:
    header = {
        "format": "resnext_viz/1", "classes": json.dumps(CLASSES), "mean": "[0.5, 0.4, 0.3]", "std": "[0.2, 0.2, 0.2]",
        "image_size": "32", "test_accuracy": "0.9",
    }  # fmt: skip
    return header | changes


def test_round_trip(tiny_spec: ResNeXtSpec, tiny_model: ResNeXt, tiny_file: Path) -> None:
    loaded = load_checkpoint(tiny_file)
    assert (loaded.spec, loaded.classes, loaded.test_accuracy, loaded.notes) == (tiny_spec, CLASSES, 0.5, ())
    assert (loaded.preprocess.mean, loaded.preprocess.std, loaded.preprocess.crop) == (MEAN, STD, 32)
    for key, value in loaded.state_dict.items():
        assert torch.equal(value, tiny_model.state_dict()[key])


def test_the_bytes_of_a_file_load_like_the_file(tiny_file: Path) -> None:
    from_bytes, from_file = load_checkpoint(tiny_file.read_bytes()), load_checkpoint(tiny_file)
    assert (from_bytes.spec, from_bytes.classes) == (from_file.spec, from_file.classes)
    assert all(torch.equal(value, from_file.state_dict[key]) for key, value in from_bytes.state_dict.items())


def test_halves_on_disk_are_float32_in_memory(tiny_spec: ResNeXtSpec, tiny_model: ResNeXt, tmp_path: Path) -> None:
    save_checkpoint(tmp_path / "half.safetensors", tiny_model.state_dict(), tiny_spec, CLASSES, MEAN, STD, 32, 0.5)
    stored = safetensors.torch.load_file(tmp_path / "half.safetensors")
    assert {value.dtype for value in stored.values()} == {torch.float16}
    for key, value in load_checkpoint(tmp_path / "half.safetensors").state_dict.items():
        assert value.dtype == torch.float32
        assert torch.allclose(value, tiny_model.state_dict()[key], rtol=1e-3, atol=1e-6)


def test_the_header_is_the_documented_one(tiny_spec: ResNeXtSpec, tiny_file: Path) -> None:
    with safetensors.safe_open(tiny_file, "pt") as file:
        header = file.metadata()
    assert header["format"] == "resnext_viz/1"
    assert json.loads(header["spec"]) == tiny_spec.to_dict()
    assert json.loads(header["classes"]) == list(CLASSES)
    assert [json.loads(header[name]) for name in ("mean", "std", "image_size", "test_accuracy")] == [
        list(MEAN), list(STD), 32, 0.5,
    ]  # fmt: skip


def test_others_may_read_what_is_saved(tiny_file: Path, tmp_path: Path) -> None:
    (tmp_path / "usual").touch()
    assert tiny_file.stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_nothing_is_left_when_saving_fails(
    tiny_spec: ResNeXtSpec, tiny_model: ResNeXt, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "model.safetensors"
    target.write_bytes(b"what was here before")

    def half_a_file(path: Path, content: bytes) -> int:
        with path.open("wb") as file:
            file.write(content[: len(content) // 2])
        raise OSError("no space left")

    monkeypatch.setattr(Path, "write_bytes", half_a_file)
    with pytest.raises(OSError, match="no space"):
        save_checkpoint(target, tiny_model.state_dict(), tiny_spec, CLASSES, MEAN, STD, 32, 0.5)
    assert target.read_bytes() == b"what was here before"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"classes": CLASSES[:3]}, "3 class names for 5 outputs"),
        ({"mean": (0.5,)}, "1 and 3 values for 3 channels"),
        ({"spec": ResNeXtSpec()}, "do not fit"),
    ],
)
def test_saving_what_does_not_fit_is_refused(
    tiny_spec: ResNeXtSpec, tiny_model: ResNeXt, tmp_path: Path, change: dict[str, Any], words: str
) -> None:
    values: dict[str, Any] = {
        "spec": tiny_spec,
        "classes": CLASSES,
        "mean": MEAN,
        "std": STD,
        "image_size": 32,
        "test_accuracy": 0.5,
    }
    with pytest.raises(CheckpointError, match=words):
        save_checkpoint(tmp_path / "x.safetensors", tiny_model.state_dict(), **(values | change))


def test_saving_what_half_precision_cannot_hold_is_refused(
    tiny_spec: ResNeXtSpec, tiny_model: ResNeXt, tmp_path: Path
) -> None:
    state = {key: value.clone() for key, value in tiny_model.state_dict().items()}
    state["fc.bias"][0] = 1e6
    with pytest.raises(CheckpointError, match=r"fc\.bias holds values that are no numbers"):
        save_checkpoint(tmp_path / "x.safetensors", state, tiny_spec, CLASSES, MEAN, STD, 32, 0.5)


@pytest.mark.parametrize("prefix", ["module.", "_orig_mod.", "model.", "module.model."])
def test_prefixes_of_training_scripts_are_taken_off(tiny_model: ResNeXt, tmp_path: Path, prefix: str) -> None:
    state = {prefix + key: value for key, value in tiny_model.state_dict().items()}
    assert set(load_checkpoint(raw(tmp_path / "x.safetensors", state)).state_dict) <= set(tiny_model.state_dict())


def test_without_a_description_the_usual_is_done_and_said(tiny_model: ResNeXt, tmp_path: Path) -> None:
    loaded = load_checkpoint(raw(tmp_path / "x.safetensors", tiny_model.state_dict()))
    assert loaded.classes == tuple(f"class {i}" for i in range(5))
    assert (loaded.spec.stem, loaded.preprocess.crop, loaded.preprocess.mean[0]) == (Stem.CIFAR, 32, 0.4914)
    said = " ".join(loaded.notes)
    assert "no pooling" in said
    assert "32×32 px" in said
    assert "classes are numbered" in said


def test_an_imagenet_stem_gets_torchvisions_preset(tmp_path: Path) -> None:
    model = trained(ResNeXtSpec(depths=(1,), cardinality=2, base_width=4, num_classes=3, in_channels=3))
    loaded = load_checkpoint(raw(tmp_path / "x.safetensors", model.state_dict()))
    assert (loaded.preprocess.resize, loaded.preprocess.crop) == (256, 224)
    assert loaded.preprocess.mean == (0.485, 0.456, 0.406)


def test_class_names_given_win(tiny_file: Path, tmp_path: Path) -> None:
    names = tmp_path / "names.txt"
    names.write_text("one\ntwo\nthree\nfour\nfive\n")
    assert load_checkpoint(tiny_file, names).classes == ("one", "two", "three", "four", "five")
    assert load_checkpoint(tiny_file, ["a", "b", "c", "d", "e"]).classes == ("a", "b", "c", "d", "e")
    with pytest.raises(CheckpointError, match="2 class names for 5 outputs"):
        load_checkpoint(tiny_file, ["a", "b"])


@pytest.mark.parametrize(
    ("header", "words"),
    [
        (own_header(spec='{"cardinality": 0}'), "cardinality is 0"),
        (own_header(spec="[]"), "spec"),
        (own_header(spec="{"), "spec is no JSON"),
        (own_header(spec='{"depths": [1, 1], "cardinality": 4, "base_width": 4, "num_classes": 5}'), "do not fit"),
        (own_header(classes='["a"]'), "1 class names for 5"),
        (own_header(classes='"abcde"'), "classes is no list"),
        (own_header(mean="[1, 2]"), "2 and 3 values for 3 channels"),
        (own_header(mean="[NaN, 1, 1]"), "mean or std"),
        (own_header(mean=f"[1{'0' * 400}, 1, 1]"), "too large"),
        (own_header(std="[0, 1, 1]"), "std is not between 1e-06 and 1e"),
        (own_header(std="[1, 5e-324, 1]"), "std is not between"),
        (own_header(image_size="100000"), "image_size is 100000"),
        (own_header(image_size="-1"), "image_size is -1"),
        (own_header(test_accuracy="93"), "test_accuracy"),
    ],
)
def test_a_hostile_description_is_refused(
    tiny_model: ResNeXt, tmp_path: Path, header: dict[str, str], words: str
) -> None:
    with pytest.raises(CheckpointError, match=words):
        load_checkpoint(raw(tmp_path / "x.safetensors", tiny_model.state_dict(), header))


def test_a_network_too_large_to_run_is_refused(tmp_path: Path) -> None:
    wide = trained(ResNeXtSpec(depths=(4,), cardinality=1, base_width=256, stem=Stem.CIFAR, num_classes=5))
    path = raw(tmp_path / "x.safetensors", wide.state_dict(), own_header(image_size="4096"))
    with pytest.raises(CheckpointError, match="at most 200 G"):
        load_checkpoint(path)


def _with(state: State, **changes: torch.Tensor | None) -> State:
    changed = {key: value.clone() for key, value in state.items()}
    for name, value in changes.items():
        key = name.replace("__", ".")
        if value is None:
            del changed[key]
        else:
            changed[key] = value
    return changed


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda s: _with(s, fc__weight=None, fc__bias=None), r"no linear layer"),
        (
            lambda s: _with(s, fc__bias=torch.tensor([0, 0, float("nan"), 0, 0])),
            r"fc\.bias holds values that are no numbers",
        ),
        (lambda s: _with(s, fc__bias=torch.zeros(5, dtype=torch.int64)), "no tensor of real numbers"),
        (lambda s: _with(s, conv1__weight=torch.zeros(64, 5, 3, 3)), "takes 5 channels"),
        (lambda s: _with(s, fc__bias=torch.zeros(4)), r"fc\.bias has the shape 4, where 5"),
        (lambda _: {"embedding": torch.zeros(3)}, "no convolution over maps"),
        (lambda _: {}, "no convolution over maps"),
    ],
)
def test_another_shape_is_refused_in_words(
    tiny_model: ResNeXt, tmp_path: Path, change: Callable[[State], State], words: str
) -> None:
    with pytest.raises(CheckpointError, match=words):
        load_checkpoint(raw(tmp_path / "x.safetensors", change(tiny_model.state_dict())))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"short",
        struct.pack("<Q", 2**62) + b"{}",
        struct.pack("<Q", 2) + b"[]",
        struct.pack("<Q", 2) + b"{}" + bytes(100),
        struct.pack("<Q", 100_000) + b"[" * 100_000,
        b"%PDF-1.7 not weights at all",
    ],
)
def test_damaged_files_are_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x.safetensors"
    path.write_bytes(content)
    for source in (path, content):
        with pytest.raises(CheckpointError):
            load_checkpoint(source)
    with pytest.raises(CheckpointError):
        read_metadata(content[:4])


def test_a_truncated_file_is_refused(tiny_file: Path) -> None:
    content = tiny_file.read_bytes()
    for share in (0.001, 0.01, 0.5, 0.999):
        with pytest.raises(CheckpointError, match="cut short"):
            load_checkpoint(content[: int(share * len(content))])


def test_a_missing_file_a_folder_and_a_file_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in (tmp_path / "none.safetensors", tmp_path, "zero\0byte.safetensors"):
        with pytest.raises(CheckpointError, match=r"no file|cannot be read|is a folder"):
            load_checkpoint(path)
    monkeypatch.setattr(pickles, "MAX_FILE_BYTES", 10)
    with pytest.raises(CheckpointError, match="at most"):
        load_checkpoint(bytes([2]) * 11)


class Canary:
    """Unpickling this makes a file, which shows that code was run."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return Path.touch, (self.path,)


@pytest.mark.parametrize("allowed", [False, True])
@pytest.mark.parametrize("name", ["model.pth", "model.safetensors"])
@pytest.mark.parametrize("legacy", [False, True])
def test_code_in_a_pickle_is_never_run(tmp_path: Path, allowed: bool, name: str, legacy: bool) -> None:
    canary = tmp_path / "canary"
    torch.save({"conv1.weight": Canary(canary)}, tmp_path / name, _use_new_zipfile_serialization=not legacy)
    with pytest.raises(CheckpointError, match=r"run code|could run code"):
        load_checkpoint(tmp_path / name, allow_pickle_files=allowed)
    assert not canary.exists()


def test_code_in_a_bare_pickle_is_never_run(tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    content = pickle.dumps(Canary(canary))
    (tmp_path / "model.pth").write_bytes(content)
    for source, allowed in ((content, True), (content, False), (tmp_path / "model.pth", True)):
        with pytest.raises(CheckpointError):
            load_checkpoint(source, allow_pickle_files=allowed)
    assert not canary.exists()
    pickle.loads(content)
    assert canary.exists(), "the canary itself must work, or this test shows nothing"


@pytest.mark.parametrize("around", ["state_dict model", "model state_dict", "net", "optimizer", "", "epoch model_ema"])
def test_code_deep_in_a_pickle_is_never_run(tmp_path: Path, around: str) -> None:
    canary = tmp_path / "canary"
    content: object = {"conv1.weight": torch.zeros(3), "fc.bias": Canary(canary)}
    for name in around.split():
        content = {"args": [{"more": 3}], name: content}
    torch.save(content, tmp_path / "model.pth")
    for allowed in (False, True):
        with pytest.raises(CheckpointError, match=r"can run code|could run code"):
            load_checkpoint(tmp_path / "model.pth", allow_pickle_files=allowed)
    with pytest.raises(CheckpointError, match="can run code"):
        load_checkpoint((tmp_path / "model.pth").read_bytes(), allow_pickle_files=True)
    assert not canary.exists()


@pytest.mark.parametrize(
    "around",
    ["", "state_dict", "model", "net", "model_state_dict", "model_ema", "state_dict_ema", "model state_dict",
     "state_dict model network"],
)  # fmt: skip
def test_ones_own_pth_is_read_where_it_is_asked_for(tiny_model: ResNeXt, tmp_path: Path, around: str) -> None:
    content: dict[str, Any] = {f"module.{key}": value for key, value in tiny_model.state_dict().items()}
    content["n_averaged"] = torch.tensor(7)  # of torch's averaged models
    for wrapper in reversed(around.split()):
        content = {"epoch": 3, "optimizer": {"state": {}}, wrapper: content}
    torch.save(content, tmp_path / "own.pth")
    loaded = load_checkpoint(tmp_path / "own.pth", allow_pickle_files=True)
    assert torch.equal(loaded.state_dict["fc.weight"], tiny_model.state_dict()["fc.weight"])
    with pytest.raises(CheckpointError, match="only safetensors") as caught:
        load_checkpoint(tmp_path / "own.pth")
    assert CONVERT_LINE in str(caught.value)


@pytest.mark.parametrize("wrapper", ["", "state_dict", "model", "net"])
def test_the_line_that_converts_works(
    tiny_model: ResNeXt, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrapper: str
) -> None:
    state = copy.deepcopy(tiny_model).to(memory_format=torch.channels_last).state_dict()
    torch.save({wrapper: state, "epoch": 1} if wrapper else state, tmp_path / "model.pth")
    python, option, line = shlex.split(CONVERT_LINE)
    assert (python, option) == ("python", "-c")
    monkeypatch.chdir(tmp_path)
    exec(line)
    loaded = load_checkpoint(tmp_path / "model.safetensors")
    assert torch.equal(loaded.state_dict["conv1.weight"], tiny_model.state_dict()["conv1.weight"])


@pytest.mark.filterwarnings("ignore:Validating sparse tensor")
@pytest.mark.filterwarnings("ignore:Sparse invariant checks")  # of older torch
@pytest.mark.parametrize(
    ("bias", "words"),
    [
        (torch.zeros(5).to_sparse(), "no tensor of real numbers"),
        (torch.zeros(5, device="meta"), "no tensor of real numbers"),
        (torch.zeros(5, dtype=torch.complex64), "no tensor of real numbers"),
        (torch.zeros(1).expand(10**6, 10**6), "has the shape 1000000×1000000"),
        ("five", "no tensor of real numbers"),
    ],
)
def test_tensors_that_are_no_plain_numbers_are_refused(
    tiny_model: ResNeXt, tmp_path: Path, bias: object, words: str
) -> None:
    torch.save({**tiny_model.state_dict(), "fc.bias": bias}, tmp_path / "x.pth")
    with pytest.raises(CheckpointError, match=words):
        load_checkpoint(tmp_path / "x.pth", allow_pickle_files=True)


@pytest.mark.parametrize("content", [b"PK\x03\x04 cut short", b"\x80\x02 cut short"])
def test_a_damaged_pth_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "x.pth").write_bytes(content)
    with pytest.raises(CheckpointError):
        load_checkpoint(tmp_path / "x.pth", allow_pickle_files=True)


def test_a_pth_that_holds_no_state_is_refused(tmp_path: Path) -> None:
    torch.save([1, 2, 3], tmp_path / "x.pth")
    with pytest.raises(CheckpointError, match="no state_dict"):
        load_checkpoint(tmp_path / "x.pth", allow_pickle_files=True)


def test_more_numbers_than_memory_is_for_are_refused(tiny_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(carrying_out, "MAX_ELEMENTS", 1000)
    with pytest.raises(CheckpointError, match="more than 0 M numbers"):
        load_checkpoint(tiny_file)


def test_a_torchvision_model_saved_by_a_user_answers_the_same(tmp_path: Path) -> None:
    torch.manual_seed(1)
    theirs = torchvision.models.ResNet(
        torchvision.models.resnet.Bottleneck, [1, 1, 1, 1], num_classes=4, groups=4, width_per_group=8
    ).eval()
    loaded = load_checkpoint(raw(tmp_path / "x.safetensors", theirs.state_dict()))
    ours = trained(loaded.spec)
    ours.load_state_dict(loaded.state_dict)
    image = torch.randn(2, 3, 64, 64)
    with torch.inference_mode():
        assert torch.allclose(ours.eval()(image), theirs(image), atol=1e-5)
