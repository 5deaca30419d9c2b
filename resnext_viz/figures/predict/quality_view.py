"""How good a network is, as it was measured: whether its probabilities can be believed, and how often it is right.

Names of classes and sources come from strangers: `tag` escapes them.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import NamedTuple, Protocol

from resnext_viz.figures.kit.svg import Markup, circle, document, group, line, tag, text
from resnext_viz.kit.number_format import exact, percent

WIDTH, HEIGHT = 340.0, 344.0
_LEFT, _TOP, _SIDE = 48.0, 14.0, 276.0  # of the plot, px
_SMALLEST, _LARGEST = 3.0, 9.0  # radius of a circle, px
_TICKS = (0, 20, 40, 60, 80, 100)


class ShownBin(Protocol):
    """Pictures whose first answer has a probability in a range."""

    @property
    def low(self) -> float: ...

    @property
    def high(self) -> float: ...

    @property
    def pictures(self) -> int: ...

    @property
    def confidence(self) -> float: ...

    @property
    def accuracy(self) -> float: ...


class Fact(NamedTuple):
    """A row of the table: what was measured, what came of it, and on what."""

    what: str
    found: str
    on: str = ""


def quality_view(diagram: str, facts: Sequence[Fact]) -> str:
    """HTML of the reliability diagram and the table, beside one another where there is room."""
    rows = [
        tag("tr", tag("th", fact.what, scope="row"), tag("td", tag("b", fact.found), f" {fact.on}".rstrip()))
        for fact in facts
    ]
    return tag(
        "div", tag("div", Markup(diagram)), tag("table", tag("tbody", *rows), class_="rx-q-facts"), class_="rx-q-view"
    )


def reliability_diagram(
    before: Sequence[ShownBin], after: Sequence[ShownBin], ece_before: float, ece_after: float
) -> str:
    """SVG of how often answers of some probability are right: on the diagonal, as often as they say.

    Args:
        before: the bins without the temperature, drawn as open circles.
        after: the bins with it, as filled ones; the area of a circle is its share of the pictures.
        ece_before: expected calibration error without it, 0 to 1.
        ece_after: with it.
    """
    finding = f"A probability is off by {percent(ece_after)} on average, {percent(ece_before)} without the temperature."
    marks = [*_axes(), line(_x(0), _y(0), _x(1), _y(1), class_="rx-q-even")]
    total = max(1, sum(each.pictures for each in after))
    marks += [_circle(each, total, "rx-q-open", "without the temperature") for each in before]
    marks += [_circle(each, total, "rx-q-dot", "with the temperature") for each in after]
    marks += _legend()
    return document(WIDTH, HEIGHT, "How far its probabilities can be believed", finding, marks)


def _axes() -> list[Markup]:
    marks = [
        line(_LEFT, _y(0), _LEFT + _SIDE, _y(0), class_="rx-c-axis"),
        line(_LEFT, _y(1), _LEFT, _y(0), class_="rx-c-axis"),
    ]
    for tick in _TICKS:
        share = tick / 100
        marks += [
            text(_x(share), _y(0) + 18, str(tick), "rx-m rx-s", "middle"),
            text(_LEFT - 8, _y(share) + 4, str(tick), "rx-m rx-s", "end"),
        ]
    marks += [
        text(_LEFT + _SIDE / 2, _y(0) + 40, "Probability of the first answer, %", "rx-m rx-s", "middle"),
        text(_LEFT + 8, _TOP + 6, "Right, %", "rx-m rx-s"),
    ]
    return marks


def _legend() -> list[Markup]:
    left, top = _LEFT + 8, _TOP + 30
    return [
        circle(left + 5, top - 4, 5, class_="rx-q-dot"),
        text(left + 16, top, "with the temperature", "rx-s"),
        circle(left + 5, top + 16, 5, class_="rx-q-open"),
        text(left + 16, top + 20, "without it", "rx-s"),
    ]


def _circle(each: ShownBin, total: int, class_: str, words: str) -> Markup:
    radius = max(_SMALLEST, _LARGEST * sqrt(min(1.0, 3 * each.pictures / total)))
    pictures = "1 picture" if each.pictures == 1 else f"{exact(each.pictures)} pictures"
    tip = (
        f"{percent(each.low, 0)} to {percent(each.high, 0)}, {words}|{pictures}|"
        f"{percent(each.confidence)} probable, {percent(each.accuracy)} right"
    )
    return group(circle(_x(each.confidence), _y(each.accuracy), radius, class_=class_), data_tip=tip)


def _x(share: float) -> float:
    return _LEFT + _SIDE * share


def _y(share: float) -> float:
    return _TOP + _SIDE * (1 - share)
