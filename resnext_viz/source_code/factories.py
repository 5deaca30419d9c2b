"""A network from torchvision's or timm's ResNet: by name where it has one, else by its constructor, adapted openly.

Both build one family: a 7x7 stem for three channels, four stages, a block output of `expansion`·64·2^s. What they have
no argument for is put right on the module they build, in lines of its own, each with a note; what cannot be put right
so is refused with the reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from resnext_viz.layers import Layer, Walk, walk
from resnext_viz.source_code.source import (
    NoCodeError,
    Source,
    Target,
    counts_in_words,
    plain_title,
    projects_by_shape,
)
from resnext_viz.spec import STAGE_LIMITS, STEM_CHANNELS, BlockKind, ImageSize, ResNeXtSpec, Stem, StrideOn

# Blocks of each stage, kind of block, C, d -> the function's name.
_Shape = tuple[tuple[int, ...], BlockKind, int, int]
_BOTTLENECK, _BASIC = BlockKind.BOTTLENECK, BlockKind.BASIC
_BOTH: Mapping[_Shape, str] = {
    ((2, 2, 2, 2), _BASIC, 1, 64): "resnet18",
    ((3, 4, 6, 3), _BASIC, 1, 64): "resnet34",
    ((3, 4, 6, 3), _BOTTLENECK, 1, 64): "resnet50",
    ((3, 4, 23, 3), _BOTTLENECK, 1, 64): "resnet101",
    ((3, 8, 36, 3), _BOTTLENECK, 1, 64): "resnet152",
    ((3, 4, 6, 3), _BOTTLENECK, 32, 4): "resnext50_32x4d",
    ((3, 4, 23, 3), _BOTTLENECK, 32, 8): "resnext101_32x8d",
    ((3, 4, 23, 3), _BOTTLENECK, 64, 4): "resnext101_64x4d",
    ((3, 4, 6, 3), _BOTTLENECK, 1, 128): "wide_resnet50_2",
    ((3, 4, 23, 3), _BOTTLENECK, 1, 128): "wide_resnet101_2",
}
_TIMM_ONLY: Mapping[_Shape, str] = {
    ((2, 2, 2, 2), _BOTTLENECK, 1, 64): "resnet26",
    ((3, 24, 36, 3), _BOTTLENECK, 1, 64): "resnet200",
    ((3, 4, 23, 3), _BOTTLENECK, 32, 4): "resnext101_32x4d",
    ((3, 4, 23, 3), _BOTTLENECK, 32, 16): "resnext101_32x16d",
    ((3, 4, 23, 3), _BOTTLENECK, 32, 32): "resnext101_32x32d",
}
_USUAL_EXPANSION = {_BOTTLENECK: 4, _BASIC: 1}
_CLASSES = {_BOTTLENECK: "Bottleneck", _BASIC: "BasicBlock"}
_USUAL_CLASSES, _USUAL_CHANNELS = 1000, 3
_STAGES = STAGE_LIMITS[1]


@dataclass(frozen=True)
class _Library:
    """How one of the two is spelled."""

    target: Target
    names: Mapping[_Shape, str]
    call: str  # a network by name
    module: str  # where ResNet and its blocks live
    cardinality: str
    base_width: str
    in_channels: str | None  # the argument's name; None if there is none
    no_head: tuple[str, ...]  # arguments that leave the head out; none if it must be cut off
    expands_basic: bool  # whether a basic block follows `expansion`
    note: str


_TORCHVISION = _Library(
    Target.TORCHVISION, _BOTH, "torchvision.models.{name}({arguments})", "torchvision.models.resnet",
    "groups", "width_per_group", None, (), False,
    "Without weights=, the network is freshly initialised.",
)  # fmt: skip
_TIMM = _Library(
    Target.TIMM, {**_BOTH, **_TIMM_ONLY}, 'timm.create_model("{name}"{more})', "timm.models.resnet",
    "cardinality", "base_width", "in_chans", ("num_classes=0", 'global_pool=""'), True,
    "Without pretrained=True, the network is freshly initialised: each block’s last batch norm starts at zero in timm.",
)  # fmt: skip


def torchvision_code(spec: ResNeXtSpec, image_size: ImageSize | None = None) -> Source:
    """The network from torchvision.

    Raises:
        NoCodeError: torchvision cannot build it.
    """
    return _code(_TORCHVISION, walk(spec, image_size))


def timm_code(spec: ResNeXtSpec, image_size: ImageSize | None = None) -> Source:
    """The network from timm.

    Raises:
        NoCodeError: timm cannot build it.
    """
    return _code(_TIMM, walk(spec, image_size))


@dataclass
class _Lines:
    """What has been written so far."""

    imports: set[str] = field(default_factory=set)
    block: list[str] = field(default_factory=list)  # a class of its own, if need be
    adapted: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def _code(library: _Library, network: Walk) -> Source:
    _check_buildable(library, network)
    lines = _Lines()
    made = _constructor(library, network, lines)
    _adapt(library, network, lines)
    spec = network.spec
    head = [f"# {plain_title(spec)}", f"# {counts_in_words(spec, network.image_size)}", ""]
    parts = [[*head, *_sorted_imports(lines.imports)], lines.block, [*made, *lines.adapted]]
    code = "\n\n".join("\n".join(part) for part in parts if part) + "\n"
    return Source(library.target, spec, code, notes=(*lines.notes, library.note))


def _check_buildable(library: _Library, network: Walk) -> None:
    """Refuses what the library's blocks have no place for.

    Raises:
        NoCodeError: with the reason.
    """
    spec = network.spec
    reason = ""
    if not spec.shortcut:
        reason = "its blocks always add a shortcut"
    elif spec.block is _BASIC and spec.base_width != 64:
        reason = f"its basic block has d = 64 only, and this has d = {spec.base_width}"
    elif spec.block is _BASIC and spec.expansion != 1 and not library.expands_basic:
        reason = f"its basic block has expansion 1 only, and this has {spec.expansion}"
    elif network.stages[0].c_out % STEM_CHANNELS:
        reason = (
            f"its blocks put out a multiple of 64 channels in stage 1, and these put out {network.stages[0].c_out:,}"
        )
    elif not projects_by_shape(network):
        reason = "it projects a shortcut only where the shape changes, and this network does so in every stage"
    if reason:
        raise NoCodeError(library.target, reason)


def _constructor(library: _Library, network: Walk, lines: _Lines) -> list[str]:
    """The lines that make `model`, four stages and a 7x7 stem."""
    spec = network.spec
    expansion = network.stages[0].c_out // STEM_CHANNELS
    more = _common_arguments(library, spec)
    shape = (spec.depths, spec.block, spec.cardinality, spec.base_width)
    name = library.names.get(shape) if expansion == _USUAL_EXPANSION[spec.block] else None
    if name:
        lines.imports.add(f"import {library.target}")
        call = library.call.format(name=name, arguments=", ".join(more), more="".join(f", {each}" for each in more))
        return [f"model = {call}"]
    kind = _CLASSES[spec.block]
    lines.imports.add(f"from {library.module} import {kind}, ResNet")
    block = kind if expansion == _USUAL_EXPANSION[spec.block] else _own_block(kind, expansion, spec, lines)
    depths = [*spec.depths, *[1] * (_STAGES - len(spec.depths))]
    arguments = [block, f"layers={depths}"]
    if (spec.cardinality, spec.base_width) != (1, 64):
        arguments += [f"{library.cardinality}={spec.cardinality}", f"{library.base_width}={spec.base_width}"]
    return ["model = ResNet(", *(f"    {argument}," for argument in [*arguments, *more]), ")"]


def _common_arguments(library: _Library, spec: ResNeXtSpec) -> list[str]:
    """Classes, channels and head, as far as the library has arguments for them and they are not its usual ones."""
    arguments = [] if spec.head else list(library.no_head)
    if spec.head and spec.num_classes != _USUAL_CLASSES:
        arguments.append(f"num_classes={spec.num_classes}")
    if library.in_channels and spec.in_channels != _USUAL_CHANNELS and spec.stem is Stem.IMAGENET:
        arguments.append(f"{library.in_channels}={spec.in_channels}")
    return arguments


def _own_block(kind: str, expansion: int, spec: ResNeXtSpec, lines: _Lines) -> str:
    """A block of another output width: both libraries read it from the class."""
    lines.block += ["", f"class Block({kind}):", f"    expansion = {expansion}  # output: {expansion} x 64 x 2^s", ""]
    lines.notes.append(
        f"Blocks put out {expansion}·64·2^s channels, where {kind} has "
        f"{_USUAL_EXPANSION[spec.block]}·64·2^s: a subclass says so."
    )
    return "Block"


def _adapt(library: _Library, network: Walk, lines: _Lines) -> None:
    """The lines that put right on `model` what no argument can."""
    _adapt_stem(library, network, lines)
    _adapt_stages(network, lines)
    spec = network.spec
    if spec.head and len(network.stages) < _STAGES:
        fc = network.head[-1]
        lines.adapted.append(f"model.fc = nn.Linear({fc.c_in}, {fc.c_out})")
    if spec.conv_bias:
        lines.imports.add("import torch")
        lines.adapted += [
            "for module in model.modules():",
            "    if isinstance(module, nn.Conv2d):",
            "        module.bias = nn.Parameter(torch.zeros(module.out_channels))",
        ]
        lines.notes.append("Convolutions get their biases afterwards, at zero.")
    if not spec.head and not library.no_head:
        lines.imports.add("from collections import OrderedDict")
        lines.adapted.append("model = nn.Sequential(OrderedDict(list(model.named_children())[:-2]))  # no pool, no fc")
        lines.notes.append("Pooling and linear layer are cut off; what is left keeps its names.")
    if any("nn." in line for line in lines.adapted):
        lines.imports.add("from torch import nn")


def _adapt_stem(library: _Library, network: Walk, lines: _Lines) -> None:
    spec, conv = network.spec, network.stem[0]
    if spec.stem is not Stem.IMAGENET or (spec.in_channels != _USUAL_CHANNELS and not library.in_channels):
        lines.adapted += [
            f"model.conv1 = {_conv(conv)}",
            'nn.init.kaiming_normal_(model.conv1.weight, mode="fan_out", nonlinearity="relu")',
        ]
        what = "3×3 without stride" if spec.stem is not Stem.IMAGENET else f"one for {spec.in_channels} channels"
        lines.notes.append(f"The first convolution is replaced by {what}.")
    if spec.stem is Stem.CIFAR:
        lines.adapted.append("model.maxpool = nn.Identity()")
        lines.notes.append("The max pool is taken out: CIFAR networks begin at full size.")


def _conv(layer: Layer) -> str:
    return (
        f"nn.Conv2d({layer.c_in}, {layer.c_out}, kernel_size={layer.kernel}, stride={layer.stride}, "
        f"padding={layer.padding}, bias=False)"
    )


def _adapt_stages(network: Walk, lines: _Lines) -> None:
    spec, stages = network.spec, network.stages
    if spec.stride_on is StrideOn.CONV1X1 and len(stages) > 1:
        strided = ", ".join(f"model.layer{stage.index + 1}[0]" for stage in stages[1:])
        lines.adapted += [
            f"for block in [{strided}]:",
            "    block.conv1.stride, block.conv2.stride = (2, 2), (1, 1)",
        ]
        lines.notes.append("The stride moves from the 3×3 to the first 1×1 of each stage, as in He et al. 2015.")
    for number in range(len(stages) + 1, _STAGES + 1):
        lines.adapted.append(f"model.layer{number} = nn.Identity()")
    if len(stages) < _STAGES:
        some = "one stage" if len(stages) == 1 else f"{len(stages)} stages"
        lines.notes.append(
            f"The library always builds four stages; this network has {some}, so the rest is taken out"
            f"{' and the linear layer made to fit' if spec.head else ''}."
        )


def _sorted_imports(imports: set[str]) -> list[str]:
    """The standard library, then the others, `import` before `from`, as ruff has it."""
    standard = sorted(line for line in imports if "collections" in line)
    others = sorted(imports - set(standard), key=lambda line: (line.startswith("from"), line))
    return [*standard, *([""] if standard else []), *others]
