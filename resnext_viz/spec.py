"""What is dialled: one network of the ResNeXt family, checked once, where it is made.

Source: Xie et al., Aggregated Residual Transformations for Deep Neural Networks, arXiv 1611.05431, section 3, Table 1.
Names, in every dialect people write, are in `names.py`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from enum import StrEnum
from typing import Any, NamedTuple

from resnext_viz.errors import SpecError

STEM_CHANNELS = 64
STAGE_PLANES = (64, 128, 256, 512)  # 64·2^s: conv2 to conv5 of the paper
STAGE_LIMITS = (1, len(STAGE_PLANES))
BLOCK_LIMITS = (1, 200)
IMAGE_LIMITS = (1, 4096)
LIMITS = {
    "cardinality": (1, 1024),
    "base_width": (1, 1024),
    "expansion": (1, 64),
    "num_classes": (1, 100_000),
    "in_channels": (1, 1024),
}


class BlockKind(StrEnum):
    """Layers of a residual block."""

    BOTTLENECK = "bottleneck"
    BASIC = "basic"


class Stem(StrEnum):
    """How the image comes in."""

    IMAGENET = "imagenet"  # 7x7 stride 2, then a 3x3 max pool of stride 2
    CIFAR = "cifar"  # 3x3 stride 1
    CIFAR_POOL = "cifarpool"  # 3x3 stride 1, then a 3x3 max pool of stride 2


class StrideOn(StrEnum):
    """Which convolution of a stage's first bottleneck halves the map."""

    CONV3X3 = "3x3"  # the paper and torchvision ("v1.5")
    CONV1X1 = "1x1"  # He et al. 2015 ("v1")


class OutputRule(StrEnum):
    """What the width of a block's output follows."""

    PLANES = "planes"  # expansion·64·2^s whatever C and d: the paper
    WIDTH = "width"  # 2·C·d·2^s: what "from scratch" tutorials build


@dataclass(frozen=True)
class ResNeXtSpec:
    """One network. Every option is checked here and nowhere else.

    Attributes:
        depths: blocks in each stage, one to four stages.
        cardinality: C, paths of a block = groups of its 3x3.
        base_width: d, width of one path in the first stage.
        block: bottleneck, or the two-layer basic block (C = 1 only).
        expansion: block output over 64·2^s; also the "widening factor" of CIFAR repositories.
        stem: how the image comes in.
        stride_on: which convolution of a stage's first bottleneck halves the map.
        shortcut: False removes every shortcut, the paper's "without residual" row.
        conv_bias: True gives every convolution a bias.
        output_rule: what the block's output width follows.
        num_classes: outputs of the linear layer.
        head: False leaves out pooling and the linear layer (features only).
        in_channels: channels of the image.

    Raises:
        SpecError: an option is out of its range, or two do not go together.
    """

    depths: tuple[int, ...] = (3, 4, 6, 3)
    cardinality: int = 1
    base_width: int = 64
    block: BlockKind = BlockKind.BOTTLENECK
    expansion: int = 4
    stem: Stem = Stem.IMAGENET
    stride_on: StrideOn = StrideOn.CONV3X3
    shortcut: bool = True
    conv_bias: bool = False
    output_rule: OutputRule = OutputRule.PLANES
    num_classes: int = 1000
    head: bool = True
    in_channels: int = 3

    def __post_init__(self) -> None:
        object.__setattr__(self, "depths", _checked_depths(self.depths))
        for name, limits in LIMITS.items():
            _check_whole(name, getattr(self, name), limits)
        for name, kind in _CHOICES.items():
            object.__setattr__(self, name, _checked_choice(name, getattr(self, name), kind))
        for name in _SWITCHES:
            if not isinstance(getattr(self, name), bool):
                raise SpecError(name, getattr(self, name), "use true or false")
        self._check_together()

    def _check_together(self) -> None:
        if self.block is BlockKind.BASIC:
            if self.cardinality > 1:
                raise SpecError(
                    "cardinality",
                    self.cardinality,
                    "a basic block allows only 1: with two layers, C paths collapse to one wide block "
                    "(section 3.3, Fig. 4); use a bottleneck, as in 50 layers and more",
                )
            if self.output_rule is OutputRule.WIDTH:
                raise SpecError("output_rule", self.output_rule.value, "a basic block allows only 'planes'")
            if self.stride_on is StrideOn.CONV1X1:
                raise SpecError("stride_on", self.stride_on.value, "a basic block has no 1x1; use '3x3'")
        if self.output_rule is OutputRule.WIDTH and self.expansion != 4:
            raise SpecError("expansion", self.expansion, "output_rule 'width' does not use it; leave it at 4")

    @property
    def layer_count(self) -> int:
        """Layers with weights on the main path, the paper's "50": stem, convolutions of the blocks, linear layer."""
        per_block = 3 if self.block is BlockKind.BOTTLENECK else 2
        return 2 + per_block * sum(self.depths)

    @property
    def default_image_size(self) -> int:
        """Side of the square image the paper uses with this stem, in pixels."""
        return 224 if self.stem is Stem.IMAGENET else 32

    def with_options(self, **options: Any) -> ResNeXtSpec:
        """This spec with some options replaced; strings as they come from a shell or a link are understood.

        Raises:
            SpecError: an unknown option, or a value that does not fit.
        """
        for name in options:
            if name not in FIELDS:
                raise SpecError("option", name, f"use one of {', '.join(FIELDS)}")
        read: dict[str, Any] = {name: _from_text(name, value) for name, value in options.items()}
        return replace(self, **read)

    def to_dict(self) -> dict[str, Any]:
        """Every option as JSON types; `from_dict` gives the same spec back."""
        return {
            name: list(value) if isinstance(value, tuple) else getattr(value, "value", value)
            for name, value in asdict(self).items()
        }

    @classmethod
    def from_dict(cls, options: Mapping[str, Any]) -> ResNeXtSpec:
        """The spec of a JSON object; options left out keep their defaults.

        Raises:
            SpecError: an unknown option, or a value that does not fit.
        """
        if not isinstance(options, Mapping):
            raise SpecError("spec", options, "use an object of options")
        return cls().with_options(**{str(name): value for name, value in options.items()})


FIELDS = tuple(field.name for field in fields(ResNeXtSpec))
_CHOICES: dict[str, type[StrEnum]] = {
    "block": BlockKind,
    "stem": Stem,
    "stride_on": StrideOn,
    "output_rule": OutputRule,
}
_SWITCHES = ("shortcut", "conv_bias", "head")
_SWITCH_WORDS = dict.fromkeys(("1", "true", "yes", "on"), True) | dict.fromkeys(("0", "false", "no", "off"), False)


class MapSize(NamedTuple):
    """Height and width of an image or a map, in pixels or places."""

    height: int
    width: int

    @property
    def places(self) -> int:
        return self.height * self.width

    @property
    def is_square(self) -> bool:
        return self.height == self.width

    def halved(self) -> MapSize:
        """The map behind any of our stride-2 layers, in each direction (n + 2·(k//2) − k)//2 + 1 for odd k."""
        return MapSize((self.height + 1) // 2, (self.width + 1) // 2)

    @property
    def plain(self) -> str:
        """In letters that can be typed: "224x320"."""
        return f"{self.height}x{self.width}"

    @property
    def product(self) -> str:
        """How many places, as they are multiplied: "56²", or "56×80"."""
        return f"{self.height:,}²" if self.is_square else str(self)

    def to_json(self) -> int | list[int]:
        """The side of a square, else height and width."""
        return self.height if self.is_square else [self.height, self.width]

    def __str__(self) -> str:
        return f"{self.height:,}×{self.width:,}"


_TWO_SIDES = re.compile(r"\d{1,9}\s*[x×X*]\s*\d{1,9}|[(\[]\s*\d{1,9}\s*,\s*\d{1,9}\s*[)\]]")
ImageSize = int | tuple[int, int]  # the side of a square, or height and width


def check_image_size(image_size: object) -> ImageSize:
    """The side of a square image, or its height and width, in pixels; also of "224x320" or "(224, 320)" as text.

    Raises:
        SpecError: no whole numbers within `IMAGE_LIMITS`, or not one or two.
    """
    sides: object = image_size
    if isinstance(image_size, str) and _TWO_SIDES.fullmatch(image_size.strip()):
        sides = re.findall(r"\d+", image_size)
    if isinstance(sides, (tuple, list)) and len(sides) == 2:
        height, width = (_check_whole("image_size", as_whole_number(side), IMAGE_LIMITS) for side in sides)
        return height if height == width else (height, width)
    return _check_whole("image_size", as_whole_number(image_size), IMAGE_LIMITS, ", or height x width as in 224x320")


def check_square(image_size: object) -> int:
    """The side of a square image in pixels, where no other shape can be had.

    Raises:
        SpecError: no whole number within `IMAGE_LIMITS`.
    """
    return _check_whole("image_size", as_whole_number(image_size), IMAGE_LIMITS, ", the side of a square")


def size_text(image_size: ImageSize) -> str:
    """As `check_image_size` reads it: "224", or "224x320"."""
    return str(image_size) if isinstance(image_size, int) else map_size(image_size).plain


def map_size(image_size: ImageSize) -> MapSize:
    """Height and width of an image of that size."""
    return MapSize(image_size, image_size) if isinstance(image_size, int) else MapSize(*image_size)


def as_whole_number(value: object) -> object:
    """The int that a short string of digits stands for; anything else unchanged, for the check to refuse."""
    if isinstance(value, str) and len(value) <= 9 and value.strip().isdecimal():
        return int(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _check_whole(name: str, value: object, limits: tuple[int, int], more: str = "") -> int:
    low, high = limits
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise SpecError(name, value, f"use a whole number from {low} to {high}{more}")
    return value


def _checked_depths(value: object) -> tuple[int, ...]:
    low, high = BLOCK_LIMITS
    if (
        isinstance(value, (tuple, list))
        and STAGE_LIMITS[0] <= len(value) <= STAGE_LIMITS[1]
        and all(isinstance(n, int) and not isinstance(n, bool) and low <= n <= high for n in value)
    ):
        return tuple(value)
    raise SpecError(
        "depths", value, f"use one to {STAGE_LIMITS[1]} whole numbers from {low} to {high}, such as 3,4,6,3"
    )


def _checked_choice(name: str, value: object, kind: type[StrEnum]) -> StrEnum:
    try:
        return kind(value)  # type: ignore[arg-type]  # any object may come; the enum refuses what it does not know
    except ValueError:
        raise SpecError(name, value, f"use {' or '.join(repr(choice.value) for choice in kind)}") from None


def _from_text(name: str, value: object) -> object:
    if name == "depths":
        if isinstance(value, str):
            value = value.replace("-", ",").split(",")
        return tuple(as_whole_number(n) for n in value) if isinstance(value, (list, tuple)) else value
    if name in _SWITCHES:
        return _SWITCH_WORDS.get(value.lower(), value) if isinstance(value, str) else value
    return as_whole_number(value) if name in LIMITS else value
