"""Intervals are the published ones, or follow from the formula by hand."""

import pytest

from resnext_viz.kit.intervals import accuracy_difference, median_interval, wilson_interval


@pytest.mark.parametrize(
    ("right", "total", "low", "high"),
    # Newcombe, Two-sided confidence intervals for the single proportion (1998), Table I, method 3.
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilsons_interval_is_the_published_one(right: int, total: int, low: float, high: float) -> None:
    assert wilson_interval(right, total) == pytest.approx((low, high), abs=5e-5)
    mirrored = wilson_interval(total - right, total)
    assert mirrored == pytest.approx((1 - high, 1 - low), abs=5e-5)


@pytest.mark.parametrize(("first", "second", "pictures", "expected"), [
    # 61 and 71 of 102: 0.0980392 -+ 1.959964 sqrt((0.2403883 + 0.2115532) / 102)
    (0.6, 0.7, 100, (0.1, -0.0324243, 0.2285028)),
    # 5 and 5 of 6: four right answers of four do not make two networks equal
    (1.0, 1.0, 4, (0.0, -0.4217171, 0.4217171)),
    # 3 and 5 of 6
    (0.5, 1.0, 4, (0.5, -0.1656491, 0.8323157)),
    # 1 and 3 of 4, and no difference above the whole
    (0.0, 1.0, 2, (1.0, -0.1001140, 1.0)),
])  # fmt: skip
def test_a_difference_of_accuracies_has_agresti_and_caffos_interval(
    first: float, second: float, pictures: int, expected: tuple[float, float, float]
) -> None:
    assert accuracy_difference(first, second, pictures) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(
    ("samples", "low", "high"),
    # Ranks of the binomial's 95 %: Conover (1999), Table A3; eight samples and fewer do not reach it within their ends.
    [(20, 6, 15), (10, 2, 9), (8, 1, 8), (5, 1, 5), (1, 1, 1)],
)
def test_the_medians_interval_has_the_published_ranks(samples: int, low: int, high: int) -> None:
    assert median_interval([float(rank) for rank in range(samples, 0, -1)]) == (low, high)
