"""Acts of a visitor, taken over whole: the next act ends the run of the last one wherever that happens to be.

Streamlit looks for the next request at every look at the session, at the address and at every element, callbacks
included, and leaves there what it does. What was read by then counts as known: the next run would not come back to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from resnext_viz.ui.kit.record import record


@contextmanager
def uncut() -> Iterator[None]:
    """Inside, the run goes on though its visitor has asked for the next one; `st.rerun` belongs after it."""
    context = get_script_run_ctx()
    requests = context.script_requests if context else None
    if requests is None or "on_scriptrunner_yield" in vars(requests):  # no run, or within such a part already
        yield
        return
    vars(requests)["on_scriptrunner_yield"] = _none_yet
    try:
        yield
    finally:
        del vars(requests)["on_scriptrunner_yield"]


def _none_yet() -> None:
    """What a run hears of further requests, which wait."""


def whole(act: Callable[..., None]) -> Callable[..., None]:
    """A callback of a widget that is carried to its end."""
    return partial(_carry_out, act)


def _carry_out(act: Callable[..., None], *arguments: Any) -> None:
    with uncut():
        act(*arguments)


@dataclass
class Clicks:
    """Buttons of the shown page that were clicked and that no run has come to since.

    Attributes:
        page: the script of the page that they are on.
        kept: their keys.
    """

    page: str = ""
    kept: set[str] = field(default_factory=set)


def pressed(label: str, key: str, **look: Any) -> bool:
    """A button of that key; true once after each click, in the first run that comes to it."""
    st.button(label, key=key, on_click=whole(_keep), args=(key,), **look)
    clicks = _clicks()
    is_clicked = key in clicks.kept and not look.get("disabled")
    clicks.kept.discard(key)
    return is_clicked


def _keep(key: str) -> None:
    _clicks().kept.add(key)


def _clicks() -> Clicks:
    clicks, context = record(Clicks), get_script_run_ctx()
    page = context.page_script_hash if context else ""
    if clicks.page != page:
        clicks.page = page
        clicks.kept.clear()
    return clicks
