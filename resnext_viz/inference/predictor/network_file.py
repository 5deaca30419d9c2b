"""Files that a network can be written to: what each is for, about how large it gets, and what is refused. No torch."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path

from resnext_viz.complexity import BYTES_PER_FLOAT32, complexity
from resnext_viz.errors import UserError
from resnext_viz.inference.predictor.onnx_opset import NEWEST, OLDEST
from resnext_viz.layers import walk
from resnext_viz.spec import ImageSize, ResNeXtSpec, map_size

MAX_PARAMS = 400_000_000  # 1.6 GB as float32; an ONNX file ends at 2 GB
MAX_BLOCKS = 200  # of a graph; it is written out block by block, and 160 take 45 s on a laptop's core
MAX_INPUT = 2**26  # elements of one image; two are traced
_TRACED = 2  # images
_COUNTER_BYTES = 8  # of each batch norm


class ExportError(UserError):
    """A network that cannot be written as a file; the message says why and what can be done."""


class FileFormat(StrEnum):
    """What a network can be written as."""

    ONNX = "onnx"
    PT2 = "pt2"
    SAFETENSORS = "safetensors"

    @property
    def is_graph(self) -> bool:
        """Whether the file holds what is computed, beside the weights."""
        return self is not FileFormat.SAFETENSORS


def about_bytes(spec: ResNeXtSpec, file_format: FileFormat, image_size: ImageSize | None = None) -> int:
    """About how large the file gets: its numbers, without names and graph.

    ONNX holds batch norm folded into the convolutions: a bias for each, and no statistics.
    """
    network = walk(spec, image_size)
    if file_format is FileFormat.ONNX:
        return BYTES_PER_FLOAT32 * sum(layer.weights + layer.c_out for layer in network.layers if layer.weights)
    normed = [layer for layer in network.layers if layer.norm]
    statistics = 2 * BYTES_PER_FLOAT32 * sum(layer.c_out for layer in normed) + _COUNTER_BYTES * len(normed)
    example = _TRACED * spec.in_channels * map_size(network.image_size).places if file_format is FileFormat.PT2 else 0
    return BYTES_PER_FLOAT32 * (complexity(spec, image_size).params + example) + statistics


def check_writable(
    spec: ResNeXtSpec, file_format: FileFormat, image_size: ImageSize | None = None, most_params: int = MAX_PARAMS
) -> None:
    """Refuses a network that would take too much memory or time to write.

    Raises:
        ExportError: too many params, blocks or input channels; says which, and what can be done.
    """
    params, size = complexity(spec, image_size).params, map_size(walk(spec, image_size).image_size)
    if params > most_params:
        raise ExportError(
            f"the network has {params:,} params, {BYTES_PER_FLOAT32 * params / 1e6:,.0f} MB; up to {most_params:,} are "
            "written here, so dial fewer, or take its code"
        )
    if not file_format.is_graph:
        return
    if sum(spec.depths) > MAX_BLOCKS:
        raise ExportError(
            f"the network has {sum(spec.depths)} blocks; a graph of up to {MAX_BLOCKS} is written, so dial fewer, or "
            "take safetensors, which holds the weights alone"
        )
    if spec.in_channels * size.places > MAX_INPUT:
        raise ExportError(
            f"an image of {spec.in_channels} channels and {size.height} x {size.width} pixels is too large to be "
            "traced; dial a smaller one, or take safetensors, which is for any size"
        )


def check_opset(opset: int | None, file_format: FileFormat) -> None:
    """Refuses an opset that no file has.

    Raises:
        ExportError: not one of those that can be written, or a format without any.
    """
    if opset is None:
        return
    if file_format is not FileFormat.ONNX:
        raise ExportError(f"an opset is ONNX's; leave it out for {file_format}, or take onnx")
    if not OLDEST <= opset <= NEWEST:
        raise ExportError(f"opset is {opset}; use one from {OLDEST} to {NEWEST}")


def check_place(path: Path, overwrite: bool) -> None:
    """Refuses, before any work, what cannot become a file; a device or a folder is never replaced.

    Raises:
        ExportError: says what is there, or why nothing can be.
    """
    try:
        os.fsencode(path).decode()
        path.lstat()
    except FileNotFoundError:
        if not path.parent.is_dir():
            raise ExportError(f"{path.parent} is no folder; make it, or name another") from None
    except (OSError, ValueError) as error:
        raise ExportError(f"{str(path)[:80]} cannot be a file ({error.args[-1]}); name another") from None
    else:
        if not overwrite:
            raise ExportError(f"{path} is there already; name another file, or overwrite it (--force)")
        if not path.is_file():
            raise ExportError(f"{path} is no file and is not replaced; name another")
    if not os.access(path.parent, os.W_OK):
        raise ExportError(f"{path.parent} may not be written to; name another folder")
