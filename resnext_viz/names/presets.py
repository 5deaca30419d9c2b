"""Presets: the networks of the paper and others, by canonical name, in the groups under which the app offers them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from resnext_viz.errors import SpecError
from resnext_viz.names.reader import parse
from resnext_viz.names.titles import title_of
from resnext_viz.spec import ResNeXtSpec

# Every preset stands here once. `explanations/search.py` ranks those that a number without a network is searched in.
PRESET_GROUPS: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "50 layers": ("resnet50", "resnext50_2x40d", "resnext50_4x24d", "resnext50_8x14d", "resnext50_32x4d"),
    "101 layers": ("resnet101", "resnext101_2x40d", "resnext101_4x24d", "resnext101_8x14d", "resnext101_32x4d"),
    "Twice the cost and more": (
        "resnet101_1x100d", "resnext101_2x64d", "resnext101_64x4d", "resnext101_32x8d", "resnet152", "resnet200",
        "resnext152_64x4d",
        "resnet50_1x128d", "resnet101_1x128d",  # torchvision's wide_resnet50_2 and wide_resnet101_2
    ),
    "Two-layer blocks": ("resnet18", "resnet34"),
    "CIFAR": (
        "resnet29_cifar10", "resnext29_2x64d_cifar10", "resnext29_4x64d_cifar10", "resnext29_8x64d_cifar10",
        "resnext29_16x64d_cifar10", "resnext29_32x4d_cifar10", "resnext29_8x64d_cifar100", "resnext29_16x64d_cifar100",
        "resnet29_1x128d_cifar10", "resnet29_1x192d_cifar10", "resnet29_1x256d_cifar10",  # of Fig. 7
        "resnext29_8x112d_cifar10_x14", "resnext20_4x32d_cifar10", "resnext38_2x24d_cifar100_x2",
        "resnext20_4x32d_cifarpool10_x1", "resnet20_1x71d_cifarpool10_x1",  # the bundled networks
    ),
    "Mistakes and parts": (
        "resnext50_32x4d_bias_out2cd", "resnext50_8x64d_bias_out2cd_k10", "resnext50_32x4d_features",
    ),
})  # fmt: skip

PRESETS: Mapping[str, ResNeXtSpec] = MappingProxyType(
    {name: parse(name) for names in PRESET_GROUPS.values() for name in names}
)


@cache
def listed_titles() -> Mapping[str, str]:
    """Titles of the presets as a list shows them, by name: those that would read alike tell their classes."""
    alike = Counter(map(title_of, PRESETS.values()))
    return MappingProxyType({
        name: title_of(spec) + (f", {spec.num_classes} classes" if alike[title_of(spec)] > 1 else "")
        for name, spec in PRESETS.items()
    })  # fmt: skip


def preset(name: str) -> ResNeXtSpec:
    """The preset of that canonical name.

    Raises:
        SpecError: there is none.
    """
    if name not in PRESETS:
        raise SpecError("preset", name, f"use one of {', '.join(PRESETS)}")
    return PRESETS[name]
