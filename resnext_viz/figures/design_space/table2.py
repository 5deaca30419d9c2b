"""The paper's Table 2 recomputed: each computed number beside what the paper prints, with a sign for how they agree.

"=" is the paper's figure exactly, "≈" rounds to it, "~" does not: the paper says "about" where rounding differs.
Source: arXiv 1611.05431, Table 2.
"""

from __future__ import annotations

from collections.abc import Sequence

from resnext_viz.design_space import Table2Row
from resnext_viz.figures.kit.svg import Markup, markup, tag
from resnext_viz.kit.number_format import exact
from resnext_viz.paper import TABLE_2, TABLE_2_GMACS, TABLE_2_THOUSAND_PARAMS, Table2Column
from resnext_viz.paper_tables.cells import Sign, rounded_agreement, whole_agreement

_SPOKEN: dict[Sign, str] = {
    "=": "the paper's figure exactly", "≈": "rounds to the paper's figure", "~": "differs", "○": "cited",
}  # fmt: skip


def table2_table(rows: Sequence[Table2Row], current: tuple[int, int]) -> str:
    """HTML of Table 2 with the dialled C and d marked where they are one of its columns; choosing a row dials it.

    Args:
        rows: what `design_space.table2` gives.
        current: the dialled C and d.
    """
    printed = {column.cardinality: column for column in TABLE_2}
    body = [_row(row, printed[row.cardinality], current == (row.cardinality, row.base_width)) for row in rows]
    table = tag("table", _heading(), tag("tbody", *body, data_group="table2"), class_="rx-table2")
    return tag("div", table, _note(rows), class_="rx-table2-frame")


def _heading() -> Markup:
    def column(name: str, class_: str | None = None) -> Markup:
        return tag("th", name, scope="col", class_=class_)

    return tag(
        "thead",
        tag(
            "tr",
            tag("td", colspan="4"),
            tag("th", "Params of one block", colspan="2", scope="colgroup"),
            tag("th", "MACs of one block", colspan="2", scope="colgroup"),
            class_="rx-table2-groups",
        ),
        tag(
            "tr",
            column("Block", "rx-left"),
            column("d, paper"),
            column("d, exact"),
            column("C·d, paper"),
            column("computed"),
            column("paper", "rx-left"),
            column("computed"),
            column("paper", "rx-left"),
        ),
    )


def _row(row: Table2Row, paper: Table2Column, is_current: bool) -> Markup:
    block = tag("b", f"{row.cardinality}×{row.base_width}d")
    remark = "this network" if is_current else "ResNet block" if row.cardinality == 1 else ""
    width = whole_agreement(row.base_width, paper.base_width)
    group_width = whole_agreement(row.group_conv_width, paper.group_conv_width)
    params = rounded_agreement(row.params, TABLE_2_THOUSAND_PARAMS, 1_000, 0, "k")
    macs = rounded_agreement(row.macs, TABLE_2_GMACS, 1_000_000_000, 2, "G")
    return tag(
        "tr",
        tag("th", block, tag("small", remark), scope="row", class_="rx-left"),
        tag("td", exact(paper.base_width), sign_mark(width.sign)),
        tag("td", f"{row.exact_base_width:.3f}"),
        tag("td", exact(paper.group_conv_width), sign_mark(group_width.sign)),
        tag("td", exact(row.params)),
        tag("td", sign_mark(params.sign), params.words, class_="rx-left rx-table2-paper"),
        tag("td", exact(row.macs)),
        tag("td", sign_mark(macs.sign), macs.words, class_="rx-left rx-table2-paper"),
        class_="rx-table2-current" if is_current else None,
        aria_current="true" if is_current else None,
        data_dial=f"{row.cardinality},{row.base_width}",
    )


def sign_mark(sign: Sign) -> Markup:
    """The sign, with its meaning for people who hear it."""
    good = " rx-good" if sign in {"=", "≈"} else ""
    return tag("b", sign, class_=f"rx-sign{good}", role="img", aria_label=_SPOKEN[sign])


def _note(rows: Sequence[Table2Row]) -> Markup:
    """What the signs mean; a sign that does not occur is not explained."""
    off = [row for row in rows if rounded_agreement(row.params, TABLE_2_THOUSAND_PARAMS, 1_000, 0, "k").sign == "~"]
    about = ""
    if off:
        which = ", ".join(f"{row.cardinality}×{row.base_width}d rounds to {row.params / 1_000:.0f} k" for row in off)
        about = markup(tag("b", "~", class_="rx-sign"), f" the paper says “∼{TABLE_2_THOUSAND_PARAMS}k”; {which}. ")
    return tag(
        "p",
        tag("b", "=", class_="rx-sign rx-good"),
        " the paper’s figure exactly. ",
        tag("b", "≈", class_="rx-sign rx-good"),
        " rounds to the paper’s figure. ",
        about,
        "The paper writes “FLOPs, in # of multiply-adds”: these are MACs.",
        class_="rx-table2-note",
    )
