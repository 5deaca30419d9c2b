"""Numbers that are in print and lead astray: misprints, rounded otherwise, or another network's. As data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from resnext_viz.explanations.stated import IN_1024S, Kind, StatedNumber
from resnext_viz.names import parse, title_of
from resnext_viz.spec import ResNeXtSpec


class Printed(NamedTuple):
    """A number in print."""

    network: str
    kind: Kind
    low: float
    high: float
    words: str
    is_known: bool = False  # so much theirs that it is told of a number without a network, too


_DIGITS = 3
# Params of the models trained on billions of pictures (WSL), in millions: printed, counted.
_WSL = {"resnext101_32x16d": (193, 194.03), "resnext101_32x32d": (466, 468.53), "resnext101_32x48d": (829, 828.41)}
# PaddleClas: FLOPs and params printed, and what they are without the grouped 3×3s (and the linear layer's bias).
_PADDLE = {
    "resnext50_32x4d": (8.02, 7.999, 23.64, 23.613), "resnext101_32x4d": (15.01, 14.986, 41.54, 41.509),
    "resnext152_32x4d": (22.01, 21.974, 56.28, 56.250), "resnext50_64x4d": (15.06, 15.038, 42.36, 42.362),
    "resnext101_64x4d": (29.05, 29.013, 78.12, 78.118), "resnext152_64x4d": (43.03, 42.988, 107.57, 107.570),
}  # fmt: skip


def _wsl(network: str, printed: int, counted: float) -> Printed:
    words = f"The table of the WSL models prints {printed} M for {title_of(parse(network))}: it has {counted} M params."
    return Printed(network, Kind.PARAMS, (printed - 0.5) * 1e6, (printed + 0.5) * 1e6, words, is_known=True)


def _paddle(network: str, flops: float, left: float, params: float, rest: float) -> Iterator[Printed]:
    told = f"PaddleClas’ table prints {flops} G FLOPs and {params} M params for {title_of(parse(network))}"
    without = f"two for each multiply-add without the grouped 3×3s are {left} G"
    words = f"{told}: {without}, and params without them and the linear layer’s bias {rest:.3f} M"
    words += "." if abs(params - rest) < 0.005 else ". What else it counts is not known."
    yield Printed(network, Kind.OPERATIONS, (flops - 0.005) * 1e9, (flops + 0.005) * 1e9, words, is_known=True)
    yield Printed(network, Kind.PARAMS, (params - 0.005) * 1e6, (params + 0.005) * 1e6, words, is_known=True)


_PRINTED = (
    Printed("resnet50", Kind.PARAMS, 22.595e6, 22.605e6,
            "The model zoo of pycls prints 22.6 M params for ResNet-50: a misprint, it has 25,557,032."),
    Printed("resnet50", Kind.OPERATIONS, 3.795e9, 3.805e9,
            "He et al. 2015 print 3.8 G for ResNet-50: 3,857,973,248 MACs with the stride on the 1×1, cut off."),
    Printed("resnext101_32x4d", Kind.OPERATIONS, 7.795e9, 7.805e9,
            "The README of the authors’ code prints ~7.8 G for ResNeXt-101 (32×4d), ResNet-101’s; it has 7.97 G MACs."),
    Printed("resnext101_64x4d", Kind.OPERATIONS, 15.595e9, 15.605e9,
            "The README of the authors’ code prints ~15.6 G for ResNeXt-101 (64×4d), twice 7.8; it has 15.46 G MACs."),
    *(_wsl(network, *numbers) for network, numbers in _WSL.items()),
    *(printed for network, numbers in _PADDLE.items() for printed in _paddle(network, *numbers)),
)  # fmt: skip


def remark_on(number: StatedNumber, network: ResNeXtSpec | None) -> str:
    """What is known of this number in print; nothing for most."""
    for printed in _PRINTED:
        if network == parse(printed.network) or (network is None and printed.is_known and _is_exact(number)):
            for reading in number.readings:
                is_plain = reading.kind is printed.kind and reading.farness < IN_1024S
                if is_plain and printed.low <= number.value_in(reading) <= printed.high:
                    return printed.words
    return ""


def _is_exact(number: StatedNumber) -> bool:
    """Whether enough digits are given to know whose number it is."""
    return number.digits >= _DIGITS
