"""What is pressed keeps its place on the screen, whatever grows or shrinks above it."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.kit.visit import Visit, wait_idle
from tests.browser.predict.test_why import tile

Opener = Callable[..., Visit]
WIDTHS = (1440, 800, 390)


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


@pytest.mark.parametrize("width", WIDTHS)
def test_a_path_and_the_button_that_takes_it_back_stay(visit: Opener, app_url: str, width: int) -> None:
    page = visit(f"{app_url}/predict?photo=chelsea.png", width=width).page
    legend = page.locator(".rx-p-legend")
    assert_keeps_its_place(page, tile(page, 3), lambda: expect(legend).to_have_text("path 3 off all paths"))
    off = page.locator(".rx-p-off").first
    all_on = page.get_by_role("button", name="Switch all on")
    assert_keeps_its_place(page, all_on, lambda: expect(off).to_have_count(0))


@pytest.mark.parametrize("width", WIDTHS)
def test_a_run_of_a_table_stays_while_it_is_dialled(visit: Opener, app_url: str, width: int) -> None:
    page = visit(f"{app_url}/study", width=width).page
    row = page.locator("tr[data-choose^='resnext']").filter(has_text="C = 8, seed").last
    assert_keeps_its_place(page, row, lambda: expect(row).to_have_attribute("aria-current", "true"))
