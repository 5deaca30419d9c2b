"""Quantities that a lesson from a file may name: what each is of the dialled network, and how it is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from resnext_viz.complexity import complexity
from resnext_viz.design_space import Quantity, total_polynomial
from resnext_viz.kit.number_format import exact, percent
from resnext_viz.lessons.block_cost_lesson import LESSON
from resnext_viz.lessons.dialled_network import DialledNetwork
from resnext_viz.lessons.lesson import Obstacle


class LessonQuantity(NamedTuple):
    """One quantity: its value, or None where a network has none, and its text."""

    meaning: str
    value: Callable[[DialledNetwork], float | None]
    text: Callable[[float], str]


def _whole(value: float) -> str:
    return exact(int(value))


def _times(value: float) -> str:
    return f"{value:.2f}"


def _params(dialled: DialledNetwork) -> float:
    return complexity(dialled.spec, dialled.size).params


def _macs(dialled: DialledNetwork) -> float:
    return complexity(dialled.spec, dialled.size).macs


def _acts(dialled: DialledNetwork) -> float:
    return complexity(dialled.spec, dialled.size).acts


def _baseline_params(dialled: DialledNetwork) -> float:
    return complexity(dialled.baseline, dialled.size).params


def _baseline_macs(dialled: DialledNetwork) -> float:
    return complexity(dialled.baseline, dialled.size).macs


def _macs_ratio(dialled: DialledNetwork) -> float:
    return _macs(dialled) / _baseline_macs(dialled)


def _block_params(dialled: DialledNetwork) -> float | None:
    if dialled.spec.depths[0] < 2:
        return None
    polynomial = total_polynomial(dialled.spec, Quantity.BLOCK_PARAMS)
    return polynomial.at(dialled.spec.cardinality, dialled.spec.base_width)


def _share_of_1x1(dialled: DialledNetwork) -> float | None:
    facts = LESSON.facts(dialled, None)
    return None if isinstance(facts, Obstacle) else facts.pair / facts.total


def _cardinality(dialled: DialledNetwork) -> float:
    return dialled.spec.cardinality


def _base_width(dialled: DialledNetwork) -> float:
    return dialled.spec.base_width


def _layers(dialled: DialledNetwork) -> float:
    return dialled.spec.layer_count


QUANTITIES: Mapping[str, LessonQuantity] = {
    "params": LessonQuantity("parameters of the network", _params, _whole),
    "macs": LessonQuantity("MACs of the network for one image", _macs, _whole),
    "acts": LessonQuantity("activations of the network for one image", _acts, _whole),
    "block_params": LessonQuantity("weights of the second block of stage 1", _block_params, _whole),
    "share_of_1x1": LessonQuantity("share of a block’s weights in its 1×1 convolutions, 0 to 1", _share_of_1x1,
                                   percent),
    "cardinality": LessonQuantity("C", _cardinality, _whole),
    "base_width": LessonQuantity("d", _base_width, _whole),
    "layers": LessonQuantity("layers with weights", _layers, _whole),
    "baseline_params": LessonQuantity("parameters of the baseline", _baseline_params, _whole),
    "baseline_macs": LessonQuantity("MACs of the baseline for one image", _baseline_macs, _whole),
    "macs_ratio": LessonQuantity("MACs of the network over those of the baseline", _macs_ratio, _times),
}  # fmt: skip
