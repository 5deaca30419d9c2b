"""Names of networks: a canonical one for every spec, titles for people, and a reader for the dialects people write.

Canonical: family, layers, C×d and then only what is not the default, `resnext50_32x4d`, `resnext29_8x64d_cifar10`,
`resnet50_stride1x1`, `resnext50_32x4d_b3-4-8-3_bias`. `parse(name_of(spec)) == spec` for every spec.
Dialects: "ResNeXt-50 (32×4d)", `ResNeXt50_32X4D_Weights.IMAGENET1K_V2`, `wide_resnet50_2`,
"groups=32, width_per_group=4".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from resnext_viz.errors import SpecError
from resnext_viz.spec import BlockKind, OutputRule, ResNeXtSpec, Stem, StrideOn, whole_number

MAX_NAME_LENGTH = 200
_EXAMPLES = "write it like resnext50_32x4d, 'ResNeXt-101 (64x4d)', resnet50 or resnext29_8x64d_cifar10"

# Layers -> (blocks in each stage, block), He et al. 2015 Table 1 and 2016; 26 as in timm.
_IMAGENET_DEPTHS: dict[int, tuple[tuple[int, ...], BlockKind]] = {
    18: ((2, 2, 2, 2), BlockKind.BASIC),
    26: ((2, 2, 2, 2), BlockKind.BOTTLENECK),
    34: ((3, 4, 6, 3), BlockKind.BASIC),
    50: ((3, 4, 6, 3), BlockKind.BOTTLENECK),
    101: ((3, 4, 23, 3), BlockKind.BOTTLENECK),
    152: ((3, 8, 36, 3), BlockKind.BOTTLENECK),
    200: ((3, 24, 36, 3), BlockKind.BOTTLENECK),
}
_CIFAR_STAGES = 3
TITLES = {
    "grouped": "ResNeXt-{layers} ({cardinality}×{base_width}d)",
    "plain": "ResNet-{layers}",  # C = 1 and d = 64
    "wide": "ResNet-{layers} (1×{base_width}d)",
}
_DEFAULT_EXPANSION = {BlockKind.BOTTLENECK: 4, BlockKind.BASIC: 1}

_ALIASES = {
    "c": "cardinality", "groups": "cardinality", "cardinality": "cardinality",
    "d": "base_width", "width_per_group": "base_width", "base_width": "base_width", "basewidth": "base_width",
    "bottleneck_width": "base_width",
    "expansion": "expansion", "widen_factor": "expansion", "num_classes": "num_classes", "nb_classes": "num_classes",
    "nlabels": "num_classes", "in_channels": "in_channels", "in_chans": "in_channels",
    "layers": "layers", "depth": "layers", "stem": "stem", "block": "block",
}  # fmt: skip


def parse(text: str) -> ResNeXtSpec:
    """The spec that a name stands for.

    Raises:
        SpecError: the name is not understood, or names a network that cannot exist.
    """
    if not isinstance(text, str) or not text.strip() or len(text) > MAX_NAME_LENGTH:
        raise SpecError("name", text, _EXAMPLES)
    plain = text.strip().lower().replace("×", "x")
    pairs = dict(re.findall(r"(\w+)\s*=\s*([\w-]+)", plain))
    plain = re.sub(r"\w+\s*=\s*[\w-]+", " ", plain)
    plain = re.sub(r"^(torchvision|timm)\.(models\.)?|_weights\b.*|\.\w+$", "", plain)  # paths, weight enums, tags
    plain = re.sub(r"(resnext|resnet|cifar)[\s_-]+(?=\d+(?![\dx]))", r"\1", plain)  # "ResNeXt-50" -> "resnext50"
    plain = re.sub(r"(?<=\bb)\d+(-\d+)+|(?<=_b)\d+(-\d+)+", lambda depths: depths[0].replace("-", "+"), plain)
    found = _Found(text)
    for token in re.split(r"[\s_,;:()/\[\]-]+", plain):
        if token:
            found.read(token)
    for key, value in pairs.items():
        found.read_pair(key, value)
    return found.spec()


class _Found:
    """What the tokens of one name have told so far."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.options: dict[str, Any] = {}
        self.layers: int | None = None
        self.is_resnext: bool | None = None
        self.is_wide = False

    def read(self, token: str) -> None:
        for pattern, take in _TOKENS:
            match = pattern.fullmatch(token)
            if match:
                take(self, *match.groups())
                return
        if self.is_wide and token.isdecimal():  # wide_resnet50_2
            self.options["base_width"] = 64 * int(token[:6])
            return
        raise SpecError("name", self.text, f"{token[:40]!r} in it is not understood; {_EXAMPLES}")

    def read_pair(self, key: str, value: str) -> None:
        if key not in _ALIASES:
            raise SpecError("name", self.text, f"{key[:40]!r} is no option; use one of {', '.join(sorted(_ALIASES))}")
        field = _ALIASES[key]
        if field == "layers":
            self.take_layers(value)
        else:
            self.options[field] = value

    def take_family(self, wide: str | None, family: str, layers: str | None) -> None:
        self.is_wide = self.is_wide or bool(wide)
        self.is_resnext = family == "resnext"
        if layers:
            self.take_layers(layers)

    def take_layers(self, layers: str) -> None:
        number = whole_number(layers)
        if not isinstance(number, int):
            raise SpecError("layers", layers, "use a whole number such as 50")
        self.layers = number

    def take_paths(self, cardinality: str, base_width: str) -> None:
        self.options.update(cardinality=cardinality, base_width=base_width)

    def take_stem(self, stem: Stem) -> Callable[[str], None]:
        def take(classes: str) -> None:
            self.options["stem"] = stem
            if classes:
                self.options["num_classes"] = classes

        return take

    def spec(self) -> ResNeXtSpec:
        if self.is_resnext is None and not self.options:
            raise SpecError("name", self.text, _EXAMPLES)
        options = self.options
        if "cardinality" not in options and "base_width" not in options and self.is_resnext:
            options.update(cardinality=32, base_width=4)
        layers = 50 if self.layers is None else self.layers
        depths, block = self._shape(layers)
        options.setdefault("depths", depths)
        options.setdefault("block", block)
        options.setdefault("expansion", _DEFAULT_EXPANSION.get(options["block"], 4))
        if "num_classes" not in options and options.get("stem") in (Stem.CIFAR, Stem.CIFAR_POOL):
            options["num_classes"] = 10
        spec = ResNeXtSpec().with_options(**options)
        if self.layers is not None and spec.layer_count != self.layers:
            raise SpecError("layers", self.layers, f"blocks {spec.depths} make {spec.layer_count}")
        return spec

    def _shape(self, layers: int) -> tuple[tuple[int, ...], BlockKind]:
        """Blocks per stage and block kind of a number of layers; may settle the stem on CIFAR's."""
        if "depths" in self.options:
            return self.options["depths"], BlockKind.BOTTLENECK
        cifar = self.options.get("stem") in (Stem.CIFAR, Stem.CIFAR_POOL)
        if not cifar and layers in _IMAGENET_DEPTHS:
            return _IMAGENET_DEPTHS[layers]
        each, rest = divmod(layers - 2, 3 * _CIFAR_STAGES)
        if rest or each < 1:
            known = ", ".join(map(str, _IMAGENET_DEPTHS))
            raise SpecError("layers", layers, f"use {known}, or 9n+2 for CIFAR networks (11, 20, 29, ...)")
        self.options.setdefault("stem", Stem.CIFAR)
        return (each,) * _CIFAR_STAGES, BlockKind.BOTTLENECK


def _sets(**options: Any) -> Callable[..., None]:
    def take(found: _Found) -> None:
        found.options.update(options)

    return take


def _takes(name: str) -> Callable[[_Found, str], None]:
    def take(found: _Found, value: str) -> None:
        found.options[name] = value

    return take


# Written by `name_of` in this order; read in any.
_TOKENS: tuple[tuple[re.Pattern[str], Callable[..., None]], ...] = tuple(
    (re.compile(pattern), take)
    for pattern, take in (
        (r"(wide)?(resnext|resnet)(\d{1,6})?", _Found.take_family),
        (r"(wide)", lambda found, _: setattr(found, "is_wide", True)),
        (r"(\d{1,6})x(\d{1,6})d?", _Found.take_paths),
        (r"cifar(\d{0,6})", lambda found, classes: found.take_stem(Stem.CIFAR)(classes)),
        (r"cifarpool(\d{0,6})", lambda found, classes: found.take_stem(Stem.CIFAR_POOL)(classes)),
        (r"imagenet(?:1k)?", _sets()),
        (r"b(\d{1,6}(?:\+\d{1,6})*)", lambda found, depths: found.options.update(depths=depths.replace("+", ","))),
        (r"basic", _sets(block=BlockKind.BASIC)),
        (r"bottleneck", _sets(block=BlockKind.BOTTLENECK)),
        (r"x(\d{1,6})", _takes("expansion")),
        (r"stride1x1", _sets(stride_on=StrideOn.CONV1X1)),
        (r"noshortcut", _sets(shortcut=False)),
        (r"bias", _sets(conv_bias=True)),
        (r"out2cd", _sets(output_rule=OutputRule.WIDTH)),
        (r"k(\d{1,6})", _takes("num_classes")),
        (r"in(\d{1,6})", _takes("in_channels")),
        (r"features", _sets(head=False)),
    )
)


def name_of(spec: ResNeXtSpec) -> str:
    """The canonical name of `spec`; `parse` gives the same spec back."""
    cifar = spec.stem is not Stem.IMAGENET
    plain = spec.cardinality == 1 and spec.base_width == 64
    parts = [f"{'resnet' if spec.cardinality == 1 else 'resnext'}{spec.layer_count}"]
    if not plain:
        parts.append(f"{spec.cardinality}x{spec.base_width}d")
    if cifar:
        parts.append(f"{spec.stem.value}{spec.num_classes}")
    if _usual_shape(spec.layer_count, cifar) != (spec.depths, spec.block):
        parts.append("b" + "-".join(map(str, spec.depths)))
        if spec.block is BlockKind.BASIC:
            parts.append("basic")
    if spec.expansion != _DEFAULT_EXPANSION[spec.block]:
        parts.append(f"x{spec.expansion}")
    parts += [word for word, holds in (
        ("stride1x1", spec.stride_on is StrideOn.CONV1X1),
        ("noshortcut", not spec.shortcut),
        ("bias", spec.conv_bias),
        ("out2cd", spec.output_rule is OutputRule.WIDTH),
        (f"k{spec.num_classes}", not cifar and spec.num_classes != 1000),
        (f"in{spec.in_channels}", spec.in_channels != 3),
        ("features", not spec.head),
    ) if holds]
    return "_".join(parts)


def _usual_shape(layers: int, cifar: bool) -> tuple[tuple[int, ...], BlockKind] | None:
    if not cifar:
        return _IMAGENET_DEPTHS.get(layers)
    each, rest = divmod(layers - 2, 3 * _CIFAR_STAGES)
    return None if rest else ((each,) * _CIFAR_STAGES, BlockKind.BOTTLENECK)


def title_of(spec: ResNeXtSpec) -> str:
    """The name for people: "ResNeXt-50 (32×4d)"; CIFAR networks and unusual options are said behind it."""
    kind = "grouped" if spec.cardinality > 1 else "plain" if spec.base_width == 64 else "wide"
    return TITLES[kind].format(layers=spec.layer_count, **vars(spec)) + remarks_of(spec)


def remarks_of(spec: ResNeXtSpec) -> str:
    """What a title says behind the family, layers and C×d: ", CIFAR, no shortcuts", or nothing."""
    expansion = _DEFAULT_EXPANSION[spec.block]
    remarks = (
        ("CIFAR", spec.stem is Stem.CIFAR),
        ("CIFAR with pooled stem", spec.stem is Stem.CIFAR_POOL),
        (f"expansion {spec.expansion}", spec.expansion != expansion),
        ("stride on 1×1", spec.stride_on is StrideOn.CONV1X1),
        ("no shortcuts", not spec.shortcut),
        ("convolution bias", spec.conv_bias),
        ("output 2·C·d", spec.output_rule is OutputRule.WIDTH),
        ("features only", not spec.head),
    )
    return "".join(f", {words}" for words, holds in remarks if holds)


_PRESET_NAMES = (
    "resnet18", "resnet34", "resnet50", "resnet101", "resnet152", "resnet200",
    "resnext50_2x40d", "resnext50_4x24d", "resnext50_8x14d", "resnext50_32x4d",
    "resnext101_2x40d", "resnext101_4x24d", "resnext101_8x14d", "resnext101_32x4d",
    "resnext101_2x64d", "resnext101_64x4d", "resnext101_32x8d", "resnet101_1x100d", "resnext152_64x4d",
    "resnet50_1x128d", "resnet101_1x128d",  # torchvision's wide_resnet50_2 and wide_resnet101_2
    "resnet29_cifar10", "resnext29_2x64d_cifar10", "resnext29_4x64d_cifar10", "resnext29_8x64d_cifar10",
    "resnext29_16x64d_cifar10", "resnet29_1x128d_cifar10", "resnet29_1x192d_cifar10", "resnet29_1x256d_cifar10",
    "resnext29_8x64d_cifar100", "resnext29_16x64d_cifar100", "resnext29_32x4d_cifar10",
    "resnext29_8x112d_cifar10_x14", "resnext20_4x32d_cifar10", "resnext38_2x24d_cifar100_x2",
    "resnext50_32x4d_bias_out2cd", "resnext50_8x64d_bias_out2cd_k10",
    "resnext50_32x4d_features",
    "resnext20_4x32d_cifarpool10_x1", "resnet20_1x71d_cifarpool10_x1",  # the bundled networks
)  # fmt: skip

PRESETS: Mapping[str, ResNeXtSpec] = MappingProxyType({name: parse(name) for name in _PRESET_NAMES})


def preset(name: str) -> ResNeXtSpec:
    """The preset of that canonical name.

    Raises:
        SpecError: there is none.
    """
    if name not in PRESETS:
        raise SpecError("preset", name, f"use one of {', '.join(PRESETS)}")
    return PRESETS[name]
