"""The pages, in the order of the navigation. The first one lives at `/`."""

from copy import copy
from functools import cache

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from resnext_viz.kit.app_files import PAGES

PATHS = {
    "": "Anatomy",
    "design-space": "Design space",
    "counting": "Counting",
    "block-forms": "Block forms",
    "paper": "Paper",
    "study": "Study",
    "code": "Code",
    "train": "Train",
    "predict": "Predict",
    "lessons": "Lessons",
}


def pages() -> list[StreamlitPage]:
    """The pages, copied for every run.

    Streamlit marks on the object itself which page may be drawn, and visitors who shared the objects would take the
    mark from each other. Making them anew would ask the disk for each file in every run.
    """
    return [copy(page) for page in _pages()]


@cache
def _pages() -> tuple[StreamlitPage, ...]:
    return tuple(
        st.Page(PAGES / f"{title.lower().replace(' ', '_')}_page.py", title=title, url_path=path, default=not path)
        for path, title in PATHS.items()
    )
