"""A visit must notice what goes wrong in the browser: else every `assert_clean` of these tests would be empty."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Route

from tests.browser.kit.visit import Visit

Opener = Callable[..., Visit]
HOST = "http://127.0.0.1:9"


def served(visit: Visit, body: str) -> Visit:
    """`visit` on a page with this body; whatever else the page asks of any server is not found."""

    def answer(route: Route) -> None:
        is_page = route.request.url == f"{HOST}/"
        route.fulfill(status=200 if is_page else 404, body=body if is_page else "", content_type="text/html")

    visit.page.route("**/*", answer)
    visit.page.goto(f"{HOST}/")
    visit.page.wait_for_load_state("networkidle")
    return visit


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ("<script>console.error('no such layer')</script>", "console error: no such layer"),
        ("<script>console.warn('old API')</script>", "console warning: old API"),
        ("<script>throw new Error('broken dial')</script>", "uncaught: broken dial"),
        (f"<img src='{HOST}/crop.png'>", f"404: {HOST}/crop.png"),
        ("<img src='https://fonts.example/a.woff'>", "another server: https://fonts.example/a.woff"),
    ],
)
def test_a_fault_on_the_page_is_reported(visit: Opener, body: str, complaint: str) -> None:
    faulty = served(visit(), body)
    assert complaint in faulty.complaints
    with pytest.raises(AssertionError, match="console|uncaught|404|another"):
        faulty.assert_clean()


def test_a_page_is_opened_as_wide_and_as_dark_as_asked(visit: Opener) -> None:
    page = visit(width=800, height=700, scheme="dark").page
    shown = page.evaluate("[innerWidth, innerHeight, matchMedia('(prefers-color-scheme: dark)').matches]")
    assert shown == [800, 700, True]
