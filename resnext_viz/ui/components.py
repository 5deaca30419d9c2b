"""The three browser components: the dials, the headline, and the frame around any drawing.

Each is a plain ES module beside this file, mounted without an iframe. Python sends data down; what the user does comes
back as state under the component's key, readable before the component is mounted.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import streamlit as st

from resnext_viz.figures.palette import css_variables

_FRONTEND = Path(__file__).parent / "frontend"
_FIGURES = Path(__file__).parent.parent / "figures"
_SANS = '"Source Sans","Source Sans 3",system-ui,sans-serif'
_SERIF = '"Source Serif","Source Serif 4",Georgia,serif'
_VARIABLES = f":root,:host{{{css_variables()};--rx-sans:{_SANS};--rx-serif:{_SERIF}}}\n"


class _Parts(NamedTuple):
    """What a component is made of, as text."""

    html: str
    css: str
    js: str


@lru_cache(maxsize=8)
def _parts(name: str, scripts: tuple[str, ...], with_figures: bool) -> _Parts:
    styles = sorted(_FIGURES.glob("*.css")) if with_figures else []
    return _Parts(
        _text(_FRONTEND / f"{name}.html"),
        "\n".join([_VARIABLES, *map(_text, (_FRONTEND / f"{name}.css", *styles))]),
        "\n".join(_text(_FRONTEND / f"{script}.js") for script in scripts),
    )


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _mount(name: str, *scripts: str, with_figures: bool = False) -> Callable[..., Any]:
    """The component, declared anew in every run as Streamlit's registry expects."""
    parts = _parts(name, scripts, with_figures)
    return st.components.v2.component(f"resnext_{name}", html=parts.html, css=parts.css, js=parts.js)


@lru_cache(maxsize=1)
def page_css() -> str:
    """The style of what stands around the components."""
    return _VARIABLES + _text(_FRONTEND / "page.css")


def dials(model: dict[str, Any], key: str) -> None:
    """The dials; `st.session_state[key]["dialled"]` holds what they sent last."""
    _mount("dials", "counts", "dials")(key=key, data=model, height="content", on_dialled_change=_nothing)


def headline(model: dict[str, Any]) -> None:
    """Title and the four counts of the dialled network; they follow the dials by themselves."""
    _mount("headline", "counts", "headline")(key="headline", data=model, height="content")


def drawing(html: str, key: str) -> None:
    """A drawing from `figures`, given hands; `chosen(key)` tells what was chosen in it."""
    _mount("drawing", "drawing", with_figures=True)(
        key=key, data={"html": html}, height="content", on_chosen_change=_nothing
    )


def chosen(key: str) -> str | None:
    """The value last chosen in the drawing of that key, in this or an earlier run."""
    value = st.session_state.get(key, {}).get("chosen")
    return value if isinstance(value, str) else None


def _nothing() -> None:
    """Streamlit wants a callback for every state key."""
