"""A training run's figures, its accuracy by class, and two runs against each other, as HTML.

Classes and data have names from strangers: `tag` escapes them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from resnext_viz.figures.kit.svg import Markup, markup, tag
from resnext_viz.kit.number_format import MINUS, exact, percent

MOST_CLASSES = 40  # with a bar; of more, the weakest


class Figure(NamedTuple):
    """One large number: what it is, the number with its unit, and what it is of."""

    label: str
    value: str
    foot: str


class RunSide(NamedTuple):
    """One of two runs: what it is called, its settings in words, and its results in words."""

    name: str
    settings: Mapping[str, str]
    results: Mapping[str, str]


def run_figures(figures: Sequence[Figure]) -> str:
    """The large numbers in a row."""
    return tag("div", *(_figure(figure) for figure in figures), class_="rx-t-figures")


def _figure(figure: Figure) -> Markup:
    number, _, unit = figure.value.partition(" ")
    return tag(
        "div",
        tag("span", figure.label),
        tag("b", number, tag("small", f" {unit}" if unit else "")),
        tag("span", figure.foot),
    )


def class_bars(
    classes: Sequence[str], shares: Sequence[float], other: Sequence[float] = (), names: tuple[str, str] = ("", "")
) -> str:
    """Share of right answers for each class as a bar, and another run's as an open one below it.

    Args:
        classes: names, in order.
        shares: 0 to 1, in the order of the classes.
        other: the same of another run on the same classes; empty for none.
        names: what the two runs are called.
    """
    finding = class_finding(classes, shares)
    shown = list(range(len(classes)))
    if len(classes) > MOST_CLASSES:
        shown = sorted(sorted(shown, key=lambda place: shares[place])[:MOST_CLASSES])
        finding += f" The {MOST_CLASSES} weakest are shown."
    rows = [_row(classes[place], shares[place], other[place] if other else None) for place in shown]
    key = (
        tag(
            "p",
            tag("i", class_="rx-t-bar"),
            f"{names[0]}  ",
            tag("i", class_="rx-t-bar rx-t-open"),
            names[1],
            class_="rx-t-key",
        )
        if other
        else markup()
    )
    return tag(
        "div",
        tag("p", finding, class_="rx-t-finding"),
        key,
        tag("div", *rows, class_="rx-t-classes", role="list", aria_label="Accuracy by class"),
        class_="rx-t-by-class",
    )


def class_finding(classes: Sequence[str], shares: Sequence[float]) -> str:
    """Which class is learned best and which worst."""
    ordered = sorted(range(len(classes)), key=lambda place: shares[place])
    low, high = ordered[0], ordered[-1]
    if shares[low] == shares[high]:
        return f"Every class has {percent(shares[low])} of its test pictures right."
    return (
        f"Best: {classes[high]}, {percent(shares[high])} of its test pictures right. "
        f"Weakest: {classes[low]}, {percent(shares[low])}."
    )


def _row(name: str, share: float, other: float | None) -> Markup:
    bars = [tag("i", class_="rx-t-bar", style=f"width:{100 * share:.2f}%")]
    tip = f"{name}|{percent(share)} right"
    if other is not None:
        bars.append(tag("i", class_="rx-t-bar rx-t-open", style=f"width:{100 * other:.2f}%"))
        tip += f"|the other run {percent(other)}"
    beside = tag("small", percent(other)) if other is not None else markup()
    return tag(
        "div", tag("span", name), tag("div", *bars), tag("b", percent(share), beside), role="listitem", data_tip=tip
    )


def runs_table(first: RunSide, second: RunSide, difference: str) -> str:
    """The settings that differ, then the results, and a sentence about the difference."""
    odd = [name for name, value in first.settings.items() if second.settings.get(name) != value]
    same = [f"{name} {value}" for name, value in first.settings.items() if name not in odd]
    head = tag("tr", tag("td"), tag("th", first.name, scope="col"), tag("th", second.name, scope="col"))
    body = [_pair(name, first.settings[name], second.settings[name]) for name in odd]
    if not odd:
        body = [tag("tr", tag("th", "Settings", scope="row"), tag("td", "all the same", colspan="2"))]
    results = [
        _pair(name, value, second.results[name], "rx-t-result" if place == 0 else None)
        for place, (name, value) in enumerate(first.results.items())
    ]
    table = tag("table", tag("thead", head), tag("tbody", *body, *results), class_="rx-t-table")
    return tag(
        "div",
        tag("p", difference, class_="rx-t-finding"),
        tag("div", table, class_="rx-t-frame"),
        tag("p", f"The same in both: {'; '.join(same)}.", class_="rx-caption") if same else markup(),
        class_="rx-t-runs",
    )


def _pair(name: str, first: str, second: str, class_: str | None = None) -> Markup:
    return tag("tr", tag("th", name, scope="row"), tag("td", first), tag("td", second), class_=class_)


def difference_words(names: tuple[str, str], found: tuple[float, float, float], pictures: int) -> str:
    """Which of two runs is right more often, and whether chance alone may be the reason.

    Args:
        names: of the runs.
        found: how much more of the pictures the second has right, and the ends of the 95 % interval, all shares.
        pictures: that both were tested on.
    """
    difference, low, high = found
    more, fewer = names[::-1]
    if difference < 0:  # said from the better one's side
        more, fewer, difference, low, high = fewer, more, -difference, -high, -low
    interval = (
        f"{_points(low)} to {_points(high)} points with 95 % confidence, on {exact(pictures)} test pictures. "
        "Other seeds of either run would move it too"
    )
    if not round(1000 * difference):
        return f"Both have the same test accuracy: the difference is {interval}."
    said = f"{more} has {100 * difference:.1f} points more test accuracy than {fewer}"
    return f"{said}{', which chance alone may explain' if low <= 0 <= high else ''}: the difference is {interval}."


def _points(share: float) -> str:
    """`+1.2`, `−0.4`, in hundredths."""
    value = round(100 * share, 1)
    return f"{'+' if value > 0 else MINUS if value < 0 else '±'}{abs(value):.1f}"
