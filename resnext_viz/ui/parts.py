"""Pieces that several pages are made of: section headings, downloads, footnotes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from html import escape

import streamlit as st


@dataclass(frozen=True)
class Download:
    """A file that is made when somebody asks for it."""

    label: str
    file_name: str
    mime: str
    content: Callable[[], str]


def heading(title: str, caption: str = "", *downloads: Download) -> None:
    """A section's title, its caption beside it, and at the right edge what can be taken along."""
    with st.container(horizontal=True, vertical_alignment="center", key=f"heading-{title.lower().replace(' ', '-')}"):
        heading_text(title, caption)
        for download in downloads:
            st.download_button(
                download.label, download.content, download.file_name, download.mime, on_click="ignore", width="content"
            )


def heading_text(title: str, caption: str = "") -> None:
    """The words of a section's heading, for a row that holds more than they."""
    place = f'<h2 id="{_place(title)}">{escape(title)}</h2>'
    st.html(f'<div class="rx-heading">{place}<p>{escape(caption)}</p></div>')
    if (headings := _HEADINGS.get()) is not None:
        headings.append(title)


_HEADINGS: ContextVar[list[str] | None] = ContextVar("headings", default=None)


@contextmanager
def contents() -> Iterator[None]:
    """Above what is drawn within, links to its headings: for a page of many sections."""
    above = st.container()
    headings: list[str] = []
    before = _HEADINGS.set(headings)
    try:
        yield
    finally:
        _HEADINGS.reset(before)
    links = "".join(f'<a href="#{_place(title)}" target="_self">{escape(title)}</a>' for title in headings)
    above.html(f'<nav class="rx-contents" aria-label="On this page">{links}</nav>')


def _place(title: str) -> str:
    """What a heading is called in an address: "every-tool-s-number"."""
    return "-".join(re.findall(r"\w+", title.lower()))


def prose(words: str) -> None:
    """A paragraph."""
    st.html(f'<p class="rx-prose">{escape(words)}</p>')


def page_title(title: str, caption: str) -> None:
    """The page's own title, where it is not the network's."""
    st.html(f'<div class="rx-title"><h1>{escape(title)}</h1><p>{escape(caption)}</p></div>')


def foot(words: str) -> None:
    """The small print at the end of a page."""
    st.html(f'<p class="rx-foot">{escape(words)}</p>')


def complaint(happened: str, remedy: str) -> None:
    """What happened, in bold, and what to do, beside its cause."""
    st.html(f'<div class="rx-complaint" role="alert"><b>{escape(happened)}</b> {escape(remedy)}</div>')


def failure(happened: str, problem: str) -> None:
    """What could not be done, and why, in the words of an error."""
    complaint(happened, sentence(problem))


def sentence(words: str) -> str:
    """Words of an error as a sentence: a capital first, one full stop last."""
    return f"{words[:1].upper()}{words[1:].rstrip('.')}."
