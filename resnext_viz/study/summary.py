"""What the runs of a study add up to: mean errors with intervals, differences paired by seed, the trend over C.

Errors are those at the end of each run, in percent; differences are in points. All intervals are 95 % by Student's t.
Of one setting there are few runs, so that its own spread says little: the spread is estimated over all settings
together, as in an analysis of variance, which takes it to be the same for all. Differences are taken within each seed,
because runs of one seed see the pictures in the same order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import inf, isfinite, log2, sqrt
from statistics import fmean
from typing import Any, NamedTuple

from resnext_viz.study.finished_runs import StudyRun
from resnext_viz.study.student import CONFIDENCE, t_quantile
from resnext_viz.study.study_plan import KEYS, Role, Setting


class IntervalEstimate(NamedTuple):
    """A value and half the width of its interval; infinite where nothing is known of chance."""

    value: float
    half: float

    @property
    def low(self) -> float:
        return self.value - self.half

    @property
    def high(self) -> float:
        return self.value + self.half

    @property
    def is_decided(self) -> bool:
        """Whether the interval leaves out zero."""
        return self.low > 0 or self.high < 0

    def to_dict(self) -> dict[str, float | None]:
        """As JSON types."""
        known = isfinite(self.half)
        return {"value": self.value, "low": self.low if known else None, "high": self.high if known else None}


@dataclass(frozen=True)
class SettingSummary:
    """The runs of one setting, by seed, and their mean error."""

    setting: Setting
    runs: tuple[StudyRun, ...]
    error: IntervalEstimate

    @property
    def by_seed(self) -> dict[int, float]:
        """Error of each seed."""
        return {run.seed: run.error for run in self.runs}

    @property
    def title(self) -> str:
        """`C = 4`, `deeper`, `wider`, `more paths`."""
        setting = self.setting
        names = {Role.LADDER: f"C = {setting.spec.cardinality}", Role.PATHS: "more paths"}
        return names.get(setting.role, setting.role.value)

    @property
    def seconds(self) -> float:
        """Mean training time of a run."""
        return fmean(run.seconds for run in self.runs)

    @property
    def unevenness(self) -> float:
        """Training time of the longest run over that of the shortest: 1 where nothing else disturbed them."""
        return max(run.seconds for run in self.runs) / min(run.seconds for run in self.runs)

    def to_dict(self) -> dict[str, Any]:
        """The setting as JSON types."""
        counts = self.setting.counts
        return {"key": self.setting.key, "role": self.setting.role.value, "network": self.setting.name,
                "params": counts.params, "macs": counts.macs, "target_macs": self.setting.target,
                "seeds": list(self.by_seed), "errors": list(self.by_seed.values()), "error": self.error.to_dict(),
                "seconds": self.seconds}  # fmt: skip


@dataclass(frozen=True)
class Summary:
    """A study's settings: the ladder from few paths to many, then those at twice the cost."""

    runs: tuple[StudyRun, ...]

    @cached_property
    def settings(self) -> tuple[SettingSummary, ...]:
        groups: dict[str, list[StudyRun]] = {}
        for run in sorted(self.runs, key=lambda run: run.seed):
            groups.setdefault(run.setting.key, []).append(run)
        spread, freedom = _pooled([[run.error for run in group] for group in groups.values()])
        summaries = [
            SettingSummary(
                group[0].setting,
                tuple(group),
                IntervalEstimate(fmean(run.error for run in group), _half(spread / sqrt(len(group)), freedom)),
            )
            for group in groups.values()
        ]
        return tuple(sorted(summaries, key=lambda summary: _place(summary.setting)))

    @property
    def ladder(self) -> tuple[SettingSummary, ...]:
        """The settings at equal MACs."""
        return tuple(each for each in self.settings if each.setting.role is Role.LADDER)

    @property
    def twice(self) -> tuple[SettingSummary, ...]:
        """The settings at twice the MACs."""
        return tuple(each for each in self.settings if each.setting.role is not Role.LADDER)

    @property
    def seeds(self) -> int:
        """How many seeds every setting has."""
        return min(len(each.runs) for each in self.settings)

    @property
    def machines(self) -> tuple[str, ...]:
        """What trained, each kind once."""
        return tuple(dict.fromkeys(run.machine for run in self.runs))

    def gain(self, better: SettingSummary, worse: SettingSummary, confidence: float = CONFIDENCE) -> IntervalEstimate:
        """How many points less error `better` has than `worse`, over the seeds that both have.

        The spread is that of all settings that have these seeds, once settings and seeds are taken out of it.
        """
        seeds = [seed for seed in better.by_seed if seed in worse.by_seed]
        if not seeds:
            return IntervalEstimate(fmean(worse.by_seed.values()) - fmean(better.by_seed.values()), inf)
        spread, freedom = self.spread_within(seeds)
        value = fmean(worse.by_seed[seed] - better.by_seed[seed] for seed in seeds)
        return IntervalEstimate(value, _half(spread * sqrt(2 / len(seeds)), freedom, confidence))

    @property
    def ladder_seeds(self) -> list[int]:
        """The seeds that all rungs of the ladder have."""
        ladder = self.ladder
        return [seed for seed in ladder[0].by_seed if all(seed in each.by_seed for each in ladder)] if ladder else []

    @property
    def trend(self) -> IntervalEstimate | None:
        """Mean change of error, in points, for a doubling of C on the ladder, over the seeds that all its rungs have.

        The slope of least squares over log2 C. It is a contrast of the rungs' means, with the spread of `gain`: rungs
        that lie off the line are not chance, and one seed tells nothing of it. None with fewer than three rungs.
        """
        ladder, seeds = self.ladder, self.ladder_seeds
        if len(ladder) < 3 or not seeds:
            return None
        doublings = [log2(each.setting.spec.cardinality) for each in ladder]
        away = [value - fmean(doublings) for value in doublings]
        width = sum(value * value for value in away)
        means = [fmean(each.by_seed[seed] for seed in seeds) for each in ladder]
        spread, freedom = self.spread_within(seeds)
        slope = sum(a * mean for a, mean in zip(away, means, strict=True)) / width
        return IntervalEstimate(slope, _half(spread / sqrt(len(seeds) * width), freedom))

    def spread_within(self, seeds: Sequence[int]) -> tuple[float, int]:
        """Standard deviation of one run once settings and seeds are taken out, and its degrees of freedom.

        It is of all settings that have these seeds.
        """
        pool = [each.by_seed for each in self.settings if all(seed in each.by_seed for seed in seeds)]
        return _paired([[errors[seed] for seed in seeds] for errors in pool])

    def to_dict(self) -> dict[str, Any]:
        """The summary as JSON types."""
        return {"settings": [each.to_dict() for each in self.settings],
                "trend": self.trend.to_dict() if self.trend else None}  # fmt: skip


def summarise(runs: Sequence[StudyRun]) -> Summary:
    """The summary of at least one run."""
    return Summary(tuple(runs))


def _place(setting: Setting) -> tuple[int, int]:
    if setting.role is Role.LADDER:
        return 0, setting.spec.cardinality
    return 1, KEYS.index(setting.key)


def _half(deviation: float, freedom: int, confidence: float = CONFIDENCE) -> float:
    return t_quantile(freedom, confidence) * deviation if freedom else inf


def _pooled(groups: Sequence[Sequence[float]]) -> tuple[float, int]:
    """Standard deviation within the groups, and its degrees of freedom."""
    freedom = sum(len(group) - 1 for group in groups)
    squares = sum((value - fmean(group)) ** 2 for group in groups for value in group)
    return (sqrt(squares / freedom) if freedom else 0.0), freedom


def _paired(rows: Sequence[Sequence[float]]) -> tuple[float, int]:
    """Standard deviation of a table once the means of rows and columns are taken out, and its degrees of freedom."""
    freedom = (len(rows) - 1) * (len(rows[0]) - 1)
    if not freedom:
        return 0.0, 0
    columns = [fmean(column) for column in zip(*rows, strict=True)]
    middle = fmean(columns)
    squares = sum((value - fmean(row) - column + middle) ** 2 for row in rows
                  for value, column in zip(row, columns, strict=True))  # fmt: skip
    return sqrt(squares / freedom), freedom
