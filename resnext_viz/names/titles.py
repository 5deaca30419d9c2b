"""Titles: the names of networks for people."""

from __future__ import annotations

from resnext_viz.names.depths import DEFAULT_EXPANSION
from resnext_viz.spec import OutputRule, ResNeXtSpec, Stem, StrideOn

TITLES = {
    "grouped": "ResNeXt-{layers} ({cardinality}×{base_width}d)",
    "plain": "ResNet-{layers}",  # C = 1 and d = 64
    "wide": "ResNet-{layers} (1×{base_width}d)",
}


def title_of(spec: ResNeXtSpec) -> str:
    """The name for people: "ResNeXt-50 (32×4d)"; CIFAR networks and unusual options are said behind it."""
    kind = "grouped" if spec.cardinality > 1 else "plain" if spec.base_width == 64 else "wide"
    return TITLES[kind].format(layers=spec.layer_count, **vars(spec)) + remarks_of(spec)


def remarks_of(spec: ResNeXtSpec) -> str:
    """What a title says behind the family, layers and C×d: ", CIFAR, no shortcuts", or nothing."""
    expansion = DEFAULT_EXPANSION[spec.block]
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
