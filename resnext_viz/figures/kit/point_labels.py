"""Labels beside the points of a chart, none over another, and the heading of a chart."""

from __future__ import annotations

from collections.abc import Sequence
from math import hypot
from typing import Any, NamedTuple

from resnext_viz.figures.kit.chart_template import TEXT
from resnext_viz.figures.kit.label_places import BESIDE, Board, Offset, Rectangle, box_at
from resnext_viz.figures.kit.palette import Theme, colour
from resnext_viz.figures.kit.svg import text_width

Annotation = dict[str, Any]
TITLE = 14
HEAD = 50  # px above the plot for a title and a line below it
_HEIGHT = 17.0  # px of a label


class Spot(NamedTuple):
    """A point that wants a label.

    Attributes:
        x: its place on the axis; the decimal logarithm on a log axis.
        y: its place on the other axis.
        across: pixels from the left of the plot.
        down: pixels from its top.
        words: the label.
        is_bold: whether it is this network's, which is placed whatever it covers.
    """

    x: float
    y: float
    across: float
    down: float
    words: str
    is_bold: bool = False


def spot_labels(
    board: Board, spots: Sequence[Spot], theme: Theme, offsets: Sequence[Offset] = BESIDE, axes: str = ""
) -> list[Annotation]:
    """A label beside each spot, first come, first served; the name of a spot without room is left to its readout.

    None lies nearer to another spot than to its own, as a reader would take it for the other's.

    Args:
        board: what is on the plot already; every spot should be marked on it.
        spots: by rank.
        theme: light or dark.
        offsets: the places to try.
        axes: number of the axes they stand on, such as "2"; empty for the first.
    """
    labels = []
    for spot in sorted(spots, key=lambda spot: not spot.is_bold):
        size = (text_width(spot.words, TEXT, bold=spot.is_bold), _HEIGHT)
        own = [offset for offset in offsets if _is_nearest(spot, box_at(spot.across, spot.down, size, offset), spots)]
        offset = board.place(spot.across, spot.down, size, offsets if spot.is_bold else own, needed=spot.is_bold)
        if offset:
            labels.append(
                {
                    "x": spot.x,
                    "y": spot.y,
                    "xref": f"x{axes}",
                    "yref": f"y{axes}",
                    "showarrow": False,
                    "borderpad": 0,
                    "bgcolor": colour("bg", theme),  # over a grid line
                    "text": f"<b>{spot.words}</b>" if spot.is_bold else spot.words,
                    "xanchor": {1: "left", -1: "right", 0: "center"}[offset.grows_x],
                    "xshift": offset.x,
                    "yanchor": {1: "top", -1: "bottom", 0: "middle"}[offset.grows_y],
                    "yshift": -offset.y,
                    "font": {"size": TEXT, "color": colour("ink", theme)},
                }
            )
    return labels


def _is_nearest(spot: Spot, box: Rectangle, spots: Sequence[Spot]) -> bool:
    """Whether no other of `spots` is nearer to `box` than `spot` is."""
    return min(spots, key=lambda other: _distance(other, box)) == spot


def _distance(spot: Spot, box: Rectangle) -> float:
    """Pixels from the spot to the nearest point of the box."""
    across = max(box.left - spot.across, spot.across - box.right, 0.0)
    down = max(box.top - spot.down, spot.down - box.bottom, 0.0)
    return hypot(across, down)


def chart_heading(title: str, below: str, left: float, theme: Theme) -> list[Annotation]:
    """The title and what its marks mean, above a plot that begins `left` pixels from the chart's edge."""
    head = {
        "xref": "paper",
        "yref": "paper",
        "x": 0,
        "y": 1,
        "xanchor": "left",
        "yanchor": "bottom",
        "xshift": -left,
        "showarrow": False,
        "align": "left",
        "borderpad": 0,
    }
    return [
        {**head, "text": f"<b>{title}</b>", "yshift": 29, "font": {"size": TITLE, "color": colour("ink", theme)}},
        {**head, "text": below, "yshift": 9, "font": {"size": TEXT, "color": colour("muted", theme)}},
    ]


def axis_title(title: str, below: float, theme: Theme) -> Annotation:
    """What the horizontal axis measures, `below` pixels under it at its right end."""
    return {
        "xref": "paper",
        "yref": "paper",
        "x": 1,
        "y": 0,
        "xanchor": "right",
        "yanchor": "top",
        "yshift": -below,
        "text": title,
        "showarrow": False,
        "borderpad": 0,
        "font": {"size": 13, "color": colour("ink", theme)},
    }
