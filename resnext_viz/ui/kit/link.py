"""The link: every choice that changes what a page shows stands in the address; only this module reads and writes it.

`link_keys.KEYS` is the table of all keys. A choice is text under its key, left out where it is the default. Streamlit's
own binding of widgets would replace the entry of the browser's history; a choice written here adds one: Back undoes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn
from urllib.parse import parse_qs, urlencode

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from resnext_viz.kit.link_values import slug
from resnext_viz.ui.kit.acts import whole
from resnext_viz.ui.kit.link_keys import KEYS, Key
from resnext_viz.ui.kit.record import record
from resnext_viz.ui.kit.resent import resent

_MOST_EARLIER = 64  # addresses that the browser has not yet been heard to leave
_NOTHING = object()


@dataclass
class Link:
    """What one session knows of its link.

    Attributes:
        held: what the address holds, or will in a moment; keys of other pages and unknown ones included.
        page: the page that it was read on.
        carried: the address with which the run began.
        rewritten: the run in which the address was written last, and the address with which that one began.
        earlier: addresses that a run may still carry, because it began before the browser heard of what is held.
        followed: whether the run of the page began with an address that the visitor went to.
        opened: whether the run opens the page: then what is missing in its address is put there and adds no entry.
        openings: how many runs did.
        again: whether the run shows the page once more, with what was known too late.
        heard: keys of the widgets that the browser spoke of when it last asked for a run. The others are told again:
            what a run tells a widget is lost on a slow browser where the next run comes before it was shown.
        by_itself: whether the page runs again by itself, without having heard of the browser.
        written: whether the browser was told of all that is held.
        settled: whether a run of the page has come to its end.
        resent: keys of the widgets of which the browser told a session whose first run has not come to its end.
        kept: those among them that were asked about: key and default in the link, and the value that the link gives.
        changed: keys of the link that were changed before that end; these count, whatever the browser told.
        unread: what the address that the visitor went to says, by key, until a page has looked at it.
        understood: the same, of what a page could read.
        passed_over: the same, of what means nothing on this page.
        told: keys of these of which the run says so.
    """

    held: dict[str, list[str]] = field(default_factory=dict)
    page: str | None = None
    carried: dict[str, list[str]] = field(default_factory=dict)
    rewritten: tuple[object, dict[str, list[str]]] | None = None
    earlier: list[dict[str, list[str]]] = field(default_factory=list)
    followed: bool = False
    opened: bool = False
    openings: int = 0
    again: bool = False
    heard: frozenset[str] = frozenset()
    by_itself: bool = False
    written: bool = False
    settled: bool = False
    resent: frozenset[str] = frozenset()
    kept: dict[str, tuple[str, Any, Any]] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)
    unread: dict[str, str] = field(default_factory=dict)
    understood: dict[str, str] = field(default_factory=dict)
    passed_over: dict[str, str] = field(default_factory=dict)
    told: frozenset[str] = frozenset()


def _link() -> Link:
    return record(Link)


def _address() -> dict[str, list[str]]:
    return {name: st.query_params.get_all(name) for name in st.query_params}


def _run() -> object:
    """Something that one run has, callbacks included, and no other."""
    context = get_script_run_ctx()
    return context.cursors if context else object()


def _carried(link: Link) -> dict[str, list[str]]:
    """The address with which the run began, also where a callback has written another since."""
    return link.rewritten[1] if link.rewritten and link.rewritten[0] is _run() else _address()


def follow(page: str) -> None:
    """Takes the address where the visitor went to it: on arrival, by Back, Forward, or from another page.

    A run that began before the browser heard of this session's link carries an earlier one, however long that takes on
    a slow line: that is no wish of the visitor's, whose Back and Forward are told apart by Streamlit. An address
    without any key is what Streamlit makes of a page change; what was chosen stays.
    """
    link, before = _link(), _link().page
    shown = _carried(link)
    link.page, link.carried, link.followed = page, shown, False
    if not link.by_itself:
        hear()
    link.by_itself = False
    link.resent = frozenset() if link.settled or _is_history() else frozenset(resent())
    link.kept = {}
    link.opened = before != page and not _is_history() and not link.resent
    link.openings += link.opened
    if before is None or _is_history():
        link.followed = bool(KEYS.keys() & shown.keys()) or before is None
    elif shown != link.held:
        link.followed = bool(KEYS.keys() & shown.keys()) and shown not in link.earlier
    if link.followed and before is not None and before != page and not _is_history():
        link.held = _settled(link.held, shown)  # a link within the app says only what it changes
    elif link.followed:
        link.held = shown
    link.written = link.held == shown
    if link.written:
        link.earlier.clear()
    if not link.again:
        _begin_reading(link, shown if link.followed else {}, before != page)


def hear() -> None:
    """Takes which widgets the browser speaks of as it asks for this run."""
    _link().heard = frozenset(resent())


def run_again() -> NoReturn:
    """Runs the page again, which nobody asked for."""
    _link().by_itself = True
    st.rerun()


def _begin_reading(link: Link, shown: Mapping[str, list[str]], is_new: bool) -> None:
    given = {name: texts[-1] for name, texts in shown.items() if name in KEYS}
    link.unread = {**link.unread, **given}
    if given or is_new:
        link.passed_over = {}


def _is_history() -> bool:
    context = get_script_run_ctx()
    return context is not None and context.is_history_navigation


def is_here(search: Any) -> bool:
    """Whether the run carries that address, "?..." in a browser, and not because the visitor went back to it."""
    if not isinstance(search, str) or _is_history():
        return False
    try:
        return parse_qs(search.removeprefix("?"), keep_blank_values=True) == _link().carried
    except ValueError:
        return False


def followed() -> bool:
    """Whether this run of the page began with an address that the visitor went to."""
    return _link().followed


def said(name: str) -> str:
    """The text under a key, empty where it is left out."""
    return _link().held.get(name, [""])[-1]


def chosen(name: str, usual: Any = None, among: Iterable[Any] | None = None) -> Any:
    """The value under a key.

    Args:
        name: of the key.
        usual: the default, where it depends on others.
        among: what may be chosen, where that depends on others; what is not among it is passed over, a number moved
            to the nearest end of a range.
    """
    key, given = KEYS[name], said(name)
    default = key.default if usual is None else usual
    if among is None or isinstance(among, range):
        value = key.values.read(given) if given else None
        _note(name, value is not None)
        if value is None:
            return default
        return value if among is None else max(min(among), min(max(among), value))
    by_text = {key.values.write(each).casefold(): each for each in among}
    _note(name, given.casefold() in by_text)
    usual_text = "" if default is None else key.values.write(default).casefold()
    return by_text.get(given.casefold(), by_text.get(usual_text, default))


def _note(name: str, is_understood: bool) -> None:
    """Keeps in mind whether a page could read what a link says under a key, when it looks at that first."""
    link = _link()
    if name in link.unread and (given := link.unread.pop(name)) and given == said(name):
        (link.understood if is_understood else link.passed_over)[name] = given


def pass_over(name: str) -> None:
    """Says of what could be read under a key of a link that it, or a part of it, means nothing on the page."""
    link = _link()
    if link.understood.pop(name, "") == said(name) != "":
        link.passed_over[name] = said(name)


def passed_over() -> tuple[str, ...]:
    """What the link says and means nothing on the page, as `photo=nonsense`; the run tells it."""
    link = _link()
    link.told = frozenset(link.passed_over)
    return tuple(f"{name}={given}" for name, given in link.passed_over.items() if said(name) == given)


def _pass_over_nonsense(link: Link) -> None:
    """Passes over what is nonsense under keys of this page, at which it had no occasion to look."""
    page = link.page or "anatomy"
    for name, given in [*link.unread.items()]:
        if page in map(slug, KEYS[name].pages.split(", ")) and given and KEYS[name].values.read(given) is None:
            _note(name, False)


def choose(values: Mapping[str, Any]) -> None:
    """Puts choices into the link, as one step back; None is the default, and so is what equals it."""
    _write({name: _text_of(KEYS[name], value) for name, value in values.items()})


def name_default(name: str, value: Any) -> None:
    """Takes into the link what a key stands for where it is left out; the next that is written has it, no step more."""
    link, key = _link(), KEYS[name]
    if not said(name):
        link.earlier = [*link.earlier, link.held][-_MOST_EARLIER:]
        link.held, link.written = {**link.held, name: [key.values.write(value)]}, False


def _open_again(link: Link) -> None:
    """Has the run that follows open the page once more."""
    link.page, link.openings, link.settled, link.again = None, link.openings - 1, True, True


def is_default(name: str, given: str) -> bool:
    """Whether a text under a key says what it stands for where it is left out."""
    return name in KEYS and KEYS[name].default is not None and given == KEYS[name].values.write(KEYS[name].default)


def write() -> None:
    """Tells the browser what it was not told yet.

    Where the page was opened by this run, the dials have its address already: it is opened once more, with the whole.
    """
    link = _link()
    if link.written:
        return
    if link.opened and not link.again:
        _open_again(link)
        run_again()
    link.opened = False
    choose({})


def _text_of(key: Key, value: Any) -> list[str]:
    """What stands under the key; nothing for the default."""
    written = "" if value is None else key.values.write(value)
    usual = "" if key.default is None else key.values.write(key.default)
    return [] if written in ("", usual) else [written]


def _write(changes: Mapping[str, list[str]]) -> None:
    link = _link()
    if link.written and all(link.held.get(name, []) == given for name, given in changes.items()):
        return
    told, shown = link.held, _address()
    link.held, link.written = _settled(told, changes), True
    if not link.settled:
        link.changed |= {name for name in KEYS if link.held.get(name) != told.get(name)}
    if link.held == shown:
        return
    link.earlier = [*link.earlier, told, shown][-_MOST_EARLIER:]
    if not link.opened:
        link.rewritten = (_run(), _carried(link))
        st.query_params.from_dict(link.held)


def instead() -> tuple[int, str, str] | None:
    """The address that the browser shows instead of the one by which the page was opened; None where that is whole.

    With it come which opening that was, for two pages may be opened one after the other and have one address, and the
    address by which: where the visitor has gone on from it meanwhile, nothing is put there.
    """
    link = _link()
    if not link.opened or link.held == _address():
        return None
    return link.openings, urlencode(_address(), doseq=True), urlencode(link.held, doseq=True)


def _settled(held: Mapping[str, list[str]], changes: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """What is held after the changes; what goes with a changed key goes, and the rest stands in the table's order."""
    new = {name for name, given in changes.items() if given != held.get(name, [])}
    gone = {key.name for key in KEYS.values() if new.intersection(key.goes_with)} - changes.keys()
    merged = {name: given for name, given in {**held, **changes}.items() if given and name not in gone}
    known = [name for name in KEYS if name in merged]
    return {name: merged[name] for name in (*known, *(name for name in merged if name not in KEYS))}


def bound(
    name: str, key: str = "", usual: Any = None, among: Iterable[Any] | None = None, anew: bool = False
) -> dict[str, Any]:
    """What a widget is given so that it shows the link's choice and puts the visitor's into it.

    Args:
        name: of the link's key.
        key: of the widget; the link's where they are the same.
        usual: the default, where it depends on others.
        among: what the widget offers.
        anew: whether the widget may be another one under the same key, which knows nothing of the last one's value.
    """
    widget, link = key or name, _link()
    value = chosen(name, usual, among)
    if widget in link.resent and name not in link.changed:
        link.kept[widget] = (name, usual, value)
    elif anew or widget not in link.heard or st.session_state.get(widget, _NOTHING) != value:
        st.session_state[widget] = value
    return {"key": widget, "on_change": whole(_take), "args": (name, widget, usual)}


def _take(name: str, widget: str, usual: Any) -> None:
    value, _link().opened = st.session_state[widget], False
    choose({name: None if value == usual and not KEYS[name].named else value})


def settle() -> None:
    """Ends a run of the page: what the visitor chose before this session knew the page is taken into the link.

    Where something of the link meant nothing, the page is run once more, for that is told at its top.

    An open page whose server started anew goes on with its next choice, which comes along with all that its widgets
    show. The others show what the address says, so whatever differs was just chosen.
    """
    link = _link()
    _pass_over_nonsense(link)
    is_opening, is_news = link.opened and not link.again, bool(link.passed_over.keys() - link.told)
    kept, told = link.kept, resent() if link.kept else {}
    link.settled, link.resent, link.kept, link.opened, link.again = True, frozenset(), {}, False, False
    changes, made_anew = {}, False
    for widget, (name, usual, value) in kept.items():
        made_anew |= len(told.get(widget, ())) > 1  # it is another one than the browser knew
        now = st.session_state.get(widget, value)
        if len(told.get(widget, ())) == 1 and now != value:
            changes[name] = None if now == usual and not KEYS[name].named else now
    if changes:
        choose(changes)
    if is_news:
        link.again = True
    if is_news and is_opening:
        _open_again(link)
    if changes or made_anew or is_news:
        run_again()
