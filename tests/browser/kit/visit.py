"""A page open in a real browser, and what went wrong on it."""

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import APIResponse, ConsoleMessage, Error, Locator, Page, Request, Response, Route

from resnext_viz.kit.operator_log import PAGE_FAILED

PATIENCE_MS = 120_000  # CI may share its cores with others
_BROWSERS_OWN = "scrollable-region-focusable"
_CONNECTED = "[data-testid=stApp][data-test-connection-state=CONNECTED]"
_IDLE = "[data-testid=stApp][data-test-script-state=notRunning]"


def wait_idle(page: Page) -> None:
    """Returns once the page is connected and its script has run; after an action, expect what it changes instead."""
    page.wait_for_selector(_CONNECTED)
    page.wait_for_selector(_IDLE)


def choose(page: Page, name: str, option: str | re.Pattern[str]) -> None:
    """Chooses by keys, again if need be: an open list closes when the page scrolls or a run under way moves it."""
    for patience_ms in (3_000, 6_000, 12_000, 60_000):
        page.get_by_role("combobox", name=name, exact=True).press("ArrowDown")
        with suppress(Error):
            page.get_by_role("option", name=option, exact=True).click(timeout=patience_ms)
            return
    raise AssertionError(f"{option} cannot be chosen")


def hold_dials_back(page: Page) -> Callable[[], None]:
    """Lets a page come without its dials, as on a slow line; what is given back lets them come, too."""
    late: list[tuple[Route, APIResponse]] = []
    are_held = True

    def hold(route: Route) -> None:
        answer = route.fetch()
        if are_held and "class Dials" in answer.text():
            late.append((route, answer))
        else:
            route.fulfill(response=answer)

    def let_come() -> None:
        nonlocal are_held
        are_held = False  # the page may not have asked for them yet
        for route, answer in late:
            route.fulfill(response=answer)

    page.route("**/components/*", hold)
    return let_come


def is_elsewhere(url: str) -> bool:
    """Whether somebody else's server was asked."""
    parts = urlsplit(url)
    return parts.scheme not in {"about", "blob", "data"} and parts.hostname != "127.0.0.1"


def cell(table: Locator, row: str, column: str) -> Locator:
    """The cell in the row and the column that begin with these words."""
    table.wait_for()
    columns = [heading.startswith(column) for heading in table.locator("thead th[scope=col]").all_text_contents()]
    rows = table.locator("tbody tr").filter(has=table.page.locator("th", has_text=re.compile(f"^{re.escape(row)}")))
    return rows.locator("th, td").nth(columns.index(True))


def assert_keeps_its_place(page: Page, pressed: Locator, comes: Callable[[], None]) -> None:
    """Presses by pointer, where it stands in the middle of the window; `comes` returns once all is there."""
    wait_idle(page)
    pressed.evaluate("element => element.scrollIntoView({ block: 'center' })")
    before = pressed.bounding_box()
    pressed.click()
    comes()
    wait_idle(page)
    after = pressed.bounding_box()
    assert before
    assert after
    assert after["y"] == pytest.approx(before["y"], abs=2)


def barriers(page: Page) -> list[str]:
    """What axe finds on a page that is serious or critical for people who use it by keyboard, ear or large print.

    But for a region that scrolls and holds nothing to reach: Chromium and Firefox reach it by keys themselves.
    """
    found = [each for each in Axe().run(page).response["violations"] if each["impact"] in {"serious", "critical"}]
    return [f"{each['id']}: {each['nodes'][0]['html']}" for each in found if each["id"] != _BROWSERS_OWN]


def place_of(page: Page, key: str, network: str) -> tuple[float, float]:
    """Where in the window the chart of that key has its circle of a network."""
    x, y = page.evaluate(
        """([key, network]) => {
        const plot = document.querySelector(`[class*=st-key-${key}-] .js-plotly-plot`)
        const {xaxis, yaxis, _size, width} = plot._fullLayout
        plot.scrollIntoView({block: 'center'})
        const trace = plot._fullData.find((each) => each.customdata?.some(([name]) => name === network))
        const point = trace.customdata.findIndex(([name]) => name === network), at = plot.getBoundingClientRect()
        const scale = at.width / width
        return [at.left + scale * (_size.l + xaxis.d2p(trace.x[point])),
                at.top + scale * (_size.t + yaxis.d2p(trace.y[point]))] }""",
        [key, network],
    )
    return x, y


@dataclass
class Visit:
    """One browser page with a memory and a cache of its own; `complaints` grow as things go wrong on it."""

    page: Page
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Listens from before the first request on."""
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(f"uncaught: {error}"))
        self.page.on("request", self._check_address)
        self.page.on("response", self._check_answer)
        self.page.on("requestfailed", self._check_failure)

    def go(self, address: str) -> None:
        """Opens `address` and waits until its script has run."""
        self.page.goto(address)
        wait_idle(self.page)

    def assert_clean(self) -> None:
        """Asserts that nothing went wrong since the page was opened, and that nobody else's server was asked."""
        assert not self.complaints, "\n".join(self.complaints)
        assert not self.page.get_by_text(PAGE_FAILED).count()

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(f"console {message.type}: {message.text}")

    def _check_address(self, request: Request) -> None:
        if is_elsewhere(request.url):
            self.complaints.append(f"another server: {request.url}")

    def _check_answer(self, response: Response) -> None:
        if response.status >= 400:
            self.complaints.append(f"{response.status}: {response.url}")

    def _check_failure(self, request: Request) -> None:
        # The browser itself drops what is under way when a page is left.
        if request.failure != "net::ERR_ABORTED":
            self.complaints.append(f"{request.failure}: {request.url}")
