"""From a key press on the C dial to the new number on screen, in a real browser, against a slider of Streamlit's.

Measured beside it: until the network's drawing has followed, which the server makes.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from itertools import cycle
from typing import TYPE_CHECKING

from resnext_viz.bench.app.browser import chromium, opened, press, watch
from resnext_viz.bench.app.served_apps import SAME_SETTINGS, SLIDER_APP, our_app, small_app
from resnext_viz.bench.result import BenchRow, rows_of
from resnext_viz.kit.timing import in_turns

if TYPE_CHECKING:
    from playwright.sync_api import Page

PRESSES = 40
PAUSE_MS = 150  # the page comes to rest between two presses; a dial tells the server at most every 100 ms
_DIAL = 'input[type=range][aria-label="Cardinality C"]'
_DRAWING = ".drawing"  # the first on the page: the network
_AGAINST = "Streamlit slider, a plain rerun"


def measure() -> list[BenchRow]:
    """Rows for our dial, the drawing that follows it, and the slider.

    Raises:
        BenchError: no browser, or an app could not be started.
    """
    with ExitStack() as stack:
        ours, plain = stack.enter_context(our_app()), stack.enter_context(small_app(SLIDER_APP, *SAME_SETTINGS))
        browser = stack.enter_context(chromium())
        dial, drawing, slider = opened(browser, ours), opened(browser, ours), opened(browser, plain)
        watch(dial, _DIAL, '[data-count="params"]')
        watch(drawing, _DIAL, _DRAWING)
        watch(slider, "input[type=range]", "[data-testid=stMetricValue]")
        engines = {
            "dial, computed in the page": _presses(dial, "ArrowRight"),
            "drawing, made by the server": _presses(drawing, "ArrowRight"),  # never one that was made before
            _AGAINST: _presses(slider, "ArrowRight", "ArrowLeft"),  # it has an end
        }
        return rows_of("dial", in_turns(engines, PRESSES), _AGAINST)


def _presses(page: Page, *keys: str) -> Callable[[], float]:
    """An engine that presses these keys in turns."""
    turns = cycle(keys)

    def once() -> float:
        page.bring_to_front()
        elapsed_ms = press(page, next(turns))
        page.wait_for_timeout(PAUSE_MS)
        return elapsed_ms

    return once
