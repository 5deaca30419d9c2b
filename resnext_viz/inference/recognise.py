"""A checkpoint's tensor shapes -> the spec of its network, for names as torchvision gives them.

Told by shapes: stem, depths, C, d, block, expansion, output rule, bias, shortcuts, classes, channels of the image.
Not told by shapes: whether a CIFAR stem pools and which convolution strides; the usual is assumed, and said.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

import torch

from resnext_viz.errors import SpecError
from resnext_viz.inference.errors import CheckpointError
from resnext_viz.nn import build
from resnext_viz.spec import LIMITS, STAGE_PLANES, STEM_CHANNELS, BlockKind, OutputRule, ResNeXtSpec, Stem

Shapes = Mapping[str, tuple[int, ...]]

_BLOCK = re.compile(r"layer(\d)\.(\d{1,3})\.conv1\.weight")
_STEMS = {7: Stem.IMAGENET, 3: Stem.CIFAR}
_SHOWN = 80  # characters of a name that came from the file
_FOREIGN = (  # what it is, a tensor that shows it, and its least number of dimensions
    ("a stem of several convolutions", re.compile(r"(conv1|stem)\.[1-9]\.weight$"), 4),
    ("shortcuts that pool before they project", re.compile(r"layer\d\.\d{1,3}\.downsample\.1\.weight$"), 4),
    ("attention in its blocks", re.compile(r"layer\d\.\d{1,3}\.(se|se_module|eca|gc|sa|ca|cbam|attn)\."), 0),
)
_EXPECTED = "this reads ResNeXt and ResNet networks as torchvision, timm and some others name their tensors"


def recognise(shapes: Shapes) -> tuple[ResNeXtSpec, tuple[str, ...]]:
    """The spec whose network has exactly these tensors, and what had to be assumed, in words.

    Raises:
        CheckpointError: no such network; names the first tensor that does not fit.
    """
    foreign = _foreign_parts(shapes)
    if foreign:
        raise CheckpointError(f"The checkpoint is of another kind of network: it has {foreign}; {_EXPECTED}.")
    try:
        candidates = _candidates(shapes)
    except SpecError as error:
        raise CheckpointError(f"The checkpoint holds a network outside what is supported: {error}.") from None
    problems = []
    for spec in candidates:
        problem = first_mismatch(spec, shapes)
        if problem is None:
            return spec, _assumed(spec)
        problems.append(problem)
    raise CheckpointError(f"The checkpoint is of another kind of network: {problems[0]}; {_EXPECTED}.")


def first_mismatch(spec: ResNeXtSpec, shapes: Shapes) -> str | None:
    """The first tensor in which `shapes` and the network of `spec` differ, in words; None if all fit."""
    with torch.device("meta"):
        expected = {key: tuple(value.shape) for key, value in build(spec).state_dict().items() if is_used(key)}
    for key, shape in expected.items():
        if key not in shapes:
            return f"{key} {_words(shape)} is missing"
        if shapes[key] != shape:
            return f"{key} has the shape {_words(shapes[key])}, where {_words(shape)} was expected"
    extra = next((key for key in shapes if key not in expected), None)
    return None if extra is None else f"{extra[:_SHOWN]} {_words(shapes[extra])} has no place in it"


def is_used(key: str) -> bool:
    """Whether a tensor of that name has a say in an answer; counters of batches and of averaged weights have none."""
    return not key.endswith(("num_batches_tracked", "n_averaged"))


def _foreign_parts(shapes: Shapes) -> str:
    """What only relatives of this family have, each with a tensor that shows it; empty if there is nothing."""
    found = []
    for what, pattern, dimensions in _FOREIGN:
        key = next((key for key, shape in shapes.items() if pattern.match(key) and len(shape) >= dimensions), None)
        if key:
            found.append(f"{what} ({key[:_SHOWN]} {_words(shapes[key])})")
    return " and ".join(found)


def _candidates(shapes: Shapes) -> list[ResNeXtSpec]:
    """Specs to try, the usual first: shapes alone leave open the output rule and whether shortcuts were left out."""
    stem = _shape(shapes, "conv1.weight", 4)
    if stem[0] != STEM_CHANNELS or stem[2] != stem[3] or stem[2] not in _STEMS:
        raise CheckpointError(
            f"The checkpoint is of another kind of network: conv1.weight has the shape {_words(stem)}, where "
            f"64×channels×7×7 or 64×channels×3×3 was expected; {_EXPECTED}."
        )
    depths = _depths(shapes)
    first, second = _shape(shapes, "layer1.0.conv1.weight", 4), _shape(shapes, "layer1.0.conv2.weight", 4)
    common = ResNeXtSpec(
        depths=depths,
        stem=_STEMS[stem[2]],
        in_channels=stem[1],
        conv_bias="conv1.bias" in shapes,
        head="fc.weight" in shapes,
        num_classes=_shape(shapes, "fc.weight", 2)[0] if "fc.weight" in shapes else 1000,
    )
    if "layer1.0.conv3.weight" in shapes:
        output = _shape(shapes, "layer1.0.conv3.weight", 4)[0]
        common = replace(common, cardinality=max(1, second[0] // max(1, second[1])), base_width=second[1])
    else:
        output = second[0]
        common = replace(common, block=BlockKind.BASIC, base_width=first[0])
    expansion, rest = divmod(output, STAGE_PLANES[0])
    follows_width = common.block is BlockKind.BOTTLENECK and output == 2 * common.cardinality * common.base_width
    found = []
    if output and not rest and not (follows_width and expansion > LIMITS["expansion"][1]):
        found.append(replace(common, expansion=expansion))
    if follows_width:
        found.append(replace(common, output_rule=OutputRule.WIDTH))
    if not found:
        raise CheckpointError(
            f"The checkpoint is of another kind of network: its first block puts out {output} channels, where a "
            f"multiple of {STAGE_PLANES[0]} was expected; {_EXPECTED}."
        )
    if not any(".downsample." in key for key in shapes):
        found += [replace(spec, shortcut=False) for spec in found]
    return found


def _depths(shapes: Shapes) -> tuple[int, ...]:
    """Blocks in each stage; gaps in the numbering show up later as missing tensors."""
    last: dict[int, int] = {}
    for match in filter(None, map(_BLOCK.fullmatch, shapes)):
        stage, block = int(match[1]), int(match[2])
        last[stage] = max(last.get(stage, 0), block)
    return tuple(last.get(stage, 0) + 1 for stage in range(1, max(last, default=1) + 1))


def _shape(shapes: Shapes, key: str, dimensions: int) -> tuple[int, ...]:
    shape = shapes.get(key)
    if shape is None:
        raise CheckpointError(f"The checkpoint is of another kind of network: it has no tensor {key}; {_EXPECTED}.")
    if len(shape) != dimensions:
        raise CheckpointError(
            f"The checkpoint is of another kind of network: {key} has the shape {_words(shape)}, where "
            f"{dimensions} dimensions were expected; {_EXPECTED}."
        )
    return shape


def _assumed(spec: ResNeXtSpec) -> tuple[str, ...]:
    stem = ("no pooling behind the 3×3 stem",) if spec.stem is Stem.CIFAR else ()
    stride = ("stride on the 3×3",) if spec.block is BlockKind.BOTTLENECK and len(spec.depths) > 1 else ()
    assumed = stem + stride
    return (f"Shapes do not tell, so this is assumed: {', '.join(assumed)}.",) if assumed else ()


def _words(shape: tuple[int, ...]) -> str:
    return "×".join(map(str, shape)) or "of a single number"
