"""Tables 3 and 4 of the paper as charts: cardinality at equal cost, and what twice the cost buys.

Open circles are the paper's errors; the dialled network's, where the paper has it, is filled. No axis of errors starts
at zero, and each heading says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import log2
from typing import TYPE_CHECKING

from resnext_viz.figures.kit.chart_template import TEXT, chart_template, new_figure, point_trace, scatter
from resnext_viz.figures.kit.palette import Theme, colour
from resnext_viz.figures.kit.point_labels import HEAD, Annotation, axis_title, chart_heading
from resnext_viz.kit.number_format import MINUS
from resnext_viz.names import name_of
from resnext_viz.paper import TABLE_3, TABLE_3_GMACS, TABLE_4, Table4Row
from resnext_viz.paper_tables.error_rates import network

if TYPE_CHECKING:
    import plotly.graph_objects as go

Paths = tuple[int, int, int]  # layers, C and d
HEIGHT = 320
_NAMES_WIDTH = 196  # px left of the plot for the names of Table 4
_BASE_ERROR = TABLE_4[0].top1_error  # of ResNet-101, whose cost is doubled


def table3_chart(current: Paths | None, theme: Theme) -> go.Figure:
    """Error against cardinality, a line for each depth; every point has its error beside it."""
    figure = new_figure()
    annotations: list[Annotation] = chart_heading(
        "Cardinality at equal cost, Table 3", "○ the paper: top-1 error in %, not from 0", 0, theme
    )
    for layers, gmacs in TABLE_3_GMACS.items():
        rows = [row for row in TABLE_3 if row.layers == layers]
        x, y = [log2(row.cardinality) for row in rows], [row.top1_error for row in rows]
        figure.add_trace(line(x, y, theme))
        figure.add_traces(
            circles(
                x,
                y,
                [tuple(row[:3]) == current for row in rows],
                [
                    f"<b>{row.cardinality}×{row.base_width}d</b>, {layers} layers<br>{row.top1_error} % top-1 error"
                    for row in rows
                ],
                theme,
                [_network_name(*row[:3]) for row in rows],
            )
        )
        annotations += [
            _beside(a, b, f"{b:.1f}", tuple(row[:3]) == current, theme) for a, b, row in zip(x, y, rows, strict=True)
        ]
        annotations.append(
            {
                **_beside(x[-1], y[-1], f"{layers} layers<br>∼{gmacs} G MACs", False, theme),
                "xanchor": "left",
                "xshift": 18,
                "yanchor": "middle",
                "yshift": -6,
                "align": "left",
            }
        )
    ticks = [row for row in TABLE_3 if row.layers == 50]
    figure.update_layout(
        template=chart_template(theme),
        height=HEIGHT,
        autosize=True,
        margin={"l": 0, "r": 0, "t": HEAD, "b": 46},
        xaxis={
            "range": [-0.4, 6.2],
            "tickvals": [log2(row.cardinality) for row in ticks],
            "showgrid": False,
            "ticktext": [f"{row.cardinality}×{row.base_width}d" for row in ticks],
            "showline": True,
        },
        yaxis={"range": [20.6, 24.4], "visible": False},
        annotations=[*annotations, axis_title("cardinality C × width d (log scale)", 27, theme)],
    )
    return figure


def table3_text() -> str:
    """The finding of the chart of Table 3."""
    ends = {layers: [row.top1_error for row in TABLE_3 if row.layers == layers] for layers in TABLE_3_GMACS}
    falls = "; ".join(
        f"from {errors[0]:.1f} to {errors[-1]:.1f} % with {layers} layers" for layers, errors in ends.items()
    )
    return f"Top-1 error in the paper at about equal cost falls as cardinality grows from 1 to 32: {falls}."


def table4_chart(current: Paths | None, theme: Theme) -> go.Figure:
    """Error at once and twice the cost of ResNet-101, each with its distance from that network's."""
    figure = new_figure()
    below = f"○ the paper: top-1 error in %, not from 0; dotted: ResNet-101’s {_BASE_ERROR}"
    annotations: list[Annotation] = chart_heading("What twice the cost buys, Table 4", below, _NAMES_WIDTH, theme)
    last = len(TABLE_4) - 1
    for place, row in enumerate(TABLE_4):
        figure.add_trace(line([_BASE_ERROR, row.top1_error], [last - place] * 2, theme))
        annotations += _table4_words(row, last - place, tuple(row[1:4]) == current, theme)
    figure.add_trace(line([_BASE_ERROR] * 2, [-0.6, last + 0.5], theme, dash="2px,3px"))
    figure.add_traces(
        circles(
            [row.top1_error for row in TABLE_4],
            [float(last - place) for place in range(len(TABLE_4))],
            [tuple(row[1:4]) == current for row in TABLE_4],
            [
                f"<b>{_table4_name(row)}</b><br>{row.top1_error} % top-1, {row.top5_error} % top-5 error"
                for row in TABLE_4
            ],
            theme,
            [_network_name(*row[1:4]) for row in TABLE_4],
        )
    )
    figure.update_layout(
        template=chart_template(theme),
        height=HEIGHT,
        autosize=True,
        margin={"l": _NAMES_WIDTH, "r": 8, "t": HEAD, "b": 46},
        xaxis={
            "range": [19.45, 22.3],
            "tickvals": [20, 21, 22],
            "showgrid": False,
            "showline": True,
            "ticks": "outside",
            "ticklen": 5,
        },
        yaxis={"range": [-0.6, last + 0.5], "visible": False},
        annotations=[*annotations, axis_title("top-1 error, %", 27, theme)],
    )
    return figure


def table4_text() -> str:
    """The finding of the chart of Table 4."""
    twice = "; ".join(f"{_table4_name(row)} {row.top1_error:.1f} %" for row in TABLE_4 if row.complexity == 2)
    return f"Top-1 error in the paper at twice the cost of ResNet-101, which has {_BASE_ERROR:.1f} %: {twice}."


def _network_name(layers: int, cardinality: int, base_width: int) -> str:
    return name_of(network(layers, cardinality, base_width))


def _table4_name(row: Table4Row) -> str:
    if row.complexity == 1:
        return "ResNet-101" if row.cardinality == 1 else f"ResNeXt-101, {row.cardinality}×{row.base_width}d"
    if row.layers == 200:
        return "deeper: ResNet-200"
    kind = "wider" if row.cardinality == 1 else "more paths"
    return f"{kind}: {row.cardinality}×{row.base_width}d"


def _table4_words(row: Table4Row, place: float, is_current: bool, theme: Theme) -> list[Annotation]:
    """The row's name at the left, and its error with the distance from ResNet-101 before its circle."""
    name = {
        "xref": "paper",
        "x": 0,
        "y": place,
        "xanchor": "left",
        "yanchor": "middle",
        "xshift": -_NAMES_WIDTH,
        "showarrow": False,
        "borderpad": 0,
        "font": {"size": 13, "color": colour("ink", theme)},
        "text": f"{row.complexity}×   {f'<b>{_table4_name(row)}</b>' if is_current else _table4_name(row)}",
    }
    off = row.top1_error - _BASE_ERROR
    words = f"{row.top1_error:.1f}" + (f" ({off:.1f})".replace("-", MINUS) if off else "")
    return [
        name,
        {
            **_beside(row.top1_error, place, words, is_current, theme),
            "xanchor": "right",
            "xshift": -10,
            "yanchor": "middle",
            "yshift": 0,
        },
    ]


def line(x: list[float], y: list[float], theme: Theme, dash: str = "solid", *, ink: bool = False) -> go.Scatter:
    """A line that explains nothing under the pointer."""
    return scatter(
        x=x,
        y=y,
        mode="lines",
        hoverinfo="skip",
        line={"color": colour("ink" if ink else "control", theme), "width": 1.4, "dash": dash},
    )


def circles(
    x: list[float], y: list[float], known: list[bool], hover: list[str], theme: Theme, networks: Sequence[str | None]
) -> list[go.Scatter]:
    """Open circles, and a filled one for the dialled network; clicking one gives its `customdata`, the name if any."""
    traces = []
    for filled in (False, True):
        at = [i for i, is_current in enumerate(known) if is_current is filled]
        traces.append(
            point_trace(
                [x[i] for i in at],
                [y[i] for i in at],
                [[name] if (name := networks[i]) else [] for i in at],
                [hover[i] for i in at],
                theme,
                filled=filled,
                name="this network" if filled else "the paper",
                size=12 if filled else 9,
            )
        )
    return traces


def _beside(x: float, y: float, words: str, is_bold: bool, theme: Theme) -> Annotation:
    """Words above a point."""
    return {
        "x": x,
        "y": y,
        "showarrow": False,
        "borderpad": 0,
        "yanchor": "bottom",
        "yshift": 7,
        "text": f"<b>{words}</b>" if is_bold else words,
        "font": {"size": TEXT, "color": colour("ink", theme)},
    }
