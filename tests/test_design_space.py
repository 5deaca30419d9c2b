"""Equal cost against the paper's Table 2, published solver values, and the walk itself for random networks."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resnext_viz import ResNeXtSpec, complexity, parse
from resnext_viz.design_space import (
    Quantity,
    count_polynomials,
    equal_cost_row,
    nearest_base_width,
    solve_base_width,
    table2,
    total_polynomial,
)
from resnext_viz.spec import ImageSize
from tests.support.specs import image_shapes, specs


def test_table_2_cell_by_cell() -> None:
    printed = [(1, 64, 64), (2, 40, 80), (4, 24, 96), (8, 14, 112), (32, 4, 128)]
    rows = table2()
    assert [(row.cardinality, row.base_width, row.group_conv_width) for row in rows] == printed
    assert [row.params for row in rows] == [c * (256 * d + 9 * d * d + d * 256) for c, d, _ in printed]
    assert [row.macs for row in rows] == [row.params * 56**2 for row in rows]
    assert [round(row.macs / 1e9, 2) for row in rows] == [0.22] * 5


@pytest.mark.parametrize(
    ("cardinality", "exact"),
    [
        (1, 64.0),
        (2, 39.948),
        (4, 23.932),
        (8, 13.701),
        (16, 7.509),
        (32, 3.973),
        (64, 2.051),
    ],
)
def test_the_d_that_keeps_a_blocks_params(cardinality: int, exact: float) -> None:
    weights = total_polynomial(ResNeXtSpec(), Quantity.BLOCK_PARAMS)
    assert solve_base_width(weights, 69_632, cardinality) == pytest.approx(exact, abs=5e-4)


def test_sixteen_paths_are_not_in_the_paper_because_no_whole_d_fits() -> None:
    assert 16 * (512 * 8 + 9 * 64) / 69_632 - 1 == pytest.approx(0.074, abs=5e-4)
    row = equal_cost_row(parse("resnet50"), Quantity.BLOCK_PARAMS, 69_632, 16)
    assert (row.base_width, round(row.off, 3)) == (8, 0.074)


def test_a_whole_network_along_the_line() -> None:
    budget = complexity(parse("resnet50")).macs
    row = equal_cost_row(parse("resnext50_32x4d"), Quantity.MACS, budget, 16)
    assert row.base_width == 7
    assert row.complexity.macs / budget - 1 == pytest.approx(row.off, abs=1e-12)
    assert round(row.off, 3) == -0.043


@given(specs(), image_shapes())
def test_the_terms_give_exactly_what_the_walk_counts(spec: ResNeXtSpec, image_size: ImageSize) -> None:
    counts = complexity(spec, image_size)
    here = (spec.cardinality, spec.base_width)
    assert tuple(polynomial.at(*here) for polynomial in count_polynomials(spec, image_size)) == counts.total


@given(specs(), st.sampled_from(Quantity), st.integers(1, 1024))
def test_the_solver_undoes_the_polynomial(spec: ResNeXtSpec, quantity: Quantity, base_width: int) -> None:
    polynomial = total_polynomial(spec, quantity, 64)
    found = solve_base_width(polynomial, polynomial.at(spec.cardinality, base_width), spec.cardinality)
    assert found is not None
    assert math.isclose(found, base_width, rel_tol=1e-9)
    assert nearest_base_width(found) == base_width


def test_a_budget_below_the_fixed_cost_has_no_d() -> None:
    assert solve_base_width(total_polynomial(parse("resnext50"), Quantity.PARAMS), 1000, 4) is None
    assert nearest_base_width(None) == 1
