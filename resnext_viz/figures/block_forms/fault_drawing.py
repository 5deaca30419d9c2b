"""A mistake made on purpose: what it does, the step where it starts, and how far each output channel is off.

Drawn from what `Located.to_dict` holds. Colour says nothing here: steps carry "=" or "≠", and the one where the mistake
starts is filled.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from resnext_viz.figures.block_forms.channel_bars import channel_bars
from resnext_viz.figures.kit.quote import quote
from resnext_viz.figures.kit.svg import Markup, tag
from resnext_viz.kit.number_format import difference_text, exact
from resnext_viz.paper import EQUIVALENT, FOOTNOTE_6

Row = Mapping[str, Any]
_RIGHT_FORMS = {"A": "(c)", "B": "(c)", "C": "(a) and (b)"}
_QUOTES = {
    "bn-in-paths": (FOOTNOTE_6, "Footnote 6 of the paper"),
    "relu-on-paths": (EQUIVALENT, "Section 4 of the paper"),
}
_IN_PATHS = 2  # steps that forms (a) and (b) make path by path


def fault_drawing(found: Row) -> str:
    """HTML of one mistake in one block.

    Args:
        found: `Located.to_dict()` of it.
    """
    parts = [
        tag("p", _verdict(found), class_="rx-verdict"),
        tag("p", _why(found), class_="rx-fault-why"),
        _steps(found),
    ]
    if found["steps"][-1]["differs"]:
        parts.append(channel_bars(found["channels"]))
    if quoted := _QUOTES.get(found["fault"]):
        parts.append(quote(*quoted))
    return tag("div", *parts, class_="rx-faults")


def _verdict(found: Row) -> str:
    """Which form differs, and by how much."""
    form, output = f"Form ({found['form'].lower()})", found["steps"][-1]
    right = _RIGHT_FORMS[found["form"]]
    if output["differs"]:
        return (
            f"{form} no longer equals {right}: outputs are up to {difference_text(_largest(output))} apart, where the "
            f"largest is {difference_text(found['largest_output'])}."
        )
    if found["found"]:
        return (
            f"{form} gives the same output, and is wrong all the same: running statistics are off by "
            f"{difference_text(found['running'])} after one batch."
        )
    return f"{form} still equals {right}: with C = 1 there is one path, so this mistake changes nothing."


def _why(found: Row) -> str:
    """What the mistake does, and what a test needs to see it."""
    return found["what"] if found["found"] else f"{found['what']} A test needs C ≥ 2."


def _largest(step: Row) -> float:
    return float("inf") if step["max_abs"] is None else step["max_abs"]


def _steps(found: Row) -> Markup:
    boxes: list[Markup] = []
    for index, step in enumerate(found["steps"]):
        if index:
            boxes.append(tag("span", "→", class_="rx-fault-arrow", aria_hidden="true"))
        boxes.append(_step(found, index, step))
    return tag("div", *boxes, class_="rx-fault-steps", role="list")


def _step(found: Row, index: int, step: Row) -> Markup:
    starts = index == found["layer_step"]
    sign, spoken = ("≠", "differs") if step["differs"] else ("=", "equal")
    box = tag(
        "div",
        tag("b", step["name"]),
        tag("small", _unit(found, index, step)),
        tag("span", sign, class_="rx-fault-sign", role="img", aria_label=spoken),
        class_=f"rx-fault-box{' rx-fault-off' if step['differs'] else ''}{' rx-fault-starts' if starts else ''}",
        data_tip=_paths_tip(step),
    )
    return tag("div", box, *_under(found, step, starts), class_="rx-fault-step", role="listitem")


def _unit(found: Row, index: int, step: Row) -> str:
    if index == len(found["steps"]) - 1:
        return "output"
    if index < _IN_PATHS and found["form"] != "C":
        return f"{exact(found['cardinality'])} {'path' if found['cardinality'] == 1 else 'paths'}"
    return f"{exact(step['shape'][0])} channels"


def _paths_tip(step: Row) -> str | None:
    """In how many paths a step differs, and in which most."""
    by_path = step["by_path"]
    if not step["differs"] or not by_path:
        return None
    worst = max(range(len(by_path)), key=by_path.__getitem__)
    off = sum(apart > 0 for apart in by_path)
    return (
        f"{step['name']}|differs in {exact(off)} of {exact(len(by_path))} paths|"
        f"most in path {exact(worst + 1)}, by {difference_text(by_path[worst])}"
    )


def _under(found: Row, step: Row, starts: bool) -> list[Markup]:
    """What stands beneath a step's box."""
    lines = [_figure(step)]
    if starts:
        size = (
            ""
            if found["layer_max_abs"] is None or step["differs"]
            else (f", off by {difference_text(found['layer_max_abs'])}")
        )
        lines += [
            tag("small", "the first step that differs" if step["differs"] else "where the mistake hides"),
            tag("small", f"at {found['layer']}{size}"),
        ]
    return lines


def _figure(step: Row) -> Markup:
    if step["max_abs"] is None and step["shape"] != step["wrong_shape"]:
        return tag("b", f"{_map(step['wrong_shape'])}, not {_map(step['shape'])}")
    if step["differs"]:
        return tag("b", f"max difference {difference_text(_largest(step))}")
    if step["max_abs"] == 0:
        return tag("span", "0, bit for bit")
    return tag("span", f"{difference_text(step['max_abs'])}, rounding")


def _map(shape: Sequence[int]) -> str:
    return "×".join(exact(side) for side in shape[1:])
