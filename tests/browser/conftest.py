"""A served app and a real Chromium for the tests in this folder; every one of them is marked `browser`."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, expect

from resnext_viz.bench.browser import chromium as started_chromium
from resnext_viz.bench.result import BenchError
from resnext_viz.bench.server import our_app
from tests.browser.chromium import LEFT_OUT
from tests.browser.visit import Visit
from tests.ci import under_ci

HERE = Path(__file__).parent
_PATIENCE_MS = 120_000  # CI may share its cores with others
expect.set_options(timeout=_PATIENCE_MS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks the tests of this folder, so that `-m "not browser"` leaves them out."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker("browser")


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
            browser = stack.enter_context(started_chromium())
        except BenchError:
            (pytest.fail if under_ci() else pytest.skip)(f"{LEFT_OUT}; `make chromium` gets one")
        yield browser


@pytest.fixture
def visit(chromium: Browser) -> Iterator[Callable[..., Visit]]:
    """Opens a page: `visit(address, width=1440, height=900, scheme="light")` gives a `Visit` whose script has run.

    Each has cookies, cache and session of its own. Without an address nothing is opened yet: `visit().go(address)`.
    """
    contexts = []

    def open_page(
        address: str | None = None, *, width: int = 1440, height: int = 900, scheme: Literal["light", "dark"] = "light"
    ) -> Visit:
        context = chromium.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
        context.set_default_timeout(_PATIENCE_MS)
        contexts.append(context)
        visit = Visit(context.new_page())
        if address is not None:
            visit.go(address)
        return visit

    yield open_page
    for context in contexts:
        context.close()
