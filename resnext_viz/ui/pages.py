"""The pages, in the order of the navigation. The first one lives at `/`."""

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from resnext_viz.app_files import PAGES


def pages() -> list[StreamlitPage]:
    """The pages, made anew for every run.

    Streamlit marks on the object itself which page may be drawn, and visitors who shared the objects would take the
    mark from each other.
    """
    return [
        st.Page(PAGES / "anatomy_page.py", title="Anatomy", default=True),
        st.Page(PAGES / "design_space_page.py", title="Design space", url_path="design-space"),
        st.Page(PAGES / "counting_page.py", title="Counting", url_path="counting"),
        st.Page(PAGES / "block_forms_page.py", title="Block forms", url_path="block-forms"),
        st.Page(PAGES / "paper_page.py", title="Paper", url_path="paper"),
        st.Page(PAGES / "study_page.py", title="Study", url_path="study"),
        st.Page(PAGES / "code_page.py", title="Code", url_path="code"),
        st.Page(PAGES / "train_page.py", title="Train", url_path="train"),
        st.Page(PAGES / "predict_page.py", title="Predict", url_path="predict"),
    ]
