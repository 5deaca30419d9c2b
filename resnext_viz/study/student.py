"""Student's t for whole degrees of freedom, exactly, by the standard library.

Source: Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.3 and 26.7.4.
"""

from __future__ import annotations

from functools import lru_cache
from math import atan, cos, inf, pi, sin, sqrt

CONFIDENCE = 0.95


def central_share(t: float, freedom: int) -> float:
    """The probability that Student's t with `freedom` degrees lies between -t and t."""
    angle = atan(t / sqrt(freedom))
    term, total = (cos(angle), 0.0) if freedom % 2 else (1.0, 0.0)
    for k in range(3 if freedom % 2 else 2, freedom + 1, 2):
        total += term
        term *= cos(angle) ** 2 * (k - 1) / k
    # The terms are those of the finite series: 1, 1/2·cos², ... for even, cos, 2/3·cos³, ... for odd degrees.
    return 2 / pi * (angle + sin(angle) * total) if freedom % 2 else sin(angle) * total


@lru_cache(maxsize=256)
def t_quantile(freedom: int, confidence: float = CONFIDENCE) -> float:
    """The t that `central_share` gives `confidence` for; infinite without any degree of freedom."""
    if freedom < 1:
        return inf
    low, high = 0.0, 1.0
    while central_share(high, freedom) < confidence:
        high *= 2
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if central_share(middle, freedom) < confidence else (low, middle)
    return high
