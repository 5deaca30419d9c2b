"""Fits the linear probe that tells pictures of the classes from others: ridge logistic regression, by Newton's method.

With features standardised, sample weights s that give both kinds the same say, y = 1 for the classes and σ the sigmoid,
it minimises -Σ s·log σ(±(w·f + b)) + `RIDGE`/2·|w|², which has one minimum. No part of it is drawn by chance.
Source: Bishop, Pattern recognition and machine learning, 2006, section 4.3.3.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from resnext_viz.inference.none_of_these import Probe

RIDGE = 10.0
_STEPS, _CLOSE = 50, 1e-8
_LEAST = 1e-9  # of a deviation, and of a sample's curvature


def fit_probe(known: NDArray[np.float32], other: NDArray[np.float32], length: float = 0.0) -> Probe:
    """The probe that is high for `known` and low for `other` features `(N, C)`.

    Args:
        known: of pictures of the classes.
        other: of pictures of other things.
        length: |w| that it is scaled to, so that it is about as large as a logit and no half type rounds it more; its
            own where 0.
    """
    features = np.concatenate((known, other)).astype(np.float64)
    mean, deviation = features.mean(0), features.std(0) + _LEAST
    inputs = np.column_stack(((features - mean) / deviation, np.ones(len(features))))
    fitted = _minimum(inputs, len(known))
    weights = fitted[:-1] / deviation
    bias = fitted[-1] - weights @ mean
    scale = length / max(float(np.linalg.norm(weights)), _LEAST) if length else 1.0
    return Probe(tuple((scale * weights).tolist()), float(scale * bias))


def _minimum(inputs: NDArray[np.float64], known: int) -> NDArray[np.float64]:
    """Weights and, last, bias for inputs `(N, C + 1)`, of which the first `known` are of the classes."""
    count, size = inputs.shape
    is_known = np.arange(count) < known
    say = np.where(is_known, count / 2 / known, count / 2 / (count - known))
    ridge = np.full(size, RIDGE)
    ridge[-1] = 0.0
    weights = np.zeros(size)
    for _ in range(_STEPS):
        shares = 1 / (1 + np.exp(-np.clip(inputs @ weights, -500, 500)))
        slope = inputs.T @ (say * (shares - is_known)) + ridge * weights
        curvature = (inputs * (say * shares * (1 - shares) + _LEAST)[:, None]).T @ inputs + np.diag(ridge)
        step = np.linalg.solve(curvature, slope)
        weights = weights - step
        if np.abs(step).max() < _CLOSE:
            break
    return weights
