"""The shared dials on the server's side: whose word counts (the link's or the dials'), and what the pages get.

The dials count when they sent something new; else a link that the user followed; else what was dialled before.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from resnext_viz.errors import SpecError
from resnext_viz.names import NeighbourError, parse
from resnext_viz.spec import ResNeXtSpec, map_size
from resnext_viz.ui.kit import components, link
from resnext_viz.ui.kit.acts import uncut
from resnext_viz.ui.kit.dialled import LINK_KEYS, Dialled, compact_json, dials_text, headline_text, offer_text
from resnext_viz.ui.kit.parts import aside, complaint, sentence
from resnext_viz.ui.kit.record import record
from resnext_viz.ui.kit.resent import resent_state

_CHOSEN_ROW = re.compile(r"(?P<name>[\w-]{1,120})=\d{1,9}")
_KEY = "dials"
_NAMED, _MOST_LETTERS = 6, 48  # of what means nothing in a link
_EPOCHS = 10**8  # a session begins at any: what a browser still holds of a former session is none of its messages
_WHAT_A_LINK_NAMES = {
    "net": ("a network", "Showing {network} instead."),
    "size": ("an image", "Showing {image} pixels instead."),
    "vs": ("a baseline", "Comparing with {baseline} instead."),
    "lock": ("a lock", "Nothing is kept near {baseline}."),
}


@dataclass
class DialSession:
    """What a session has dialled.

    Attributes:
        dialled: None until the first run has settled it.
        epoch: counts what the dials were told; what they answer to an earlier one is void.
        seq: the number, within the epoch, of what the dials sent last.
        complaints: about what cannot be dialled: in a few words, and what is shown instead.
        unread: the name typed into the dials that could not be read: its part and text, and words about it.
        page_controls: where a page puts controls of its own.
    """

    dialled: Dialled | None = None
    epoch: int = 0
    seq: int = 0
    complaints: tuple[tuple[str, str], ...] = ()
    unread: dict[str, Any] | None = None
    page_controls: DeltaGenerator | None = None


def dial(collapsed: bool) -> None:
    """Settles what is dialled, shows the dials in the sidebar and keeps the link.

    Above them stands the style of the whole page, and where they are collapsed, room for the page's own controls.
    """
    with uncut():
        _settle()
    session = record(DialSession)
    with st.sidebar:
        st.html(f'<div class="rx-brand">ResNeXt Explorer</div><style>{components.page_css()}</style>')
        if collapsed:
            session.page_controls = st.container(key="page_controls")
        with st.expander("Dials") if collapsed else nullcontext():
            unread = compact_json(session.unread)
            components.dials(offer_text(), dials_text(dialled()), _turn(), _KEY, link.instead(), unread)
    for each in session.complaints:
        complaint(*each)
    if passed_over := link.passed_over():
        aside(passed_over_words(passed_over))


def passed_over_words(passed_over: Sequence[str]) -> str:
    """What of a link could not be followed, as `name=value`, in a sentence."""
    named = [each if len(each) <= _MOST_LETTERS else f"{each[: _MOST_LETTERS - 1]}…" for each in passed_over[:_NAMED]]
    named += [f"{len(passed_over) - _NAMED} more"] * (len(passed_over) > _NAMED)
    listed = " and ".join(filter(None, (", ".join(named[:-1]), named[-1])))
    verb = "means" if len(passed_over) == 1 else "mean"
    return f"This link asks for {listed}, which {verb} nothing here; the rest of it holds."


def _settle() -> None:
    """Takes over what the dials sent or the link says, whichever is news, and puts it into the link."""
    session = record(DialSession)
    sent = _sent()
    dialled_there = {key: text for key in LINK_KEYS if (text := link.said(key))}
    before = session.dialled
    is_news = before is not None and sent.get("epoch") == session.epoch and sent.get("seq", 0) > session.seq
    unheard = {} if before else _unheard()
    if before is None or (not is_news and link.followed() and dialled_there != before.to_query()):
        _take_link(dialled_there)
    if unheard:
        session.epoch, sent, is_news = unheard["epoch"], unheard, True
    if is_news:
        _take_dials(sent)
    if not (is_news and sent.get("moving")):
        link.choose(dict.fromkeys(LINK_KEYS) | dialled().to_query())


def _sent() -> dict[str, Any]:
    """What the dials sent last; nothing if it is not of their making."""
    sent = st.session_state.get(_KEY, {}).get("dialled")
    return sent if isinstance(sent, dict) and isinstance(sent.get("seq"), int) else {}


def _unheard() -> dict[str, Any]:
    """What the dials sent when no server heard it, in the first run of a session; else nothing.

    An open page whose server started anew sends what it told the former one, too. That one changed the address.
    """
    sent = resent_state(_KEY).get("dialled")
    if not isinstance(sent, dict) or not link.is_here(sent.get("from")):
        return {}
    return sent if all(type(sent.get(key)) is int for key in ("seq", "epoch")) else {}


def _take_link(query: dict[str, str]) -> None:
    session = record(DialSession)
    session.epoch = (session.epoch or secrets.randbelow(_EPOCHS)) + 1
    session.seq = 0
    session.unread = None
    session.dialled, refused = Dialled.from_link(query)
    session.complaints = tuple(_complaint_of(key, error, session.dialled) for key, error in refused.items())


def _complaint_of(key: str, error: SpecError, shown: Dialled) -> tuple[str, str]:
    """What is wrong under a key of the link, and what is shown instead."""
    named, instead = _WHAT_A_LINK_NAMES[key]
    what = "that is not counted here" if isinstance(error, NeighbourError) else "that cannot be"
    told = instead.format(network=shown.title, baseline=shown.baseline_title, image=map_size(shown.image_size))
    return f"This link names {named} {what}.", f"{sentence(str(error))} {told}"


def _take_dials(sent: dict[str, Any]) -> None:
    session = record(DialSession)
    session.seq = sent["seq"]
    session.unread = None
    try:
        session.dialled = Dialled.from_browser(sent)
    except SpecError as error:
        still = f"Still showing {dialled().title}."
        session.complaints = (("That setting cannot be.", f"{sentence(str(error))} {still}"),)
        return
    session.complaints = ()
    if isinstance(named := sent.get("named"), dict):
        _take_name(named.get("part"), named.get("text"))


def _take_name(part: object, text: object) -> None:
    """Dials the network, or compares with it, whose name was typed into the dials; else says there why not."""
    session = record(DialSession)
    try:
        session.dialled = dialled().named(part, text)
    except SpecError as error:
        shown = dialled().baseline_title if part == "baseline" else dialled().title
        words = error.allowed if error.field == "name" else str(error)
        session.unread = {"part": part, "text": text, "words": f"{sentence(words)} Still showing {shown}."}


def dial_to(cardinality: int, base_width: int) -> None:
    """Dials that C and d, as if the user had; the page is to be run again."""
    state = dialled()
    _set(replace(state, spec=replace(state.spec, cardinality=cardinality, base_width=base_width), lock=None))


def dial_network(spec: ResNeXtSpec) -> None:
    """Dials that network at the image size of its stem, as if the user had, and runs the page again."""
    _set(_as_made(spec))
    st.rerun()


def dial_name(name: object) -> None:
    """Dials the network of that name as `dial_network` does; the page is to be run again."""
    with suppress(SpecError):  # a browser may send any words
        _set(_as_made(parse(str(name))))


def _as_made(spec: ResNeXtSpec) -> Dialled:
    return replace(dialled(), spec=spec, image_size=spec.default_image_size, lock=None)


def dial_query(query: Mapping[str, str]) -> dict[str, str | None]:
    """Dials what keys of a link say, as if the user had; what those of the dials hold then, to be put into the link."""
    state = dialled()
    there = {key: text for key, text in state.to_query().items() if key != "lock" or not query}
    made, _ = Dialled.from_link({**there, **query})
    if query and made.to_query() != there:
        _set(made)
        state = made
    return {**dict.fromkeys(LINK_KEYS), **state.to_query()}


def dial_chosen(table: str) -> None:
    """Dials the network whose row was chosen in `table` since the last run of the page; a choice is "NAME=ROW"."""
    before = epoch()
    with components.newly_chosen(table) as row, suppress(SpecError):  # a browser may send any words
        if found := _CHOSEN_ROW.fullmatch(row or ""):
            _set(_as_made(parse(found["name"])))
    if epoch() != before:
        st.rerun()


def _set(state: Dialled) -> None:
    session = record(DialSession)
    session.dialled = state
    session.epoch += 1
    session.seq = 0
    session.unread = None


def dialled() -> Dialled:
    """What is dialled, settled by the frame before the page runs."""
    state = record(DialSession).dialled
    if state is None:
        raise RuntimeError("no page is shown before the frame has settled what is dialled")
    return state


def page_controls() -> DeltaGenerator:
    """Where a page whose dials are collapsed puts controls of its own, in the sidebar above them."""
    place = record(DialSession).page_controls
    if place is None:
        raise RuntimeError("this page's dials are not collapsed")
    return place


def epoch() -> int:
    """Counts what was dialled by other means than the dials: a drawing that dials is a new one then."""
    return record(DialSession).epoch


def is_moving() -> bool:
    """Whether a dial is being dragged: drawings follow, and what takes longer waits for the release."""
    return bool(_sent().get("moving"))


def headline() -> None:
    """The dialled network's title and its four counts."""
    components.headline(headline_text(dialled()), _turn())


def _turn() -> components.MessageNumber:
    session = record(DialSession)
    return components.MessageNumber(session.epoch, session.seq)
