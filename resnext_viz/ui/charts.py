"""Charts on a page: plotly figures that are built once, then sent as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

if TYPE_CHECKING:
    import plotly.graph_objects as go


def finished(figure: go.Figure) -> go.Figure:
    """The figure, which nobody may change any more: its dictionary, which plotly copies at each asking, is kept."""
    contents = figure.to_dict()
    figure.to_dict = lambda: contents  # Streamlit asks in every run
    return figure


def chart(figure: go.Figure, key: str, alt: str) -> Any:
    """Mounts the chart and returns what of it is selected; `alt` says in words what it shows."""
    return st.plotly_chart(
        figure, key=key, on_select="rerun", selection_mode="points", theme=None, width="stretch",
        config={"displayModeBar": False}, alt=alt,
    )
