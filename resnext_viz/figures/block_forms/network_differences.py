"""The measured differences between the forms of a whole network, place by place, as the table of one block has them.

Depth amplifies rounding, so the ground of what counts as equal is measured for each place: a multiple of how far form
(c) goes when each of its weights is moved by one machine epsilon.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from resnext_viz.block_forms.terms import EPSILON, TIMES_ROUNDING
from resnext_viz.figures.block_forms.differences import (
    NOT_MEASURED,
    PAIRS,
    MeasuredPair,
    Mode,
    dtype_head,
    in_units,
    sign,
    strip,
    table_head,
)
from resnext_viz.figures.kit.svg import Markup, markup, tag
from resnext_viz.kit.number_format import difference_text, exact
from resnext_viz.spec import ResNeXtSpec

Row = Mapping[str, Any]  # place, dtype, mode, forms, max_rel, rounding, allowed, kinks, equal, as JSON has them
_ONE_UNIT = "1 unit in the last place, ε"
TO_FORM_C = {pair: PAIRS[pair] for pair in ("A-C", "B-C")}


def places_of(spec: ResNeXtSpec, mode: Mode, steps: int) -> tuple[str, ...]:
    """The places that a check compares in one mode, in order, before there is any."""
    outputs = ("stem", *(f"stage {number}" for number in range(1, len(spec.depths) + 1)), *["logits"] * spec.head)
    after = (f"weights after {step} {'step' if step == 1 else 'steps'}" for step in range(1, steps + 1))
    return outputs if mode == "eval" else (*outputs, "gradients", *after)


class MeasuredPlace(NamedTuple):
    """One place of the network in one dtype: what is measured so far, by pair."""

    measured: dict[str, MeasuredPair]
    undecided: bool
    rounding: float
    allowed: float
    kinks: int


def network_table(
    rows: Sequence[Row], mode: Mode, device_text: str, dtypes: Sequence[str], places: Sequence[str]
) -> str:
    """HTML of the measured differences of one mode; `rows` may still lack some or all of them.

    Args:
        rows: what has been measured, as `check-network --json` prints it; rows of the other mode are left out.
        mode: batch norm in train or eval mode.
        device_text: where and on what it was measured.
        dtypes: the dtypes of a whole check, in order.
        places: the places that it compares in this mode, in order.
    """
    bodies = [
        tag("tbody", *_dtype_rows(dtype, places, [row for row in rows if row["mode"] == mode])) for dtype in dtypes
    ]
    table = tag(
        "table",
        tag("caption", device_text, class_="rx-d-caption"),
        table_head(TO_FORM_C),
        *bodies,
        class_="rx-d-table rx-d-network",
    )
    return tag("div", table, _key(), class_="rx-differences")


def _dtype_rows(dtype: str, places: Sequence[str], rows: Sequence[Row]) -> list[Markup]:
    parts = []
    for index, name in enumerate(places):
        place = _place([row for row in rows if row["dtype"] == dtype and row["place"] == name])
        values = [
            tag("td", difference_text(place.measured[pair].relative) if pair in place.measured else NOT_MEASURED)
            for pair in TO_FORM_C
        ]
        parts.append(
            tag(
                "tr",
                dtype_head(dtype, len(places)) if index == 0 else markup(),
                tag("td", name, class_="rx-left"),
                *values,
                tag("td", _strip(f"{dtype}, {name}", place), class_="rx-d-wide"),
                tag("td", *_verdict(place, EPSILON.get(dtype)), class_="rx-left rx-d-verdict"),
            )
        )
    return parts


def _place(rows: Sequence[Row]) -> MeasuredPlace:
    """What is known of a place; rows are of its pairs."""
    measured = {row["forms"]: MeasuredPair(_number(row["max_rel"]), bool(row["equal"])) for row in rows}
    return MeasuredPlace(
        measured,
        any(row["equal"] is None for row in rows),
        max((_number(row["rounding"]) for row in rows), default=0),
        max((_number(row["allowed"]) for row in rows), default=0),
        max((row["kinks"] for row in rows), default=0),
    )


def _number(value: float | None) -> float:
    return math.nan if value is None else float(value)


def _strip(subject: str, place: MeasuredPlace) -> Markup:
    if not place.measured:
        return strip(subject, {}, None, 0)
    kinks = f"|{exact(place.kinks)} ReLU inputs on different sides of zero, taken on (c)’s" if place.kinks else ""
    tip = (
        f"{subject}|rounding alone {difference_text(place.rounding)}"
        f"|counts as equal up to {difference_text(place.allowed)}{kinks}"
    )
    return strip(subject, place.measured, place.rounding, place.allowed, tip)


def _verdict(place: MeasuredPlace, epsilon: float | None) -> tuple[str, ...]:
    """A word, and the worst difference in units of the last place."""
    if not place.measured:
        return (NOT_MEASURED,)
    values = [row.relative for row in place.measured.values()]
    worst = math.nan if any(map(math.isnan, values)) else max(values)
    unequal = [TO_FORM_C[pair] for pair, row in place.measured.items() if not row.equal]
    if place.undecided:
        return tag("b", "undecided"), tag("small", f"rounding alone {difference_text(place.rounding)}")
    if unequal:
        return tag("b", "not equal"), tag("small", ", ".join(unequal)), tag("small", in_units(worst, epsilon))
    if len(place.measured) < len(TO_FORM_C):
        return tag("span", "1 of 2 pairs"), tag("small", "equal so far")
    return tag("b", "equal"), tag("small", "bit for bit" if worst == 0 else in_units(worst, epsilon))


def _key() -> Markup:
    pairs = [tag("span", sign(pair), words) for pair, words in TO_FORM_C.items()]
    return tag(
        "p",
        *pairs,
        tag("span", tag("i", class_="rx-d-key-epsilon"), f"rounding alone: (c) with every weight moved by {_ONE_UNIT}"),
        tag("span", tag("i", class_="rx-d-key-accepted"), f"counts as equal: up to {TIMES_ROUNDING} times that"),
        class_="rx-d-key",
    )
