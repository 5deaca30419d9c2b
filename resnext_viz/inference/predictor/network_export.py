"""A network written as ONNX, as a program of `torch.export`, or as a state_dict in safetensors.

The weights are fresh ones that follow from a seed, or those of a checkpoint. Same network, weights and torch: the same
bytes. Nothing of the machine that wrote a file is in it. Each file is read back and, where one image costs little, run
beside the network it came from. Importing this loads torch.
"""

from __future__ import annotations

import hashlib
import io
import json
import struct
import tempfile
import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from torch import Tensor, nn

from resnext_viz.complexity import complexity
from resnext_viz.inference.predictor.by_name import is_path
from resnext_viz.inference.predictor.network_file import (
    ExportError,
    FileFormat,
    check_opset,
    check_place,
    check_writable,
)
from resnext_viz.inference.predictor.onnx_opset import needs_of, set_opset
from resnext_viz.inference.weights.catalogue import find_weights, load_weights
from resnext_viz.inference.weights.checkpoint import Checkpoint, load_checkpoint
from resnext_viz.inference.weights.download import Progress
from resnext_viz.inference.weights.metadata import Metadata
from resnext_viz.kit.whole_file import put_in_place
from resnext_viz.layers import walk
from resnext_viz.names import name_of
from resnext_viz.nn.network import ResNeXt, build
from resnext_viz.nn.seeded import build_seeded
from resnext_viz.spec import ImageSize, ResNeXtSpec, map_size

INPUT, OUTPUT, BATCH = "image", "logits", "batch"
MAX_CHECKED_MACS = 20_000_000_000  # for the one image that a file is run with
_LENGTH = struct.Struct("<Q")  # of a safetensors header
_NAME = "network"  # of the file while it is written
_PART = ".network-"  # how the folder begins where it is written
Step = Callable[[str], None]


@dataclass(frozen=True)
class Exported:
    """A file that was written.

    Attributes:
        weights: where they come from, in words.
        sha256: of the file.
        run_by: what read the file back; it ran it too, unless `max_abs` is None.
        max_abs: largest difference of any output from the network's own, on one random image.
        largest: largest of those outputs, without its sign.
        needs: what a runtime must know to read an ONNX file, in words; empty for other formats.
    """

    path: Path
    format: FileFormat
    name: str
    image_size: ImageSize
    params: int
    weights: str
    bytes: int
    sha256: str
    run_by: str = ""
    max_abs: float | None = None
    largest: float | None = None
    needs: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Every field as JSON types."""
        return asdict(self) | {"path": str(self.path), "format": self.format.value}


def export_network(
    path: Path | str,
    file_format: FileFormat | str,
    spec: ResNeXtSpec,
    image_size: ImageSize | None = None,
    seed: int = 0,
    trained: Checkpoint | None = None,
    overwrite: bool = False,
    step: Step | None = None,
    opset: int | None = None,
) -> Exported:
    """Writes the network of `spec`, whole or not at all, and reads the file back.

    Args:
        path: the file; its folder exists.
        file_format: "onnx", "pt2" or "safetensors".
        spec: the network.
        image_size: of the images that a graph is for, side or (height, width); 224, or 32 for CIFAR stems, if None.
        seed: of fresh weights.
        trained: a checkpoint of this network, in place of fresh weights.
        overwrite: whether a file of that name may be replaced.
        step: called with what is being done, in words.
        opset: of an ONNX file, for an older runtime; None for torch's own.

    Raises:
        ExportError: the network is too large, the file is there or cannot be, or the checkpoint is of another network.
    """
    path, file_format, step = Path(path), FileFormat(file_format), step or _silent
    side = walk(spec, image_size).image_size
    check_writable(spec, file_format, side)
    check_opset(opset, file_format)
    check_place(path, overwrite)
    if trained is not None and trained.spec != spec:
        whose = name_of(trained.spec)
        raise ExportError(f"the weights are those of {whose}, not of {name_of(spec)}; name that network")
    if trained is not None and trained.head:
        raise ExportError("the weights have a head of several layers; a network with one linear layer is written")
    step("Building the network")
    model = build_seeded(spec, seed) if trained is None else _with_weights(trained)
    weights = f"freshly initialised, seed {seed}, untrained" if trained is None else "trained"
    said = _said(spec, side, trained) | {"weights": weights}
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=_PART) as folder:
        written = Path(folder, f"{_NAME}.{file_format}")
        _WRITERS[file_format](model, side, said, written, step)
        needs = _under_opset(written, opset) if file_format is FileFormat.ONNX else ""
        step("Reading the file back")
        about = replace(_exported(path, written, file_format, spec, side, weights), needs=needs)
        exported = _checked(model, written, about)
        put_in_place(written, path)
    return exported


def trained_weights(name: str, progress: Progress | None = None) -> Checkpoint:
    """The checkpoint called `name`: bundled, torchvision's, or a file of one's own, `.pth` included.

    Raises:
        WeightsError: there is none, or it cannot be had or used.
    """
    return load_checkpoint(name, None, True) if is_path(name) else load_weights(find_weights(name), progress)


def _exported(
    path: Path, written: Path, file_format: FileFormat, spec: ResNeXtSpec, side: ImageSize, weights: str
) -> Exported:
    with written.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    params = complexity(spec).params
    return Exported(path, file_format, name_of(spec), side, params, weights, written.stat().st_size, digest)


def _silent(_: str) -> None:
    """Nobody watches."""


def _with_weights(trained: Checkpoint) -> ResNeXt:
    model = build(trained.spec).eval()
    model.load_state_dict(trained.state_dict, strict=False)  # a checkpoint has no counters of batches, and needs none
    return model


def _said(spec: ResNeXtSpec, side: ImageSize, trained: Checkpoint | None) -> dict[str, str]:
    """What the file says of itself, as a checkpoint does."""
    if trained is None:
        return Metadata(spec, image_size=side if isinstance(side, int) else None).to_header()
    how = trained.preprocess
    mean, std = (how.mean, how.std) if how.resize is None else (None, None)  # else the usual of the stem, as it came
    return Metadata(spec, trained.classes, mean, std, how.crop, trained.test_accuracy).to_header()


def _write_safetensors(model: ResNeXt, _: ImageSize, said: dict[str, str], path: Path, step: Step) -> None:
    step("Writing the weights")
    state = {name: value.contiguous() for name, value in model.state_dict().items()}
    path.write_bytes(_in_order(safetensors.torch.save(state, said)))


def _in_order(content: bytes) -> bytes:
    """The same safetensors file with its metadata sorted: as saved, they stand in an order of chance."""
    start = _LENGTH.size + _LENGTH.unpack_from(content)[0]
    header = json.loads(content[_LENGTH.size : start])
    header["__metadata__"] = dict(sorted(header["__metadata__"].items()))
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % _LENGTH.size)  # tensors begin at a multiple of 8
    return b"".join((_LENGTH.pack(len(text)), text, memoryview(content)[start:]))


def _write_pt2(model: ResNeXt, side: ImageSize, said: dict[str, str], path: Path, step: Step) -> None:
    program = _program(model, side, step)
    step("Writing the program")
    content = io.BytesIO()  # torch's own writer of files ends the whole process where the disk is full
    torch.export.save(program, content, extra_files={"metadata.json": json.dumps(said)})
    path.write_bytes(content.getbuffer())


def _write_onnx(model: ResNeXt, side: ImageSize, said: dict[str, str], path: Path, step: Step) -> None:
    program = _program(model, side, step)
    step("Translating to ONNX")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter's, about itself
        translated = torch.onnx.export(
            program, dynamo=True, verbose=False, input_names=[INPUT], output_names=[OUTPUT if model.fc else "map"]
        )
    if translated is None:
        raise ExportError("torch wrote no ONNX; its version may be too old, use 2.11 or later")
    step("Writing the graph")
    graph = translated.model_proto
    shaped = (*graph.graph.input, *graph.graph.output, *graph.graph.value_info)
    for part in (graph, graph.graph, *graph.graph.node, *graph.graph.initializer, *shaped):
        del part.metadata_props[:]  # stack traces with this machine's paths
    for part in shaped:
        for size in part.type.tensor_type.shape.dim:
            if size.dim_param:  # the one that is open, under a name of torch's own
                size.dim_param = BATCH
    for name, value in said.items():
        graph.metadata_props.add(key=name, value=value)
    path.write_bytes(graph.SerializeToString(deterministic=True))


def _under_opset(path: Path, opset: int | None) -> str:
    """Puts the file under that opset, if one is asked for; gives what it needs."""
    import onnx

    model = onnx.load(path)
    if opset is not None:
        try:
            set_opset(model, opset)
        except ValueError as error:
            raise ExportError(f"this network is not written for opset {opset} ({error}); take a newer one") from None
        path.write_bytes(model.SerializeToString(deterministic=True))
    return needs_of(model)


def _program(model: ResNeXt, side: ImageSize, step: Step) -> torch.export.ExportedProgram:
    """The network traced for any number of images of one size, without the traces of where it was traced."""
    step("Tracing the network")
    images = torch.zeros(2, model.spec.in_channels, *map_size(side))
    program = torch.export.export(model, (images,), dynamic_shapes=({0: torch.export.Dim(BATCH)},))
    for node in program.graph.nodes:
        node.meta.pop("stack_trace", None)
    return program


_WRITERS: dict[FileFormat, Callable[[ResNeXt, ImageSize, dict[str, str], Path, Step], None]] = {
    FileFormat.SAFETENSORS: _write_safetensors,
    FileFormat.PT2: _write_pt2,
    FileFormat.ONNX: _write_onnx,
}


@torch.inference_mode()
def _checked(model: ResNeXt, written: Path, exported: Exported) -> Exported:
    """The file read back by somebody else, and run beside the network where that costs little."""
    run, run_by = _READERS[exported.format](model.spec, written)
    exported = replace(exported, run_by=run_by)
    if complexity(model.spec, exported.image_size).macs > MAX_CHECKED_MACS:
        return exported
    shape = (1, model.spec.in_channels, *map_size(exported.image_size))
    image = torch.randn(shape, generator=torch.Generator().manual_seed(1))
    expected = model(image)
    difference = float((run(image) - expected).abs().max())
    return replace(exported, max_abs=difference, largest=float(expected.abs().max()))


Reader = tuple[Callable[[Tensor], Tensor], str]


def _read_safetensors(spec: ResNeXtSpec, path: Path) -> Reader:
    model = build(spec).eval()
    model.load_state_dict(safetensors.torch.load_file(path))
    return model, "build(...).load_state_dict"


def _read_pt2(_: ResNeXtSpec, path: Path) -> Reader:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The given buffer is not writable")  # torch 2.11's, of its own reading
        module: nn.Module = torch.export.load(path).module()
    return module, "torch.export.load"


def _read_onnx(_: ResNeXtSpec, path: Path) -> Reader:
    from resnext_viz.inference.engines.openvino_engines import onnx_engine, openvino_version

    return onnx_engine(path).run, f"OpenVINO {openvino_version().partition('-')[0]}"


_READERS: dict[FileFormat, Callable[[ResNeXtSpec, Path], Reader]] = {
    FileFormat.SAFETENSORS: _read_safetensors,
    FileFormat.PT2: _read_pt2,
    FileFormat.ONNX: _read_onnx,
}
