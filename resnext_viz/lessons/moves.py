"""Dials that may be moved so that a lesson has something to ask, the nearest values first."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from math import log2

from resnext_viz.complexity import complexity
from resnext_viz.design_space import Quantity, equal_cost_row
from resnext_viz.errors import SpecError
from resnext_viz.lessons.dialled_network import DialledNetwork
from resnext_viz.lessons.lesson import Dial, Move
from resnext_viz.names import PRESETS, name_of
from resnext_viz.spec import LIMITS, BlockKind, ResNeXtSpec


def other_cardinalities(dialled: DialledNetwork) -> Iterator[Move]:
    """The cardinality C moved to a power of two, with all else as it is."""
    spec = dialled.spec
    for value in _powers("cardinality", spec.cardinality):
        yield from _dialled(dialled, Dial.CARDINALITY, str(value), cardinality=value)


def other_widths(dialled: DialledNetwork) -> Iterator[Move]:
    """The width d moved to where the network costs the MACs of the baseline, then to a power of two."""
    spec = dialled.spec
    with suppress(SpecError):
        value = _equal_width(spec, dialled.baseline, spec.cardinality, dialled)
        yield from _dialled(dialled, Dial.BASE_WIDTH, str(value), base_width=value)
    for value in _powers("base_width", spec.base_width):
        yield from _dialled(dialled, Dial.BASE_WIDTH, str(value), base_width=value)


def other_baselines(dialled: DialledNetwork) -> Iterator[Move]:
    """The same network with one path at the same MACs as the baseline, then the presets."""
    spec = dialled.spec
    with suppress(SpecError):
        one = replace(spec, cardinality=1, base_width=_equal_width(spec, spec, 1, dialled))
        yield Move(Dial.BASELINE, name_of(one), replace(dialled, baseline=one))
    for name, preset in PRESETS.items():
        yield Move(Dial.BASELINE, name, replace(dialled, baseline=preset))


def other_networks(dialled: DialledNetwork) -> Iterator[Move]:
    """The same network with bottlenecks, then the presets, those with as many layers first; then all dials reset."""
    spec = dialled.spec
    if spec.block is BlockKind.BASIC:
        bottleneck = replace(spec, block=BlockKind.BOTTLENECK)
        yield Move(Dial.NETWORK, name_of(bottleneck), replace(dialled, spec=bottleneck))
    for name, preset in sorted(PRESETS.items(), key=lambda row: abs(row[1].layer_count - spec.layer_count)):
        yield Move(Dial.NETWORK, name, replace(dialled, spec=preset))
    start = DialledNetwork(study=dialled.study)
    yield Move(Dial.RESET, name_of(start.spec), start)


def _dialled(dialled: DialledNetwork, dial: Dial, value: str, **options: int) -> Iterator[Move]:
    with suppress(SpecError):
        spec = replace(dialled.spec, **options)  # type: ignore[arg-type]  # whole numbers are what these dials hold
        if spec != dialled.spec:
            yield Move(dial, value, replace(dialled, spec=spec))


def _powers(name: str, near: int) -> list[int]:
    """The powers of two that a dial may hold, the nearest first."""
    low, high = LIMITS[name]
    powers = [1 << place for place in range(high.bit_length()) if low <= 1 << place <= high]
    return sorted(powers, key=lambda value: abs(log2(value / near)))


def _equal_width(spec: ResNeXtSpec, budget_of: ResNeXtSpec, cardinality: int, dialled: DialledNetwork) -> int:
    """The whole d that brings `spec` with that C nearest to the MACs of another network."""
    macs = complexity(budget_of, dialled.size).macs
    return equal_cost_row(spec, Quantity.MACS, macs, cardinality, dialled.size).base_width
