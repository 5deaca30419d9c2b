"""The shared dials on the server's side: whose word counts (the link's or the dials'), and what the pages get.

The dials count when they sent something new; else a link that the user followed; else what was dialled before.
"""

from __future__ import annotations

import re
import time
from contextlib import suppress
from dataclasses import replace
from typing import Any

import streamlit as st

from resnext_viz.errors import SpecError
from resnext_viz.names import parse
from resnext_viz.spec import ResNeXtSpec
from resnext_viz.ui import components
from resnext_viz.ui.parts import complaint, sentence
from resnext_viz.ui.state import Dialled, browser_model

_CHOSEN_ROW = re.compile(r"(?P<name>[\w-]{1,120})=\d{1,9}")
_KEY = "dials"
_ON_ITS_WAY_S = 0.5
_HEADLINE_NEEDS = ("dialled", "terms", "baseline", "titles", "blockLayers", "limits", "epoch", "seq")  # of the model
_LINK_KEYS = ("net", "size", "vs", "lock")


def page_style() -> None:
    """The palette and the type of the whole page."""
    st.html(f"<style>{components.page_css()}</style>")


def dial(collapsed: bool) -> None:
    """Settles what is dialled, shows the dials in the sidebar and keeps the link."""
    session = st.session_state
    sent = _sent()
    link = {key: st.query_params[key] for key in _LINK_KEYS if key in st.query_params}
    is_news = sent.get("epoch") == session.get("epoch") and sent.get("seq", 0) > session.get("seq", 0)
    if is_news:
        _take_dials(sent)
    elif "dialled" not in session or _was_followed(link):
        _take_link(link)
    if not (is_news and sent.get("moving")):
        _write_link(link)
    session.model = {**browser_model(session.dialled), "epoch": session.epoch, "seq": session.seq}
    with st.sidebar:
        st.html('<div class="rx-brand">ResNeXt Explorer</div>')
        session.page_controls = st.container(key="page_controls")
        with st.expander("Dials") if collapsed else st.container():
            components.dials(session.model, _KEY)
    if session.complaint:
        complaint(*session.complaint)


def _sent() -> dict[str, Any]:
    """What the dials sent last; nothing if it is not of their making."""
    sent = st.session_state.get(_KEY, {}).get("dialled")
    return sent if isinstance(sent, dict) and isinstance(sent.get("seq"), int) else {}


def _was_followed(link: dict[str, str]) -> bool:
    """Whether the user went to another link: Back, Forward, or one typed over.

    A run that was already on its way when this session wrote its link still carries the one before; that is no wish
    of the user's.
    """
    session = st.session_state
    on_its_way = link == session.link_before and time.monotonic() - session.link_written_s < _ON_ITS_WAY_S
    return bool(link) and link != session.link and not on_its_way


def _write_link(shown: dict[str, str]) -> None:
    session = st.session_state
    wanted = session.dialled.to_query()
    if wanted == shown:
        return
    session.link_before, session.link, session.link_written_s = shown, wanted, time.monotonic()
    st.query_params.update(wanted)  # and not all of them anew: a page may have bound others to its widgets
    for key in shown.keys() - wanted.keys():
        del st.query_params[key]


def _take_link(link: dict[str, str]) -> None:
    session = st.session_state
    session.link = session.link_before = link
    session.link_written_s = 0.0
    session.epoch = session.get("epoch", 0) + 1
    session.seq = 0
    session.complaint = None
    try:
        session.dialled = Dialled.from_query(link)
    except SpecError as error:
        session.dialled = session.get("dialled") or Dialled()
        session.complaint = ("This link names a network that cannot be.",
                             f"{sentence(str(error))} Showing {session.dialled.title} instead.")


def _take_dials(sent: dict[str, Any]) -> None:
    session = st.session_state
    session.seq = sent["seq"]
    try:
        dialled = Dialled.from_browser(sent)
    except SpecError as error:
        still = f"Still showing {session.dialled.title}."
        session.complaint = ("That setting cannot be.", f"{sentence(str(error))} {still}")
        return
    session.complaint = None
    session.dialled = dialled


def dial_to(cardinality: int, base_width: int) -> None:
    """Dials that C and d, as if the user had, and runs the page again."""
    state = dialled()
    _dial(replace(state, spec=replace(state.spec, cardinality=cardinality, base_width=base_width), lock=None))


def dial_network(spec: ResNeXtSpec) -> None:
    """Dials that network at the image size of its stem, as if the user had, and runs the page again."""
    _dial(replace(dialled(), spec=spec, image_size=spec.default_image_size, lock=None))


def dial_chosen(table: str) -> None:
    """Dials the network whose row was chosen in `table` since the last run of the page; a choice is "NAME=ROW"."""
    found = _CHOSEN_ROW.fullmatch(components.chosen(table) or "")
    seen: dict[str, str] = st.session_state.setdefault("seen_rows", {})
    if found and found[0] != seen.get(table):
        seen[table] = found[0]
        with suppress(SpecError):  # a browser may send any words
            dial_network(parse(found["name"]))


def _dial(state: Dialled) -> None:
    session = st.session_state
    session.dialled = state
    session.epoch += 1
    session.seq = 0
    st.rerun()


def dialled() -> Dialled:
    """What is dialled, settled by the frame before the page runs."""
    state: Dialled = st.session_state.dialled
    return state


def is_moving() -> bool:
    """Whether a dial is being dragged: drawings follow, and what takes longer waits for the release."""
    return bool(_sent().get("moving"))


def headline() -> None:
    """The dialled network's title and its four counts."""
    components.headline({name: st.session_state.model[name] for name in _HEADLINE_NEEDS})

