"""Every mistake with one path, with two and with as many as dialled: what a test would notice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from resnext_viz.block_forms.faults import FEWEST_PATHS, Fault
from resnext_viz.figures.kit.svg import Markup, tag
from resnext_viz.kit.number_format import difference_text

Row = Mapping[str, Any]
NOT_TRIED = "…"


def fault_table(tried: Sequence[Row], cardinalities: Sequence[int], chosen: str) -> str:
    """HTML of the largest output difference of every mistake at every C, as far as tried.

    Args:
        tried: rows of `break-forms --json`, of one block and one mode.
        cardinalities: the columns.
        chosen: the mistake that is shown above.
    """
    found = {(row["fault"], row["cardinality"]): row for row in tried}
    heads = [tag("th", f"C = {cardinality}", scope="col") for cardinality in cardinalities]
    head = tag(
        "thead",
        tag(
            "tr",
            tag("th", "Mistake", scope="col", class_="rx-left"),
            tag("th", "In", scope="col", class_="rx-left"),
            *heads,
        ),
    )
    body = [
        _row(fault, [found.get((fault, cardinality)) for cardinality in cardinalities], fault == chosen)
        for fault in Fault
    ]
    table = tag("table", tag("caption", _finding(tried)), head, tag("tbody", *body), class_="rx-fault-tried")
    return tag("div", table, class_="rx-fault-frame")


def _finding(tried: Sequence[Row]) -> str:
    alone = [row for row in tried if row["cardinality"] < FEWEST_PATHS and row["obstacle"] is None]
    if len({row["fault"] for row in tried}) < len(Fault):
        return "Largest output difference with one path, with two, and as dialled. Trying."
    silent = sum(not row["found"] for row in alone)
    missed = sum(row["found"] is False for row in tried if row["cardinality"] >= FEWEST_PATHS)
    caught = "every one shows" if not missed else f"{missed} do not show"
    return (
        f"Largest output difference. With C = 1, {silent} of {len(alone)} mistakes change nothing, and a test with "
        f"one path would pass them; with C ≥ {FEWEST_PATHS} {caught}."
    )


def _row(fault: Fault, cells: Sequence[Row | None], is_chosen: bool) -> Markup:
    reasons = {row and row["obstacle"] for row in cells}
    reason = reasons.pop() if len(reasons) == 1 else None
    shown = [tag("td", reason, colspan=str(len(cells)), class_="rx-fault-quiet")] if reason else list(map(_cell, cells))
    return tag(
        "tr",
        tag("th", fault.heading, scope="row", class_="rx-left"),
        tag("td", f"({fault.form.lower()})", class_="rx-left"),
        *shown,
        class_="rx-fault-chosen" if is_chosen else None,
        aria_current="true" if is_chosen else None,
    )


def _cell(row: Row | None) -> Markup:
    """The cell “≠ 33.1”, “=”, or why there is nothing."""
    if row is None:
        return tag("td", NOT_TRIED, class_="rx-fault-quiet")
    if row["obstacle"]:
        return tag("td", "–", tag("small", row["obstacle"]), class_="rx-fault-quiet")
    if not row["found"]:
        words = "bit for bit" if row["max_abs"] == 0 else "up to rounding"
        return tag("td", "=", tag("small", words), class_="rx-fault-quiet")
    if row["first_step"] is None:
        return tag("td", "=", tag("small", f"statistics off by {difference_text(row['running'])}"))
    return tag("td", f"≠ {difference_text(row['max_abs'])}")
