"""Temperature, calibration error and likelihood by their definitions: algebra, a brute-force grid, numpy's own sums."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from resnext_viz.inference.calibration import (
    calibration,
    fit_temperature,
    negative_log_likelihood,
    reliability,
)
from resnext_viz.inference.temperature import LARGEST_TEMPERATURE, LEAST_TEMPERATURE


def drawn(true_temperature: float) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Logits, and labels drawn from their softmax at `true_temperature`."""
    random = np.random.default_rng(1)
    logits = random.normal(0, 3, (1500, 4))
    shares = np.exp(logits / true_temperature)
    shares /= shares.sum(1, keepdims=True)
    labels = (random.random((1500, 1)) > shares.cumsum(1)).sum(1)
    return logits, labels


@pytest.mark.parametrize("true_temperature", [0.4, 1.0, 2.5])
def test_the_temperature_is_the_one_of_least_likelihood_on_a_grid(true_temperature: float) -> None:
    logits, labels = drawn(true_temperature)
    grid = np.geomspace(0.2, 5, 401)
    shares = np.exp(logits[None] / grid[:, None, None])  # (grid, N, classes)
    right = shares[:, np.arange(len(labels)), labels] / shares.sum(2)
    best = grid[(-np.log(right)).mean(1).argmin()]
    found = fit_temperature(logits, labels)
    assert found == pytest.approx(best, rel=5e-3)
    assert found == pytest.approx(true_temperature, rel=0.1)


def test_two_classes_have_a_temperature_by_hand() -> None:
    # Logits (a, 0) of which the share r is right: 1/(1 + exp(-a/T)) = r, so T = a / log(r / (1 - r)).
    logits, labels = np.tile([3.0, 0.0], (10, 1)), np.array([0] * 8 + [1] * 2)
    assert fit_temperature(logits, labels) == pytest.approx(3 / np.log(4), rel=1e-9)


def test_a_network_that_is_always_right_or_always_wrong_stays_within_bounds() -> None:
    logits = np.tile([3.0, 0.0], (10, 1))
    assert LEAST_TEMPERATURE <= fit_temperature(logits, np.zeros(10, int)) < 0.1  # as sure as can be
    assert fit_temperature(logits, np.ones(10, int)) == pytest.approx(LARGEST_TEMPERATURE)


def test_the_likelihood_is_the_mean_of_the_logarithms() -> None:
    logits, labels = np.array([[0.0, 0.0], [np.log(3), 0.0]]), np.array([1, 1])
    assert negative_log_likelihood(logits, labels) == pytest.approx((np.log(2) + np.log(4)) / 2)
    assert negative_log_likelihood(1000 * logits, np.array([0, 0])) == pytest.approx(np.log(2) / 2)  # no overflow


def test_the_calibration_error_by_hand() -> None:
    # Three at 0.9 of which two are right; one at 0.6, right. (3·|2/3 - 0.9| + 1·|1 - 0.6|) / 4
    shares = np.array([[0.9, 0.1]] * 3 + [[0.6, 0.4]])
    found = calibration(np.log(shares), np.array([0, 0, 1, 0]))
    assert found.ece == pytest.approx((3 * (0.9 - 2 / 3) + 0.4) / 4)
    assert [(each.pictures, round(each.accuracy, 6)) for each in found.bins] == [(1, 1.0), (3, round(2 / 3, 6))]
    assert [each.low for each in found.bins] == pytest.approx([8 / 15, 13 / 15])


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=60))
def test_bins_hold_every_picture_between_their_edges(pairs: list[tuple[float, bool]]) -> None:
    confidences, right = [confidence for confidence, _ in pairs], [is_right for _, is_right in pairs]
    bins = reliability(confidences, right)
    assert sum(each.pictures for each in bins) == len(pairs)
    assert sum(each.pictures * each.accuracy for each in bins) == pytest.approx(sum(right))
    assert sum(each.pictures * each.confidence for each in bins) == pytest.approx(sum(confidences))
    assert all(each.low - 1e-9 <= each.confidence <= each.high + 1e-9 for each in bins)


def test_an_edge_belongs_to_the_bin_below() -> None:
    assert [(each.low, each.high) for each in reliability([0.5, 1.0], [True, True], 2)] == [(0.0, 0.5), (0.5, 1.0)]
