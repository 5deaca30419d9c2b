"""From a key press on the C dial to the new number on screen, in a real browser, against a slider of Streamlit's."""

from __future__ import annotations

from contextlib import ExitStack

from resnext_viz.bench.browser import chromium, opened, press, watch
from resnext_viz.bench.result import BenchRow, rows_of
from resnext_viz.bench.server import SAME_SETTINGS, SLIDER_APP, our_app, small_app

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
        pages = {"dial, computed in the page": opened(browser, ours), _AGAINST: opened(browser, plain)}
        watch(pages["dial, computed in the page"], _DIAL, '[data-count="params"]')
        watch(pages[_AGAINST], "input[type=range]", "[data-testid=stMetricValue]")
        samples: dict[str, list[float]] = {name: [] for name in pages}
        for number in range(PRESSES + 1):  # the first press warms up
            for name, page in pages.items():
                page.bring_to_front()
                elapsed_ms = press(page, "ArrowLeft" if number % 2 else "ArrowRight")
                page.wait_for_timeout(PAUSE_MS)
                if number:
                    samples[name].append(elapsed_ms)
    return rows_of("dial", samples, _AGAINST)
