"""Charts on a page: plotly figures that are built once, then sent as they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from resnext_viz.figures.kit.palette import Theme
from resnext_viz.ui.kit.acts import uncut
from resnext_viz.ui.kit.record import record

_NARROWEST = 455  # px

if TYPE_CHECKING:
    import plotly.graph_objects as go


def finished(figure: go.Figure) -> go.Figure:
    """The figure, which nobody may change any more: its dictionary, which plotly copies at each asking, is kept."""
    contents = figure.to_dict()
    figure.to_dict = lambda: contents  # Streamlit asks in every run
    return figure


def chart_theme() -> Theme:
    """The theme that the visitor sees."""
    return "dark" if st.context.theme.type == "dark" else "light"


def side_by_side(key: str) -> DeltaGenerator:
    """Two places in a row, or one below the other where charts would be too narrow for their labels."""
    return st.grid(2, min_column_width=_NARROWEST, gap="medium", key=f"charts-{key}")


def chart(figure: go.Figure, key: str, alt: str) -> Any:
    """Mounts the chart and returns what of it is selected; `alt` says in words what it shows."""
    return st.plotly_chart(
        figure,
        key=key,
        on_select="rerun",
        selection_mode="points",
        theme=None,
        width="stretch",
        height=figure.layout.height,
        config={"displayModeBar": False},
        alt=alt,
    )


@dataclass
class ChartSession:
    """What a session has clicked in charts.

    Attributes:
        clicked: the `customdata` of the point that is selected in each chart, by its key.
    """

    clicked: dict[str, tuple[Any, ...]] = field(default_factory=dict)


def dial_clicked(event: Any, key: str, dial: Callable[..., None]) -> None:
    """Dials by the `customdata` of the point clicked in the chart of that key, once for each click."""
    clicked_before, points = record(ChartSession).clicked, event.selection.points
    clicked = tuple(points[0].get("customdata") or ()) if points else ()
    if not clicked:
        clicked_before.pop(key, None)
    elif clicked != clicked_before.get(key):
        with uncut():
            clicked_before[key] = clicked
            dial(*clicked)
        st.rerun()


def still_chart(figure: go.Figure, key: str, alt: str) -> None:
    """Mounts a chart of which nothing can be chosen; `alt` says in words what it shows."""
    st.plotly_chart(
        figure,
        key=key,
        theme=None,
        width="stretch",
        height=figure.layout.height,
        config={"displayModeBar": False},
        alt=alt,
    )
