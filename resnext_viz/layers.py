"""The one walk: spec -> the ordered layers of the network, with every channel count and map size.

Everything else reads this: `complexity` sums it, tables list it, figures draw it, `nn` builds from it.
A layer here is a convolution (with its batch norm and ReLU, if any), a pooling or the linear layer. Names are
torchvision's.
Source: arXiv 1611.05431, Table 1 and section 3.3; shortcuts and the 3x3 stride as in section 4.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

from resnext_viz.spec import (
    STAGE_PLANES,
    STEM_CHANNELS,
    BlockKind,
    ImageSize,
    MapSize,
    OutputRule,
    ResNeXtSpec,
    Stem,
    StrideOn,
    check_image_size,
    map_size,
)

_ONE_PLACE = MapSize(1, 1)


class Part(StrEnum):
    """What a layer does in the network; the keys of the palette."""

    STEM = "stem"
    REDUCE = "reduce"  # first 1x1 of a bottleneck
    TRANSFORM = "transform"  # 3x3
    EXPAND = "expand"  # last 1x1 of a bottleneck
    SHORTCUT = "shortcut"  # 1x1 projection
    HEAD = "head"


class Op(StrEnum):
    """What a layer computes."""

    CONV = "conv"
    LINEAR = "linear"
    MAX_POOL = "max_pool"
    AVG_POOL = "avg_pool"


class Layer(NamedTuple):
    """One layer and its cost on one image.

    `halvings` says how often the image's sides have been halved (rounding up) in the output map.
    """

    name: str
    part: Part
    op: Op
    c_in: int
    c_out: int
    kernel: int
    stride: int
    groups: int
    bias: bool
    norm: bool  # batch norm behind it
    relu: bool  # ReLU right behind the norm
    size_in: MapSize
    size_out: MapSize
    halvings: int

    @property
    def padding(self) -> int:
        return self.kernel // 2

    @property
    def weights(self) -> int:
        """Elements of the weight tensor: k²·(c_in/groups)·c_out."""
        if self.op is Op.MAX_POOL or self.op is Op.AVG_POOL:
            return 0
        return self.kernel**2 * (self.c_in // self.groups) * self.c_out

    @property
    def params(self) -> int:
        """Learned elements: weights, bias, and the two vectors of batch norm."""
        return self.weights + self.c_out * (self.bias + 2 * self.norm)

    @property
    def macs(self) -> int:
        """Multiply-adds on one image: each weight once per place of the output map."""
        return self.weights * self.size_out.places

    @property
    def acts(self) -> int:
        """Elements put out, for convolutions and the linear layer."""
        return self.c_out * self.size_out.places if self.weights else 0


class Block(NamedTuple):
    """One residual block: its main path in order, and the projection if its shortcut has one."""

    main: tuple[Layer, ...]
    projection: Layer | None
    identity: bool  # an identity shortcut

    @property
    def layers(self) -> tuple[Layer, ...]:
        return (*self.main, self.projection) if self.projection else self.main

    def renamed(self, old: str, new: str) -> Block:
        def rename(layer: Layer) -> Layer:
            return layer._replace(name=new + layer.name.removeprefix(old))

        return Block(tuple(map(rename, self.main)), self.projection and rename(self.projection), self.identity)


@dataclass(frozen=True)
class StageWalk:
    """One stage: the first block, and the block that fills the rest (None if there is no rest)."""

    index: int  # 0 for the paper's conv2, torchvision's layer1
    depth: int
    first: Block
    rest: Block | None
    group_width: int  # width of one path in this stage

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """Every block, each layer under its own name."""
        if self.rest is None:
            return (self.first,)
        stage = f"layer{self.index + 1}"
        more = (self.rest.renamed(f"{stage}.1.", f"{stage}.{i}.") for i in range(1, self.depth))
        return (self.first, *more)

    @property
    def width(self) -> int:
        """Channels of the (grouped) 3x3: C·d·2^s."""
        return self.first.main[-1].c_in

    @property
    def c_out(self) -> int:
        return self.first.main[-1].c_out

    @property
    def size_out(self) -> MapSize:
        return self.first.main[-1].size_out


@dataclass(frozen=True)
class Walk:
    """The whole network, each distinct block once."""

    spec: ResNeXtSpec
    image_size: ImageSize
    # All layers follow from the two above: those are hash enough, and drawings are kept by walks.
    stem: tuple[Layer, ...] = field(hash=False)
    stages: tuple[StageWalk, ...] = field(hash=False)
    head: tuple[Layer, ...] = field(hash=False)

    @cached_property
    def layers(self) -> tuple[Layer, ...]:
        """Every layer in order, blocks repeated."""
        return tuple(self._iterate())

    def _iterate(self) -> Iterator[Layer]:
        yield from self.stem
        for stage in self.stages:
            for block in stage.blocks:
                yield from block.layers
        yield from self.head


def walk(spec: ResNeXtSpec, image_size: ImageSize | None = None) -> Walk:
    """The layers of `spec` on one image: the side of a square or (height, width), in pixels.

    If it is None, 224, or 32 for CIFAR stems.

    Raises:
        SpecError: `image_size` is out of range.
    """
    image_size = spec.default_image_size if image_size is None else check_image_size(image_size)
    stem = _stem(spec, map_size(image_size))
    stages = []
    before = stem[-1]
    for index, depth in enumerate(spec.depths):
        stage = _stage(spec, index, depth, before)
        before = stage.first.main[-1]
        stages.append(stage)
    head = _head(spec, before) if spec.head else ()
    return Walk(spec, image_size, stem, tuple(stages), head)


def _conv(
    spec: ResNeXtSpec,
    name: str,
    part: Part,
    before: Layer,
    c_out: int,
    kernel: int,
    stride: int = 1,
    groups: int = 1,
    relu: bool = True,
) -> Layer:
    size_out = before.size_out.halved() if stride == 2 else before.size_out
    return Layer(
        name,
        part,
        Op.CONV,
        before.c_out,
        c_out,
        kernel,
        stride,
        groups,
        spec.conv_bias,
        True,
        relu,
        before.size_out,
        size_out,
        before.halvings + (stride == 2),
    )


def _stem(spec: ResNeXtSpec, size: MapSize) -> tuple[Layer, ...]:
    image = Layer("image", Part.STEM, Op.AVG_POOL, 0, spec.in_channels, 1, 1, 1, False, False, False, size, size, 0)
    kernel, stride = (7, 2) if spec.stem is Stem.IMAGENET else (3, 1)
    conv = _conv(spec, "conv1", Part.STEM, image, STEM_CHANNELS, kernel, stride)
    if spec.stem is Stem.CIFAR:
        return (conv,)
    size = conv.size_out
    pool = Layer(
        "maxpool",
        Part.STEM,
        Op.MAX_POOL,
        STEM_CHANNELS,
        STEM_CHANNELS,
        3,
        2,
        1,
        False,
        False,
        False,
        size,
        size.halved(),
        conv.halvings + 1,
    )
    return conv, pool


def _stage(spec: ResNeXtSpec, index: int, depth: int, before: Layer) -> StageWalk:
    block = _bottleneck if spec.block is BlockKind.BOTTLENECK else _basic
    first = block(spec, index, 0, before, 1 if index == 0 else 2)
    rest = block(spec, index, 1, first.main[-1], 1) if depth > 1 else None
    return StageWalk(index, depth, first, rest, _group_width(spec, index))


def _group_width(spec: ResNeXtSpec, index: int) -> int:
    return spec.base_width * STAGE_PLANES[index] // STEM_CHANNELS


def _block_output(spec: ResNeXtSpec, index: int) -> int:
    if spec.output_rule is OutputRule.WIDTH:
        return 2 * spec.cardinality * _group_width(spec, index)
    return spec.expansion * STAGE_PLANES[index]


def _bottleneck(spec: ResNeXtSpec, index: int, number: int, before: Layer, stride: int) -> Block:
    """1x1 reduce, 3x3 in C groups, 1x1 expand, each with batch norm; added to the shortcut, then ReLU (Fig. 3c)."""
    name = f"layer{index + 1}.{number}"
    width = spec.cardinality * _group_width(spec, index)
    on_1x1, on_3x3 = (stride, 1) if spec.stride_on is StrideOn.CONV1X1 else (1, stride)
    reduce = _conv(spec, f"{name}.conv1", Part.REDUCE, before, width, 1, on_1x1)
    transform = _conv(spec, f"{name}.conv2", Part.TRANSFORM, reduce, width, 3, on_3x3, spec.cardinality)
    expand = _conv(spec, f"{name}.conv3", Part.EXPAND, transform, _block_output(spec, index), 1, relu=not spec.shortcut)
    return _with_shortcut(spec, name, (reduce, transform, expand), before, stride, number)


def _basic(spec: ResNeXtSpec, index: int, number: int, before: Layer, stride: int) -> Block:
    """Two 3x3, each with batch norm; added to the shortcut, then ReLU (He et al. 2015, Fig. 5 left)."""
    name = f"layer{index + 1}.{number}"
    inner = _conv(spec, f"{name}.conv1", Part.TRANSFORM, before, _group_width(spec, index), 3, stride)
    outer = _conv(spec, f"{name}.conv2", Part.TRANSFORM, inner, _block_output(spec, index), 3, relu=not spec.shortcut)
    return _with_shortcut(spec, name, (inner, outer), before, stride, number)


def _with_shortcut(
    spec: ResNeXtSpec, name: str, main: tuple[Layer, ...], before: Layer, stride: int, number: int
) -> Block:
    if not spec.shortcut:
        return Block(main, None, False)
    c_out = main[-1].c_out
    # Tutorials that let the output follow C·d project at the head of every stage, whatever the widths.
    if stride == 1 and before.c_out == c_out and not (spec.output_rule is OutputRule.WIDTH and number == 0):
        return Block(main, None, True)
    projection = _conv(spec, f"{name}.downsample.0", Part.SHORTCUT, before, c_out, 1, stride, relu=False)
    return Block(main, projection, False)


def _head(spec: ResNeXtSpec, before: Layer) -> tuple[Layer, ...]:
    size = before.size_out
    pool = Layer(
        "avgpool",
        Part.HEAD,
        Op.AVG_POOL,
        before.c_out,
        before.c_out,
        size.height,
        size.height,
        1,
        False,
        False,
        False,
        size,
        _ONE_PLACE,
        before.halvings,
    )
    fc = Layer(
        "fc",
        Part.HEAD,
        Op.LINEAR,
        before.c_out,
        spec.num_classes,
        1,
        1,
        1,
        True,
        False,
        False,
        _ONE_PLACE,
        _ONE_PLACE,
        before.halvings,
    )
    return pool, fc
