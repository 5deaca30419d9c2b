"""The pages, in the order of the navigation. The first one lives at `/`."""

import streamlit as st
from streamlit.navigation.page import StreamlitPage


def pages() -> list[StreamlitPage]:
    """The pages, made anew for every run.

    Streamlit marks on the object itself which page may be drawn, and visitors who shared the objects would take the
    mark from each other.
    """
    return [
        st.Page("../../pages/anatomy_page.py", title="Anatomy", default=True),
        st.Page("../../pages/design_space_page.py", title="Design space", url_path="design-space"),
        st.Page("../../pages/counting_page.py", title="Counting", url_path="counting"),
        st.Page("../../pages/block_forms_page.py", title="Block forms", url_path="block-forms"),
        st.Page("../../pages/paper_page.py", title="Paper", url_path="paper"),
        st.Page("../../pages/study_page.py", title="Study", url_path="study"),
        st.Page("../../pages/code_page.py", title="Code", url_path="code"),
        st.Page("../../pages/train_page.py", title="Train", url_path="train"),
        st.Page("../../pages/predict_page.py", title="Predict", url_path="predict"),
    ]
