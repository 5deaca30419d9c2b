"""Files of networks, read and run by others: ONNX Runtime, torch alone in a process of its own, safetensors."""

import json
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import safetensors.torch
import torch
from PIL import Image

from resnext_viz.inference import load_predictor
from resnext_viz.inference.errors import CheckpointError
from resnext_viz.inference.predictor.network_export import Exported, export_network, trained_weights
from resnext_viz.inference.predictor.network_file import ExportError, FileFormat, about_bytes, check_writable
from resnext_viz.inference.weights.checkpoint import load_checkpoint
from resnext_viz.inference.weights.file_audit import audit_file
from resnext_viz.names import name_of, parse
from resnext_viz.nn.network import build
from resnext_viz.nn.seeded import build_seeded
from resnext_viz.reading.formats.weight_formats import EXPORTED_LINE
from resnext_viz.spec import ResNeXtSpec

NETWORK = parse("resnext11_4x16d_b2-1_k7")
SIDE, SEED = 32, 3
# Batch norm is folded into the weights of a convolution before it is run, so each of them is rounded once more.
ROUNDING = 1e-5


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[FileFormat, Exported]:
    folder = tmp_path_factory.mktemp("files")
    return {each: export_network(folder / f"n.{each}", each, NETWORK, SIDE, SEED) for each in FileFormat}


def images(count: int) -> torch.Tensor:
    return torch.randn(count, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(7))


@torch.inference_mode()
def expected(count: int) -> torch.Tensor:
    return build_seeded(NETWORK, SEED)(images(count))


def test_onnx_runtime_gives_our_logits_for_any_batch(files: dict[FileFormat, Exported]) -> None:
    path = files[FileFormat.ONNX].path
    onnx.checker.check_model(path, full_check=True)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    (taken,), (given,) = session.get_inputs(), session.get_outputs()
    assert (taken.name, taken.shape) == ("image", ["batch", 3, SIDE, SIDE])
    assert (given.name, given.shape) == ("logits", ["batch", 7])
    for count in (1, 2, 5):
        (found,) = session.run(None, {"image": images(count).numpy()})
        wanted = expected(count).numpy()
        assert np.abs(found - wanted).max() <= ROUNDING * np.abs(wanted).max()
    assert not any(node.metadata_props for node in onnx.load(path).graph.node)  # where it was traced, line by line
    said = session.get_modelmeta().custom_metadata_map
    assert ResNeXtSpec.from_dict(json.loads(said["spec"])) == NETWORK
    assert "untrained" in said["weights"]


def test_torch_alone_runs_the_program(files: dict[FileFormat, Exported], tmp_path: Path) -> None:
    torch.save((images(3), expected(3)), tmp_path / "wanted.pt")
    script = (
        "import sys, torch; images, wanted = torch.load('wanted.pt'); torch.set_num_threads(1);"
        "found = torch.export.load(sys.argv[1]).module()(images);"
        "assert torch.allclose(found, wanted, rtol=0, atol=1e-6), (found - wanted).abs().max();"
        "assert 'resnext_viz' not in sys.modules"
    )
    command = [sys.executable, "-I", "-c", script, files[FileFormat.PT2].path]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)


def test_the_state_dict_loads_as_it_is_and_as_a_checkpoint(files: dict[FileFormat, Exported]) -> None:
    path = files[FileFormat.SAFETENSORS].path
    state = safetensors.torch.load_file(path)
    model = build(NETWORK).eval()
    model.load_state_dict(state)
    with torch.inference_mode():
        assert torch.equal(model(images(2)), expected(2))
    checkpoint = load_checkpoint(path)
    assert (checkpoint.spec, len(checkpoint.classes)) == (NETWORK, 7)
    answer = load_predictor(path, "cpu", engine="exact").predict([Image.new("RGB", (40, 40))])[0]
    assert len(answer.top) == 5


def test_the_file_is_run_and_what_that_gave_is_told(files: dict[FileFormat, Exported]) -> None:
    for each, exported in files.items():
        assert exported.bytes == exported.path.stat().st_size
        assert exported.max_abs is not None
        assert exported.largest is not None
        assert exported.max_abs <= ROUNDING * exported.largest
        assert exported.to_dict()["format"] == each.value


def test_the_size_is_known_beforehand(files: dict[FileFormat, Exported]) -> None:
    for each, exported in files.items():
        assert abs(exported.bytes / about_bytes(NETWORK, each, SIDE) - 1) < 0.1  # the graph itself is small


@pytest.mark.parametrize("file_format", FileFormat)
def test_a_seed_gives_the_same_bytes_and_no_trace_of_this_machine(
    files: dict[FileFormat, Exported], file_format: FileFormat, tmp_path: Path
) -> None:
    torch.manual_seed(1)
    again = export_network(tmp_path / "another name", file_format, NETWORK, SIDE, SEED)
    assert again.path.read_bytes() == files[file_format].path.read_bytes()
    assert b"site-packages" not in again.path.read_bytes()
    assert str(Path(__file__).parents[3]).encode() not in again.path.read_bytes()


def test_another_seed_gives_other_weights_and_features_a_map(tmp_path: Path) -> None:
    kept = export_network(tmp_path / "a", "safetensors", NETWORK, SIDE, 1).sha256
    assert kept != export_network(tmp_path / "b", "safetensors", NETWORK, SIDE, 2).sha256
    features = export_network(tmp_path / "c.onnx", "onnx", parse("resnext5_2x4d_b1_features_in4"), 17)
    (given,) = onnxruntime.InferenceSession(features.path, providers=["CPUExecutionProvider"]).get_outputs()
    assert (given.name, given.shape) == ("map", ["batch", 256, 5, 5])


def test_trained_weights_are_written_with_all_that_is_known_of_them(tmp_path: Path) -> None:
    trained = trained_weights("cifar10")
    exported = export_network(tmp_path / "cifar10.safetensors", "safetensors", trained.spec, trained=trained)
    again = load_checkpoint(exported.path)
    assert (again.classes, again.test_accuracy, again.notes) == (trained.classes, trained.test_accuracy, ())
    assert all(torch.equal(again.state_dict[name], value) for name, value in trained.state_dict.items())
    with pytest.raises(ExportError, match=f"the weights are those of {name_of(trained.spec)}, not of resnet50"):
        export_network(tmp_path / "n", "safetensors", parse("resnet50"), trained=trained)


def test_a_file_that_is_there_is_left_alone_and_half_a_file_is_never_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "n.safetensors"
    path.write_text("mine")
    with pytest.raises(ExportError, match="is there already"):
        export_network(path, "safetensors", NETWORK)
    assert path.read_text() == "mine"

    def full(*_: object) -> bytes:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("safetensors.torch.save", full)
    with pytest.raises(OSError, match="No space"):
        export_network(path, "safetensors", NETWORK, overwrite=True)
    assert [each.name for each in tmp_path.iterdir()] == ["n.safetensors"]
    assert path.read_text() == "mine"


@pytest.mark.parametrize(
    ("spec", "file_format", "side", "words"),
    [
        (ResNeXtSpec((200,) * 4, cardinality=1024, base_width=1024), "safetensors", 224, "params, 693,641,673 MB"),
        (ResNeXtSpec((200,) * 4, base_width=1), "onnx", 224, "800 blocks"),
        (ResNeXtSpec(in_channels=1024), "pt2", 4096, "1024 channels and 4096 x 4096 pixels"),
    ],
)
def test_what_is_too_large_is_refused_before_anything_is_built(
    tmp_path: Path, spec: ResNeXtSpec, file_format: str, side: int, words: str
) -> None:
    with pytest.raises(ExportError, match=words):
        export_network(tmp_path / "n", file_format, spec, side)
    assert not list(tmp_path.iterdir())


def test_weights_alone_may_be_deep_and_a_page_may_ask_for_less() -> None:
    check_writable(ResNeXtSpec((200,) * 4, base_width=1), FileFormat.SAFETENSORS, 4096)
    with pytest.raises(ExportError, match="up to 1,000 are written"):
        check_writable(NETWORK, FileFormat.SAFETENSORS, most_params=1000)


@pytest.mark.parametrize(
    ("file_format", "words"),
    [
        (FileFormat.ONNX, "an ONNX graph; please give the PyTorch weights"),
        (FileFormat.PT2, "a program of torch.export"),
    ],
)
def test_a_written_graph_given_as_weights_is_named_with_what_to_do(
    files: dict[FileFormat, Exported], file_format: FileFormat, words: str, tmp_path: Path
) -> None:
    renamed = tmp_path / "model.safetensors"
    renamed.write_bytes(files[file_format].path.read_bytes())
    for refused in (load_checkpoint, audit_file):
        with pytest.raises(CheckpointError, match=words):
            refused(renamed)


def test_the_line_that_takes_the_weights_out_of_a_program_does(
    files: dict[FileFormat, Exported], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "model.pt2").write_bytes(files[FileFormat.PT2].path.read_bytes())
    monkeypatch.chdir(tmp_path)
    exec(shlex.split(EXPORTED_LINE)[2], {})
    taken = load_checkpoint(tmp_path / "model.safetensors").state_dict
    for name, value in build_seeded(NETWORK, SEED).state_dict().items():
        assert "num_batches" in name or torch.equal(taken[name], value)
