"""Pieces that several pages are made of: section headings, downloads, footnotes."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

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
    st.html(f'<div class="rx-heading"><h2>{escape(title)}</h2><p>{escape(caption)}</p></div>')


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


def csv_text(rows: Sequence[Mapping[str, Any]]) -> str:
    """The rows as CSV, with the names of their columns."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()
