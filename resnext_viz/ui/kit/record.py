"""What a session keeps, beside the values of widgets: one typed record a room, held under the room's own key."""

from __future__ import annotations

from typing import TypeVar

import streamlit as st

Record = TypeVar("Record")


def record(kind: type[Record]) -> Record:
    """The session's one record of that kind, a dataclass with defaults for all; made when first asked for."""
    key = record_key(kind)
    kept: Record | None = st.session_state.get(key)
    if kept is None:
        kept = st.session_state[key] = kind()
    return kept


def forget(kind: type) -> None:
    """Lets go of the session's record of that kind; the next one asked for is new."""
    st.session_state.pop(record_key(kind), None)


def record_key(kind: type) -> str:
    """Where it is kept."""
    return f"record {kind.__module__}.{kind.__qualname__}"
