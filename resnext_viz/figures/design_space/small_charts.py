"""Three small charts of the networks along the line of equal cost: params, MACs, and the error the paper reports.

They do not start at zero, and their caption says so. Errors are the paper's own: what it did not train has none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from math import log2
from typing import TYPE_CHECKING, Any, NamedTuple

from resnext_viz.figures.kit.chart_template import TEXT, chart_template, new_figure, point_trace, scatter
from resnext_viz.figures.kit.label_places import Board, Offset
from resnext_viz.figures.kit.palette import Theme, colour
from resnext_viz.figures.kit.svg import text_width
from resnext_viz.kit.number_format import exact
from resnext_viz.paper import TABLE_2

if TYPE_CHECKING:
    import plotly.graph_objects as go

HEIGHT = 484
MARGIN = {"l": 20, "r": 6, "t": 4, "b": 26}
NOMINAL_WIDTH = 330  # px: labels are laid out for a chart this wide
HEAD = 34.0  # px above each plot for its title
TITLE, LABEL = 14, 13
_ABOVE, _BELOW, _LEFT = Offset(0, -8, 0, -1), Offset(0, 8, 0, 1), Offset(-10, 0, -1, 0)
_PAPER = frozenset((column.cardinality, column.base_width) for column in TABLE_2)


class LinePoint(NamedTuple):
    """One network on the line."""

    cardinality: int
    base_width: int
    params: int
    macs: int
    top1_error: float | None  # percent, as the paper reports it; None where it does not
    is_current: bool

    @property
    def name(self) -> str:
        return f"{self.cardinality}×{self.base_width}d"

    @property
    def is_paper(self) -> bool:
        """Whether C×d is one of the paper's, which a line connects."""
        return (self.cardinality, self.base_width) in _PAPER


class _Measure(NamedTuple):
    title: str
    unit: str
    places: int
    value: Callable[[LinePoint], float | None]


def small_charts(points: Sequence[LinePoint], layers: int, theme: Theme) -> go.Figure:
    """The three charts one below the other; clicking a point gives its `customdata`, [C, d].

    Args:
        points: the paper's networks, of which the one with C = 1 is the dotted line, and the dialled one if it is
            none of them.
        layers: of all of them, for the titles.
        theme: light or dark.
    """
    measures = (
        _Measure(f"Params, {layers} layers", "M params", 2, lambda point: point.params / 1e6),
        _Measure(f"MACs, {layers} layers", "G MACs", 2, lambda point: point.macs / 1e9),
        _Measure("Top-1 error, paper Table 3", "%, ImageNet val", 1, lambda point: point.top1_error),
    )
    figure = new_figure()
    ordered = sorted(points, key=lambda point: (point.cardinality, point.base_width))
    layout: dict[str, Any] = {}
    annotations: list[dict[str, Any]] = []
    for index, measure in enumerate(measures):
        panel = _Panel(measure, [point for point in ordered if measure.value(point) is not None], index, ordered)
        figure.add_traces(panel.traces(theme))
        layout[panel.y_name] = {"domain": panel.domain, "range": panel.y_range, "visible": False}
        annotations += panel.annotations(theme)
    figure.update_layout(
        template=chart_template(theme),
        height=HEIGHT,
        margin=MARGIN,
        autosize=True,
        **layout,
        xaxis=_x_axis(ordered),
        annotations=annotations,
    )
    return figure


def small_charts_text(points: Sequence[LinePoint], layers: int) -> str:
    """One sentence with the charts' finding, for people who do not see them."""
    errors = [f"{point.name} {point.top1_error:.1f} %" for point in points if point.top1_error is not None]
    costs = [f"{point.name} {point.params / 1e6:.2f} M params and {point.macs / 1e9:.2f} G MACs" for point in points]
    reported = f" Top-1 error in the paper: {', '.join(errors)}." if errors else ""
    return f"Networks of {layers} layers at about equal cost: {'; '.join(costs)}.{reported}"


class _Panel:
    """One of the charts: where it stands, what it spans, and where its labels have room."""

    def __init__(
        self, measure: _Measure, points: Sequence[LinePoint], index: int, everything: Sequence[LinePoint]
    ) -> None:
        self.measure, self.points, self.index = measure, points, index
        plot = HEIGHT - MARGIN["t"] - MARGIN["b"]
        step = plot / 3
        self.top = 1 - (index * step + HEAD) / plot
        self.domain = (1 - ((index + 1) * step - 10) / plot, self.top)
        self.title_height = 1 - index * step / plot
        self.plot_height = step - HEAD - 10
        self.y_name = "yaxis" if index == 0 else f"yaxis{index + 1}"
        self.axis = "y" if index == 0 else f"y{index + 1}"
        self.baseline = next(
            (measure.value(point) for point in points if point.is_paper and point.cardinality == 1), None
        )
        self.values = [value for point in points if (value := measure.value(point)) is not None]
        low, high = (min(self.values), max(self.values)) if self.values else (0.0, 1.0)
        room = (high - low or abs(high) * 0.05 or 1.0) * 0.35
        self.y_range = (low - room, high + room)
        self.x_range = _x_range(everything)

    def traces(self, theme: Theme) -> list[go.Scatter]:
        joined = [
            (log2(point.cardinality), value)
            for point, value in zip(self.points, self.values, strict=True)
            if point.is_paper
        ]
        line = scatter(
            x=[x for x, _ in joined],
            y=[y for _, y in joined],
            mode="lines",
            hoverinfo="skip",
            yaxis=self.axis,
            line={"color": colour("line2", theme), "width": 1.5},
            name=f"{self.measure.title}, line",
        )
        traces = [line]
        if self.baseline is not None:
            traces.insert(
                0,
                scatter(
                    x=list(self.x_range),
                    y=[self.baseline] * 2,
                    mode="lines",
                    hoverinfo="skip",
                    yaxis=self.axis,
                    line={"color": colour("control", theme), "width": 1, "dash": "2px,3px"},
                    name="dotted",
                ),
            )
        for filled in (False, True):
            chosen = [
                (point, value)
                for point, value in zip(self.points, self.values, strict=True)
                if point.is_current is filled
            ]
            trace = point_trace(
                [log2(point.cardinality) for point, _ in chosen],
                [value for _, value in chosen],
                [[point.cardinality, point.base_width] for point, _ in chosen],
                [self._readout(point) for point, _ in chosen],
                theme,
                name=self.measure.title,
                filled=filled,
                size=12 if filled else 9,
            )
            trace.yaxis = self.axis
            traces.append(trace)
        return traces

    def _readout(self, point: LinePoint) -> str:
        error = "" if point.top1_error is None else f"<br>{point.top1_error:.1f} % top-1 error"
        return f"<b>{point.name}</b><br>{exact(point.params)} params<br>{exact(point.macs)} MACs{error}"

    def annotations(self, theme: Theme) -> list[dict[str, Any]]:
        head = {"xref": "paper", "yref": "paper", "y": self.title_height, "yanchor": "top", "showarrow": False}
        titles = [
            {
                **head,
                "text": f"<b>{self.measure.title}</b>",
                "x": 0,
                "xanchor": "left",
                "xshift": -MARGIN["l"],
                "font": {"size": TITLE, "color": colour("ink", theme)},
            },
            {
                **head,
                "text": self.measure.unit,
                "x": 1,
                "xanchor": "right",
                "yshift": -1,
                "font": {"size": TEXT, "color": colour("muted", theme)},
            },
        ]
        if not self.points:
            words = "The paper reports none for these depths."
            return [
                *titles,
                {
                    **head,
                    "text": words,
                    "x": 0,
                    "xanchor": "left",
                    "xshift": -MARGIN["l"],
                    "yshift": -34,
                    "font": {"size": 13, "color": colour("muted", theme)},
                },
            ]
        return [*titles, *self._labels(theme)]

    def _labels(self, theme: Theme) -> list[dict[str, Any]]:
        """A value beside each point, above or below; the value of a point without room stays in its readout."""
        places = [self._pixels(point, value) for point, value in zip(self.points, self.values, strict=True)]
        board = Board(NOMINAL_WIDTH - MARGIN["l"] - MARGIN["r"], self.plot_height + 26)
        for x, y in places:
            board.mark(x, y, 6)
        joined = [place for place, point in zip(places, self.points, strict=True) if point.is_paper]
        for (x1, y1), (x2, y2) in pairwise(joined):
            steps = max(2, int(abs(x2 - x1) // 4))
            for k in range(1, steps):
                board.mark(x1 + (x2 - x1) * k / steps, y1 + (y2 - y1) * k / steps, 1)
        if self.baseline is not None:
            height = self._height(self.baseline)
            for x in range(0, NOMINAL_WIDTH, 4):
                board.mark(x, height, 1)
        ranked = sorted(range(len(places)), key=lambda index: not self.points[index].is_current)
        labels = []
        for index in ranked:
            point, words = self.points[index], f"{self.values[index]:,.{self.measure.places}f}"
            size = (text_width(words, LABEL, bold=point.is_current), 15.0)
            offset = board.place(*places[index], size, (_ABOVE, _BELOW, _LEFT), needed=point.is_current)
            if offset is not None:
                labels.append(
                    {
                        "x": log2(point.cardinality),
                        "y": self.values[index],
                        "yref": self.axis,
                        "showarrow": False,
                        "text": f"<b>{words}</b>" if point.is_current else words,
                        "borderpad": 0,
                        "xanchor": "right" if offset is _LEFT else "center",
                        "xshift": offset.x,
                        "yanchor": {-1: "bottom", 0: "middle", 1: "top"}[offset.grows_y],
                        "yshift": -offset.y * 0.75,
                        "font": {"size": LABEL, "color": colour("ink", theme)},
                    }
                )
        return labels

    def _pixels(self, point: LinePoint, value: float) -> tuple[float, float]:
        low, high = self.x_range
        width = NOMINAL_WIDTH - MARGIN["l"] - MARGIN["r"]
        return (log2(point.cardinality) - low) / (high - low) * width, self._height(value)

    def _height(self, value: float) -> float:
        low, high = self.y_range
        return 13 + (high - value) / (high - low) * self.plot_height


def _x_range(points: Sequence[LinePoint]) -> tuple[float, float]:
    most = max((log2(point.cardinality) for point in points), default=5.0)
    span = max(most, 5.0)
    return -0.09 * span, 1.11 * span  # room for a name at either end


def _x_axis(points: Sequence[LinePoint]) -> dict[str, Any]:
    """One tick for each network, this one's first; a name without room is left out."""
    low, high = _x_range(points)
    scale = (NOMINAL_WIDTH - MARGIN["l"] - MARGIN["r"]) / (high - low)
    shown: list[LinePoint] = []
    for point in sorted(points, key=lambda point: not point.is_current):
        if all(
            abs(log2(point.cardinality) - log2(other.cardinality)) * scale
            > (text_width(point.name, TEXT) + text_width(other.name, TEXT)) / 2 + 4
            for other in shown
        ):
            shown.append(point)
    return {
        "range": (low, high),
        "tickvals": [log2(point.cardinality) for point in shown],
        "ticktext": [point.name for point in shown],
        "showgrid": False,
        "showline": True,
        "anchor": "y3",
        "tickfont": {"size": TEXT},
    }
