"""The Paper page: one table at a time beside what is computed, its files, and the charts of its errors."""

from __future__ import annotations

import re
from functools import lru_cache, partial

import streamlit as st

from resnext_viz.figures.paper_table import paper_table_drawing
from resnext_viz.names import name_of, parse
from resnext_viz.paper_tables import KEYS, paper_table, paper_tables, tally
from resnext_viz.paper_tables.cells import PaperTable
from resnext_viz.paper_tables.formats import FORMATS
from resnext_viz.ui import components, controls
from resnext_viz.ui.components import REMEMBERED, drawing
from resnext_viz.ui.parts import heading
from resnext_viz.ui.state import Dialled

TABLE = "paper-table"
_CHOSEN = re.compile(r"(?P<name>[\w-]{1,80})=\d{1,9}")


def summary() -> str:
    """How many numbers of the paper agree, in all tables."""
    return f"Every printed number beside what is computed here. Nine tables, {tally(paper_tables()).words}."


def choose_table() -> PaperTable:
    """The table asked for, which the link holds, with its files to take along."""
    with st.container(horizontal=True, vertical_alignment="center", key="heading-choose-table"):
        key = st.segmented_control(
            "Table", KEYS, default=KEYS[0], required=True, key="table", bind="query-params", width="content",
            format_func=str.capitalize,
        )
        table = paper_table(key or KEYS[0])
        with st.container(horizontal=True, horizontal_alignment="right", key="table-files"):
            for file in FORMATS.values():
                name = f"resnext-{table.title.lower().replace(' ', '-')}.{file.ending}"
                st.download_button(file.label, partial(file.write, table), name, file.mime, on_click="ignore",
                                   width="content", help=f"{table.title} as {file.label}")
    return table


def take_choice() -> None:
    """Dials the network whose row was chosen since the last run."""
    found = _CHOSEN.fullmatch(components.chosen(TABLE) or "")
    if found and found[0] != st.session_state.get("seen_row"):
        st.session_state.seen_row = found[0]
        controls.dial_network(parse(found["name"]))


def show_table(dialled: Dialled, table: PaperTable) -> None:
    """The table, its signs and its reasons; choosing a row dials its network."""
    heading(table.title, table.subject)
    drawing(_table(table.key, name_of(dialled.spec), st.session_state.epoch), key=TABLE, sheet="paper")


@lru_cache(maxsize=REMEMBERED)
def _table(key: str, current: str, turn: int) -> bytes:
    return paper_table_drawing(paper_table(key), current, turn).encode()
