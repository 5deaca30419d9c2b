"""Power and seeds needed, against scipy's noncentral t, the normal limit and a simulation."""

import random
from math import sqrt
from statistics import NormalDist

import pytest

from resnext_viz.study.power import MOST_SEEDS, USUAL_POWER, noncentral_share, power_of, seeds_to_decide
from resnext_viz.study.student import central_share, t_quantile
from resnext_viz.study.summary import summarise
from tests.study.made import made


@pytest.mark.parametrize("freedom", [1, 2, 3, 7, 30, 700])
@pytest.mark.parametrize("shift", [-1.5, 0.0, 0.7, 3.0])
@pytest.mark.parametrize("t", [-2.4, 0.0, 1.0, 2.4])
def test_the_noncentral_t_is_scipys(freedom: int, shift: float, t: float) -> None:
    stats = pytest.importorskip("scipy.stats")
    assert noncentral_share(t, freedom, shift) == pytest.approx(float(stats.nct.cdf(t, freedom, shift)), abs=1e-6)


def test_without_a_shift_it_is_students_t() -> None:
    for freedom in (1, 4, 7):
        both = noncentral_share(2.0, freedom, 0) - noncentral_share(-2.0, freedom, 0)
        assert both == pytest.approx(central_share(2.0, freedom), abs=1e-6)


def test_with_many_degrees_it_is_the_normal_distribution() -> None:
    # Cohen: n = 2·((z for 95 % + z for the power)·σ/Δ)² in each of two groups.
    z = NormalDist().inv_cdf
    seeds = 2 * ((z(0.975) + z(USUAL_POWER)) / 0.2) ** 2
    assert power_of(0.2, 1.0, round(seeds), 50) == pytest.approx(USUAL_POWER, abs=0.002)


def test_a_simulated_study_is_decided_as_often() -> None:
    chance, seeds, settings, difference, trials = random.Random(1), 3, 4, 1.5, 4000
    decided = 0
    for _ in range(trials):
        rows = [[chance.gauss(difference if row == 0 else 0.0, 1) for _ in range(seeds)] for row in range(settings)]
        columns = [sum(column) / settings for column in zip(*rows, strict=True)]
        middle = sum(columns) / seeds
        rest = [value - sum(row) / seeds - columns[at] + middle for row in rows for at, value in enumerate(row)]
        freedom = (seeds - 1) * (settings - 1)
        spread = sqrt(sum(value * value for value in rest) / freedom)
        gain = sum(rows[0]) / seeds - sum(rows[1]) / seeds
        decided += abs(gain) > t_quantile(freedom) * spread * sqrt(2 / seeds)
    assert decided / trials == pytest.approx(power_of(difference, 1.0, seeds, settings), abs=0.025)


def test_so_many_seeds_do_and_one_fewer_does_not() -> None:
    summary = summarise(made({"1": [32.0, 32.6, 32.1], "2": [31.9, 32.2, 32.2], "4": [31.5, 32.0, 31.9]}))
    one, _, four = summary.ladder
    seeds = seeds_to_decide(summary, four, one)
    assert seeds is not None
    spread, freedom = summary.spread_within([0, 1, 2])
    assert freedom == 4
    gain = summary.gain(four, one).value
    assert power_of(gain, spread, seeds, 3) >= USUAL_POWER > power_of(gain, spread, seeds - 1, 3)


def test_what_cannot_be_said_is_none() -> None:
    single = summarise(made({"1": [32.0], "4": [31.0]}))
    assert seeds_to_decide(single, single.ladder[1], single.ladder[0]) is None
    equal = summarise(made({"1": [32.0, 31.0], "4": [31.0, 32.0]}))
    assert seeds_to_decide(equal, equal.ladder[1], equal.ladder[0]) is None
    assert power_of(1e-4, 1.0, MOST_SEEDS, 8) < USUAL_POWER
    assert power_of(1.0, 1.0, 1, 8) == 0.0
    assert power_of(1.0, 0.0, 2, 8) == 1.0
