"""What stands around every page: its look, the navigation, the dials. Streamlit runs this script for every page."""

from contextlib import nullcontext

import streamlit as st

from resnext_viz.ui import components, controls
from resnext_viz.ui.crowd import PREDICT
from resnext_viz.ui.held_runs import take_runs
from resnext_viz.ui.pages import pages
from resnext_viz.ui.weights import forget_page

st.set_page_config(page_title="ResNeXt Explorer", page_icon=components.icon(), layout="wide")
controls.page_style()

page = st.navigation(pages(), position="top")
predict = page.url_path == "predict"
if not predict:
    forget_page()  # uploads go with the page
with PREDICT.inside() if predict else nullcontext():
    controls.dial(collapsed=predict)
    take_runs()
    page.run()
