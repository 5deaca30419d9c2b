"""Numbers that are in print and lead astray: misprints, rounded otherwise, or another network's. As data."""

from __future__ import annotations

from typing import NamedTuple

from resnext_viz.explanations.stated import Kind, StatedNumber
from resnext_viz.names import parse
from resnext_viz.spec import ResNeXtSpec


class Printed(NamedTuple):
    """A number in print."""

    network: str
    kind: Kind
    low: float
    high: float
    words: str


_PRINTED = (
    Printed("resnet50", Kind.PARAMS, 22.595e6, 22.605e6,
            "The model zoo of pycls prints 22.6 M params for ResNet-50: a misprint, it has 25,557,032."),
    Printed("resnet50", Kind.OPERATIONS, 3.795e9, 3.805e9,
            "He et al. 2015 print 3.8 G for ResNet-50: 3,857,973,248 MACs with the stride on the 1×1, cut off."),
    Printed("resnext101_32x4d", Kind.OPERATIONS, 7.795e9, 7.805e9,
            "The README of the authors’ code prints ~7.8 G for ResNeXt-101 (32×4d), ResNet-101’s; it has 7.97 G MACs."),
    Printed("resnext101_64x4d", Kind.OPERATIONS, 15.595e9, 15.605e9,
            "The README of the authors’ code prints ~15.6 G for ResNeXt-101 (64×4d), twice 7.8; it has 15.46 G MACs."),
)  # fmt: skip


def remark_on(number: StatedNumber, network: ResNeXtSpec | None) -> str:
    """What is known of this number in print; nothing for most."""
    for printed in _PRINTED:
        if network == parse(printed.network):
            for reading in number.readings:
                if reading.kind is printed.kind and printed.low <= number.value_in(reading) <= printed.high:
                    return printed.words
    return ""
