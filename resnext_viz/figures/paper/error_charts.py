"""Published top-1 errors against cost, with the cost of the dialled network as a line: its error nobody knows.

Open circles are the paper's, diamonds are torchvision's weights, which another recipe trained. A network of the paper
that is dialled is filled. The axis of cost is logarithmic; that of error does not start at zero, and a title says so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from math import log10
from typing import TYPE_CHECKING, NamedTuple

from resnext_viz.figures.kit.chart_template import TEXT, chart_template, new_figure, point_trace, scatter
from resnext_viz.figures.kit.label_places import BESIDE, Board, Rectangle
from resnext_viz.figures.kit.palette import Theme, colour
from resnext_viz.figures.kit.point_labels import HEAD, Annotation, Spot, axis_title, chart_heading, spot_labels
from resnext_viz.figures.kit.svg import text_width
from resnext_viz.kit.number_format import exact
from resnext_viz.names import name_of
from resnext_viz.paper_tables.points import ErrorPoint
from resnext_viz.spec import ResNeXtSpec

if TYPE_CHECKING:
    import plotly.graph_objects as go

HEIGHT = 470
MARGIN = {"l": 28, "r": 4, "t": HEAD, "b": 48}
NOMINAL_WIDTH = 460  # px: labels are laid out for a chart this wide; wider ones have more room
ERRORS = (15.8, 25.2)  # percent, the range of the axis
TICKS = range(16, 26, 2)
BETWEEN = frozenset({(2, 40), (4, 24), (8, 14)})  # C and d of the points between ResNet and ResNeXt of one depth
_NEAR = BESIDE[:10]
_STEPS = 60  # of a line between two points, where no label may stand
_TOP = 24.0  # px at the top of the plot for the dialled network's words
RECIPE = "torchvision V1/V2 weights: another recipe"
LEGEND = f"○ the paper, Tables 3 and 4   ◇ {RECIPE}"


CAPTION = (
    "Labels with C×d alone are networks of 101 layers; circles without a label are 2×40d, 4×24d and 8×14d. Lines join "
    "the ResNets (dotted) and the ResNeXts of d = 4. The upright line is the cost of what is dialled: its error is "
    "known only where the paper trained that network, and then its circle is filled."
)


class Current(NamedTuple):
    """What is dialled: a network and its cost on one image."""

    spec: ResNeXtSpec
    title: str
    params: int
    macs: int
    is_papers: bool  # on the paper's image size, so that an error of the paper is this network's


class CostAxis(NamedTuple):
    """One way to say what a network costs."""

    name: str
    unit: str
    scale: float
    ticks: tuple[int, ...]  # in units
    span: tuple[float, float]  # of the axis, in units
    count: Callable[[ErrorPoint | Current], int]

    def units(self, point: ErrorPoint | Current) -> float:
        return self.count(point) / self.scale


MACS = CostAxis("MACs", "G MACs", 1e9, (4, 8, 16), (3.3, 26.0), lambda point: point.macs)
PARAMS = CostAxis("params", "M params", 1e6, (25, 50, 100), (20.5, 130.0), lambda point: point.params)


def error_chart(
    papers: Sequence[ErrorPoint], others: Sequence[ErrorPoint], current: Current, measure: CostAxis, theme: Theme
) -> go.Figure:
    """The chart; clicking a point gives its `customdata`, the network's name.

    The line of the dialled network ends in an arrow at the edge where it lies outside.

    Args:
        papers: the paper's networks and errors.
        others: torchvision's.
        current: the dialled network.
        measure: the cost on the horizontal axis.
        theme: light or dark.
    """
    plane = _ErrorPlane(measure)
    figure = new_figure(
        [
            *_family_lines(papers, measure, theme),
            _current_line(plane, current, theme),
            _diamonds(others, measure, theme),
            *(
                _circles(
                    [point for point in papers if _is_current(point, current) is filled], measure, theme, filled=filled
                )
                for filled in (False, True)
            ),
        ]
    )
    low, high = measure.span
    figure.update_layout(
        template=chart_template(theme),
        height=HEIGHT,
        margin=MARGIN,
        autosize=True,
        xaxis={
            "type": "log",
            "range": [log10(low), log10(high)],
            "tickvals": list(measure.ticks),
            "ticktext": [exact(tick) for tick in measure.ticks],
            "showgrid": False,
            "showline": True,
            "ticks": "outside",
            "ticklen": 5,
        },
        yaxis={"range": list(ERRORS), "tickvals": list(TICKS), "showgrid": True},
        annotations=[
            *chart_heading(f"Top-1 error against {measure.name}", LEGEND, MARGIN["l"] - 2, theme),
            axis_title(f"{measure.unit[0]} {measure.name} (log scale); errors in %, not from 0", 28, theme),
            *_labels(plane, papers, others, current, theme),
        ],
    )
    return figure


def error_chart_text(papers: Sequence[ErrorPoint], current: Current, measure: CostAxis) -> str:
    """One or two sentences with the chart's finding, for people who do not see it."""
    best = min(papers, key=lambda point: point.top1_error)
    known = next((point for point in papers if _is_current(point, current)), None)
    error = f"the paper reports {known.top1_error:.1f} % for it" if known else "its error is not known"
    return (
        f"Top-1 error on ImageNet against {measure.name}: the paper’s {len(papers)} networks, best "
        f"{best.title} with {best.top1_error:.1f} % at {measure.units(best):.2f} {measure.unit}, and "
        f"torchvision’s weights from another recipe. This network, {current.title}, has "
        f"{measure.units(current):.2f} {measure.unit}; {error}."
    )


class _ErrorPlane:
    """Where a point lies in pixels of a chart of the nominal width."""

    def __init__(self, measure: CostAxis) -> None:
        self.measure = measure
        self.width = NOMINAL_WIDTH - MARGIN["l"] - MARGIN["r"]
        self.height = HEIGHT - MARGIN["t"] - MARGIN["b"]

    def across(self, units: float) -> float:
        low, high = self.measure.span
        return log10(units / low) / log10(high / low) * self.width

    def place(self, point: ErrorPoint) -> tuple[float, float]:
        return self.across(self.measure.units(point)), self.down(point.top1_error)

    def down(self, error: float) -> float:
        low, high = ERRORS
        return (high - error) / (high - low) * self.height


def _is_current(point: ErrorPoint, current: Current) -> bool:
    return point.is_paper and current.is_papers and point.spec == current.spec


def _circles(points: Sequence[ErrorPoint], measure: CostAxis, theme: Theme, *, filled: bool) -> go.Scatter:
    return point_trace(
        [measure.units(point) for point in points],
        [point.top1_error for point in points],
        [[name_of(point.spec)] for point in points],
        _readouts(points),
        theme,
        name="this network" if filled else "the paper",
        filled=filled,
        size=12 if filled else 9,
    )


def _diamonds(points: Sequence[ErrorPoint], measure: CostAxis, theme: Theme) -> go.Scatter:
    trace = point_trace(
        [measure.units(point) for point in points],
        [point.top1_error for point in points],
        [[name_of(point.spec)] for point in points],
        _readouts(points),
        theme,
        name=RECIPE,
        filled=False,
        size=10,
    )
    trace.marker.update(
        symbol="diamond-open", color=colour("muted", theme), line={"color": colour("muted", theme), "width": 1.4}
    )
    return trace


def _readouts(points: Sequence[ErrorPoint]) -> list[str]:
    return [
        f"<b>{point.title}</b><br>{point.top1_error:g} % top-1 error, {point.source}<br>"
        f"{exact(point.params)} params<br>{exact(point.macs)} MACs"
        for point in points
    ]


def _families(papers: Sequence[ErrorPoint]) -> list[tuple[str, list[ErrorPoint]]]:
    """The ResNets and the ResNeXts of d = 4, each from small to large."""
    return [
        ("2px,3px", [point for point in papers if _paths(point) == (1, 64)]),
        ("solid", [point for point in papers if point.spec.base_width == 4]),
    ]


def _family_lines(papers: Sequence[ErrorPoint], measure: CostAxis, theme: Theme) -> list[go.Scatter]:
    return [
        scatter(
            x=[measure.units(point) for point in points],
            y=[point.top1_error for point in points],
            mode="lines",
            hoverinfo="skip",
            name="family",
            line={"color": colour("control", theme), "width": 1.2, "dash": dash},
        )
        for dash, points in _families(papers)
    ]


def _paths(point: ErrorPoint) -> tuple[int, int]:
    return point.spec.cardinality, point.spec.base_width


def _current_line(plane: _ErrorPlane, current: Current, theme: Theme) -> go.Scatter:
    """Upright at the dialled network's cost; nothing where that lies outside the axis."""
    units = plane.measure.units(current)
    low, high = plane.measure.span
    return scatter(
        x=[units, units] if low <= units <= high else [],
        y=list(ERRORS) if low <= units <= high else [],
        mode="lines",
        hoverinfo="skip",
        name="cost of this network",
        line={"color": colour("ink", theme), "width": 1.6},
    )


def _current_label(plane: _ErrorPlane, board: Board, current: Current, theme: Theme) -> Annotation:
    """The dialled network's cost in words beside its line, or at the edge behind which it lies."""
    measure = plane.measure
    units, (low, high) = measure.units(current), measure.span
    words = f"this network, {units:,.2f} {measure.unit}"
    if not low <= units <= high:
        words = f"← {words}" if units < low else f"{words} →"
    width = text_width(words, TEXT, bold=True) + 16
    across = min(max(plane.across(units), 0.0), plane.width) if units else 0.0
    to_right = across + width <= plane.width
    left = across if to_right else across - width
    board.taken.append(Rectangle(left, 0, left + width, _TOP))
    if low <= units <= high:
        board.taken.append(Rectangle(across - 2, 0, across + 2, plane.height))
    return {
        "xref": "paper",
        "yref": "paper",
        "x": across / plane.width,
        "y": 1,
        "yanchor": "top",
        "showarrow": False,
        "xanchor": "left" if to_right else "right",
        "xshift": 7 if to_right else -7,
        "yshift": -1,
        "borderpad": 0,
        "text": f"<b>{words}</b>",
        "font": {"size": TEXT, "color": colour("ink", theme)},
    }


def _labels(
    plane: _ErrorPlane, papers: Sequence[ErrorPoint], others: Sequence[ErrorPoint], current: Current, theme: Theme
) -> list[Annotation]:
    """Of what is dialled, of the paper's points at the ends of each depth, then of torchvision's, as there is room."""
    board = Board(plane.width, plane.height)
    label = _current_label(plane, board, current, theme)
    for point in (*papers, *others):
        board.mark(*plane.place(point), 6)
    for _, family in _families(papers):
        for (x1, y1), (x2, y2) in pairwise(map(plane.place, family)):
            for k in range(_STEPS):
                board.mark(x1 + (x2 - x1) * k / _STEPS, y1 + (y2 - y1) * k / _STEPS, 1)
    board.better_free += [Rectangle(0, plane.down(tick) - 0.5, plane.width, plane.down(tick) + 0.5) for tick in TICKS]
    named = [point for point in papers if _paths(point) not in BETWEEN or _is_current(point, current)]
    spots = [
        Spot(
            log10(plane.measure.units(point)),
            point.top1_error,
            *plane.place(point),
            _short(point),
            _is_current(point, current),
        )
        for point in (*named, *others)
    ]
    return [label, *spot_labels(board, spots, theme, _NEAR)]


def _short(point: ErrorPoint) -> str:
    """A name that fits beside a point: `ResNeXt-50`, `ResNet-101 V2`; `64×4d` where it has 101 layers."""
    version = "" if point.is_paper else f" {point.source.removeprefix('torchvision ')}"
    family = {(1, 64): "ResNet", (32, 4): "ResNeXt"}.get(_paths(point))
    return f"{family}-{point.spec.layer_count}{version}" if family else "{}×{}d{}".format(*_paths(point), version)
