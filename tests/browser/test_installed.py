"""The installed package, served from an empty folder, in a real browser: it looks and moves as in a checkout."""

from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.kit.visit import Visit
from tests.support.installed import Served


def test_the_installed_app_has_its_theme_and_its_pages(visit: Callable[..., Visit], served: Served) -> None:
    visited = visit(f"{served.address}/study", scheme="dark")
    page = visited.page
    expect(page.get_by_role("heading", name="Do more paths help?", exact=True)).to_be_visible()
    assert page.evaluate("getComputedStyle(document.querySelector('.stApp')).backgroundColor") == "rgb(16, 19, 23)"
    page.get_by_role("link", name="Anatomy").click()
    expect(page.get_by_role("heading", name="ResNeXt-50 (32×4d)", exact=True)).to_be_visible()
    expect(page.locator("[data-count=params]")).to_have_text("25,028,904")
    visited.assert_clean()
