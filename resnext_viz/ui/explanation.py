"""The box on the Counting page: a number that somebody got, and the reason for it. The link holds both.

In a link: `number` (as people write it) and `of` (the network meant: "dialled", or any name `parse` understands).
"""

from __future__ import annotations

import time
from functools import lru_cache
from typing import NamedTuple

import streamlit as st

from resnext_viz.errors import UserError
from resnext_viz.explanations import explain_number
from resnext_viz.explanations.stated import MAX_LENGTH
from resnext_viz.figures.explanation import explanation_view
from resnext_viz.names import MAX_NAME_LENGTH, PRESETS, parse, title_of
from resnext_viz.spec import ResNeXtSpec
from resnext_viz.ui.components import REMEMBERED, drawing
from resnext_viz.ui.parts import failure
from resnext_viz.ui.state import PRESET_GROUPS, Dialled

ANY, DIALLED = "", "dialled"
_TITLES = {ANY: "any network", DIALLED: "the dialled network"}
_KEYS = {title: of for of, title in _TITLES.items()}  # typed in full, a title is the choice it names
_ON_ITS_WAY_S = 0.5


class Asked(NamedTuple):
    """What is in the box."""

    number: str
    of: str  # ANY, DIALLED or a network's name


_EXAMPLES = (Asked("22.84 GFLOPs", ANY), Asked("89,700,288 params", ANY), Asked("3.86 G", ANY),
             Asked("4.12 GMac", "resnet50"), Asked("22.6 M params", "resnet50"))  # fmt: skip


def show_explanation(dialled: Dialled) -> None:
    """The box, examples to try, and the answer."""
    _take_link()
    asked = _ask()
    _write_link(asked)
    if not asked.number.strip():
        return
    try:
        drawing(_drawn(asked.number, *_meant(asked.of, dialled)), key="explanation", sheet="explanation")
    except UserError as error:
        failure("That cannot be explained.", str(error))


@lru_cache(maxsize=REMEMBERED)
def _drawn(number: str, network: ResNeXtSpec | None, image_size: int | None) -> bytes:
    return explanation_view(explain_number(number, network, image_size)).encode()


def _meant(of: str, dialled: Dialled) -> tuple[ResNeXtSpec | None, int | None]:
    if of == DIALLED:
        return dialled.spec, dialled.image_size
    return (parse(of) if of else None), None


def _ask() -> Asked:
    put, turn = st.session_state.number_put, st.session_state.number_turn
    names = [name for _, group in PRESET_GROUPS for name in group]
    choices = list(dict.fromkeys((ANY, DIALLED, *names, put.of)))
    with st.container(key="explanation-box"):
        left, right = st.columns(2, gap="small")
        number = left.text_input(
            "A number you got", put.number, MAX_LENGTH, key=f"number-{turn}", placeholder="22.84 GFLOPs"
        )
        st.session_state.number_is_new = False
        of = right.selectbox("Network meant", choices, choices.index(put.of), _title, key=f"of-{turn}",
                             accept_new_options=True)
        with st.container(horizontal=True, vertical_alignment="center", key="explanation-examples"):
            st.html('<p class="rx-caption">Try</p>', width="content")
            for example in _EXAMPLES:
                st.button(example.number, key=f"example-{example.number}", on_click=_put, args=(example,))
    return Asked(number, _KEYS.get(of, of) or ANY)


def _title(of: str) -> str:
    """Of a network that may be meant; the browser sends it back, so the dialled one's must not follow the dials."""
    return _TITLES.get(of) or (title_of(PRESETS[of]) if of in PRESETS else of)


def _put(asked: Asked) -> None:
    """Fills the box: with new widgets that start with it, since a value set from here may come before its widget."""
    session = st.session_state
    session.number_put, session.number_turn = asked, session.get("number_turn", 0) + 1
    session.number_is_new = True


def _take_link() -> None:
    """Fills the box from the link, on arrival and where the user followed another one; else it stays as it is.

    A run that was on its way when this session wrote its link still carries the one before; that is no wish of the
    user's. A link without a number leaves what was asked before the page was left.
    """
    session = st.session_state
    shown = _shown()
    arrived = f"number-{session.get('number_turn')}" not in session and not session.get("number_is_new")
    on_its_way = shown == session.get("number_before") and time.monotonic() - session.number_written_s < _ON_ITS_WAY_S
    if arrived or (shown != session.number_link and not on_its_way):
        _put(session.get("number_link", shown) if arrived and not shown.number else shown)
        session.number_link = shown


def _write_link(asked: Asked) -> None:
    session, shown = st.session_state, _shown()
    if asked == shown:
        return
    session.number_before, session.number_link, session.number_written_s = shown, asked, time.monotonic()
    for key, value in zip(("number", "of"), asked, strict=True):
        if value:
            st.query_params[key] = value
        elif key in st.query_params:
            del st.query_params[key]


def _shown() -> Asked:
    """What the link says."""
    return Asked(st.query_params.get("number", "")[:MAX_LENGTH], st.query_params.get("of", ANY)[:MAX_NAME_LENGTH])
