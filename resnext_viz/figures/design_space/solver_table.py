"""Whole networks at one budget: for every C the exact d, the nearest whole one, and all that it costs."""

from __future__ import annotations

from collections.abc import Sequence

from resnext_viz.design_space import EqualCostRow
from resnext_viz.figures.kit.svg import Markup, tag
from resnext_viz.kit.number_format import exact, signed_percent

_COLUMNS = ("Network", "d, exact", "d", "C·d", "Params", "MACs", "Acts", "Off budget")


def solver_table(rows: Sequence[EqualCostRow], current: tuple[int, int]) -> str:
    """HTML of the solved networks; choosing one dials it.

    Args:
        rows: one for each C.
        current: the dialled C and d.
    """
    first, *others = _COLUMNS
    head = tag(
        "tr", tag("th", first, scope="col", class_="rx-left"), *(tag("th", name, scope="col") for name in others)
    )
    body = [_row(row, current == (row.cardinality, row.base_width)) for row in rows]
    return tag(
        "div",
        tag("table", tag("thead", head), tag("tbody", *body, data_group="solved"), class_="rx-table2"),
        class_="rx-table2-frame",
    )


def _row(row: EqualCostRow, is_current: bool) -> Markup:
    counts = row.complexity
    name = f"{row.cardinality}×{row.base_width}d"
    button = tag(
        "button",
        name,
        type="button",
        class_="rx-dial",
        data_dial=f"{row.cardinality},{row.base_width}",
        aria_label=f"Dial {name}",
    )
    width = "none fits" if row.exact is None else f"{row.exact:,.3f}"
    cells = (
        width,
        exact(row.base_width),
        exact(row.cardinality * row.base_width),
        exact(counts.params),
        exact(counts.macs),
        exact(counts.acts),
        signed_percent(row.off),
    )
    return tag(
        "tr",
        tag("th", button, tag("small", "this network") if is_current else "", scope="row", class_="rx-left"),
        *(tag("td", cell) for cell in cells),
        class_="rx-table2-current" if is_current else None,
        aria_current="true" if is_current else None,
    )
