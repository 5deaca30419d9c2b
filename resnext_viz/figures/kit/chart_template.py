"""The one look of every chart: fonts, palette colours by theme, transparent ground, no tool bar.

Only what stands here makes plotly's objects, and loads plotly when it makes the first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from resnext_viz.figures.kit.palette import Theme, colour

if TYPE_CHECKING:
    from collections.abc import Sequence

    import plotly.graph_objects as go

FONT = '"Source Sans", "Source Sans 3", system-ui, sans-serif'
CHART_CONFIG: dict[str, Any] = {"displayModeBar": False, "scrollZoom": False, "doubleClick": False}
TEXT = 13  # px
DIALS = "Click a point to dial it."


def new_figure(traces: Sequence[go.Scatter] = ()) -> go.Figure:
    """A chart of these traces."""
    import plotly.graph_objects as go

    return go.Figure(traces)


def scatter(**options: Any) -> go.Scatter:
    """Points or a line of a chart, by plotly's options."""
    import plotly.graph_objects as go

    return go.Scatter(**options)


def chart_template(theme: Theme) -> go.layout.Template:
    """The shared plotly template of one theme."""
    import plotly.graph_objects as go

    axis = {
        "gridcolor": colour("line", theme),
        "linecolor": colour("control", theme),
        "tickcolor": colour("control", theme),
        "tickfont": {"color": colour("muted", theme), "size": TEXT},
        "title_font": {"color": colour("ink", theme)},
        "zeroline": False,
        "fixedrange": True,
        "automargin": False,
    }
    return go.layout.Template(
        layout={
            "font": {"family": FONT, "size": TEXT, "color": colour("ink", theme)},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "xaxis": axis,
            "yaxis": axis,
            "showlegend": False,
            "hovermode": "closest",
            "dragmode": False,
            "clickmode": "event+select",
            "hoverlabel": {
                "bgcolor": colour("bg", theme),
                "bordercolor": colour("control", theme),
                "font": {"family": FONT, "size": TEXT, "color": colour("ink", theme)},
            },
        }
    )


def faint_ink(theme: Theme) -> str:
    """Ink so thin that the grid shows through."""
    red, green, blue = (int(colour("ink", theme)[start : start + 2], 16) for start in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.04)"


def point_trace(
    x: list[float],
    y: list[float],
    customdata: Sequence[Sequence[int | str]],
    hover: list[str],
    theme: Theme,
    *,
    name: str,
    filled: bool,
    size: float,
) -> go.Scatter:
    """Circles that can be clicked: filled ink for this network, open for everything else."""
    marker = {
        "size": size,
        "color": colour("ink" if filled else "bg", theme),
        "line": {"color": colour("ink", theme), "width": 1.8},
        "opacity": 1,
    }
    return scatter(
        x=x,
        y=y,
        customdata=customdata,
        hovertext=hover,
        hoverinfo="text",
        mode="markers",
        name=name,
        marker=marker,
        cliponaxis=False,
        unselected={"marker": {"opacity": 1}},
        selected={"marker": {"opacity": 1}},
    )
