"""What the three forms of a block cost on this machine: time and memory, beside the paper's reason for (c)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from resnext_viz.block_forms.terms import FORM_NAMES, FormLetter
from resnext_viz.figures.block_forms.form_block import convolutions
from resnext_viz.figures.kit.quote import quote
from resnext_viz.figures.kit.svg import Markup, tag
from resnext_viz.kit.number_format import exact
from resnext_viz.paper import WHY_FORM_C

NOT_MEASURED = "–"
PASSES = ("forward", "forward and backward")
REFERENCE: FormLetter = "c"


class FormCost(NamedTuple):
    """One form in one kind of pass: the median so far, and the most that a call has alive; None where not known."""

    median_ms: float | None
    extra_mb: float | None


Costs = Mapping[str, Mapping[FormLetter, FormCost]]  # by kind of pass


def cost_table(paths: int, costs: Costs, where: str) -> str:
    """HTML of the table; what is not measured yet is a dash.

    Args:
        paths: C.
        costs: what has been measured.
        where: device, torch version, input, in words.
    """
    heads = [tag("th", "Form", scope="col", class_="rx-left"), tag("th", "Convolutions", scope="col")]
    for name in PASSES:
        heads += [
            tag("th", f"{name.capitalize()}, ms", scope="col"),
            tag("th", "Times (c)", scope="col", class_="rx-left rx-k-wide"),
            tag("th", "Memory, MB", scope="col"),
        ]
    longest = {name: max((cost.median_ms or 0 for cost in costs.get(name, {}).values()), default=0) for name in PASSES}
    rows = [tag("tr", *_cells(form, paths, costs, longest)) for form in FORM_NAMES]
    table = tag(
        "table", tag("caption", where), tag("thead", tag("tr", *heads)), tag("tbody", *rows), class_="rx-k-table"
    )
    return tag("div", table, class_="rx-k-frame") + quote(WHY_FORM_C, "Why the paper implements (c), section 4")


def _cells(form: FormLetter, paths: int, costs: Costs, longest: Mapping[str, float]) -> list[Markup]:
    cells = [
        tag("th", f"({form}) {FORM_NAMES[form]}", scope="row", class_="rx-left"),
        tag("td", exact(convolutions(form, paths))),
    ]
    for name in PASSES:
        measured = costs.get(name, {})
        cost, reference = measured.get(form, FormCost(None, None)), measured.get(REFERENCE)
        cells += [
            tag("td", milliseconds(cost.median_ms)),
            tag("td", *_bar(cost.median_ms, longest[name]), _times(cost, reference), class_="rx-left rx-k-wide"),
            tag("td", NOT_MEASURED if cost.extra_mb is None else f"{cost.extra_mb:,.1f}"),
        ]
    return cells


def milliseconds(value: float | None) -> str:
    """`12.3`, `0.45`, `1,204`: three digits that say something."""
    if value is None:
        return NOT_MEASURED
    return f"{value:,.{2 if value < 10 else 1 if value < 100 else 0}f}"


def _bar(value: float | None, longest: float) -> Sequence[Markup]:
    if not value or not longest:
        return ()
    return (tag("i", class_="rx-k-bar", style=f"width:{60 * value / longest:.1f}%"),)


def _times(cost: FormCost, reference: FormCost | None) -> Markup:
    if not (cost.median_ms and reference and reference.median_ms):
        return tag("span", NOT_MEASURED)
    return tag("span", f"{cost.median_ms / reference.median_ms:.1f}×")
