"""The line under a tool's formula: a button that runs the very tool, what it printed, or how to get it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from resnext_viz.conventions.installable import Installable, installable
from resnext_viz.figures.kit.svg import Markup, markup, tag
from resnext_viz.kit.number_format import exact


class ToolPrint(NamedTuple):
    """What one tool printed when it was run.

    Attributes:
        version: None if it is not installed.
        printed: its number; None where it printed none, for which `problem` has the reason.
    """

    tool: str
    version: str | None
    printed: int | None
    expected: int
    problem: str


class ShownRun(NamedTuple):
    """A run of the tools of one rule; while it goes on, nothing is printed yet."""

    rule: str
    prints: tuple[ToolPrint, ...] = ()
    is_running: bool = False


def run_line(rule: str, run: ShownRun | None) -> Markup:
    """The line for a rule's tools; nothing for a rule that none to be installed follows."""
    tools = installable(rule)
    there = [tool for tool in tools if tool.version]
    missing = [tool for tool in tools if tool.version is None]
    mine = run if run and run.rule == rule else None
    pieces = [_button(rule, there, is_running=bool(run and run.is_running))] if there else []
    pieces += [_missing(tool) for tool in missing]
    pieces += [_printed(each) for each in mine.prints if each.version] if mine else []
    return tag("div", *pieces, class_="rx-tools-run") if pieces else markup()


def _button(rule: str, tools: Sequence[Installable], *, is_running: bool) -> Markup:
    versions = {tool.package: f"{_short(tool.name)} {tool.version}" for tool in tools}
    return tag(
        "button",
        f"Run {', '.join(versions.values())} here",
        type="button",
        data_choose=f"run:{rule}",
        disabled="" if is_running else None,
    )


def _short(name: str) -> str:
    """As "timm" for "timm's own model, by fvcore"."""
    return name.split(",", maxsplit=1)[0].removesuffix("'s own model")


def _missing(tool: Installable) -> Markup:
    return tag("span", f"{_short(tool.name)} is not installed: ", tag("code", tool.how))


def _printed(each: ToolPrint) -> Markup:
    who = f"{each.tool} {each.version}"
    if each.printed is None:
        return tag("span", f"{who} printed nothing: {each.problem}")
    off = each.printed - each.expected
    words = "equal" if off == 0 else f"{exact(abs(off))} {'more' if off > 0 else 'less'} than we say"
    sign = tag("b", "=" if off == 0 else "≠", class_="rx-tools-same" if off == 0 else "", aria_hidden="true")
    return tag("span", sign, f" {who} printed {exact(each.printed)} here: {words}")
