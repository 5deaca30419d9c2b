"""How long the server takes for a rerun of each page, with torch loaded, against an app that is empty.

Measured is what a visitor waits for on the server: from the request to the message that the script is done.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from functools import partial

from resnext_viz.bench.result import BenchRow, in_turns, rows_of
from resnext_viz.bench.server import EMPTY_APP, SAME_SETTINGS, our_app, small_app
from resnext_viz.bench.session import visit

ROUNDS = 30
WARM_UPS = 2
_AGAINST = "empty app, our settings"


def measure() -> list[BenchRow]:
    """Rows for each page of the app, and for the empty app with our settings and with Streamlit's own.

    Raises:
        BenchError: an app could not be started, or a page shows an exception.
    """
    with ExitStack() as stack:
        ours = stack.enter_context(visit(stack.enter_context(our_app())))
        same = stack.enter_context(visit(stack.enter_context(small_app(EMPTY_APP, *SAME_SETTINGS))))
        usual = stack.enter_context(visit(stack.enter_context(small_app(EMPTY_APP))))
        engines: dict[str, Callable[[], float]] = {_AGAINST: same.rerun, "empty app, Streamlit's settings": usual.rerun}
        engines |= {title: partial(ours.rerun, page_hash) for title, page_hash in ours.pages.items()}
        for _ in range(
            WARM_UPS
        ):  # each page before the first round, so that torch is loaded and caches are full for all
            for rerun in engines.values():
                rerun()
        return rows_of("rerun", in_turns(engines, ROUNDS), _AGAINST)
