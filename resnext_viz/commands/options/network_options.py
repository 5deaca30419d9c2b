"""The options that dial a network, one for each field of the spec; they override the network that is named."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence

from resnext_viz.names import parse
from resnext_viz.spec import (
    FIELDS,
    IMAGE_LIMITS,
    BlockKind,
    ImageSize,
    OutputRule,
    ResNeXtSpec,
    Stem,
    StrideOn,
    check_image_size,
    check_square,
)

DEFAULT_NETWORK = "resnext50_32x4d"
# Field -> (what stands for the value; none for a switch, help).
_HELP: Mapping[str, tuple[str, str]] = {
    "depths": ("N,N,N,N", "blocks in each stage, one to four stages"),
    "cardinality": ("C", "paths of a block = groups of its 3x3"),
    "base_width": ("D", "width of one path in the first stage"),
    "block": ("|".join(BlockKind), "block with three layers or with two"),
    "expansion": ("N", "channels a block puts out, over 64, 128, 256, 512"),
    "stem": ("|".join(Stem), "7x7 and pool, 3x3, or 3x3 and pool"),
    "stride_on": ("|".join(StrideOn), "which convolution halves the map"),
    "shortcut": ("", "shortcuts on or off"),
    "conv_bias": ("", "bias in every convolution"),
    "output_rule": ("|".join(OutputRule), "block output: expansion x 64 x 2^s, or 2 x C x d x 2^s"),
    "num_classes": ("K", "outputs of the linear layer"),
    "head": ("", "pooling and linear layer on or off"),
    "in_channels": ("N", "channels of the image"),
}


def add_network(parser: argparse.ArgumentParser, is_required: bool = False) -> None:
    """The name of a network, and the options that override it; `asked_network` reads them."""
    nargs, words = (
        ("+", "such as resnext50_32x4d or 'ResNeXt-50 (32x4d)'")
        if is_required
        else ("*", f"the network; default: {DEFAULT_NETWORK}")
    )
    parser.add_argument("name", nargs=nargs, metavar="NAME", help=words)
    add_network_options(parser)


def add_network_options(parser: argparse.ArgumentParser) -> None:
    """One option for each field of the spec; those not given leave no trace in the namespace.

    Values stay text: the spec understands and checks them.
    """
    group = parser.add_argument_group("network options, which override the named network")
    for name in FIELDS:
        metavar, words = _HELP[name]
        option = f"--{name.replace('_', '-')}"
        if metavar:
            group.add_argument(option, metavar=metavar, default=argparse.SUPPRESS, help=words)
        else:
            group.add_argument(option, action=argparse.BooleanOptionalAction, default=argparse.SUPPRESS, help=words)


def add_image_size(parser: argparse.ArgumentParser, when: str = "") -> None:
    """`--image-size`, with a word before its help on when it counts; `given_image_size` reads it."""
    parser.add_argument(
        "--image-size",
        metavar="N|HxW",
        help=f"{when}side of a square image, or height x width, in pixels, {IMAGE_LIMITS[0]} to {IMAGE_LIMITS[1]}; "
        "default: 224, or 32 for CIFAR stems",
    )


def given_square(arguments: argparse.Namespace) -> int | None:
    """The side that was given, or None, where squares are all that can be had.

    Raises:
        SpecError: it is another shape, or out of range.
    """
    return None if arguments.image_size is None else check_square(arguments.image_size)


def given_image_size(arguments: argparse.Namespace) -> ImageSize | None:
    """The side, or height and width, that were given, or None.

    Raises:
        SpecError: it is out of range.
    """
    return None if arguments.image_size is None else check_image_size(arguments.image_size)


def given_options(arguments: argparse.Namespace) -> dict[str, object]:
    """The network options that were given."""
    return {name: value for name, value in vars(arguments).items() if name in FIELDS}


def asked_network(arguments: argparse.Namespace) -> ResNeXtSpec:
    """The network that is named, or `DEFAULT_NETWORK`, with the given options in place of its own.

    Raises:
        SpecError: the name is not understood, or an option does not fit.
    """
    return named_network(arguments.name or [DEFAULT_NETWORK], arguments)


def named_network(words: Sequence[str], arguments: argparse.Namespace) -> ResNeXtSpec:
    """The network called `words`, with the given options in place of its own.

    Raises:
        SpecError: the name is not understood, or an option does not fit.
    """
    return parse(" ".join(words)).with_options(**given_options(arguments))
