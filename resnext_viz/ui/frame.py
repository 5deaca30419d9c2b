"""What stands around every page: its look, the navigation, the dials. Streamlit runs this script for every page."""

from contextlib import nullcontext

import streamlit as st

from resnext_viz.ui.kit import components, controls, link
from resnext_viz.ui.kit.admission import PREDICT
from resnext_viz.ui.kit.weights.usual_weights import name_usual_at_once
from resnext_viz.ui.lessons.bar import show_bar
from resnext_viz.ui.pages import pages
from resnext_viz.ui.predict.own_weights import forget_page
from resnext_viz.ui.train.held_runs import take_runs

st.set_page_config(page_title="ResNeXt Explorer", page_icon=components.icon(), layout="wide")

page = st.navigation(pages(), position="top")
predict = page.url_path == "predict"
if not predict:
    forget_page()  # uploads go with the page
with PREDICT.inside() if predict else nullcontext():
    link.follow(page.url_path)
    if predict:
        name_usual_at_once()
    take_runs()
    controls.dial(collapsed=predict)
    show_bar(page.url_path)
    page.run()
link.settle()
