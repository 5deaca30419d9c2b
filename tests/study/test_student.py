"""Student's t against printed tables and against the closed forms of one and two degrees of freedom."""

from math import atan, inf, pi, sqrt, tan

import pytest

from resnext_viz.study.student import central_share, t_quantile

# NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.2: upper critical values at 0.975 and 0.995.
NIST_95 = {1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 6: 2.447, 7: 2.365, 8: 2.306, 9: 2.262, 10: 2.228,
           15: 2.131, 20: 2.086, 30: 2.042, 60: 2.000, 100: 1.984}  # fmt: skip
NIST_99 = {1: 63.657, 2: 9.925, 3: 5.841, 4: 4.604, 5: 4.032, 10: 3.169, 30: 2.750}


@pytest.mark.parametrize(("confidence", "table"), [(0.95, NIST_95), (0.99, NIST_99)])
def test_quantiles_are_those_of_the_printed_table(confidence: float, table: dict[int, float]) -> None:
    assert {freedom: round(t_quantile(freedom, confidence), 3) for freedom in table} == table


def test_one_and_two_degrees_have_closed_forms() -> None:
    for t in (0.1, 1.0, 7.5):
        assert central_share(t, 1) == pytest.approx(2 / pi * atan(t), abs=1e-14)
        assert central_share(t, 2) == pytest.approx(t / sqrt(2 + t * t), abs=1e-14)
    assert t_quantile(1) == pytest.approx(tan(0.95 * pi / 2), rel=1e-12)


def test_without_a_degree_of_freedom_nothing_is_known() -> None:
    assert t_quantile(0) == inf
