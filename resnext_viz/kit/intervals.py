"""Confidence intervals: of one share of right answers, of the difference of two, and of a median."""

from __future__ import annotations

from collections.abc import Sequence
from math import comb, sqrt

Z95 = 1.959964  # of the normal distribution: 95 % lie within so many deviations


def wilson_interval(right: int, total: int) -> tuple[float, float]:
    """Between which shares the true accuracy lies with 95 % confidence, if `right` of `total` photos are right.

    Source: Wilson, Probable inference, the law of succession, and statistical inference, JASA 22 (1927).
    """
    share, weight = right / total, Z95**2 / total
    centre, spread = share + weight / 2, Z95 * sqrt(share * (1 - share) / total + weight / (4 * total))
    return max(0.0, (centre - spread) / (1 + weight)), min(1.0, (centre + spread) / (1 + weight))


def accuracy_difference(first: float, second: float, pictures: int) -> tuple[float, float, float]:
    """How much more the second of two accuracies on `pictures` test pictures is, and where that lies with 95 % trust.

    The interval is Agresti and Caffo's for two independent shares (The American Statistician 54, 2000): one right and
    one wrong answer more of each, so that it holds for a handful of pictures too. Both networks saw the same pictures,
    which makes it rather too wide than too narrow; another seed of either run is not in it.
    """
    near = [(share * pictures + 1) / (pictures + 2) for share in (first, second)]
    spread = Z95 * sqrt(sum(share * (1 - share) for share in near) / (pictures + 2))
    middle = near[1] - near[0]
    return second - first, max(-1.0, middle - spread), min(1.0, middle + spread)


def median_interval(samples: Sequence[float], confidence: float = 0.95) -> tuple[float, float]:
    """Between which of the samples the true median lies, whatever they are spread like; the ends where they are few.

    Source: Conover, Practical Nonparametric Statistics (1999), section 3.2: the rank of the median is binomial.
    """
    ordered, count = sorted(samples), len(samples)
    outside, cut = 0.0, 0
    while cut < (count - 1) // 2:
        outside += comb(count, cut) / 2**count
        if 2 * (outside + comb(count, cut + 1) / 2**count) > 1 - confidence:
            break
        cut += 1
    return ordered[cut], ordered[-1 - cut]
