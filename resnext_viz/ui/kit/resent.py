"""What an open page sends again into a new session, because its server started anew or dropped the former one.

The page goes on as it stands, and the visitor's next act is the new session's first run: all that the browser holds of
its widgets comes along. Streamlit keeps that by ids of its own making until the widgets are made.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from streamlit.runtime.scriptrunner import get_script_run_ctx

_ID = "$$ID"  # a widget's id is this, a hash of it and its key, with hyphens between


def resent() -> Mapping[str, list[Any]]:
    """What the browser says of each keyed widget, as protocol messages; several where ids of one key differ.

    Asked before the widgets are made. Empty where Streamlit has no such thing any more.
    """
    found: dict[str, list[Any]] = {}
    try:
        context = get_script_run_ctx()
        for state in context.session_state.get_widget_states() if context else ():
            beginning, *_, key = state.id.split("-", 2)
            if beginning == _ID:
                found.setdefault(key, []).append(state)
    except (AttributeError, TypeError, ValueError):
        return {}
    return found


def resent_state(key: str) -> dict[str, Any]:
    """What the browser says of the component of that key; empty if it says nothing of that kind."""
    try:
        (state,) = resent().get(key, [])
        told = json.loads(state.json_value)
    except (AttributeError, TypeError, ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}
