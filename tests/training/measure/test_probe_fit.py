"""The probe against the conditions of its minimum, written out, and against what anyone would see in made features."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from resnext_viz.inference.none_of_these import Probe
from resnext_viz.training.measure.probe_fit import RIDGE, fit_probe

RANDOM = np.random.default_rng(0)
KNOWN = RANDOM.normal((1.0, 0, 5), (1, 1, 0.1), (90, 3)).astype(np.float32)
OTHER = RANDOM.normal((-1.0, 0, 5), (1, 1, 0.1), (40, 3)).astype(np.float32)


def slope(probe: Probe) -> NDArray[np.float64]:
    """The derivatives of what is minimised, by each standardised weight and by the bias."""
    features = np.concatenate((KNOWN, OTHER)).astype(np.float64)
    mean, deviation = features.mean(0), features.std(0)
    shares = 1 / (1 + np.exp(-probe.of(features)))
    wrong = np.where(np.arange(130) < 90, (shares - 1) * 65 / 90, shares * 65 / 40)  # each kind has half of the say
    of_weights = wrong @ ((features - mean) / deviation) + RIDGE * np.array(probe.weights) * deviation
    return np.append(of_weights, wrong.sum())


def test_at_the_minimum_nothing_pulls() -> None:
    assert slope(fit_probe(KNOWN, OTHER)) == pytest.approx(np.zeros(4), abs=1e-5)
    nudged = fit_probe(KNOWN, OTHER)
    assert abs(slope(Probe((nudged.weights[0] + 0.1, *nudged.weights[1:]), nudged.bias))).max() > 1


def test_it_looks_where_the_kinds_differ_and_is_the_same_every_time() -> None:
    probe = fit_probe(KNOWN, OTHER)
    assert (probe.of(KNOWN) > 0).mean() > 0.7 < (probe.of(OTHER) < 0).mean()
    assert probe.weights[0] > 5 * abs(probe.weights[1])
    assert fit_probe(KNOWN, OTHER) == probe


def test_scaling_changes_no_order() -> None:
    probe, scaled = fit_probe(KNOWN, OTHER), fit_probe(KNOWN, OTHER, 0.3)
    assert np.linalg.norm(scaled.weights) == pytest.approx(0.3)
    assert (scaled.of(OTHER).argsort() == probe.of(OTHER).argsort()).all()


def test_features_that_never_differ_do_no_harm() -> None:
    same = np.zeros((130, 1), np.float32)
    probe = fit_probe(np.column_stack((KNOWN, same[:90])), np.column_stack((OTHER, same[:40])))
    assert probe.of(np.column_stack((KNOWN, same[:90]))) == pytest.approx(fit_probe(KNOWN, OTHER).of(KNOWN))
