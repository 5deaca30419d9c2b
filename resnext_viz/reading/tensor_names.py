"""Names of tensors: those of a spec's own network, with their shapes, from the walk; and whose a stranger's are.

Sources of strangers' names: the `state_dict` of github.com/prlz77/ResNeXt.pytorch, github.com/kuangliu/pytorch-cifar,
github.com/weiaicunzai/pytorch-cifar100, github.com/open-mmlab/mmpretrain, github.com/huggingface/transformers and
github.com/Cadene/pretrained-models.pytorch. They are told for a note; nothing is read by them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from resnext_viz.layers import Op, walk
from resnext_viz.reading.tensors import ROLES, Shape, Shapes, is_used
from resnext_viz.spec import ResNeXtSpec

_SHOWN = 80  # characters of a name that came from a file
_LAST_CONV = re.compile(r"conv(\d)$")

_TELLTALES = {
    "head.fc.weight": "mmpretrain",
    "conv_1_3x3.weight": "prlz77/ResNeXt.pytorch",
    "linear.weight": "kuangliu/pytorch-cifar",
    "conv2_x.0.residual_function.0.weight": "weiaicunzai/pytorch-cifar100",
    "resnet.embedder.embedder.convolution.weight": "transformers",
    "features.4.0.0.0.0.0.weight": "Cadene/pretrained-models.pytorch",
}


def norm_name(conv: str) -> str:
    """The batch norm behind a convolution: `layer1.0.bn2` of `layer1.0.conv2`, `….downsample.1` of `….downsample.0`."""
    return f"{conv.removesuffix('0')}1" if conv.endswith(".0") else _LAST_CONV.sub(r"bn\1", conv)


def tensors_of(spec: ResNeXtSpec) -> dict[str, Shape]:
    """Names and shapes, in the order of the layers; counters of batches are left out."""
    return dict(_tensors(spec))


def _tensors(spec: ResNeXtSpec) -> Iterator[tuple[str, Shape]]:
    for layer in walk(spec).layers:
        if layer.op is Op.CONV:
            yield f"{layer.name}.weight", (layer.c_out, layer.c_in // layer.groups, layer.kernel, layer.kernel)
        elif layer.op is Op.LINEAR:
            yield f"{layer.name}.weight", (layer.c_out, layer.c_in)
        if layer.bias:
            yield f"{layer.name}.bias", (layer.c_out,)
        if layer.norm:
            for role in ROLES:
                yield f"{norm_name(layer.name)}.{role}", (layer.c_out,)


def first_mismatch(spec: ResNeXtSpec, shapes: Shapes) -> str | None:
    """The first tensor in which `shapes` and the network of `spec` differ, in words; None if all fit."""
    expected = tensors_of(spec)
    for key, shape in expected.items():
        if key not in shapes:
            return f"{key} {shape_words(shape)} is missing"
        if shapes[key] != shape:
            return f"{key} has the shape {shape_words(shapes[key])}, where {shape_words(shape)} was expected"
    extra = next((key for key in shapes if key not in expected and is_used(key)), None)
    return None if extra is None else f"{extra[:_SHOWN]} {shape_words(shapes[extra])} has no place in it"


def shape_words(shape: Shape) -> str:
    """`64×3×7×7`."""
    return "×".join(map(str, shape)) or "of a single number"


def whose_names(names: Iterable[str]) -> str:
    """The repository, in one sentence; empty if nobody's are told."""
    found = next((_TELLTALES[tail] for name in names for tail in _tails(name) if tail in _TELLTALES), "")
    return f"Its tensors are named as in {found}." if found else ""


def _tails(name: str) -> list[str]:
    """The name, and what is left of it behind each of the first folders: a training tool's prefixes."""
    parts = name.split(".", 4)
    return [".".join(parts[start:]) for start in range(len(parts) - 1)]
