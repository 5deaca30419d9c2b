"""Charts on a page: plotly figures that are built once, then sent as they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Any, NamedTuple

import streamlit as st

from resnext_viz.figures.kit.palette import Theme
from resnext_viz.ui.kit.acts import uncut
from resnext_viz.ui.kit.record import record

_NARROWEST = 455  # px

if TYPE_CHECKING:
    import plotly.graph_objects as go


class WordedChart(NamedTuple):
    """A figure, and what it shows in words, for those who do not see it."""

    chart: go.Figure
    words: str


def finished(figure: go.Figure) -> go.Figure:
    """The figure, which nobody may change any more: its dictionary, which plotly copies at each asking, is kept."""
    contents = figure.to_dict()
    figure.to_dict = lambda: contents  # Streamlit asks in every run
    return figure


def chart_theme() -> Theme:
    """The theme that the visitor sees."""
    return "dark" if st.context.theme.type == "dark" else "light"


@dataclass
class ChartSession:
    """What a session has clicked in charts.

    Attributes:
        clicks: how many points were clicked in each chart, by its key.
    """

    clicks: dict[str, int] = field(default_factory=dict)


def dialling_chart(figure: go.Figure, key: str, alt: str, dial: Callable[..., None]) -> None:
    """Mounts a chart whose points dial what their `customdata` say; `alt` says in words what it shows.

    A click leaves another chart behind, in which nothing is selected: the same point can be clicked again.
    """
    clicks = record(ChartSession).clicks
    click = clicks.get(key, 0)
    event: Any = st.plotly_chart(
        figure,
        key=f"{key}-{click}",
        on_select="rerun",
        selection_mode="points",
        theme=None,
        width="stretch",
        height=figure.layout.height,
        config={"displayModeBar": False},
        alt=alt,
    )
    points = event.selection.points
    if clicked := tuple(points[0].get("customdata") or ()) if points else ():
        with uncut():
            clicks[key] = click + 1
            dial(*clicked)
        st.rerun()


def dialling_charts(charts: Sequence[WordedChart], key: str, dial: Callable[..., None], instead: str = "") -> None:
    """Mounts charts in a row, or one below the other where their labels would not fit; words in the place of a last."""
    with st.grid(2, min_column_width=_NARROWEST, gap="medium", key=f"charts-{key}"):
        for number, (chart, words) in enumerate(charts):
            dialling_chart(chart, f"{key}-{number}", words, dial)
        if instead:
            st.html(f'<p class="rx-caption">{escape(instead)}</p>')


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
