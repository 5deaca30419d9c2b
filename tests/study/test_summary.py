"""Means, intervals, paired differences and the trend, against textbook formulas."""

from math import inf, sqrt
from statistics import fmean, linear_regression, stdev, variance

import pytest

from resnext_viz.study.student import t_quantile
from resnext_viz.study.summary import summarise
from tests.study.made import made


def test_the_interval_of_a_single_setting_is_students() -> None:
    errors = [30.0, 32.5, 31.0, 29.5]
    (row,) = summarise(made({"4": errors})).settings
    assert row.error.value == pytest.approx(fmean(errors))
    assert row.error.half == pytest.approx(3.182446305 * stdev(errors) / 2)  # t of 3 degrees, √4 runs


def test_several_settings_share_one_spread() -> None:
    a, b = [30.0, 32.0, 31.0], [25.0, 26.0]
    first, second = summarise(made({"1": a, "2": b})).settings
    pooled = sqrt((2 * variance(a) + 1 * variance(b)) / 3)
    assert first.error.half == pytest.approx(t_quantile(3) * pooled / sqrt(3))
    assert second.error.half == pytest.approx(t_quantile(3) * pooled / sqrt(2))


def test_the_gain_of_two_settings_is_the_paired_t_test() -> None:
    a, b = [30.0, 35.0, 33.0], [29.0, 33.5, 31.0]
    summary = summarise(made({"1": a, "2": b}))
    one, two = summary.settings
    differences = [x - y for x, y in zip(a, b, strict=True)]
    gain = summary.gain(two, one)
    assert gain.value == pytest.approx(fmean(differences))
    assert gain.half == pytest.approx(4.302652730 * stdev(differences) / sqrt(3))  # t of 2 degrees
    assert summary.gain(one, two).value == pytest.approx(-gain.value)


def test_seeds_that_move_all_settings_alike_leave_no_spread_in_a_gain() -> None:
    summary = summarise(made({"1": [30.0, 40.0], "2": [28.0, 38.0], "4": [27.0, 37.0]}))
    one, _, four = summary.settings
    gain = summary.gain(four, one)
    assert gain.value == pytest.approx(3.0)
    assert gain.half == pytest.approx(0.0, abs=1e-9)
    assert gain.is_decided
    assert one.error.half > 10  # of the mean, the seeds' spread is part


def test_three_settings_give_the_gain_more_degrees_of_freedom() -> None:
    table = {"1": [30.0, 31.0], "2": [29.0, 28.0], "4": [27.5, 28.0]}
    summary = summarise(made(table))
    rows = list(table.values())
    effect = [fmean(column) - fmean(map(fmean, rows)) for column in zip(*rows, strict=True)]
    residuals = [y - fmean(row) - e for row in rows for y, e in zip(row, effect, strict=True)]
    spread = sqrt(sum(r * r for r in residuals) / 2)  # (3 − 1)·(2 − 1) degrees
    gain = summary.gain(summary.settings[2], summary.settings[0])
    assert gain.half == pytest.approx(4.302652730 * spread * sqrt(2 / 2))


def test_one_seed_says_nothing_about_chance_and_other_seeds_are_no_pairs() -> None:
    alone = summarise(made({"1": [30.0], "2": [29.0]}))
    assert [row.error.half for row in alone.settings] == [inf, inf]
    one, two = alone.settings
    assert alone.gain(two, one).half == inf
    runs = made({"1": [30.0, 31.0], "2": [29.0, 28.0]})
    apart = summarise([run for run in runs if (run.setting.key == "1") == (run.seed == 0)])
    one, two = apart.settings
    assert apart.gain(two, one).half == inf
    assert apart.gain(two, one).value == pytest.approx(2.0)


def test_a_seed_that_only_one_of_two_has_is_left_out_of_their_gain() -> None:
    summary = summarise(made({"1": [30.0, 31.0, 99.0], "2": [29.0, 29.0]}))
    assert summary.gain(summary.settings[1], summary.settings[0]).value == pytest.approx(1.5)
    assert summary.seeds == 2


def test_the_trend_is_the_regression_of_the_means_over_doublings() -> None:
    table = {"1": [30.0, 31.2], "2": [29.1, 29.9], "4": [28.4, 29.0], "16": [26.0, 27.9]}
    trend = summarise(made(table)).trend
    x, rows = [0.0, 1.0, 2.0, 4.0], list(table.values())
    effect = [fmean(column) - fmean(map(fmean, rows)) for column in zip(*rows, strict=True)]
    residuals = [y - fmean(row) - e for row in rows for y, e in zip(row, effect, strict=True)]
    spread = sqrt(sum(r * r for r in residuals) / 3)  # (4 − 1)·(2 − 1) degrees
    assert trend is not None
    assert trend.value == pytest.approx(linear_regression(x, [fmean(row) for row in rows]).slope)
    assert trend.half == pytest.approx(3.182446305 * spread / sqrt(2 * sum((a - fmean(x)) ** 2 for a in x)))


def test_a_ladder_that_is_no_line_is_no_chance_and_one_seed_tells_no_chance() -> None:
    bent = summarise(made({"1": [30.0, 31.0], "2": [25.0, 26.0], "4": [28.0, 29.0]})).trend
    assert bent is not None
    assert bent.value == pytest.approx(-1.0)
    assert bent.half == pytest.approx(0.0, abs=1e-9)
    alone = summarise(made({"1": [30.0], "2": [29.0], "4": [28.0], "8": [27.1]})).trend
    assert alone is not None
    assert alone.value == pytest.approx(-0.97)
    assert alone.half == inf


def test_two_rungs_have_no_trend_and_settings_stand_in_their_order() -> None:
    summary = summarise(made({"paths": [20.0], "deeper": [22.0], "8": [30.0], "1": [31.0], "wider": [21.0]})[::-1])
    assert summary.trend is None
    assert [row.setting.key for row in summary.settings] == ["1", "8", "deeper", "wider", "paths"]
    assert len(summary.ladder) == 2
    assert len(summary.twice) == 3
