"""What a study shows and what it does not, in sentences that are made from its data, whatever that is."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import Any

from resnext_viz.study.plan import Role
from resnext_viz.study.summary import Estimate, SettingSummary, Summary

MINUS = "\u2212"
_WHOLE_SEEDS, _WHOLE_SETTINGS, _WHOLE_EPOCHS = 3, 5, 15  # fewer make a small version


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
    ladder, seeds = summary.ladder, summary.seeds
    comparisons = [compared(summary, each, ladder[0]) for each in ladder[1:]]
    comparisons += [compared(summary, more, one) for more, one in _at_twice(summary)]
    return Verdict(_headline(summary, seeds), tuple(comparisons), tuple(_limits(summary, len(comparisons))))


def label_of(summary: Summary) -> str:
    """What kind of study it is: its size, its pictures and its machine, and whether that is a small version."""
    run, settings, seeds = summary.runs[0], len(summary.settings), summary.seeds
    is_small = seeds < _WHOLE_SEEDS or settings < _WHOLE_SETTINGS or run.epochs < _WHOLE_EPOCHS
    size = (f"{seeds} {'seed' if seeds == 1 else 'seeds'} × {settings} settings, {run.epochs} epochs each of "
            f"{run.train_pictures:,} pictures")  # fmt: skip
    where = f"{run.data}, on {' and '.join(summary.machines)}"
    return f"{'A small version: ' if is_small else ''}{size}. {where[:1].upper()}{where[1:]}."


def compared(summary: Summary, one: SettingSummary, other: SettingSummary) -> str:
    """One sentence: how much better or worse, the interval, and what that decides."""
    gain = summary.gain(one, other)
    seeds = len(one.by_seed.keys() & other.by_seed.keys())
    is_better = gain.value >= 0
    shown = gain if is_better else Estimate(-gain.value, gain.half)
    word = "better" if is_better else "worse"
    named = one.title[:1].upper() + one.title[1:]
    verb = "are" if one.setting.role is Role.PATHS else "is"
    if not round(shown.value, 2):
        return (f"{named} {verb} as good as {_named(other)} {_interval(shown)}: a difference of 0.00 points.")
    return (f"{named} {verb} {shown.value:.2f} points {word} than {_named(other)} {_interval(shown)}: "
            f"{_decided(shown, seeds, 'the data shows it')}")  # fmt: skip


def _named(summary: SettingSummary) -> str:
    """`C = 1`, `a deeper network`."""
    words = {Role.DEEPER: "a deeper network", Role.WIDER: "a wider path"}
    return words.get(summary.setting.role, summary.title)


def _headline(summary: Summary, seeds: int) -> str:
    """The paper's question first: whether more paths are better at equal cost."""
    trend = summary.trend
    if trend is None:
        ladder = summary.ladder
        if len(ladder) < 2:
            return "No two settings of equal MACs have runs yet, so the data shows nothing about cardinality."
        return compared(summary, ladder[-1], ladder[0])
    shown = Estimate(abs(trend.value), trend.half)
    verb, preposition, word = ("takes", "off", "better") if trend.value <= 0 else ("adds", "to", "worse")
    return (f"At equal MACs, each doubling of C {verb} {shown.value:.2f} points {preposition} the test error "
            f"{_interval(shown)}: {_decided(shown, seeds, f'more paths are {word} here')}")  # fmt: skip


def _interval(shown: Estimate) -> str:
    if not isfinite(shown.half):
        return "(no interval)"
    return f"(95 % interval {shown.low:.2f} to {shown.high:.2f})".replace("-", MINUS)


def _decided(shown: Estimate, seeds: int, finding: str) -> str:
    if not isfinite(shown.half):
        return "one seed says nothing about chance, so this decides nothing."
    if shown.is_decided:
        return f"{finding}."
    return f"with {seeds} {'seed' if seeds == 1 else 'seeds'} this does not decide it."


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
        f"It is about networks of {run.target_macs / 1e6:.0f} M MACs, trained for {run.epochs} epochs on "
        f"{run.train_pictures:,} pictures of {run.image_size}×{run.image_size} pixels ({run.data}), by one recipe for "
        "all that was tuned for none. The paper’s claim is about ImageNet and networks a hundred times as large.",
        "Equal MACs are not equal time" + _time(summary),
    ]
    if comparisons > 1:
        limits.append(f"Each of the {comparisons} intervals stands for its own comparison; of twenty such, one misses "
                      "by chance.")  # fmt: skip
    return limits


def _time(summary: Summary) -> str:
    if len(summary.machines) != 1 or len(summary.ladder) < 2 or not summary.ladder[0].seconds:
        return "."
    first, last = summary.ladder[0], summary.ladder[-1]
    return (f": a run of {last.title} took {last.seconds / first.seconds:.2f} times as long as one of {first.title} "
            f"on {summary.machines[0]}.")  # fmt: skip
