"""The three browser components: the dials, the headline, and the frame around any drawing.

Each is a plain ES module in `frontend/`, mounted without an iframe. Python sends data down; what the user does comes
back as state under the component's key, readable before the component is mounted.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

import streamlit as st

from resnext_viz.figures.kit.palette import css_variables
from resnext_viz.ui.kit import link
from resnext_viz.ui.kit.acts import uncut
from resnext_viz.ui.kit.assets import asset
from resnext_viz.ui.kit.record import record
from resnext_viz.ui.kit.resent import resent_state
from resnext_viz.ui.kit.words import words_text

_FRONTEND = Path(__file__).parent / "frontend"
_FIGURES = Path(__file__).parents[2] / "figures"
_SHEETS = {  # of `figures`, by what is drawn; every drawing sends its own along, so each gets what it needs
    "anatomy": ("kit/base", "anatomy/anatomy"),
    "design": ("kit/base", "kit/design", "design_space/solver"),
    "forms": ("kit/base", "block_forms/forms"),
    "differences": ("kit/base", "kit/fields", "block_forms/differences"),
    "faults": ("kit/base", "kit/fields", "block_forms/faults"),
    "lab": ("kit/base", "block_forms/aggregation/aggregation"),
    "predict": ("kit/base", "predict/predict"),
    "paths": ("kit/base", "predict/path_tiles", "predict/heat"),
    "heat": ("kit/base", "predict/heat", "kit/colour_map"),
    "maps": ("kit/base", "predict/feature_maps", "kit/colour_map"),
    "batch": ("kit/base", "predict/batch"),
    "quality": ("kit/base", "predict/batch", "predict/quality"),
    "explanation": ("kit/base", "kit/fields", "counting/explanation"),
    "paper": ("kit/base", "kit/design", "paper/paper"),
    "cost": ("kit/base", "kit/fields", "counting/cost"),
    "tools": ("kit/base", "counting/tool_counts"),
    "code": ("kit/base", "code/code"),
    "audit": ("kit/base", "kit/fields", "counting/audit"),
    "speed": ("kit/base", "block_forms/form_costs"),
    "shares": ("kit/base", "block_forms/aggregation/path_shares"),
    "study": ("kit/base", "kit/design", "study/study"),
    "training": ("kit/base", "train/training"),
    "lessons": ("kit/base", "lessons/small_drawings"),
}
Sheet = Literal[
    "anatomy",
    "design",
    "forms",
    "differences",
    "predict",
    "paths",
    "heat",
    "maps",
    "batch",
    "paper",
    "cost",
    "explanation",
    "code",
    "faults",
    "lab",
    "tools",
    "audit",
    "speed",
    "study",
    "shares",
    "training",
    "quality",
    "lessons",
]
REMEMBERED = 32  # drawings of each kind that the process keeps, of up to 60 kB: most reruns change few of them
_SANS = '"Source Sans","Source Sans 3",system-ui,sans-serif'
_SERIF = '"Source Serif","Source Serif 4",Georgia,serif'
_UNREAD = re.compile(r"/\*.*?\*/|(?<=[{};,])\s+|\s+(?=[{}])", re.DOTALL)  # what browsers pass over in a style
_VARIABLES = f":root,:host{{{css_variables()};--rx-sans:{_SANS};--rx-serif:{_SERIF}}}\n"


Instead = tuple[int, str, str]  # as `link.instead` gives it


class MessageNumber(NamedTuple):
    """Which of the dials' messages a model answers: docs/design/dials.md."""

    epoch: int
    seq: int


class _Parts(NamedTuple):
    """What a component is made of, as text."""

    html: str
    script: str


@lru_cache(maxsize=32)
def _parts(name: str, scripts: tuple[str, ...], sheets: tuple[str, ...], constants: str) -> _Parts:
    own = dict.fromkeys(_FRONTEND / f"{each}.css" for each in (name, *scripts))  # where a script has any
    styles = [*filter(Path.is_file, own), *(_FIGURES / f"{sheet}.css" for sheet in sheets)]
    files = [_FRONTEND / f"{script}.js" for script in ("styling", "listening", *scripts)]
    module = asset("\n".join([constants, *map(_text, files)]), "\n".join([_VARIABLES, *map(_text, styles)]))
    return _Parts(_text(_FRONTEND / f"{name}.html"), module.script)


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _mount(name: str, *scripts: str, sheet: Sheet | None = None, constants: str = "") -> Callable[..., Any]:
    """The component, declared anew in every run as Streamlit's registry expects; its scripts begin with `constants`."""
    parts = _parts(name, scripts, _SHEETS[sheet] if sheet else (), constants)
    return st.components.v2.component(
        f"resnext_{name}_{sheet}" if sheet else f"resnext_{name}", html=parts.html, js=parts.script
    )


@lru_cache(maxsize=1)
def page_css() -> str:
    """The style of what stands around the components; every rerun sends it, so comments and blanks stay here."""
    return _VARIABLES + _UNREAD.sub("", _text(_FRONTEND / "page.css"))


@lru_cache(maxsize=1)
def icon() -> str:
    """The page's icon as a data URI: Streamlit's icon font comes from elsewhere, and a file it reads in every run."""
    return f"data:image/png;base64,{base64.b64encode((_FRONTEND / 'icon.png').read_bytes()).decode()}"


def dials(offer: str, model: str, turn: MessageNumber, key: str, address: Instead | None, unread: str) -> None:
    """The dials, with what they offer and the name that could not be read, if any, as JSON.

    `st.session_state[key]["dialled"]` holds what they sent last. They are on every page, so they put its address, a
    query, in the place of the one by which it was opened.
    """
    constants = f"const OFFER = {offer}\nconst WORDS = {words_text()}"
    mount = _mount("dials", "counts", "uploads", "pressed", "help/help", "dials", constants=constants)
    mount(key=key, data=_turned(model, turn, address, unread), height="content", on_dialled_change=_nothing)


def headline(model: str, turn: MessageNumber) -> None:
    """Title and the four counts of the dialled network; they follow the dials by themselves."""
    scripts = ("counts", "help/help", "help/start", "headline")
    mount = _mount("headline", *scripts, constants=f"const WORDS = {words_text()}")
    mount(key="headline", data=_turned(model, turn), height="content")


def drawing(html: str | bytes, key: str, sheet: Sheet) -> None:
    """A drawing from `figures` in the style of `sheet`, given hands; `chosen(key)` tells what was chosen in it."""
    data = html if isinstance(html, bytes) else html.encode()
    mount = _mount("drawing", "drawing", sheet=sheet)
    mount(key=key, data=data, height="content", on_chosen_change=_nothing)


def drawn(draw: Callable[..., str], *arguments: Hashable, key: str, sheet: Sheet) -> None:
    """The drawing that a function of a module makes of these arguments, kept with those that it made last."""
    drawing(_kept(draw)(*arguments), key, sheet)


@cache
def _kept(draw: Callable[..., str]) -> Callable[..., bytes]:
    """That function with its last drawings: one copy for all visitors, ready to be sent."""

    @lru_cache(maxsize=REMEMBERED)
    def kept(*arguments: Hashable) -> bytes:
        return draw(*arguments).encode()

    return kept


def chosen(key: str) -> str | None:
    """The value last chosen in the drawing of that key, in this or an earlier run."""
    return _value(_sent(key))


@dataclass
class _Seen:
    """What a session has asked about.

    Attributes:
        choices: what was chosen last in each drawing, by its key, when that was last asked.
    """

    choices: dict[str, Any] = field(default_factory=dict)


@contextmanager
def newly_chosen(key: str) -> Iterator[str | None]:
    """The value chosen in the drawing of that key, if it was chosen since this was last asked; inside it is taken over.

    What is there when a session asks for the first time, a browser has kept of a former one: it is a choice if it was
    made at the address that the run carries, for then nobody has heard of it.
    """
    with uncut():
        seen = record(_Seen).choices
        if key in seen:
            sent = _sent(key)
            is_new = sent is not None and seen[key] != sent
        else:
            sent = resent_state(key).get("chosen")
            is_new = isinstance(sent, dict) and link.is_here(sent.get("from"))
        seen[key] = sent
        yield _value(sent) if is_new else None


def _sent(key: str) -> Any:
    return st.session_state.get(key, {}).get("chosen")


def _value(sent: Any) -> str | None:
    value = sent.get("what") if isinstance(sent, dict) else sent
    return value if isinstance(value, str) else None


def _turned(model: str, turn: MessageNumber, address: Instead | None = None, unread: str = "null") -> bytes:
    """JSON for `received` in counts.js; given a dict, Streamlit would look for tables in it and write it twice."""
    number = f'"epoch":{turn.epoch},"seq":{turn.seq}'
    return f'{{"model":{model},{number},"address":{json.dumps(address)},"unread":{unread}}}'.encode()


def _nothing() -> None:
    """Streamlit wants a callback for every state key."""
