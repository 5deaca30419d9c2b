"""Canonical names: family, layers, C×d and then only what is not the default.

`resnext50_32x4d`, `resnext29_8x64d_cifar10`, `resnet50_stride1x1`, `resnext50_32x4d_b3-4-8-3_bias`.
`parse(name_of(spec)) == spec` for every spec.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from resnext_viz.names.depths import DEFAULT_EXPANSION, IMAGENET_SHAPES, usual_shape
from resnext_viz.names.told import Told
from resnext_viz.spec import BlockKind, OutputRule, ResNeXtSpec, Stem, StrideOn


def name_of(spec: ResNeXtSpec) -> str:
    """The canonical name of `spec`; `parse` gives the same spec back."""
    cifar = spec.stem is not Stem.IMAGENET
    plain = spec.cardinality == 1 and spec.base_width == 64
    parts = [f"{'resnet' if spec.cardinality == 1 else 'resnext'}{spec.layer_count}"]
    if not plain:
        parts.append(f"{spec.cardinality}x{spec.base_width}d")
    if cifar:
        parts.append(f"{spec.stem.value}{spec.num_classes}")
    if usual_shape(spec.layer_count, cifar) != (spec.depths, spec.block):
        parts.append("b" + "-".join(map(str, spec.depths)))
        if spec.block is BlockKind.BASIC:
            parts.append("basic")
    if spec.expansion != DEFAULT_EXPANSION[spec.block]:
        parts.append(f"x{spec.expansion}")
    parts += [
        word
        for word, holds in (
            ("stride1x1", spec.stride_on is StrideOn.CONV1X1),
            ("noshortcut", not spec.shortcut),
            ("bias", spec.conv_bias),
            ("out2cd", spec.output_rule is OutputRule.WIDTH),
            (f"k{spec.num_classes}", not cifar and spec.num_classes != 1000),
            (f"in{spec.in_channels}", spec.in_channels != 3),
            ("features", not spec.head),
        )
        if holds
    ]
    return "_".join(parts)


def _option(**options: Any) -> Callable[[Told, tuple[str, ...]], None]:
    """Sets these options; one that is None takes what stands behind the token's letter."""

    def take(told: Told, groups: tuple[str, ...]) -> None:
        for option, value in options.items():
            told.tell(option, groups[0] if value is None else value)

    return take


def _family(told: Told, groups: tuple[str, ...]) -> None:
    told.tell_family(groups[0])
    if groups[1]:
        told.tell_layers(groups[1])


def _paths(told: Told, groups: tuple[str, ...]) -> None:
    told.tell_paths(*groups)


def _stem(told: Told, groups: tuple[str, ...]) -> None:
    told.tell("stem", Stem(groups[0]))
    told.tell("num_classes", groups[1])


_GENERAL = (
    (r"(resnext|resnet)(\d{1,6})?", _family),
    (r"(\d{1,6})x(\d{1,6})d", _paths),
    (r"(cifar)(\d{1,6})", _stem),
)
# What nobody but this program writes, so it is read in canonical names only.
_OWN = (
    (r"(cifarpool)(\d{1,6})", _stem),
    (r"b(\d{1,6}(?:-\d{1,6})*)", _option(depths=None)),
    (r"basic", _option(block=BlockKind.BASIC)),
    (r"x(\d{1,6})", _option(expansion=None)),
    (r"stride1x1", _option(stride_on=StrideOn.CONV1X1)),
    (r"noshortcut", _option(shortcut=False)),
    (r"bias", _option(conv_bias=True)),
    (r"out2cd", _option(output_rule=OutputRule.WIDTH)),
    (r"k(\d{1,6})", _option(num_classes=None)),
    (r"in(\d{1,6})", _option(in_channels=None)),
    (r"features", _option(head=False)),
)
_TOKENS = tuple((re.compile(pattern), take) for pattern, take in _GENERAL + _OWN)
_OWN_TOKEN = re.compile("|".join(pattern for pattern, _ in _OWN))


def is_own_token(token: str) -> bool:
    """Whether that is a token of canonical names which is read nowhere else."""
    return _OWN_TOKEN.fullmatch(token) is not None


def read_canonical(text: str) -> Told | None:
    """What a canonical name tells, its tokens in any order, each once, C×d where it is not the family's; else None."""
    told, used = Told(text), set[str]()
    for token in text.split("_"):
        for pattern, take in _TOKENS:
            match = pattern.fullmatch(token)
            if match and pattern.pattern not in used:
                used.add(pattern.pattern)
                take(told, match.groups())
                break
        else:
            return None
    return told if _has_a_shape(told) else None


def _has_a_shape(told: Told) -> bool:
    counted = told.layers is not None and (told.layers in IMAGENET_SHAPES or "stem" in told.options)
    return told.family is not None and (counted or "depths" in told.options)
