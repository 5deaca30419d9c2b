"""The app: what `streamlit run app.py` and any ASGI server start."""

import streamlit as st

app = st.App("resnext_viz/ui/frame.py")
