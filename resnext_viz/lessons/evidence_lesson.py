"""Lesson 6, does cardinality help: what a study of a few seeds decides, and what it does not (statistical power)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations
from math import isfinite

from resnext_viz.kit.number_format import exact, percent, short
from resnext_viz.lessons.dialled_network import DialledNetwork
from resnext_viz.lessons.lesson import Choice, Dial, Lesson, LessonPage, MeasuredState, Move, Obstacle, RuleValue, Step
from resnext_viz.lessons.messages import ENGLISH
from resnext_viz.study.power import MOST_SEEDS, USUAL_POWER, seeds_to_decide
from resnext_viz.study.shipped_studies import shipped_runs, study_names
from resnext_viz.study.student import CONFIDENCE
from resnext_viz.study.summary import IntervalEstimate, SettingSummary, Summary, summarise
from resnext_viz.study.verdict import MINUS

_LEAST = 0.005  # points: what is less is shown as none


@dataclass(frozen=True)
class Evidence:
    """Facts: two rungs of a study's ladder, at equal MACs, and by how much the one with more paths is better."""

    study: str  # its name; empty for one that does not ship
    summary: Summary
    many: SettingSummary
    few: SettingSummary

    measurement = MeasuredState.DONE

    @cached_property
    def gain(self) -> IntervalEstimate:
        """Points of error that more paths take off."""
        return self.summary.gain(self.many, self.few)

    @property
    def right(self) -> frozenset[str]:
        if not self.gain.is_decided:
            return frozenset({"C"})
        return frozenset({"A" if self.gain.value > 0 else "B"})

    @cached_property
    def seeds_needed(self) -> int | None:
        return seeds_to_decide(self.summary, self.many, self.few)

    @property
    def variants(self) -> Mapping[str, str]:
        better = {} if self.gain.value > 0 else {"reveal": "worse"}
        return better if self.seeds_needed else {**better, "more_answer": "too_many"}

    @cached_property
    def words(self) -> Mapping[str, str]:
        run, gain = self.many.runs[0], self.gain
        return {
            "many": exact(self.many.setting.spec.cardinality),
            "few": exact(self.few.setting.spec.cardinality),
            "macs": short(run.target_macs, 0),
            "seeds": exact(len(self.many.by_seed.keys() & self.few.by_seed.keys())),
            "epochs": exact(run.epochs),
            "pictures": exact(run.train_pictures),
            "test_pictures": exact(run.test_pictures),
            "data": run.data,
            "many_error": _points(self.many.error.value),
            "few_error": _points(self.few.error.value),
            "points": _points(abs(gain.value)),
            "gain": _points(gain.value),
            "none": _points(0.0),
            "low": _points(gain.low),
            "high": _points(gain.high),
            "power": percent(USUAL_POWER, 0),
            "confidence": percent(CONFIDENCE, 0),
            "seeds_needed": exact(self.seeds_needed or 0),
            "most_seeds": exact(MOST_SEEDS),
        }

    def link(self, _step: Step) -> Mapping[str, str]:
        """The study."""
        return {"study": self.study} if self.study else {}


def _points(value: float) -> str:
    return f"{value:.2f}".replace("-", MINUS)


def evidence(summary: Summary, study: str = "") -> Evidence | Obstacle:
    """The two rungs that a study is asked about: its last one and the farthest that the data does not tell from it.

    Where all are told apart, its last and its first; never two whose difference is shown as none.
    """
    pairs = [Evidence(study, summary, many, few) for few, many in combinations(summary.ladder, 2)]
    fit = [pair for pair in pairs if isfinite(pair.gain.half) and abs(pair.gain.value) >= _LEAST]
    if not fit:
        return Obstacle("no_ladder")
    last = [pair for pair in fit if pair.many is summary.ladder[-1]]
    undecided = [pair for pair in last if not pair.gain.is_decided]
    return (undecided or last or fit)[0]


def _facts(dialled: DialledNetwork, measured: object) -> Evidence | Obstacle:
    if isinstance(measured, Summary):
        return evidence(measured)
    name = dialled.study or study_names()[0]
    return evidence(summarise(shipped_runs(name)), name)


def _moves(dialled: DialledNetwork) -> Iterator[Move]:
    for name in study_names():
        yield Move(Dial.STUDY, name, replace(dialled, study=name))


def _the_mean_says_it(facts: Evidence) -> RuleValue:
    return RuleValue(("lower", abs(facts.gain.value)), {})


def _narrow_paths_lose(facts: Evidence) -> RuleValue:
    return RuleValue(("higher", abs(facts.gain.value)), {})


def _the_interval_decides(facts: Evidence) -> RuleValue:
    return RuleValue((facts.gain.low, facts.gain.high), {})


def _no_proof_is_equality(_: Evidence) -> RuleValue:
    return RuleValue(("equal", 0.0), {})


LESSON: Lesson[Evidence] = Lesson(
    "evidence", 6, LessonPage.STUDY,
    (
        Choice("A", _the_mean_says_it),
        Choice("B", _narrow_paths_lose),
        Choice("C", _the_interval_decides),
        Choice("D", _no_proof_is_equality, "yangze0930/NTS-Net#16"),
    ),
    _facts, _moves, ENGLISH, Summary,
)  # fmt: skip
