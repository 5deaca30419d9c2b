"""Statistical power: how likely so many seeds are to decide a difference, and how many would be needed.

A difference is decided when the 95 % interval of `Summary.gain` leaves out zero, a two-sided t test paired by seed. If
the true difference is Δ and the spread of one run σ, then t follows the noncentral t distribution with noncentrality
Δ / (σ·√(2/n)) for n seeds, and (n − 1)·(k − 1) degrees of freedom where σ is estimated over k settings.
Source: Cohen, Statistical Power Analysis for the Behavioral Sciences (2nd ed., 1988), chapter 2; Johnson, Kotz and
Balakrishnan, Continuous Univariate Distributions 2 (2nd ed., 1995), chapter 31.
"""

from __future__ import annotations

from math import exp, lgamma, log, pi, sqrt
from statistics import NormalDist

from resnext_viz.study.student import CONFIDENCE, t_quantile
from resnext_viz.study.summary import SettingSummary, Summary

USUAL_POWER = 0.8  # Cohen's convention: four studies of five decide what is there
MOST_SEEDS = 1_000
_SLICES = 400  # of the integral, an even number
_REACH = 9.0  # standard deviations of the scale's distribution that it covers


def power_of(difference: float, spread: float, seeds: int, settings: int, confidence: float = CONFIDENCE) -> float:
    """The power of so many seeds: the probability that a difference of that size is decided, in either direction.

    Args:
        difference: the true one, in points.
        spread: standard deviation of one run once settings and seeds are taken out, in points.
        seeds: of every setting.
        settings: over which the spread is estimated.
        confidence: of the interval that has to leave out zero.
    """
    freedom = (seeds - 1) * (settings - 1)
    if freedom < 1:
        return 0.0
    if spread <= 0:
        return 1.0 if difference else 0.0
    bound, shift = t_quantile(freedom, confidence), difference / (spread * sqrt(2 / seeds))
    return 1 - noncentral_share(bound, freedom, shift) + noncentral_share(-bound, freedom, shift)


def noncentral_share(t: float, freedom: int, shift: float) -> float:
    """The probability that the noncentral t with that shift lies below t.

    P(Z + shift < t·s), where Z is normal and s² is χ² over its degrees of freedom: the normal distribution function at
    t·s − shift, averaged over s by Simpson's rule.
    """
    below, width = NormalDist().cdf, _REACH / sqrt(2 * freedom)  # s has about that deviation around 1
    low, high = max(0.0, 1 - width), 1 + width + _REACH / freedom
    step = (high - low) / _SLICES
    total = 0.0
    for place in range(_SLICES + 1):
        s = low + place * step
        weight = 1 if place in (0, _SLICES) else 4 if place % 2 else 2
        total += weight * below(t * s - shift) * _scale_density(s, freedom)
    return min(1.0, total * step / 3)


def _scale_density(s: float, freedom: int) -> float:
    """The density of √(χ²/ν) at s."""
    if s <= 0:
        return sqrt(2 / pi) if freedom == 1 else 0.0
    half = freedom / 2
    return exp(log(2) + half * log(half) - lgamma(half) + (freedom - 1) * log(s) - half * s * s)


def seeds_to_decide(
    summary: Summary, one: SettingSummary, other: SettingSummary, power: float = USUAL_POWER
) -> int | None:
    """The sample size: how many seeds would decide, with that power, a difference as large as the one that was seen.

    It takes the difference and the spread of the study for the true ones. None where one seed tells nothing of the
    spread, where there is no difference, or where even `MOST_SEEDS` would not do.
    """
    seeds = [seed for seed in one.by_seed if seed in other.by_seed]
    spread, freedom = summary.spread_within(seeds) if seeds else (0.0, 0)
    if freedom < 1:
        return None
    difference, settings = summary.gain(one, other).value, _settings(summary, seeds)

    def suffice(number: int) -> bool:
        return power_of(difference, spread, number, settings) >= power

    high = 2
    while not suffice(high):
        if high >= MOST_SEEDS:
            return None
        high = min(2 * high, MOST_SEEDS)
    low = high // 2
    while high - low > 1:  # power grows with every seed
        middle = (low + high) // 2
        low, high = (low, middle) if suffice(middle) else (middle, high)
    return high


def _settings(summary: Summary, seeds: list[int]) -> int:
    """How many settings the spread was estimated over."""
    return sum(all(seed in each.by_seed for seed in seeds) for each in summary.settings)
