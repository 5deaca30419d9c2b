"""Pieces that several pages are made of: section headings, downloads, footnotes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from html import escape

import streamlit as st
from streamlit.delta_generator import DeltaGenerator


@dataclass(frozen=True)
class OfferedFile:
    """A file that is made when somebody asks for it."""

    label: str
    file_name: str
    mime: str
    content: Callable[[], str]


def heading(title: str, caption: str = "", *downloads: OfferedFile, row: DeltaGenerator | None = None) -> None:
    """A section's title, its caption beside it, and at the right edge what can be taken along; in `row` if given."""
    if row is None and not downloads:
        heading_text(title, caption, "rx-alone")
        return
    with row or heading_row(title):
        heading_text(title, caption)
        for download in downloads:
            st.download_button(
                download.label, download.content, download.file_name, download.mime, on_click="ignore", width="content"
            )


def heading_row(title: str) -> DeltaGenerator:
    """Where a heading stands, for one whose words are known only after what stands below it."""
    key = f"heading-{title.lower().replace(' ', '-')}"
    return st.container(horizontal=True, vertical_alignment="center", key=key)


def heading_text(title: str, caption: str = "", style: str = "", below: str = "") -> None:
    """The words of a section's heading, for a row that holds more than they, and HTML `below` it."""
    place = f'<h2 id="{_place(title)}">{escape(title)}</h2>'
    st.html(f'<div class="rx-heading {style}">{place}<p>{escape(caption)}</p></div>{below}')
    if (headings := _HEADINGS.get()) is not None:
        headings.append(title)


_HEADINGS: ContextVar[list[str] | None] = ContextVar("headings", default=None)


@contextmanager
def contents(title: str, caption: str) -> Iterator[None]:
    """The title of a page of many sections, and links to the headings that are drawn within."""
    above = st.container()
    headings: list[str] = []
    before = _HEADINGS.set(headings)
    try:
        yield
    finally:
        _HEADINGS.reset(before)
    links = "".join(f'<a href="#{_place(each)}" target="_self">{escape(each)}</a>' for each in headings)
    above.html(f'{_title(title, caption)}<nav class="rx-contents" aria-label="On this page">{links}</nav>')


def _place(title: str) -> str:
    """What a heading is called in an address: "every-tool-s-number"."""
    return "-".join(re.findall(r"\w+", title.lower()))


def prose(words: str) -> None:
    """A paragraph."""
    st.html(_prose(words))


def passage(title: str, words: str) -> None:
    """A section that is a heading and a paragraph."""
    heading_text(title, "", "rx-alone", _prose(words))


def _prose(words: str) -> str:
    return f'<p class="rx-prose">{escape(words)}</p>'


def page_title(title: str, caption: str) -> None:
    """The page's own title, where it is not the network's."""
    st.html(_title(title, caption))


def _title(title: str, caption: str) -> str:
    return f'<div class="rx-title"><h1>{escape(title)}</h1><p>{escape(caption)}</p></div>'


def foot(words: str) -> None:
    """The small print at the end of a page."""
    st.html(f'<p class="rx-foot">{escape(words)}</p>')


def aside(words: str) -> None:
    """What is worth a quiet line, and no box."""
    st.html(f'<p class="rx-caption rx-aside" role="status">{escape(words)}</p>')


def complaint(happened: str, remedy: str) -> None:
    """What happened, in bold, and what to do, beside its cause."""
    st.html(f'<div class="rx-complaint" role="alert"><b>{escape(happened)}</b> {escape(remedy)}</div>')


def failure(happened: str, problem: str) -> None:
    """What could not be done, and why, in the words of an error."""
    complaint(happened, sentence(problem))


def sentence(words: str) -> str:
    """Words of an error as a sentence: a capital first, unless a file's name stands there; one full stop last."""
    is_word = re.match(r"[a-z’-]+[,:;.]?( |$)", words)
    return f"{words[:1].upper() if is_word else words[:1]}{words[1:].rstrip('.')}."
