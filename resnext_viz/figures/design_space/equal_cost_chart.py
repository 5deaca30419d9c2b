"""The line of equal cost in the plane of C and d, with the paper's points, this network and the nearest integers.

Both axes are log2 and the line is exact; every point has whole C and d and its distance from the budget in percent.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, floor, log2, log10
from typing import TYPE_CHECKING, Any, NamedTuple

from resnext_viz.figures.kit.chart_template import (
    DIALS,
    TEXT,
    chart_template,
    faint_ink,
    new_figure,
    point_trace,
    scatter,
)
from resnext_viz.figures.kit.label_places import BESIDE, Board, Offset, Rectangle
from resnext_viz.figures.kit.palette import Theme, colour
from resnext_viz.figures.kit.svg import text_width
from resnext_viz.kit.number_format import exact, signed_percent

if TYPE_CHECKING:
    import plotly.graph_objects as go

HEIGHT = 494
MARGIN = {"l": 44, "r": 4, "t": 26, "b": 52}
NOMINAL_WIDTH = 600  # px: labels are laid out for a chart this wide; wider ones have more room
LABEL = 14
LEAST_CARDINALITY, LEAST_WIDTH = 64, 64  # both axes reach at least so far
_LEADERS = (
    Offset(-46, 34, -1, 1),
    Offset(-46, 22, -1, 1),
    Offset(-46, 46, -1, 1),
    Offset(-46, 70, -1, 1),
    Offset(46, -60, 1, -1),
    Offset(-90, 110, -1, 1),
    Offset(46, -110, 1, -1),
)
Annotation = dict[str, Any]


class CostPoint(NamedTuple):
    """A network with whole C and d, and what it costs more than the budget, as a share of it."""

    cardinality: int
    base_width: int
    off: float

    @property
    def name(self) -> str:
        return f"{self.cardinality}×{self.base_width}d"


class Crosses(NamedTuple):
    """The nearest integers at a C that the paper leaves out, and the exact d between them."""

    exact_base_width: float
    points: tuple[CostPoint, ...]


def equal_cost_chart(
    curve: Sequence[tuple[float, float]],
    paper_points: Sequence[CostPoint],
    current: CostPoint,
    budget_label: str,
    crosses: Crosses | None,
    theme: Theme,
) -> go.Figure:
    """The chart; clicking a point gives its `customdata`, [C, d].

    Args:
        curve: (C, exact d) by rising C, where the cost is the budget; empty where no d is small enough.
        paper_points: the paper's networks.
        current: the dialled network.
        budget_label: what is held equal, such as "the budget: 69,632 params".
        crosses: the nearest integers at one more C, if they are shown.
        theme: light or dark.
    """
    plane = _EqualCostPlane(curve, (*paper_points, current, *(crosses.points if crosses else ())))
    figure = new_figure()
    if curve:
        figure.add_traces([_costs_more(curve, plane, theme), _line(curve, theme)])
    others = [point for point in paper_points if point[:2] != current[:2]]
    figure.add_trace(_points(others, theme, "paper", 11))
    if crosses:
        figure.add_trace(_crosses(crosses, theme))
    figure.add_trace(_points([current], theme, "this network", 14))
    figure.update_layout(
        template=chart_template(theme),
        height=HEIGHT,
        margin=MARGIN,
        autosize=True,
        xaxis=plane.axis(plane.x_range, theme, grid=False),
        yaxis=plane.axis(plane.y_range, theme, grid=True),
        annotations=[*_axis_titles(theme), *_labels(plane, others, current, budget_label, crosses, theme)],
    )
    return figure


def equal_cost_text(current: CostPoint, budget_label: str) -> str:
    """One sentence with the chart's finding, for people who do not see it."""
    return (
        f"Width d against cardinality C at equal cost ({budget_label}), both on log2 axes: as C grows, d falls. "
        f"This network, {current.name}, is {signed_percent(current.off)} off the budget."
    )


def design_space_caption(baseline_title: str, crosses: Crosses | None) -> str:
    """What the marks of both charts mean."""
    cross = f"Crosses: nearest integers at C = {crosses.points[0].cardinality}. " if crosses and crosses.points else ""
    return (
        f"Open circles: the paper’s five. Filled: this network. {cross}Dotted line: {baseline_title}. "
        f"Small charts do not start at zero. {DIALS}"
    )


class _EqualCostPlane:
    """The ranges of both axes, and where a point lies in pixels of a chart of the nominal width."""

    def __init__(self, curve: Sequence[tuple[float, float]], points: Sequence[CostPoint]) -> None:
        self.curve = curve
        widest = max(LEAST_WIDTH, *(point.base_width for point in points))
        narrowest = min(2, *(point.base_width for point in points))
        most = max(LEAST_CARDINALITY, *(point.cardinality for point in points))
        across, low, high = log2(most), log2(narrowest), log2(widest)
        self.x_range = (-0.047 * across, 1.115 * across)  # room for a label at either end
        self.y_range = (low - 0.06 * (high - low), high + 0.08 * (high - low))
        self.width = NOMINAL_WIDTH - MARGIN["l"] - MARGIN["r"]
        self.height = HEIGHT - MARGIN["t"] - MARGIN["b"]

    def pixels(self, cardinality: float, base_width: float) -> tuple[float, float]:
        (x0, x1), (y0, y1) = self.x_range, self.y_range
        return (
            (log2(cardinality) - x0) / (x1 - x0) * self.width,
            (1 - (log2(base_width) - y0) / (y1 - y0)) * self.height,
        )

    def grid_heights(self) -> list[float]:
        """The grid lines, in pixels from the top."""
        return [self.pixels(1, tick)[1] for tick in _ticks(self.y_range)]

    def axis(self, span: tuple[float, float], theme: Theme, *, grid: bool) -> dict[str, Any]:
        ticks = _ticks(span)
        return {
            "type": "log",
            "range": [end * log10(2) for end in span],
            "tickvals": ticks,
            "ticktext": [exact(tick) for tick in ticks],
            "showgrid": grid,
            "showline": not grid,
            "ticks": "" if grid else "outside",
            "ticklen": 5,
            "gridcolor": colour("line", theme),
        }


def _ticks(span: tuple[float, float]) -> list[int]:
    """Powers of two within a span of log2, none so near its end that the name would be cut."""
    low, high = span
    return [2**power for power in range(max(0, ceil(low)), floor(high - 0.04 * (high - low)) + 1)]


def _costs_more(curve: Sequence[tuple[float, float]], plane: _EqualCostPlane, theme: Theme) -> go.Scatter:
    """The ground above the line, drawn on beyond its last point with its last slope."""
    (c1, d1), (c2, d2) = curve[-2:] if len(curve) > 1 else (curve[0], (2 * curve[0][0], curve[0][1] / 2))
    right, top = 2 ** plane.x_range[1], 2 ** plane.y_range[1]
    beyond = d2 * (right / c2) ** (log2(d2 / d1) / log2(c2 / c1)) if right > c2 else d2
    x = [c for c, _ in curve] + [right, right, curve[0][0]]
    y = [d for _, d in curve] + [beyond, top, top]
    return scatter(
        x=x,
        y=y,
        fill="toself",
        fillcolor=faint_ink(theme),
        mode="lines",
        line={"width": 0},
        hoverinfo="skip",
        name="costs more",
    )


def _line(curve: Sequence[tuple[float, float]], theme: Theme) -> go.Scatter:
    return scatter(
        x=[c for c, _ in curve],
        y=[d for _, d in curve],
        mode="lines",
        name="equal cost",
        line={"color": colour("ink", theme), "width": 2},
        hoverinfo="skip",
    )  # or it would take the clicks meant for the points on it


def _points(points: Sequence[CostPoint], theme: Theme, name: str, size: float) -> go.Scatter:
    return point_trace(
        [point.cardinality for point in points],
        [point.base_width for point in points],
        [[point.cardinality, point.base_width] for point in points],
        [f"<b>{point.name}</b>, {name}<br>{signed_percent(point.off)} from the budget" for point in points],
        theme,
        name=name,
        filled=name == "this network",
        size=size,
    )


def _crosses(crosses: Crosses, theme: Theme) -> go.Scatter:
    trace = _points(crosses.points, theme, "nearest integer", 9)
    trace.marker.update(symbol="x-thin", line={"color": colour("muted", theme), "width": 1.6})
    return trace


def _axis_titles(theme: Theme) -> list[Annotation]:
    style = {"xref": "paper", "yref": "paper", "showarrow": False, "font": {"size": 13, "color": colour("ink", theme)}}
    return [
        {
            **style,
            "text": "Width of one path d (log scale)",
            "x": 0,
            "y": 1,
            "xanchor": "left",
            "yanchor": "bottom",
            "xshift": -MARGIN["l"] + 4,
            "yshift": 6,
        },
        {
            **style,
            "text": "Cardinality C (log scale)",
            "x": 1,
            "y": 0,
            "xanchor": "right",
            "yanchor": "top",
            "yshift": -30,
        },
    ]


def _labels(
    plane: _EqualCostPlane,
    others: Sequence[CostPoint],
    current: CostPoint,
    budget_label: str,
    crosses: Crosses | None,
    theme: Theme,
) -> list[Annotation]:
    """Labels by rank: this network, the crosses, the paper's; a paper label without room is left to the readout."""
    board = Board(plane.width, plane.height)
    board.better_free += [Rectangle(0, y - 0.5, plane.width, y + 0.5) for y in plane.grid_heights()]
    for cardinality, base_width in plane.curve:
        board.mark(*plane.pixels(cardinality, base_width), 2.5)
    for point in (*others, current, *(crosses.points if crosses else ())):
        board.mark(*plane.pixels(point.cardinality, point.base_width), 8)
    ink, muted = colour("ink", theme), colour("muted", theme)
    is_budget = abs(current.off) < 1e-9
    about = f"this network, {budget_label if is_budget else signed_percent(current.off)}"
    labels = [_label(plane, board, current, about, ink, muted, two_lines=not is_budget)]
    if crosses and crosses.points:
        labels.append(_cross_label(plane, board, crosses, theme))
    for point in others:
        note = budget_label if abs(point.off) < 1e-9 else signed_percent(point.off)
        labels.append(_label(plane, board, point, note, ink, muted, two_lines=False))
    labels += [
        _ground("costs more than the budget", plane, board, theme, (0.98, "right"), (0.78, 0.9, 0.64, 0.5)),
        _ground("costs less", plane, board, theme, (0.02, "left"), (0.1, 0.2, 0.3, 0.04)),
    ]
    return [label for label in labels if label]


def _label(
    plane: _EqualCostPlane, board: Board, point: CostPoint, note: str, ink: str, muted: str, *, two_lines: bool
) -> Annotation | None:
    name_width = text_width(point.name, LABEL, bold=True)
    if two_lines:
        size = (max(name_width, text_width(note, TEXT)), 36.0)
        words = f'<b>{point.name}</b><br><span style="font-size:{TEXT}px;color:{muted}">{note}</span>'
    else:
        size = (name_width + text_width("  " + note, 13) + 4, 19.0)
        words = f'<b>{point.name}</b>  <span style="font-size:13px;color:{muted}">{note}</span>'
    offset = board.place(*plane.pixels(point.cardinality, point.base_width), size, BESIDE, needed=two_lines)
    if offset is None:
        return None
    return {**_at(point, offset), "text": words, "showarrow": False, "font": {"size": LABEL, "color": ink}}


def _at(point: CostPoint, offset: Offset) -> Annotation:
    """Anchors and shifts of an annotation; on log axes its place is a decimal logarithm."""
    return {
        "x": log10(point.cardinality),
        "y": log10(point.base_width),
        "borderpad": 0,
        "xanchor": {1: "left", -1: "right", 0: "center"}[offset.grows_x],
        "xshift": offset.x,
        "yanchor": {1: "top", -1: "bottom", 0: "middle"}[offset.grows_y],
        "yshift": -offset.y,
        "align": {1: "left", -1: "right", 0: "center"}[offset.grows_x],
    }


def _cross_label(plane: _EqualCostPlane, board: Board, crosses: Crosses, theme: Theme) -> Annotation | None:
    first = crosses.points[0]
    costs = ", ".join(
        f"{point.base_width} {'costs ' if point is first else ''}{signed_percent(point.off)}"
        for point in crosses.points
    )
    lines = (f"C = {first.cardinality} is not in the paper:", f"exact d is {crosses.exact_base_width:.2f}; {costs}")
    size = (max(text_width(words, TEXT) for words in lines), 34.0)
    lowest = min(crosses.points, key=lambda point: point.base_width)
    offset = board.place(*plane.pixels(lowest.cardinality, lowest.base_width), size, _LEADERS)
    if offset is None:
        return None
    return {
        "x": log10(lowest.cardinality),
        "y": log10(lowest.base_width),
        "text": "<br>".join(lines),
        "showarrow": True,
        "arrowhead": 0,
        "arrowwidth": 1,
        "arrowcolor": colour("control", theme),
        "standoff": 8,
        "ax": offset.x,
        "ay": offset.y + 12 * offset.grows_y,
        "align": "right" if offset.grows_x < 0 else "left",
        "xanchor": "right" if offset.grows_x < 0 else "left",
        "yanchor": "middle",
        "borderpad": 4,
        "font": {"size": TEXT, "color": colour("muted", theme)},
    }


def _ground(
    words: str, plane: _EqualCostPlane, board: Board, theme: Theme, side: tuple[float, str], heights: Sequence[float]
) -> Annotation | None:
    """A quiet word on the ground, at the first of the heights where nothing else stands."""
    share, anchor = side
    size = (text_width(words, 13), 18.0)
    for height in heights:
        grows = Offset(0, 0, -1 if anchor == "right" else 1, 0)
        if board.place(share * plane.width, (1 - height) * plane.height, size, (grows,)):
            return {
                "text": words,
                "xref": "paper",
                "yref": "paper",
                "x": share,
                "y": height,
                "xanchor": anchor,
                "yanchor": "middle",
                "showarrow": False,
                "font": {"size": 13, "color": colour("muted", theme)},
            }
    return None
