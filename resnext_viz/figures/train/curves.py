"""A training run's loss and accuracy over its epochs as charts, alone or with another run beside it.

Both axes begin at zero. Alone, the test curve is ink and the training curve dashed; of two runs, the test curves are
shown: this one's ends in a filled circle, the other's in an open one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from resnext_viz.figures.kit.chart_template import TEXT, chart_template, new_figure, scatter
from resnext_viz.figures.kit.palette import Theme, colour
from resnext_viz.figures.kit.point_labels import HEAD, Annotation, axis_title, chart_heading

if TYPE_CHECKING:
    import plotly.graph_objects as go

HEIGHT = 300
_MARGIN = {"l": 40, "r": 122, "t": HEAD, "b": 44}
_LINE = 17.0  # px between two labels


class Curve(NamedTuple):
    """One line: its name, a value for each epoch from the first on, and what it is.

    Attributes:
        values: percent or nats; None where an epoch has none.
        is_main: this run's test curve.
        is_other: another run's.
    """

    name: str
    values: tuple[float | None, ...]
    is_main: bool = False
    is_other: bool = False


class Measure(NamedTuple):
    """What a chart shows: title, what its marks mean, unit, decimal places, and the top of its axis if fixed."""

    title: str
    below: str
    unit: str
    places: int
    top: float | None = None

    def words(self, value: float) -> str:
        return f"{value:.{self.places}f}{self.unit}"


def curves_chart(measure: Measure, curves: Sequence[Curve], epochs: int, theme: Theme) -> go.Figure:
    """The curves over epochs 1 to `epochs`; epochs still to come leave the right part of the chart empty."""
    top = measure.top or 1.08 * max((value for curve in curves for value in curve.values if value), default=1.0)
    last = max(2, epochs)
    figure = new_figure([_line(curve, measure, theme) for curve in sorted(curves, key=lambda curve: curve.is_main)])
    figure.add_traces([_end(curve, theme) for curve in curves if curve.is_main or curve.is_other])
    step = -(-last // 8)  # at most eight ticks, in whole epochs
    figure.update_layout(
        template=chart_template(theme),
        height=HEIGHT,
        autosize=True,
        margin=_MARGIN,
        hovermode="x unified",
        xaxis={"range": [0, last], "tickvals": list(range(step, last + 1, step)), "showgrid": False, "showline": True},
        yaxis={"range": [0, top], "nticks": 6, "showline": False},
        annotations=[
            *chart_heading(measure.title, measure.below, _MARGIN["l"], theme),
            *_labels(measure, curves, top, theme),
            axis_title("epoch", 25, theme),
        ],
    )
    return figure


def curves_text(measure: Measure, curves: Sequence[Curve]) -> str:
    """The chart's finding, for people who do not see it."""
    ends = [
        f"{curve.name} {measure.words(value)} after epoch {number}"
        for curve in curves
        if (found := _last(curve))
        for number, value in [found]
    ]
    return f"{measure.title}: {'; '.join(ends)}." if ends else f"{measure.title}: no epoch has ended yet."


def _line(curve: Curve, measure: Measure, theme: Theme) -> go.Scatter:
    quiet = {"color": colour("control", theme), "width": 1.6, "dash": "solid" if curve.is_other else "4px,3px"}
    few = sum(value is not None for value in curve.values) < 2
    return scatter(
        x=list(range(1, len(curve.values) + 1)),
        y=list(curve.values),
        name=curve.name,
        mode="markers" if few else "lines",
        cliponaxis=False,
        line={"color": colour("ink", theme), "width": 2} if curve.is_main else quiet,
        marker={"color": colour("ink" if curve.is_main else "control", theme), "size": 6},
        hovertemplate=f"%{{y:.{measure.places}f}}{measure.unit}",
    )


def _end(curve: Curve, theme: Theme) -> go.Scatter:
    """The circle at a curve's last point: filled for this run, open for the other."""
    found = _last(curve)
    return scatter(
        x=[found[0]] if found else [],
        y=[found[1]] if found else [],
        mode="markers",
        hoverinfo="skip",
        cliponaxis=False,
        name=f"end of {curve.name}",
        marker={
            "size": 10,
            "color": colour("ink" if curve.is_main else "bg", theme),
            "line": {"color": colour("ink", theme), "width": 1.8},
        },
    )


def _labels(measure: Measure, curves: Sequence[Curve], top: float, theme: Theme) -> list[Annotation]:
    """Name and last value of each curve at the chart's right edge, as high as its end, none over another."""
    height = HEIGHT - _MARGIN["t"] - _MARGIN["b"]
    ends = sorted(
        ((height * (1 - found[1] / top), found[1], curve) for curve in curves if (found := _last(curve))),
        key=lambda end: end[0],
    )
    downs = _spread([down for down, _, _ in ends])
    return [
        {
            "xref": "paper",
            "x": 1,
            "xanchor": "left",
            "xshift": 12,
            "yref": "y",
            "y": value,
            "yanchor": "middle",
            "yshift": down - place,
            "showarrow": False,
            "borderpad": 0,
            "align": "left",
            "text": _label(curve, measure.words(value)),
            "font": {"size": TEXT, "color": colour("ink", theme)},
        }
        for place, (down, value, curve) in zip(downs, ends, strict=True)
    ]


def _label(curve: Curve, value: str) -> str:
    """`● Run 1: 45.7 %`, bold for this run."""
    words = f"{'● ' if curve.is_main else '○ ' if curve.is_other else ''}{curve.name}: {value}"
    return f"<b>{words}</b>" if curve.is_main else words


def _spread(downs: Sequence[float]) -> list[float]:
    """Heights of labels from above, at least a line apart, each as near to its own as that allows; of at most two."""
    if len(downs) < 2 or downs[1] - downs[0] >= _LINE:
        return list(downs)
    middle = (downs[0] + downs[1]) / 2
    return [middle - _LINE / 2, middle + _LINE / 2]


def _last(curve: Curve) -> tuple[int, float] | None:
    """Number and value of the last epoch that has one."""
    found = [(number, value) for number, value in enumerate(curve.values, start=1) if value is not None]
    return found[-1] if found else None
