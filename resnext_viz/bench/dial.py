"""From a key press on the C dial to the new number on screen, in a real browser, against a slider of Streamlit's."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from itertools import cycle
from typing import TYPE_CHECKING

from resnext_viz.bench.browser import chromium, opened, press, watch
from resnext_viz.bench.result import BenchRow, in_turns, rows_of
from resnext_viz.bench.server import SAME_SETTINGS, SLIDER_APP, our_app, small_app

if TYPE_CHECKING:
    from playwright.sync_api import Page

PRESSES = 40
PAUSE_MS = 150  # the page comes to rest between two presses; a dial tells the server at most every 100 ms
_DIAL = 'input[type=range][aria-label="Cardinality C"]'
_AGAINST = "Streamlit slider, a plain rerun"


def measure() -> list[BenchRow]:
    """Rows for our dial and the slider.

    Raises:
        BenchError: no browser, or an app could not be started.
    """
    with ExitStack() as stack:
        ours, plain = stack.enter_context(our_app()), stack.enter_context(small_app(SLIDER_APP, *SAME_SETTINGS))
        browser = stack.enter_context(chromium())
        dial, slider = opened(browser, ours), opened(browser, plain)
        watch(dial, _DIAL, '[data-count="params"]')
        watch(slider, "input[type=range]", "[data-testid=stMetricValue]")
        engines = {"dial, computed in the page": _presses(dial), _AGAINST: _presses(slider)}
        return rows_of("dial", in_turns(engines, PRESSES), _AGAINST)


def _presses(page: Page) -> Callable[[], float]:
    """An engine that presses arrow keys, right and left in turns."""
    keys = cycle(("ArrowRight", "ArrowLeft"))

    def once() -> float:
        page.bring_to_front()
        elapsed_ms = press(page, next(keys))
        page.wait_for_timeout(PAUSE_MS)
        return elapsed_ms

    return once
