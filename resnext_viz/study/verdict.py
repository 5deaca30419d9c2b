"""What a study shows and what it does not, in sentences that are made from its data, whatever that is."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile
from math import isfinite, sqrt
from statistics import NormalDist, fmean
from typing import Any

from resnext_viz.complexity import complexity
from resnext_viz.names import parse
from resnext_viz.study.finished_runs import StudyRun
from resnext_viz.study.student import CONFIDENCE
from resnext_viz.study.study_plan import Role
from resnext_viz.study.summary import IntervalEstimate, SettingSummary, Summary

MINUS = "\u2212"
_WHOLE_SEEDS, _WHOLE_SETTINGS, _WHOLE_EPOCHS = 3, 5, 15  # fewer make a small version
_EVEN_TIMES = 1.1  # the longest run of a network over its shortest, on a machine that does nothing else


@dataclass(frozen=True)
class Verdict:
    """The plain statement, each comparison behind it, and what does not follow."""

    headline: str
    comparisons: tuple[str, ...]
    limits: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """As JSON types."""
        return {"headline": self.headline, "comparisons": list(self.comparisons), "limits": list(self.limits)}


def verdict(summary: Summary) -> Verdict:
    """The verdict on a study's runs."""
    pairs = [*((each, summary.ladder[0]) for each in summary.ladder[1:]), *_at_twice(summary)]
    comparisons = tuple(compared(summary, one, other, len(pairs)) for one, other in pairs)
    return Verdict(_headline(summary), comparisons, tuple(_limits(summary, len(pairs))))


def label_of(summary: Summary) -> str:
    """What kind of study it is: its size, its pictures and its machine, and whether that is a small version."""
    run, settings, seeds = summary.runs[0], len(summary.settings), summary.seeds
    is_small = seeds < _WHOLE_SEEDS or settings < _WHOLE_SETTINGS or run.epochs < _WHOLE_EPOCHS
    size = (f"{counted(seeds, 'seed')} × {counted(settings, 'setting')}, {counted(run.epochs, 'epoch')} each of "
            f"{run.train_pictures:,} pictures")  # fmt: skip
    where = f"{run.data}, on {' and '.join(summary.machines)}"
    return f"{'A small version: ' if is_small else ''}{size}. {where[:1].upper()}{where[1:]}."


def counted(number: int, noun: str) -> str:
    """`1 seed`, `2 seeds`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def compared(summary: Summary, one: SettingSummary, other: SettingSummary, of: int = 1) -> str:
    """One sentence: against what, how much better or worse, the interval, and what that decides among so many."""
    gain = summary.gain(one, other)
    seeds = len(one.by_seed.keys() & other.by_seed.keys())
    is_better = gain.value >= 0
    shown = gain if is_better else IntervalEstimate(-gain.value, gain.half)
    word = "better" if is_better else "worse"
    verb = "are" if one.setting.role is Role.PATHS else "is"
    # Bonferroni: the chance that one of them misses is at most the sum of the chances that each does.
    holds_with_all = summary.gain(one, other, 1 - (1 - CONFIDENCE) / of).is_decided
    finding = "the data shows it" if holds_with_all else f"alone it would be decided, among {of} comparisons it is not"
    return (f"Against {_named(other)}, {_named(one)} {verb} {shown.value:.2f} points {word} {_interval(shown)}: "
            f"{_decided(shown, seeds, finding)}")  # fmt: skip


def _named(summary: SettingSummary) -> str:
    """`C = 1`, `a deeper network`."""
    words = {Role.DEEPER: "a deeper network", Role.WIDER: "a wider path"}
    return words.get(summary.setting.role, summary.title)


def _headline(summary: Summary) -> str:
    """The paper's question first: whether more paths are better at equal cost."""
    trend, ladder = summary.trend, summary.ladder
    if trend is None:
        if len(ladder) < 2:
            return "No two settings of equal MACs have runs yet, so the data shows nothing about cardinality."
        return compared(summary, ladder[-1], ladder[0])
    shown = IntervalEstimate(abs(trend.value), trend.half)
    verb, preposition, word = ("takes", "off", "better") if trend.value <= 0 else ("adds", "to", "worse")
    return (f"At equal MACs, each doubling of C {verb} {shown.value:.2f} points {preposition} the test error "
            f"on average, from {ladder[0].title} to {ladder[-1].title} {_interval(shown)}: "
            f"{_decided(shown, len(summary.ladder_seeds), f'more paths are {word} here')}")  # fmt: skip


def _interval(shown: IntervalEstimate) -> str:
    if not isfinite(shown.half):
        return "(no interval)"
    return f"(95 % interval {shown.low:.2f} to {shown.high:.2f})".replace("-", MINUS)


def _decided(shown: IntervalEstimate, seeds: int, finding: str) -> str:
    if not seeds:
        return "no seed is common to both, so this decides nothing."
    if not isfinite(shown.half):
        return "one seed says nothing about chance, so this decides nothing."
    if shown.is_decided:
        return f"{finding}."
    return f"with {counted(seeds, 'seed')} this does not decide it."


def _at_twice(summary: Summary) -> list[tuple[SettingSummary, SettingSummary]]:
    """Pairs at twice the cost: more paths against depth and width; each against one path at once the cost."""
    twice = {each.setting.role: each for each in summary.twice}
    paths, one = twice.get(Role.PATHS), summary.ladder[0] if summary.ladder else None
    pairs = [(paths, other) for role, other in twice.items() if paths and role is not Role.PATHS]
    return pairs + [(other, one) for other in twice.values() if one]


def _limits(summary: Summary, comparisons: int) -> list[str]:
    """What does not follow from the data, each with the figure that says why."""
    run = summary.runs[0]
    limits = [
        f"It is about networks of {run.target_macs / 1e6:.0f} M MACs, trained for {counted(run.epochs, 'epoch')} on "
        f"{run.train_pictures:,} pictures of {run.image_size}×{run.image_size} pixels ({run.data}), by one recipe for "
        "all, not tuned for each. The paper’s claim is about ImageNet and networks of "
        f"{_papers_share(run)} as many MACs.",
        "Intervals are about the chance of training: first weights and order of pictures. Another choice of "
        f"{run.test_pictures:,} test pictures would move each error by up to ±{_of_pictures(summary):.1f} points "
        "(95 %); how much of that is common to all settings was not measured, and the intervals leave it out.",
        "Equal MACs are not equal time" + _time(summary),
    ]
    if undecided := _undecided_above(summary):
        limits.insert(0, undecided)
    if comparisons > 1:
        limits.append(f"Each of the {comparisons} intervals is of 95 % for its own comparison. “The data shows it” is "
                      "said only where it holds at 95 % for all of them together.")  # fmt: skip
    return limits


def _undecided_above(summary: Summary) -> str:
    """From which C on no rung is told from the last one; empty where each is."""
    rungs = summary.ladder[1:]  # the first is compared with all others anyhow
    undecided = list(takewhile(lambda rung: not summary.gain(rungs[-1], rung).is_decided, reversed(rungs[:-1])))
    if not undecided:
        return ""
    last, near = rungs[-1], undecided[-1]
    gain = summary.gain(last, near)
    shown = gain if gain.value >= 0 else IntervalEstimate(-gain.value, gain.half)
    return (f"Beyond {near.title} the data decides nothing: {last.title} is {shown.value:.2f} points "
            f"{'better' if gain.value >= 0 else 'worse'} than {near.title} {_interval(shown)}.")  # fmt: skip


def _papers_share(run: StudyRun) -> str:
    """`160 times`: how many MACs the paper's ResNeXt-50 has for one of the study's."""
    times = complexity(parse("resnext50_32x4d"), 224).macs / run.target_macs
    return f"{round(times, -1 if times >= 20 else 0):.0f} times"


def _of_pictures(summary: Summary) -> float:
    """Half an interval of the mean error, in points, for another choice of as many test pictures: binomial."""
    share = fmean(run.error for run in summary.runs) / 100
    deviation = sqrt(share * (1 - share) / summary.runs[0].test_pictures)
    return 100 * NormalDist().inv_cdf((1 + CONFIDENCE) / 2) * deviation


def _time(summary: Summary) -> str:
    """How long many paths take beside one; nothing where runs of one network differ by more than that could show."""
    are_timed = all(run.seconds for each in summary.ladder for run in each.runs)
    if len(summary.machines) != 1 or len(summary.ladder) < 2 or not are_timed:
        return "."
    unevenness = max(each.unevenness for each in summary.ladder)
    if unevenness > _EVEN_TIMES:
        return (f". How much longer many paths take is not said: runs of the same network took up to {unevenness:.2f} "
                f"times as long as one another on {summary.machines[0]}, which did other work as well.")  # fmt: skip
    first, last = summary.ladder[0], summary.ladder[-1]
    return (f": a run of {last.title} took {last.seconds / first.seconds:.2f} times as long as one of {first.title} "
            f"on {summary.machines[0]}.")  # fmt: skip
