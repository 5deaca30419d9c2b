"""The verdict on a block's check, in one sentence: whether the three forms give one answer, and how far they are apart.

It is of all rows measured so far, of every dtype and both modes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from resnext_viz.block_forms.terms import ACCEPTED_EPSILONS, EPSILON, Form
from resnext_viz.kit.number_format import difference_text, exact

Row = Mapping[str, Any]  # forms, dtype, mode, what, max_rel, equal: a row of `check-forms --json`
UNITS = "units in the last place"


class CheckVerdict(NamedTuple):
    """The plain statement, and in exact terms what it rests on."""

    sentence: str
    behind: str


def check_verdict(rows: Sequence[Row], total: int) -> CheckVerdict:
    """The verdict on at least one row.

    Args:
        rows: what has been measured, as `check-forms --json` prints it.
        total: how many rows the whole check has.
    """
    unequal = [row for row in rows if not row["equal"]]
    worst = max(unequal or rows, key=_units)
    sentence = _unlike(unequal, worst) if unequal else _alike(worst, is_whole=len(rows) >= total)
    return CheckVerdict(sentence, f"{_exactly(worst)}{_counted(rows, total)}")


def number_of_units(ratio: float) -> str:
    """`3.6`, `18`, or `2.1·10⁵` where there are many."""
    return f"{ratio:.1f}" if 0.1 <= ratio < 10 else difference_text(ratio)


def _units(row: Row) -> float:
    """The difference in ε of its dtype, relative to the largest value compared; infinite where it is no number."""
    return math.inf if row["max_rel"] is None else row["max_rel"] / EPSILON[row["dtype"]]


def _alike(worst: Row, *, is_whole: bool) -> str:
    start = "All three give the same answer" if is_whole else "The same answer so far"
    units = _units(worst)
    if units == 0:
        return f"{start}, bit for bit."
    return f"{start}, up to rounding: the largest difference is {number_of_units(units)} {UNITS} of {worst['dtype']}."


def _unlike(unequal: Sequence[Row], worst: Row) -> str:
    """Which form stands apart from both others, if one does, and by how much."""
    pairs = {row["forms"] for row in unequal}
    apart = [form for form in Form if all(form in pair for pair in pairs)]
    if len(pairs) == 1:
        first, second = map(_letter, next(iter(pairs)).split("-"))
        who = f"Forms {first} and {second} give different answers"
    elif apart:
        first, second = (_letter(form) for form in Form if form is not apart[0])
        who = f"Form {_letter(apart[0])} gives another answer than {first} and {second}"
    else:
        who = "Each form gives another answer"
    far = "no finite number" if worst["max_rel"] is None else f"up to {_share(worst)}"
    return f"{who}: by {far}, in {worst['dtype']}."


def _exactly(worst: Row) -> str:
    """The largest difference in the field's terms, where it was measured, and what counts as equal."""
    if worst["max_rel"] == 0:
        return ""
    first, second = map(_letter, worst["forms"].split("-"))
    is_number = worst["max_rel"] is not None
    far = f"That is {number_of_units(_units(worst))} ε, {_share(worst)}" if is_number else "Farthest apart"
    where = f"{worst['what']}s of {first} and {second}, batch norm in {worst['mode']} mode"
    return f"{far}: {where}. Up to {ACCEPTED_EPSILONS} units count as equal. "


def _share(row: Row) -> str:
    return f"{difference_text(row['max_rel'])} of the largest value"


def _counted(rows: Sequence[Row], total: int) -> str:
    number = exact(len(rows)) if len(rows) >= total else f"{exact(len(rows))} of {exact(total)}"
    *first, last = dict.fromkeys(row["dtype"] for row in rows)
    return f"{number} comparisons, in {' and '.join(filter(None, (', '.join(first), last)))}."


def _letter(form: str) -> str:
    return f"({form.lower()})"
