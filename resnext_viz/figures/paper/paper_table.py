"""One table of the paper as HTML: each printed number with its sign, the exact count below it, and the reasons.

Signs as in `resnext_viz.paper_tables.cells`. Choosing a row gives the canonical name of its network.
"""

from __future__ import annotations

import re

from resnext_viz.figures.design_space.table2 import sign_mark
from resnext_viz.figures.kit.svg import Markup, markup, tag
from resnext_viz.paper_tables.cells import VERDICTS, Cell, Column, PaperTable, TableRow
from resnext_viz.paper_tables.formats import LEGEND, reason_number

_BLOCKS = re.compile(r"(?:(?P<before>[^[]+); )?\[(?P<layers>.+)\] (?P<times>×\d+)")
_UNBROKEN_HYPHEN = "\u2011"


def paper_table_drawing(table: PaperTable, current: str, turn: int) -> str:
    """The table with what stands below it.

    Args:
        table: which.
        current: the canonical name of the dialled network, whose row is marked.
        turn: sent behind the name of a chosen network, so that one can be chosen again.
    """
    head = tag("tr", *map(_heading, table.columns))
    body = [_row(table, row, current, turn) for row in table.rows]
    caption = tag("caption", f"{table.title} of the paper. {table.subject}")
    whole = tag(
        "table",
        caption,
        tag("thead", head),
        tag("tbody", *body, data_group="networks"),
        class_=f"rx-table2 rx-paper rx-paper-{table.key}",
    )
    return tag("div", tag("div", whole, class_="rx-paper-scroll"), _below(table), class_="rx-table2-frame")


def _heading(column: Column) -> Markup:
    remark = tag("small", "computed") if column.is_ours else markup()
    name = column.heading.replace("-", _UNBROKEN_HYPHEN)
    return tag("th", name, remark, scope="col", class_="rx-left" if column.is_words else None)


def _row(table: PaperTable, row: TableRow, current: str, turn: int) -> Markup:
    name = row.network_name
    is_current = name == current
    first, *others = (_cell(table, column, cell) for column, cell in zip(table.columns, row.cells, strict=True))
    return tag(
        "tr", tag("th", *first, tag("small", "this network", class_="rx-this") if is_current else "", scope="row",
                  class_="rx-left" if table.columns[0].is_words else None),
        *(tag("td", *content, class_="rx-left" if column.is_words else None)
          for column, content in zip(table.columns[1:], others, strict=True)),
        class_="rx-table2-current" if is_current else None, aria_current="true" if is_current else None,
        data_choose=f"{name}={turn}" if name else None,
    )  # fmt: skip


def _cell(table: PaperTable, column: Column, cell: Cell) -> tuple[Markup, ...]:
    """What is printed with its sign, and below it what is computed where that says more."""
    if not cell.sign:
        words = cell.printed or cell.computed_text
        return (tag("span", words, class_="rx-ours" if cell.computed is not None else None), *_room(column))
    number = reason_number(table, cell)
    mark = tag("span", sign_mark(cell.sign), tag("sup", str(number)) if number else "", class_="rx-mark")
    printed = markup(_printed(cell.printed), mark)
    if cell.sign in {"=", "○"}:
        return (printed,)
    return printed, tag("small", cell.computed_text, *_room(column))


def _room(column: Column) -> tuple[Markup, ...]:
    """As wide as a sign, so that figures stand under figures."""
    return () if column.is_words or column.is_ours else (tag("span", class_="rx-mark"),)


def _printed(words: str) -> Markup:
    """The paper's text; layers of a block in brackets, below one another."""
    found = _BLOCKS.fullmatch(words)
    if not found:
        return markup(words)
    before = tag("small", f"{found['before']}, then", class_="rx-before") if found["before"] else markup()
    layers = (tag("span", layer) for layer in found["layers"].split("; "))
    return markup(before, tag("span", *layers, class_="rx-layers"), f" {found['times']}")


def _below(table: PaperTable) -> Markup:
    """What the signs mean, the reasons of differences, and the notes."""
    used = {cell.sign for row in table.rows for cell in row.cells}
    legend = [piece for sign in VERDICTS if sign in used for piece in (sign_mark(sign), f" {LEGEND[sign]}. ")]
    dial = "Choose a row to dial its network." if any(row.network for row in table.rows) else ""
    reasons = tag("ol", *(tag("li", reason) for reason in table.reasons), class_="rx-reasons")
    return markup(
        tag("p", tag("b", table.tally.words), ". ", *legend, dial, class_="rx-table2-note"),
        reasons if table.reasons else "",
        *(tag("p", note, class_="rx-table2-note") for note in table.notes),
    )
