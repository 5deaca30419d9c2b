"""Table 7 of the paper as a chart: error on CIFAR against exact params.

Fig. 7 also draws smaller networks, whose errors stand in its picture only: their sizes are ticks on the axis.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from resnext_viz.figures.kit.chart_template import TEXT, chart_template, new_figure, scatter
from resnext_viz.figures.kit.label_places import Board, Offset
from resnext_viz.figures.kit.palette import Theme, colour
from resnext_viz.figures.kit.point_labels import HEAD, Annotation, Spot, axis_title, chart_heading, spot_labels
from resnext_viz.figures.paper.paper_charts import HEIGHT, circles, line
from resnext_viz.kit.number_format import exact
from resnext_viz.names import name_of
from resnext_viz.paper_tables.points import CifarPoint

if TYPE_CHECKING:
    import plotly.graph_objects as go

NOMINAL_WIDTH = 460  # px: labels are laid out for a chart this wide
LEGEND = "○ the paper: test error in %, not from 0; ticks: sizes in Fig. 7 without an error"
_TICK = 14  # px
_ABOVE = (Offset(0, -9, 0, -1), Offset(0, -27, 0, -1), Offset(0, -45, 0, -1))


def cifar_chart(
    points: Sequence[CifarPoint],
    sizes: Sequence[tuple[str, int]],
    classes: int,
    current: tuple[str, int] | None,
    theme: Theme,
) -> go.Figure:
    """Error against params on CIFAR; clicking a point gives its `customdata`, the network's name.

    Args:
        points: what `cifar_points` gives.
        sizes: networks of Fig. 7 whose errors cannot be recovered, as ticks on the axis.
        classes: 10 or 100.
        current: name and params of the dialled network, if it is one for CIFAR; an upright line.
        theme: light or dark.
    """
    errors = [point.error for point in points]
    room = max(errors) - min(errors)
    low, high, most = min(errors) - 0.75 * room, max(errors) + 0.45 * room, 78.0
    width, height = NOMINAL_WIDTH - 8, HEIGHT - HEAD - 46
    board, spots = Board(width, height), []
    for point in points:
        across, down = point.params / 1e6 / most * width, (high - point.error) / (high - low) * height
        board.mark(across, down, 7)
        name = point.name.removeprefix("ResNeXt-29, ")
        spots.append(Spot(point.params / 1e6, point.error, across, down, f"{name}, {point.error:.2f}"))
    foot = low + (high - low) * _TICK / 2 / height
    ticks = [Spot(params / 1e6, foot, params / 1e6 / most * width, height - _TICK / 2, name) for name, params in sizes]
    known = [current is not None and point.params == current[1] for point in points]
    figure = new_figure(
        [
            *([line([current[1] / 1e6] * 2, [low, high], theme, ink=True)] if current else []),
            _sizes(sizes, foot, theme),
            *circles(
                [point.params / 1e6 for point in points],
                errors,
                known,
                [
                    f"<b>{point.name}</b><br>{point.error:.2f} % test error<br>{exact(point.params)} params"
                    for point in points
                ],
                theme,
                [name_of(point.spec) if point.spec else None for point in points],
            ),
        ]
    )
    figure.update_layout(
        template=chart_template(theme),
        height=HEIGHT,
        autosize=True,
        margin={"l": 4, "r": 4, "t": HEAD, "b": 46},
        xaxis={"range": [0, most], "tickvals": [0, 20, 40, 60], "showgrid": False, "showline": True},
        yaxis={"range": [low, high], "visible": False},
        annotations=[
            *chart_heading(f"CIFAR-{classes}, Table 7", LEGEND, 4, theme),
            axis_title("M params", 27, theme),
            *spot_labels(board, spots, theme),
            *spot_labels(board, ticks, theme, _ABOVE),
            *_current_words(current, most, theme),
        ],
    )
    return figure


def cifar_text(points: Sequence[CifarPoint], classes: int) -> str:
    """The finding of a CIFAR chart."""
    listed = "; ".join(f"{point.name} {point.error:.2f} % with {point.params / 1e6:.2f} M params" for point in points)
    return f"Test error on CIFAR-{classes} in the paper: {listed}. Errors of Fig. 7’s other sizes cannot be recovered."


def _current_words(current: tuple[str, int] | None, most: float, theme: Theme) -> list[Annotation]:
    if not current or current[1] / 1e6 > most:
        return []
    millions = current[1] / 1e6
    side = "right" if millions > most / 2 else "left"
    return [
        {
            "x": millions,
            "y": 1,
            "yref": "paper",
            "xanchor": side,
            "xshift": 7 if side == "left" else -7,
            "yanchor": "top",
            "showarrow": False,
            "text": f"<b>this network, {millions:.2f} M params</b>",
            "borderpad": 0,
            "font": {"size": TEXT, "color": colour("ink", theme)},
        }
    ]


def _sizes(sizes: Sequence[tuple[str, int]], foot: float, theme: Theme) -> go.Scatter:
    return scatter(
        x=[params / 1e6 for _, params in sizes],
        y=[foot] * len(sizes),
        mode="markers",
        name="sizes without errors",
        marker={"symbol": "line-ns", "size": _TICK, "line": {"color": colour("control", theme), "width": 1.6}},
        hovertext=[
            f"<b>ResNeXt-29, {name}</b><br>{exact(params)} params<br>error in Fig. 7’s picture only"
            for name, params in sizes
        ],
        hoverinfo="text",
        cliponaxis=False,
    )
