"""A served app and a real Chromium for the tests in this folder; every one of them is marked `browser`."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from resnext_viz.bench.app.browser import chromium as started_chromium
from resnext_viz.bench.app.served_apps import our_app
from resnext_viz.bench.result import BenchError
from tests.browser.kit.chromium import LEFT_OUT
from tests.browser.kit.visit import PATIENCE_MS, Visit
from tests.support.ci import under_ci

HERE = Path(__file__).parent
_SHARED = "--process-per-site"  # a page uses what was compiled for another
expect.set_options(timeout=PATIENCE_MS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks the tests of this folder: `-m "not browser"` leaves them out, and under CI one that fails is run again."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker("browser")
            if under_ci():
                item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture(scope="package")
def app_url() -> Iterator[str]:
    """Where the app is served, on a free port of this machine; one server for all tests that do not need a cold one."""
    with our_app() as address:
        yield address


@pytest.fixture
def cold_app_url() -> Iterator[str]:
    """Where the app is served by a server that nobody has visited yet."""
    with our_app() as address:
        yield address


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """A headless Chromium. Where none starts, tests are skipped with the reason; under CI they fail.

    It ends with this folder's tests, because Playwright keeps an event loop running and other tests start their own.
    """
    with ExitStack() as stack:
        try:
            browser = stack.enter_context(started_chromium(_SHARED))
        except BenchError:
            (pytest.fail if under_ci() else pytest.skip)(f"{LEFT_OUT}; `make chromium` gets one")
        yield browser


@pytest.fixture(scope="package")
def window(chromium: Browser, app_url: str) -> BrowserContext:
    """The window of all visits: a page whose scripts were compiled for a former one costs half as much.

    A page of a line stays open in it, for the process of all pages ends with the last of them.
    """
    window = chromium.new_context()
    window.set_default_timeout(PATIENCE_MS)
    window.new_page().goto(f"{app_url}/_stcore/health")
    return window


@pytest.fixture
def visit(window: BrowserContext) -> Iterator[Callable[..., Visit]]:
    """Opens a page: `visit(address, width=1440, height=900, scheme="light")` gives a `Visit` whose script has run.

    Each has a session of its own. Without an address nothing is opened yet: `visit().go(address)`. What a test stored
    or was allowed ends with it; files that the server sent stay cached.
    """

    def open_page(
        address: str | None = None, *, width: int = 1440, height: int = 900, scheme: Literal["light", "dark"] = "light"
    ) -> Visit:
        page = window.new_page()
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=scheme)
        visit = Visit(page)
        if address is not None:
            visit.go(address)
        return visit

    yield open_page
    window.set_offline(False)
    window.clear_permissions()
    window.clear_cookies()
    for page in window.pages[1:]:
        origin = page.evaluate("window.origin")
        if origin != "null":
            window.new_cdp_session(page).send(
                "Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "local_storage"}
            )
        page.close()
