"""The app: what `streamlit run app.py`, `resnext-viz app` and any ASGI server start."""

import streamlit as st
from starlette.middleware import Middleware

from resnext_viz.kit.app_files import FRAME
from resnext_viz.ui.addresses import PageAddresses
from resnext_viz.ui.server import (
    ROUTES,
    OrderlyConnections,
    SecurityHeaders,
    answer_unexpected,
    lifespan,
    show_unexpected,
)
from resnext_viz.ui.upload_bounds import UploadBounds

app = st.App(
    FRAME,
    lifespan=lifespan,
    routes=ROUTES,
    middleware=[
        Middleware(SecurityHeaders),
        Middleware(PageAddresses),
        Middleware(OrderlyConnections),
        Middleware(UploadBounds),
    ],
    on_script_error=show_unexpected,
    exception_handlers={Exception: answer_unexpected},
)
