"""The measured differences between the three forms as a table, each row with its place on a logarithmic strip.

A difference is relative to the largest value compared. 0 has no logarithm and stands in a slot of its own left of the
axis. What is not measured yet is "–", so that a table can be shown while its check runs.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

from resnext_viz.block_forms.check_verdict import UNITS, check_verdict, number_of_units
from resnext_viz.block_forms.terms import ACCEPTED_EPSILONS, EPSILON
from resnext_viz.figures.kit.svg import Markup, circle, markup, path, tag
from resnext_viz.glossary import term
from resnext_viz.kit.number_format import difference_text, power_of_ten

Mode = Literal["train", "eval"]
Row = Mapping[str, Any]  # forms, dtype, mode, what, max_abs, max_rel, equal: a row of `check-forms --json`


class MeasuredPair(NamedTuple):
    """One pair of forms compared; `relative` is NaN where something overflowed."""

    relative: float
    equal: bool


# Distance from 1 to the next number of the dtype (IEEE 754; bfloat16 keeps 8 bits of the significand).
DTYPES = ("float64", "float32", "bfloat16")
QUANTITIES = ("output", "gradient")
PAIRS = {"A-B": "(a) – (b)", "A-C": "(a) – (c)", "B-C": "(b) – (c)"}
FIRST_DECADE, LAST_DECADE = -17, 1
TICKS = (-16, -12, -8, -4, 0)
NOT_MEASURED = "–"


def verdict_words(rows: Sequence[Row], total: int) -> Markup:
    """HTML of the verdict on the rows measured, of `total`, the exact term behind its words; nothing without rows."""
    if not rows:
        return markup()
    said, unit = check_verdict(rows, total), term("epsilon")
    before, words, after = said.sentence.partition(UNITS)
    tip = "|".join((unit.name, unit.sentence, unit.exactly))
    explained = tag("span", words, class_="rx-explained", data_tip=tip, tabindex="0") if words else ""
    return markup(
        tag("p", before, explained, after, class_="rx-verdict"), tag("p", said.behind, class_="rx-verdict-behind")
    )


def difference_table(rows: Sequence[Row], mode: Mode, device_text: str, dtypes: Sequence[str] = DTYPES) -> str:
    """HTML of the measured differences of one mode; `rows` may still lack some or all of them.

    Args:
        rows: what has been measured, as `check-forms --json` prints it; rows of the other mode are left out, and of
            several blocks the worst counts.
        mode: batch norm in train or eval mode.
        device_text: where and on what it was measured, such as "CPU, torch 2.15.0, input 2×256×56×56".
        dtypes: the dtypes of a whole check, in order.
    """
    found: dict[tuple[str, str, str], MeasuredPair] = {}
    for row in rows:
        if row["mode"] == mode:
            key = row["dtype"], row["what"], row["forms"]
            found[key] = max(found.get(key, _measured(row)), _measured(row), key=_severity)
    shown = [*dtypes, *dict.fromkeys(dtype for dtype, _, _ in found if dtype not in dtypes)]
    bodies = [tag("tbody", *_dtype_rows(dtype, found)) for dtype in shown]
    table = tag(
        "table", tag("caption", device_text, class_="rx-d-caption"), table_head(PAIRS), *bodies, class_="rx-d-table"
    )
    return tag("div", table, _key(), class_="rx-differences")


def _measured(row: Row) -> MeasuredPair:
    return MeasuredPair(math.nan if row["max_rel"] is None else float(row["max_rel"]), bool(row["equal"]))


def _severity(measured: MeasuredPair) -> tuple[bool, float]:
    return not measured.equal, math.inf if math.isnan(measured.relative) else measured.relative


def place_on_axis(value: float) -> float:
    """Where a positive difference lies on the axis, as a share of its length; the ends take what lies outside."""
    if math.isnan(value):
        return 1.0
    decade = LAST_DECADE if math.isinf(value) else math.log10(value)
    return min(max((decade - FIRST_DECADE) / (LAST_DECADE - FIRST_DECADE), 0.0), 1.0)


def table_head(pairs: Mapping[str, str]) -> Markup:
    """The columns: dtype, what, one for each pair, the strip with its axis, the result."""
    ticks = [
        tag(
            "span",
            "1" if decade == 0 else power_of_ten(decade),
            class_="rx-d-tick" if decade % 8 == 0 else "rx-d-tick rx-d-odd",  # odd ones go where there is no room
            style=f"left:{100 * place_on_axis(10.0**decade):.2f}%",
        )
        for decade in TICKS
    ]
    scale = tag(
        "div",
        tag("span", "0", class_="rx-d-zero-tick"),
        tag("div", *ticks, class_="rx-d-axis"),
        class_="rx-d-strip rx-d-scale",
        aria_hidden="true",
    )
    columns = [tag("th", words, scope="col", class_="rx-d-pair") for words in pairs.values()]
    return tag(
        "thead",
        tag(
            "tr",
            tag("th", "Dtype", scope="col", class_="rx-left rx-d-dtype"),
            tag("th", "What", scope="col", class_="rx-left rx-d-what"),
            *columns,
            tag("th", "Largest difference, relative", scale, scope="col", class_="rx-left rx-d-wide"),
            tag("th", "Result", scope="col", class_="rx-left rx-d-verdict"),
        ),
    )


def dtype_head(dtype: str, rows: int) -> Markup:
    """The head of a dtype's rows, with its epsilon."""
    epsilon = EPSILON.get(dtype)
    return tag(
        "th",
        tag("b", dtype),
        tag("small", f"ε = {difference_text(epsilon)}") if epsilon else "",
        scope="rowgroup",
        rowspan=str(rows),
        class_="rx-left",
    )


def _dtype_rows(dtype: str, found: Mapping[tuple[str, str, str], MeasuredPair]) -> list[Markup]:
    epsilon = EPSILON.get(dtype)
    name = dtype_head(dtype, len(QUANTITIES))
    rows = []
    for index, what in enumerate(QUANTITIES):
        measured = {pair: found[dtype, what, pair] for pair in PAIRS if (dtype, what, pair) in found}
        values = [
            tag("td", difference_text(measured[pair].relative) if pair in measured else NOT_MEASURED) for pair in PAIRS
        ]
        rows.append(
            tag(
                "tr",
                name if index == 0 else markup(),
                tag("td", what, class_="rx-left"),
                *values,
                tag(
                    "td",
                    strip(f"{dtype} {what}", measured, epsilon, ACCEPTED_EPSILONS * (epsilon or 0)),
                    class_="rx-d-wide",
                ),
                tag("td", *_verdict(epsilon, measured), class_="rx-left rx-d-verdict"),
            )
        )
    return rows


def _verdict(epsilon: float | None, measured: Mapping[str, MeasuredPair]) -> tuple[str, ...]:
    """A word, and the worst difference in units of the last place."""
    if not measured:
        return (NOT_MEASURED,)
    values = [row.relative for row in measured.values()]
    worst = math.nan if any(map(math.isnan, values)) else max(values)
    unequal = [PAIRS[pair] for pair, row in measured.items() if not row.equal]
    if unequal:
        return (
            tag("b", "not equal"),
            tag("small", ", ".join(unequal) if len(unequal) < len(PAIRS) else "all pairs"),
            tag("small", in_units(worst, epsilon)),
        )
    if len(measured) < len(PAIRS):
        return tag("span", f"{len(measured)} of {len(PAIRS)} pairs"), tag("small", "equal so far")
    return tag("b", "equal"), tag("small", "bit for bit" if worst == 0 else in_units(worst, epsilon))


def in_units(value: float, epsilon: float | None) -> str:
    """`3.6 units` in the last place; the plain difference where the dtype's epsilon is not known."""
    if epsilon is None or not math.isfinite(value):
        return difference_text(value)
    return f"{number_of_units(value / epsilon)} units"


def strip(
    subject: str, measured: Mapping[str, MeasuredPair], tick: float | None, accepted: float, tip: str | None = None
) -> Markup:
    """Where the pairs lie: circle, diamond and dot, one inside the other when equal.

    Args:
        subject: what is compared, in words.
        measured: by pair.
        tick: what a dashed tick stands at; None for no tick and no ground.
        accepted: how far the ground of what counts as equal goes.
        tip: a readout, lines separated by "|".
    """
    spoken = ", ".join(f"{PAIRS[pair]} {difference_text(row.relative)}" for pair, row in measured.items())
    band: list[Markup] = []
    if tick:
        band = [
            tag("i", class_="rx-d-accepted", style=f"width:{_percent(accepted)}"),
            tag("i", class_="rx-d-epsilon", style=f"left:{_percent(tick)}"),
        ]
    stacked = {pair: measured[pair] for pair in ("A-B", "B-C", "A-C") if pair in measured}  # the largest sign below
    zeros = [_mark(pair, "50%") for pair, row in stacked.items() if row.relative == 0]
    others = [_mark(pair, _percent(row.relative)) for pair, row in stacked.items() if row.relative != 0]
    return tag(
        "div",
        tag("div", *zeros, class_="rx-d-zero"),
        tag("div", *band, tag("i", class_="rx-d-line"), *others, class_="rx-d-axis"),
        class_="rx-d-strip",
        role="img",
        aria_label=f"{subject}: {spoken or 'not measured yet'}",
        data_tip=tip,
    )


def _percent(value: float) -> str:
    return f"{100 * place_on_axis(value):.2f}%"


def _mark(pair: str, left: str) -> Markup:
    return tag("span", sign(pair), class_="rx-d-mark", style=f"left:{left}")


def sign(pair: str) -> Markup:
    """The mark of a pair."""
    shape = {
        "A-B": circle(9, 9, 7.8, class_="rx-d-ring"),
        "A-C": circle(9, 9, 2.2, class_="rx-d-dot"),
        "B-C": path("M", 9, 3.8, "L", 14.2, 9, "L", 9, 14.2, "L", 3.8, 9, "z", class_="rx-d-ring"),
    }[pair]
    return tag("svg", shape, width=18, height=18, viewBox="0 0 18 18", aria_hidden="true")


def _key() -> Markup:
    pairs = [tag("span", sign(pair), words) for pair, words in PAIRS.items()]
    return tag(
        "p",
        *pairs,
        tag("span", tag("i", class_="rx-d-key-epsilon"), "1 unit in the last place = ε"),
        tag("span", tag("i", class_="rx-d-key-accepted"), f"counts as equal: up to {ACCEPTED_EPSILONS} units"),
        class_="rx-d-key",
    )
