"""How honest probabilities are, and the one number that makes them so: the temperature that logits are divided by.

No torch: logits `(N, classes)` and class numbers `(N,)` are numpy's. In the symbols of the source, with β = 1/T:
NLL(β) = mean(log Σ_j exp(β·z_j) − β·z_y) is convex, and its slope is mean(Σ_j p_j·z_j − z_y).
Source: Guo et al., On calibration of modern neural networks, ICML 2017: temperature scaling, and the expected
calibration error over bins of equal width.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from resnext_viz.inference.temperature import LARGEST_TEMPERATURE, LEAST_TEMPERATURE, log_probabilities

Logits = NDArray[np.floating]
Numbers = NDArray[np.integer]

BINS = 15
_HALVINGS = 60


@dataclass(frozen=True)
class CalibrationBin:
    """Pictures whose first answer has a probability in a range: how probable it is on average, how often right."""

    low: float
    high: float
    pictures: int
    confidence: float
    accuracy: float


@dataclass(frozen=True)
class Calibration:
    """How far probabilities can be believed.

    Attributes:
        nll: mean negative logarithm of the right class's probability, in nats.
        ece: mean distance between probability and share of right answers over the bins, weighted by pictures, 0 to 1.
        bins: those that hold pictures, from the lowest.
    """

    nll: float
    ece: float
    bins: tuple[CalibrationBin, ...]


def negative_log_likelihood(logits: Logits, labels: Numbers, temperature: float = 1.0) -> float:
    """Mean of −log p of the right class, in nats."""
    return float(-log_probabilities(logits, temperature)[np.arange(len(labels)), labels].mean())


def fit_temperature(logits: Logits, labels: Numbers) -> float:
    """The temperature with the least negative log-likelihood, by halving where its slope changes sign."""
    low, high = 1 / LARGEST_TEMPERATURE, 1 / LEAST_TEMPERATURE
    for _ in range(_HALVINGS):
        middle = (low * high) ** 0.5
        if _slope(logits, labels, middle) < 0:
            low = middle
        else:
            high = middle
    return float(1 / np.sqrt(low * high))


def calibration(logits: Logits, labels: Numbers, temperature: float = 1.0) -> Calibration:
    """How honest the probabilities are at that temperature."""
    shares = np.exp(log_probabilities(logits, temperature))
    bins = reliability(shares.max(1), shares.argmax(1) == labels)
    distance = sum(each.pictures * abs(each.accuracy - each.confidence) for each in bins) / len(labels)
    return Calibration(negative_log_likelihood(logits, labels, temperature), distance, bins)


def reliability(
    confidences: Sequence[float] | NDArray[np.floating], right: Sequence[bool] | NDArray[np.bool_], bins: int = BINS
) -> tuple[CalibrationBin, ...]:
    """The bins of equal width that hold pictures; a probability on an edge belongs to the bin below it.

    Args:
        confidences: probability of each first answer, 0 to 1.
        right: whether that answer is right.
        bins: between 0 and 1.
    """
    confident, correct = np.asarray(confidences, np.float64), np.asarray(right, np.float64)
    places = np.clip(np.ceil(confident * bins).astype(int) - 1, 0, bins - 1)
    found = []
    for place in range(bins):
        inside = places == place
        if inside.any():
            found.append(
                CalibrationBin(place / bins, (place + 1) / bins, int(inside.sum()), float(confident[inside].mean()),
                    float(correct[inside].mean()))
            )  # fmt: skip
    return tuple(found)


def _slope(logits: Logits, labels: Numbers, beta: float) -> float:
    """Of the negative log-likelihood over β; it only ever rises."""
    values = np.asarray(logits, np.float64)
    expected = (np.exp(log_probabilities(values, 1 / beta)) * values).sum(1)
    return float((expected - values[np.arange(len(labels)), labels]).mean())
