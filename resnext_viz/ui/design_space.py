"""The Design space page: Table 2, the line of equal cost with its charts, and the solver for whole networks."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import streamlit as st

from resnext_viz.complexity import complexity
from resnext_viz.design_space import (
    EqualCostRow,
    Polynomial,
    Quantity,
    equal_cost_row,
    solve_base_width,
    table2,
    total_polynomial,
)
from resnext_viz.figures.design_space.equal_cost_chart import (
    CostPoint,
    Crosses,
    design_space_caption,
    equal_cost_chart,
    equal_cost_text,
)
from resnext_viz.figures.design_space.small_charts import LinePoint, small_charts, small_charts_text
from resnext_viz.figures.design_space.solver_table import solver_table
from resnext_viz.figures.design_space.table2 import table2_table
from resnext_viz.figures.kit.palette import Theme
from resnext_viz.glossary import term
from resnext_viz.kit.csv_file import csv_text
from resnext_viz.kit.link_values import MOST_WHOLE
from resnext_viz.kit.number_format import exact
from resnext_viz.names import title_of
from resnext_viz.paper import TABLE_2, TABLE_3
from resnext_viz.spec import LIMITS, ImageSize, ResNeXtSpec
from resnext_viz.ui.kit import controls, link
from resnext_viz.ui.kit.charts import chart_theme, dialling_chart, finished
from resnext_viz.ui.kit.components import REMEMBERED, drawing, drawn
from resnext_viz.ui.kit.dialled import Dialled
from resnext_viz.ui.kit.parts import OfferedFile, heading, heading_text

if TYPE_CHECKING:
    import plotly.graph_objects as go

QUANTITIES = {
    Quantity.BLOCK_PARAMS: ("block params", "params of one stage-1 block"),
    Quantity.PARAMS: ("network params", "params"),
    Quantity.MACS: ("network MACs", "MACs"),
}
_LEFT_OUT = 16  # the C that Table 2 skips
_CURVE_POINTS = 96
_SOLVED = (1, 2, 4, 8, 16, 32, 64)


def show_table2(dialled: Dialled) -> None:
    """The paper's Table 2, recomputed cell by cell."""
    download = OfferedFile(
        "Download CSV", "table2.csv", "text/csv", lambda: csv_text([row.to_dict() for row in table2()])
    )
    heading("Table 2, recomputed", "Block of stage 1, weights of its three convolutions, on a 56×56 map.", download)
    drawn(_table2, dialled.spec.cardinality, dialled.spec.base_width, key="table2", sheet="design")


def _table2(cardinality: int, base_width: int) -> str:
    return table2_table(table2(), (cardinality, base_width))


def ask_quantity() -> Quantity:
    """What is held equal, asked beside the section's title."""
    with st.container(horizontal=True, vertical_alignment="center", key="heading-equal-cost"):
        heading_text("Equal cost", "For every C, the width d at which the network costs the same.")
        quantity = st.segmented_control(
            "Hold equal",
            list(QUANTITIES),
            required=True,
            format_func=lambda quantity: QUANTITIES[quantity][0],
            width="content",
            label_visibility="collapsed",
            help=term("budget").help,
            **link.bound("hold", "hold_equal", among=QUANTITIES),
        )
    return Quantity(quantity)


def show_line(dialled: Dialled, quantity: Quantity) -> None:
    """The line of equal cost through the ResNet of the same depth, and what it means for whole networks."""
    line = _line(dialled.spec, dialled.image_size, quantity, chart_theme())
    along = _along(dialled.spec, dialled.image_size, chart_theme())
    left, right = st.columns([520, 290], gap="medium")
    with left:
        dialling_chart(line.chart, "equal-cost", line.words, controls.dial_to)
    with right:
        dialling_chart(along.chart, "along-the-line", along.words, controls.dial_to)
    st.html(f'<p class="rx-caption">{line.caption}</p>')


class _CostChart(NamedTuple):
    chart: go.Figure
    words: str
    caption: str = ""


@lru_cache(maxsize=REMEMBERED)
def _line(spec: ResNeXtSpec, image_size: ImageSize, quantity: Quantity, theme: Theme) -> _CostChart:
    polynomial = total_polynomial(spec, quantity, image_size)
    budget = int(polynomial.at(1, 64))
    current = _point(polynomial, budget, spec.cardinality, spec.base_width)
    papers = [_point(polynomial, budget, column.cardinality, column.base_width) for column in TABLE_2]
    crosses = _crosses(polynomial, budget)
    label = f"the budget: {exact(budget)} {QUANTITIES[quantity][1].split()[0]}"
    curve = _curve(polynomial, budget, max(64, current.cardinality))
    resnet = title_of(replace(spec, cardinality=1, base_width=64))
    return _CostChart(
        finished(equal_cost_chart(curve, papers, current, label, crosses, theme)),
        equal_cost_text(current, label),
        design_space_caption(resnet, crosses),
    )


@lru_cache(maxsize=REMEMBERED)
def _along(spec: ResNeXtSpec, image_size: ImageSize, theme: Theme) -> _CostChart:
    points, layers = _line_points(spec, image_size), spec.layer_count
    return _CostChart(finished(small_charts(points, layers, theme)), small_charts_text(points, layers))


def show_solver(dialled: Dialled, quantity: Quantity) -> None:
    """Whole networks at one budget, for every C: a budget asked for, d exact and rounded, and all that follows."""
    unit = QUANTITIES[quantity][1]
    baseline = int(
        total_polynomial(dialled.baseline, quantity, dialled.image_size).at(
            dialled.baseline.cardinality, dialled.baseline.base_width
        )
    )
    slot = st.container()
    usual = min(baseline, MOST_WHOLE)
    starts = f"Starts at {dialled.baseline_title}’s {exact(baseline)}"
    budget = st.number_input(
        f"Budget, {unit}",
        min_value=1,
        max_value=MOST_WHOLE,
        step=1,
        width=260,
        help=f"{starts}." if baseline == usual else f"{starts}, or the most that a browser’s number holds.",
        **link.bound("budget", f"budget-{quantity}-{baseline}", usual=usual),
    )
    solved = _solver(dialled.spec, quantity, budget, dialled.image_size)
    with slot:
        caption = f"{dialled.spec.layer_count} layers at {exact(budget)} {unit}, every option as dialled."
        heading(
            "Solve for d",
            caption,
            OfferedFile(
                "Download CSV", "equal-cost.csv", "text/csv", lambda: csv_text([_solved(row) for row in solved.rows])
            ),
        )
    drawing(solved.table, key="solver", sheet="design")


class _Solved(NamedTuple):
    rows: list[EqualCostRow]
    table: bytes


@lru_cache(maxsize=REMEMBERED)
def _solver(spec: ResNeXtSpec, quantity: Quantity, budget: int, image_size: ImageSize) -> _Solved:
    rows = [equal_cost_row(spec, quantity, budget, cardinality, image_size) for cardinality in _cardinalities(spec)]
    return _Solved(rows, solver_table(rows, (spec.cardinality, spec.base_width)).encode())


def _cardinalities(spec: ResNeXtSpec) -> list[int]:
    return sorted({*_SOLVED, spec.cardinality})


def _point(polynomial: Polynomial, budget: int, cardinality: int, base_width: int) -> CostPoint:
    return CostPoint(cardinality, base_width, polynomial.at(cardinality, base_width) / budget - 1)


def _curve(polynomial: Polynomial, budget: int, top: int) -> list[tuple[float, float]]:
    points = []
    for step in range(_CURVE_POINTS + 1):
        cardinality = top ** (step / _CURVE_POINTS)
        width = solve_base_width(polynomial, budget, cardinality)
        if width is not None:
            points.append((cardinality, width))
    return points


def _crosses(polynomial: Polynomial, budget: int) -> Crosses | None:
    width = solve_base_width(polynomial, budget, _LEFT_OUT)
    if width is None or width < LIMITS["base_width"][0]:
        return None
    low = int(width)
    return Crosses(width, tuple(_point(polynomial, budget, _LEFT_OUT, d) for d in (low + 1, low)))


def _line_points(spec: ResNeXtSpec, image_size: ImageSize) -> list[LinePoint]:
    """The paper's five with the dialled options, and the dialled one; errors where Table 3 has them."""
    errors = {(row.layers, row.cardinality, row.base_width): row.top1_error for row in TABLE_3}
    plain = spec == ResNeXtSpec(spec.depths, spec.cardinality, spec.base_width) and image_size == 224
    pairs = [(column.cardinality, column.base_width) for column in TABLE_2]
    here = (spec.cardinality, spec.base_width)
    points = []
    for c, d in (*pairs, *([] if here in pairs else [here])):
        counts = complexity(replace(spec, cardinality=c, base_width=d), image_size)
        error = errors.get((spec.layer_count, c, d)) if plain else None
        points.append(LinePoint(c, d, counts.params, counts.macs, error, (c, d) == here))
    return points


def _solved(row: EqualCostRow) -> dict[str, Any]:
    return {
        "cardinality": row.cardinality,
        "exact_base_width": row.exact,
        "base_width": row.base_width,
        **row.complexity.total._asdict(),
        "off_budget": row.off,
    }
