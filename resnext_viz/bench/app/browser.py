"""A headless Chromium, and the in-page clock that times a key press until a number on the page has changed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from resnext_viz.bench.result import BenchError

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

# The first has no window to draw around the page, which costs the others about as much as the page.
_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"]
TIMEOUT_MS = 60_000
_SETTLED = (
    "[data-testid=stApp][data-test-connection-state=CONNECTED]",
    "[data-testid=stApp][data-test-script-state=notRunning]",
)

# Finds an element also inside shadow roots, and notes when its text has changed since the last key was pressed.
_WATCH = """([dial, number]) => {
  const within = (root, selector) => root.querySelector(selector) ??
    [...root.querySelectorAll("*")].reduce((one, e) => one ?? (e.shadowRoot && within(e.shadowRoot, selector)), null)
  const shown = within(document, number)
  let before = null, began = 0
  window.rxDone = null
  window.addEventListener("keydown", () => {
    before = shown.textContent
    window.rxDone = null
    began = performance.now()
  }, true)
  new MutationObserver(() => {
    if (window.rxDone === null && before !== null && within(document, number).textContent !== before) {
      window.rxDone = performance.now() - began
      before = null
    }
  }).observe(shown.getRootNode(), { subtree: true, childList: true, characterData: true })
  within(document, dial).focus()
}"""

# A promise, because the app's content security policy forbids what playwright waits with: evaluating text in the page.
_DONE = """(limit) => new Promise((give) => {
  const until = performance.now() + limit
  const look = () => window.rxDone !== null || performance.now() > until ? give(window.rxDone) : setTimeout(look, 2)
  look()
})"""


@contextmanager
def chromium(*arguments: str) -> Iterator[Browser]:
    """A headless Chromium, started with more `arguments`: the machine's own, else the one that playwright keeps.

    Raises:
        BenchError: there is neither.
    """
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError as error:
        raise BenchError("playwright is not installed; pip install -r requirements-dev.txt") from error
    own = next((path for path in map(shutil.which, _NAMES) if path), None)
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=own and Path(own), args=[*_ARGUMENTS, *arguments])
        except Error as error:
            raise BenchError("no Chromium starts here; playwright install chromium") from error
        try:
            yield browser
        finally:
            browser.close()


def opened(browser: Browser, address: str) -> Page:
    """A page on `address`, once its script has run.

    Raises:
        BenchError: it does not come to rest.
    """
    from playwright.sync_api import Error

    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.set_default_timeout(TIMEOUT_MS)
    try:
        page.goto(address)
        for state in _SETTLED:
            page.wait_for_selector(state)
    except Error as error:
        raise BenchError(f"the page does not come to rest: {error.message.splitlines()[0]}") from error
    return page


def watch(page: Page, dial: str, number: str) -> None:
    """Focuses `dial` and starts the clock for `number`, both CSS selectors of elements also in shadow roots.

    Raises:
        BenchError: one of them is not on the page.
    """
    from playwright.sync_api import Error

    try:
        page.locator(dial).first.wait_for(state="attached")
        page.locator(number).first.wait_for(state="attached")
        page.evaluate(_WATCH, [dial, number])
    except Error as error:
        raise BenchError(f"the page has no {dial} or no {number}: {error.message.splitlines()[0]}") from error


def press(page: Page, key: str) -> float:
    """Milliseconds from `key` going down until the watched number has changed, by the page's own clock.

    Raises:
        BenchError: it does not change.
    """
    page.keyboard.press(key)
    elapsed_ms: float | None = page.evaluate(_DONE, TIMEOUT_MS)
    if elapsed_ms is None:
        raise BenchError(f"nothing changed on the page within {TIMEOUT_MS // 1000} s of pressing {key}")
    return elapsed_ms
