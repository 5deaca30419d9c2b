"""What was chosen in the drawings: the block that is drawn below and the path that is followed, shared by the pages."""

from __future__ import annotations

import re

import streamlit as st

from resnext_viz.figures.choice import within
from resnext_viz.layers import Walk
from resnext_viz.ui import components

FIRST_BLOCK = (1, 2)  # stage and block, counted from 1; stage 1's second block is the one of Table 2
FIRST_PATH = 3


def take_choices(*keys: str) -> None:
    """Takes over what was chosen since the last run in the drawings of these keys ("2.1" a block, "path:5" a path)."""
    seen: dict[str, str] = st.session_state.setdefault("seen_choices", {})
    for key in keys:
        value = components.chosen(key)
        if value is None or seen.get(key) == value:
            continue
        seen[key] = value
        if match := re.fullmatch(r"(\d{1,3})\.(\d{1,3})", value):
            st.session_state.chosen_block = (int(match[1]), int(match[2]))
        elif match := re.fullmatch(r"path:(\d{1,4})", value):
            st.session_state.chosen_path = int(match[1])


def chosen_block(network: Walk) -> tuple[int, int]:
    """Stage and block, counted from 1, kept within the network."""
    chosen: tuple[int, int] = st.session_state.get("chosen_block", FIRST_BLOCK)
    return within(network, chosen)


def chosen_path(cardinality: int) -> int:
    """The followed path i, counted from 1, kept within C."""
    path: int = st.session_state.get("chosen_path", FIRST_PATH)
    return max(1, min(path, cardinality))
