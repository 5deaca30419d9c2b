"""What is given as weights at each door: shards read together, and every other kind named by what is in it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import safetensors.torch
import torch

from resnext_viz import cli
from resnext_viz.inference.errors import CheckpointError
from resnext_viz.inference.predictor.by_name import is_path
from resnext_viz.inference.weights.checkpoint import load_checkpoint
from resnext_viz.inference.weights.file_audit import audit_file
from resnext_viz.nn.network import ResNeXt
from resnext_viz.training.run.starting_weights import load_start
from tests.reading.weight_files import LFS_TEXT, arrays, content_of, given_as, graph, script

INDEX = "model.safetensors.index.json"


def sharded(model: ResNeXt, folder: Path, parts: int, suffix: str = "safetensors") -> Path:
    """The network in several files with an index, as Hugging Face's `save_pretrained` writes it."""
    state = {name: value.contiguous() for name, value in model.state_dict().items()}
    placed = {
        name: f"model-{place * parts // len(state) + 1:05}-of-{parts:05}.{suffix}" for place, name in enumerate(state)
    }
    for shard in set(placed.values()):
        held = {name: value for name, value in state.items() if placed[name] == shard}
        if suffix == "safetensors":
            safetensors.torch.save_file(held, folder / shard, {"format": "pt"})
        else:
            torch.save(held, folder / shard)
    index = folder / INDEX.replace("safetensors", suffix)
    index.write_text(json.dumps({"metadata": {"total_size": 1}, "weight_map": placed}))
    return index


@pytest.mark.parametrize("parts", [1, 2, 5])
def test_shards_are_read_as_one_checkpoint(tiny_model: ResNeXt, tmp_path: Path, parts: int) -> None:
    index = sharded(tiny_model, tmp_path, parts)
    loaded = load_checkpoint(index)
    assert set(loaded.state_dict) == {name for name in tiny_model.state_dict() if "num_batches" not in name}
    for name, value in loaded.state_dict.items():
        assert torch.equal(value, tiny_model.state_dict()[name])
    assert load_start(index).checkpoint.spec == loaded.spec
    assert audit_file(index).params == sum(map(torch.numel, tiny_model.parameters()))


def test_shards_that_are_pickles_are_read_where_pickles_are(tiny_model: ResNeXt, tmp_path: Path) -> None:
    index = sharded(tiny_model, tmp_path, 3, "bin")
    loaded = load_checkpoint(index, allow_pickle_files=True)
    assert torch.equal(loaded.state_dict["fc.weight"], tiny_model.state_dict()["fc.weight"])
    assert audit_file(index, allow_pickle_files=True).params == sum(map(torch.numel, tiny_model.parameters()))
    for refused in (load_checkpoint, audit_file):
        with pytest.raises(CheckpointError, match="pickle"):
            refused(index)


def test_one_shard_of_several_is_said_to_be_one(tiny_model: ResNeXt, tmp_path: Path) -> None:
    index = sharded(tiny_model, tmp_path, 4)
    (tmp_path / "other.index.json").write_text("{ no JSON")
    for refused in (load_checkpoint, audit_file):
        with pytest.raises(CheckpointError, match=rf"one of 4 .* give their index: {index}"):
            refused(tmp_path / "model-00002-of-00004.safetensors")


def test_shards_that_are_incomplete_or_elsewhere_are_refused(tiny_model: ResNeXt, tmp_path: Path) -> None:
    index = sharded(tiny_model, tmp_path, 3)
    whole, said = (tmp_path / "model-00003-of-00003.safetensors").read_bytes(), json.loads(index.read_text())
    (tmp_path / "model-00003-of-00003.safetensors").write_text(LFS_TEXT)
    with pytest.raises(CheckpointError, match=r"model-00003-of-00003\.safetensors, .* is a Git LFS pointer"):
        load_checkpoint(index)
    (tmp_path / "model-00003-of-00003.safetensors").unlink()
    with pytest.raises(CheckpointError, match="model-00003-of-00003.safetensors, .* is not beside it"):
        load_checkpoint(index)
    (tmp_path / "model-00003-of-00003.safetensors").write_bytes(whole)
    index.write_text(json.dumps({"weight_map": said["weight_map"] | {"extra": "model-00003-of-00003.safetensors"}}))
    with pytest.raises(CheckpointError, match="lacks 'extra'"):
        audit_file(index)
    for elsewhere in ("../model.safetensors", "/etc/passwd", "sub/model.safetensors", "..", "a\\b", ""):
        index.write_text(json.dumps({"weight_map": {"fc.weight": elsewhere}}))
        with pytest.raises(CheckpointError, match="its own folder only"):
            load_checkpoint(index)
    for damaged in ('{"weight_map": []}', '{"weight_map": {"a": 1}}', '{"weight_map": {'):
        index.write_text(damaged)
        with pytest.raises(CheckpointError, match="index of the checkpoint is damaged"):
            load_checkpoint(index)


def test_an_uploaded_index_says_how_to_make_one_file_and_that_does(
    tiny_model: ResNeXt, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = sharded(tiny_model, tmp_path, 3)
    for refused in (load_checkpoint, audit_file):
        with pytest.raises(CheckpointError, match="index of a checkpoint in several files") as found:
            refused(index.read_bytes())
    monkeypatch.chdir(tmp_path)
    exec(str(found.value).partition('python -c "')[2].partition('"')[0], {})
    assert torch.equal(load_checkpoint(tmp_path / "model.safetensors").state_dict["conv1.weight"],
                       tiny_model.state_dict()["conv1.weight"])  # fmt: skip


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (script, "a TorchScript program"),
        (arrays, "NumPy"),
        (lambda _: graph().SerializeToString(), "an ONNX graph"),
        (given_as(LFS_TEXT), "a Git LFS pointer"),
        (given_as("<!DOCTYPE html>"), "a web page"),
        (given_as(""), "The file is empty"),
    ],
)
def test_every_door_names_what_is_no_checkpoint(
    make: Callable[[Path], bytes],
    words: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    content = content_of(make)
    (tmp_path / "model.safetensors").write_bytes(content)
    doors: tuple[Callable[[Path], object], ...] = (
        load_checkpoint,
        audit_file,
        load_start,
        lambda path: load_checkpoint(path.read_bytes()),
        lambda path: audit_file(path.read_bytes()),
    )
    for door in doors:
        with pytest.raises(CheckpointError, match=words):
            door(tmp_path / "model.safetensors")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "weights.xyz").write_bytes(content)
    for command in (["audit", "weights.xyz"], ["predict", "cat.jpg", "--weights", "weights.xyz"],
                    ["evaluate", "--data", ".", "--weights", "weights.xyz"]):  # fmt: skip
        assert cli.main(command) == 2
        said = capsys.readouterr().err
        assert words in said
        assert "Traceback" not in said


def test_a_folder_in_place_of_a_file_is_said_to_be_one(tiny_file: Path) -> None:
    for refused in (load_checkpoint, audit_file):
        with pytest.raises(
            CheckpointError, match="is a folder; please give the file in it, such as .*tiny.safetensors"
        ):
            refused(tiny_file.parent)


def test_a_file_is_one_whatever_it_is_called_and_a_known_name_stays_a_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("weights.onnx", "model", "pytorch_model.bin"):
        assert not is_path(name)
        (tmp_path / name).touch()
        assert is_path(name)
    (tmp_path / "cifar10").mkdir()
    (tmp_path / "resnext50_32x4d").touch()
    assert not is_path("cifar10")
    assert not is_path("ResNeXt50_32X4D")
    assert not any(map(is_path, ("", "x" * 5000, "a\0b")))
