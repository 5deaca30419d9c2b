"""How long the server takes for a rerun of each page, with torch loaded, against an app that is empty.

Measured is what a visitor waits for on the server: from the request to the message that the script is done. What the
browser then draws is not in it; `dial` measures that.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack

from resnext_viz.bench.app.served_apps import EMPTY_APP, SAME_SETTINGS, our_app, small_app
from resnext_viz.bench.app.session import Session, visit
from resnext_viz.bench.result import BenchRow, rows_of
from resnext_viz.kit.timing import in_turns

ROUNDS = 30
WARM_UPS = 2
PAUSE_S = 0.1  # a request that follows the last answer at once waits 40 ms in Streamlit, whatever the page
_AGAINST = "empty app, our settings"


def measure() -> list[BenchRow]:
    """Rows for each page of the app, and for the empty app with our settings and with Streamlit's own.

    Raises:
        BenchError: an app could not be started, or a page shows an exception.
    """
    with ExitStack() as stack:
        same = stack.enter_context(visit(stack.enter_context(small_app(EMPTY_APP, *SAME_SETTINGS))))
        usual = stack.enter_context(visit(stack.enter_context(small_app(EMPTY_APP))))
        ours = stack.enter_context(our_app())
        pages = stack.enter_context(visit(ours)).pages
        engines = {_AGAINST: _reruns(same), "empty app, Streamlit's settings": _reruns(usual)}
        for title, page_hash in pages.items():  # a visitor for each: going from page to page is no rerun
            engines[title] = _reruns(stack.enter_context(visit(ours)), page_hash)
        for _ in range(WARM_UPS):  # all of them before the first round: one of the pages loads torch
            for rerun in engines.values():
                rerun()
        return rows_of("rerun", in_turns(engines, ROUNDS), _AGAINST)


def _reruns(visitor: Session, page_hash: str = "") -> Callable[[], float]:
    """An engine that runs the page again."""

    def once() -> float:
        time.sleep(PAUSE_S)
        return visitor.rerun(page_hash)

    return once
