"""Lesson 4, cheap, not fast: whether MACs tell the time that a network takes on this machine (latency)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from math import inf

from resnext_viz.comparison import Workload, movement
from resnext_viz.complexity import Complexity, complexity
from resnext_viz.kit.number_format import exact, percent, signed_percent
from resnext_viz.kit.timing import PAIR_ROUNDS
from resnext_viz.layers import Part
from resnext_viz.lessons.dialled_network import DialledNetwork
from resnext_viz.lessons.lesson import Choice, Lesson, LessonPage, MeasuredState, Move, Obstacle, RuleValue, Step
from resnext_viz.lessons.measured import TimeMeasured
from resnext_viz.lessons.messages import ENGLISH
from resnext_viz.lessons.moves import other_baselines, other_cardinalities, other_networks, other_widths
from resnext_viz.names import title_of
from resnext_viz.spec import BlockKind

EQUAL = 0.1  # as a share: what counts as the same cost, and as the same time
EDGES = (0.0, 1 - EQUAL, 1 + EQUAL, 2.0, inf)  # of the ratio's bins, the lower one included
_KEYS = ("A", "B", "C", "D")
_MOST_BINS = 2  # an interval that holds more decides nothing


@dataclass(frozen=True)
class TimeOfMacs:
    """Facts: what both networks cost and move, and the ratio of their times, if that was measured."""

    dialled: DialledNetwork
    ours: Complexity
    theirs: Complexity
    measured: TimeMeasured | None

    @property
    def bins(self) -> frozenset[str]:
        """Keys of the bins that the measured interval touches."""
        if self.measured is None:
            return frozenset()
        first, last = bin_of(self.measured.low), bin_of(self.measured.high)
        return frozenset(_KEYS[first : last + 1])

    @property
    def measurement(self) -> MeasuredState:
        if self.measured is None:
            return MeasuredState.MISSING
        return MeasuredState.UNCERTAIN if len(self.bins) > _MOST_BINS else MeasuredState.DONE

    @property
    def right(self) -> frozenset[str]:
        return self.bins if self.measurement is MeasuredState.DONE else frozenset()

    @property
    def variants(self) -> Mapping[str, str]:
        if self.measured is None:
            return {}
        is_single = self.measured.one_image_ratio is not None
        straddles = {"reveal": "two"} if len(self.bins) == _MOST_BINS else {}
        return straddles if is_single else {**straddles, "more_answer": "not_measured"}

    @cached_property
    def words(self) -> Mapping[str, str]:
        ours, theirs = (_transform_share(counts) for counts in (self.ours, self.theirs))
        batch = self.measured.batch if self.measured else max(PAIR_ROUNDS)
        loads = [_moved(self.dialled, counts, batch) for counts in (self.ours, self.theirs)]
        known = {}
        if self.measured:
            known = {
                "ratio": _times(self.measured.ratio),
                "low": _times(self.measured.low),
                "high": _times(self.measured.high),
                "one_image": _times(self.measured.one_image_ratio or 0.0),
            }
        return known | {
            "network": title_of(self.dialled.spec),
            "baseline": title_of(self.dialled.baseline),
            "cardinality": exact(self.dialled.spec.cardinality),
            "ours_share": percent(ours),
            "theirs_share": percent(theirs),
            "macs": signed_percent(self.ours.macs / self.theirs.macs - 1),
            "batch": exact(batch),
            "single": exact(1),
            "less": _times(EDGES[1]),
            "more_than": _times(EDGES[2]),
            "twice": _times(EDGES[3]),
            "promised": _times(1 - theirs + theirs / self.dialled.spec.cardinality),
            "tolerance": percent(EQUAL, 0),
            "ours_intensity": f"{loads[0].intensity:.1f}",
            "theirs_intensity": f"{loads[1].intensity:.1f}",
        }

    def link(self, _step: Step) -> Mapping[str, str]:
        """The dials say it all: the comparison is of network and baseline."""
        return {}


def bin_of(ratio: float) -> int:
    """Which of the bins between `EDGES` a ratio of times falls into, from 0."""
    return max(place for place, edge in enumerate(EDGES[:-1]) if ratio >= edge)


def _times(ratio: float) -> str:
    return f"{ratio:.2f}"


def _transform_share(counts: Complexity) -> float:
    """The share of the MACs that the 3x3 of the blocks do."""
    return sum(layer.macs for layer in counts.layers if layer.part is Part.TRANSFORM) / counts.macs


def _moved(dialled: DialledNetwork, counts: Complexity, batch: int) -> Workload:
    return movement(counts.walk.spec, dialled.size, batch).convolutions


def _facts(dialled: DialledNetwork, measured: object) -> TimeOfMacs | Obstacle:
    spec, baseline = dialled.spec, dialled.baseline
    if spec.block is BlockKind.BASIC:
        return Obstacle("basic")
    if spec.cardinality == 1:
        return Obstacle("one_path")
    ours, theirs = complexity(spec, dialled.size), complexity(baseline, dialled.size)
    if spec == baseline:
        return Obstacle("same_network")
    if abs(ours.macs / theirs.macs - 1) > EQUAL:
        words = {"macs": signed_percent(ours.macs / theirs.macs - 1), "tolerance": percent(EQUAL, 0)}
        return Obstacle("other_macs", words)
    if _transform_share(ours) >= _transform_share(theirs):
        return Obstacle("no_cheaper_transform")
    taken = measured if isinstance(measured, TimeMeasured) else None
    if taken and (taken.spec, taken.baseline, taken.image_size) != (spec, baseline, dialled.size):
        taken = None
    return TimeOfMacs(dialled, ours, theirs, taken)


def _moves(dialled: DialledNetwork) -> Iterator[Move]:
    yield from other_baselines(dialled)
    yield from other_widths(dialled)
    yield from other_cardinalities(dialled)
    yield from other_networks(dialled)


def _bin(place: int) -> RuleValue:
    return RuleValue((EDGES[place], EDGES[place + 1]), {})


def _follows_the_groups(_: TimeOfMacs) -> RuleValue:
    return _bin(0)


def _follows_the_macs(_: TimeOfMacs) -> RuleValue:
    return _bin(1)


def _moves_more(_: TimeOfMacs) -> RuleValue:
    return _bin(2)


def _each_path_waits(_: TimeOfMacs) -> RuleValue:
    return _bin(3)


LESSON: Lesson[TimeOfMacs] = Lesson(
    "time", 4, LessonPage.COUNTING,
    (
        Choice("A", _follows_the_groups, "facebookresearch/Detectron#628"),
        Choice("B", _follows_the_macs, "Cadene/pretrained-models.pytorch#8"),
        Choice("C", _moves_more),
        Choice("D", _each_path_waits),
    ),
    _facts, _moves, ENGLISH, TimeMeasured,
)  # fmt: skip
