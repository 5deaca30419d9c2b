"""Charts on a page: plotly figures that are built once, then sent as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from resnext_viz.figures.kit.palette import Theme

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
