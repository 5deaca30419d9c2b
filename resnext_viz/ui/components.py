"""The three browser components: the dials, the headline, and the frame around any drawing.

Each is a plain ES module beside this file, mounted without an iframe. Python sends data down; what the user does comes
back as state under the component's key, readable before the component is mounted.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

import streamlit as st

from resnext_viz.figures.palette import css_variables

_FRONTEND = Path(__file__).parent / "frontend"
_FIGURES = Path(__file__).parent.parent / "figures"
_SHEETS = {  # of `figures`, by what is drawn; every drawing sends its own along, so each gets what it needs
    "anatomy": ("base", "anatomy"),
    "design": ("base", "design", "solver"),
    "forms": ("base", "forms"),
    "differences": ("base", "differences"),
    "faults": ("base", "faults"),
    "lab": ("base", "lab"),
    "predict": ("base", "predict"),
    "paths": ("base", "path_tiles", "heat"),
    "heat": ("base", "heat", "colour_map"),
    "maps": ("base", "feature_maps", "colour_map"),
    "batch": ("base", "batch"),
    "quality": ("base", "batch", "quality"),
    "explanation": ("base", "explanation"),
    "paper": ("base", "design", "paper"),
    "cost": ("base", "cost"),
    "tools": ("base", "tool_counts"),
    "code": ("base", "code"),
    "audit": ("base", "audit"),
    "speed": ("base", "form_costs"),
    "shares": ("base", "path_shares"),
    "study": ("base", "design", "study"),
    "training": ("base", "training"),
}
Sheet = Literal[
    "anatomy", "design", "forms", "differences", "predict", "paths", "heat", "maps", "batch", "paper", "cost",
    "explanation", "code", "faults", "lab", "tools", "audit",
    "speed", "study", "shares", "training",
    "quality",
]
REMEMBERED = 32  # drawings of each kind that the process keeps, of up to 60 kB: most reruns change few of them
_SANS = '"Source Sans","Source Sans 3",system-ui,sans-serif'
_SERIF = '"Source Serif","Source Serif 4",Georgia,serif'
_VARIABLES = f":root,:host{{{css_variables()};--rx-sans:{_SANS};--rx-serif:{_SERIF}}}\n"


class _Parts(NamedTuple):
    """What a component is made of, as text."""

    html: str
    css: str
    js: str


@lru_cache(maxsize=16)
def _parts(name: str, scripts: tuple[str, ...], sheets: tuple[str, ...]) -> _Parts:
    styles = [_FRONTEND / f"{name}.css", *(_FIGURES / f"{sheet}.css" for sheet in sheets)]
    return _Parts(
        _text(_FRONTEND / f"{name}.html"),
        "\n".join([_VARIABLES, *map(_text, styles)]),
        "\n".join(_text(_FRONTEND / f"{script}.js") for script in scripts),
    )


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _mount(name: str, *scripts: str, sheet: Sheet | None = None) -> Callable[..., Any]:
    """The component, declared anew in every run as Streamlit's registry expects."""
    parts = _parts(name, scripts, _SHEETS[sheet] if sheet else ())
    return st.components.v2.component(
        f"resnext_{name}_{sheet}" if sheet else f"resnext_{name}", html=parts.html, css=parts.css, js=parts.js
    )


@lru_cache(maxsize=1)
def page_css() -> str:
    """The style of what stands around the components."""
    return _VARIABLES + _text(_FRONTEND / "page.css")


@lru_cache(maxsize=1)
def icon() -> str:
    """The page's icon as a data URI: Streamlit's icon font comes from elsewhere, and a file it reads in every run."""
    return f"data:image/png;base64,{base64.b64encode((_FRONTEND / 'icon.png').read_bytes()).decode()}"


def dials(model: dict[str, Any], key: str) -> None:
    """The dials; `st.session_state[key]["dialled"]` holds what they sent last."""
    mount = _mount("dials", "counts", "listening", "dials")
    mount(key=key, data=_json(model), height="content", on_dialled_change=_nothing)


def headline(model: dict[str, Any]) -> None:
    """Title and the four counts of the dialled network; they follow the dials by themselves."""
    _mount("headline", "counts", "listening", "headline")(key="headline", data=_json(model), height="content")


def drawing(html: str | bytes, key: str, sheet: Sheet) -> None:
    """A drawing from `figures` in the style of `sheet`, given hands; `chosen(key)` tells what was chosen in it."""
    data = html if isinstance(html, bytes) else html.encode()
    mount = _mount("drawing", "listening", "drawing", sheet=sheet)
    mount(key=key, data=data, height="content", on_chosen_change=_nothing)


def chosen(key: str) -> str | None:
    """The value last chosen in the drawing of that key, in this or an earlier run."""
    value = st.session_state.get(key, {}).get("chosen")
    return value if isinstance(value, str) else None


def _json(data: dict[str, Any]) -> bytes:
    """JSON for `received` in counts.js; given a dict, Streamlit would look for tables in it and write it twice."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()


def _nothing() -> None:
    """Streamlit wants a callback for every state key."""
