"""Confidence intervals of shares: one share of right answers, and the difference of two."""

from __future__ import annotations

from math import sqrt

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
