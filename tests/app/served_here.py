"""The app served by this very process, so that a test can hold up what its visitors wait for."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import streamlit as st
import uvicorn
from streamlit.runtime import Runtime

FRAME = Path(__file__).parents[2] / "resnext_viz" / "ui" / "frame.py"
_PATIENCE_S = 60


@contextmanager
def served_here() -> Iterator[str]:
    """The address of the app, without what the server does at its start and end."""
    server = uvicorn.Server(uvicorn.Config(st.App(FRAME), "127.0.0.1", 0, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + _PATIENCE_S
    while not server.started:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(_PATIENCE_S)
        Runtime._instance = None  # a process has one, and other tests bring their own
        assert not thread.is_alive()
