"""[A₁ A₂][B₁; B₂] = A₁B₁ + A₂B₂ with the numbers of one output channel: the columns of path i, and all others.

Drawn from what `inner-product --path --json` prints.
Source: arXiv 1611.05431, section 3.3: why summed paths (Fig. 3a) equal one 1×1 over all (Fig. 3b).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from resnext_viz.figures.inner_product import agreement, decimal
from resnext_viz.figures.numbers import exact
from resnext_viz.figures.svg import Markup, markup, tag

Row = Mapping[str, Any]


def split_table(product: Row, followed: int, paths: int) -> str:
    """HTML of the two parts, their sum and what the convolution computes.

    Args:
        product: `InnerProduct.to_dict()` in two parts, the columns of one path and all others.
        followed: that path, from 1.
        paths: C.
    """
    own, others = product["parts"]
    rows = [_row("A₁B₁", _own(own, followed), own["total"], "rx-n-own")]
    if others["hidden"]:
        count = "1 other path" if paths == 2 else f"{exact(paths - 1)} other paths"
        rows.append(_row("A₂B₂", f"the {count}, {exact(others['hidden'])} channels together", others["total"]))
    if product["bias"]:
        rows.append(_row("bias", "added once", product["bias"]))
    rows.append(_row("sum", "as (a) adds its paths", product["total"], "rx-n-sum"))
    rows.append(_row("one 1×1", f"over all channels, as in (b) and (c): {agreement(product)}", product["computed"]))
    table = tag("table", tag("caption", _caption(product, followed)), tag("tbody", *rows), class_="rx-n-table")
    return tag("div", table, class_="rx-n-frame")


def _own(part: Row, followed: int) -> Markup:
    def vector(values: Sequence[float]) -> str:
        more = ", …" if part["hidden"] else ""
        return f"({', '.join(map(decimal, values))}{more})"

    weights, values = ([term[name] for term in part["terms"]] for name in ("weight", "value"))
    return markup(tag("span", f"path i = {followed}: "), f"{vector(weights)} · {vector(values)}")


def _row(name: str, words: str, value: float, class_: str | None = None) -> Markup:
    return tag("tr", tag("th", name, scope="row"), tag("td", words), tag("td", decimal(value), class_="rx-n-figure"),
               class_=class_)


def _caption(product: Row, followed: int) -> str:
    return (f"Output channel {exact(product['channel'])} of {product['layer']} at row {product['row']}, column "
            f"{product['column']}, where path {followed} adds most: random weights and input, float64, before BN.")
