"""One's own photos in a real browser: uploader, names and focus, on a phone and by keys; words beside a readout."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.kit.visit import Visit
from tests.browser.predict.test_predict import drop
from tests.browser.predict.test_why import tile

Opener = Callable[..., Visit]
# How much of the marked words of a drawing its readout hides, in px².
HIDDEN = """readout => {
  const own = readout.getBoundingClientRect()
  const overlap = (low, high, from, to) => Math.max(0, Math.min(high, to) - Math.max(low, from))
  const words = [...readout.parentElement.querySelectorAll("[data-uncovered]")]
  return words.map((each) => each.getBoundingClientRect()).reduce((sum, at) => sum
    + overlap(own.left, own.right, at.left, at.right) * overlap(own.top, own.bottom, at.top, at.bottom), 0)
}"""
WIDER = """() => {
  const main = document.querySelector("[data-testid=stMain]")
  return main.scrollWidth - main.clientWidth
}"""


@pytest.fixture
def photos(tmp_path: Path) -> list[Path]:
    """Three photos, the last of a name as long as some systems allow."""
    files = [tmp_path / name for name in ("one.png", "two.png", f"{'holiday_' * 22}.png")]
    for file, colour in zip(files, ("red", "green", "blue"), strict=True):
        Image.new("RGB", (40, 30), colour).save(file)
    return files


def removal(page: Page, name: str) -> None:
    page.locator(".st-key-photos").get_by_role("button", name=f"Remove {name}").press("Enter")


@pytest.mark.parametrize("width", [1440, 800, 390])
def test_a_tile_s_readout_stands_beside_the_words_that_are_read_with_it(
    visit: Opener, app_url: str, width: int
) -> None:
    page = visit(f"{app_url}/predict?weights=cifar10&photo=chelsea.png&off=3.1-3", width=width).page
    expect(page.locator(".rx-w-off[data-uncovered]")).to_be_visible()
    readout = page.locator(".st-key-why-paths .readout")
    for path in (1, 2, 3, 4):
        page.locator(".rx-w-tiles").evaluate("tiles => tiles.scrollIntoView({ block: 'center' })")
        tile(page, path).hover()
        expect(readout).to_contain_text(f"Path {path}")
        assert readout.evaluate(HIDDEN) == 0


def test_back_brings_the_photo_back_and_the_path_that_was_off(visit: Opener, app_url: str) -> None:
    page = visit(f"{app_url}/predict?weights=cifar10&photo=chelsea.png&off=3.1-3").page
    legend = page.locator(".rx-p-legend")
    expect(legend).to_have_text("path 3 off all paths")
    page.locator("[data-choose='coffee.png']").click()
    expect(page.get_by_text("A sample, coffee.png")).to_be_visible()
    expect(legend).to_have_count(0)
    page.go_back()
    expect(page.get_by_text("A sample, chelsea.png")).to_be_visible()
    expect(legend).to_have_text("path 3 off all paths")


def test_the_focus_goes_to_the_next_file_when_one_is_removed_and_stays_on_a_download(
    visit: Opener, app_url: str, photos: list[Path]
) -> None:
    page = visit(f"{app_url}/predict?weights=cifar10").page
    drop(page, *photos)
    uploader = page.locator(".st-key-photos")
    download = page.get_by_role("button", name="Download CSV")
    for _ in range(2):
        with page.expect_download():
            download.press("Enter")
        expect(download).to_be_focused()
    removal(page, "one.png")
    expect(uploader.get_by_role("button", name="Remove two.png")).to_be_focused()
    removal(page, "holiday_")
    expect(uploader.get_by_role("button", name="Remove two.png")).to_be_focused()
    removal(page, "two.png")
    expect(uploader.get_by_test_id("stBaseButton-secondary")).to_be_focused()


def test_on_a_phone_the_formats_are_read_whole_and_no_name_is_wider_than_the_page(
    visit: Opener, app_url: str, photos: list[Path]
) -> None:
    page = visit(f"{app_url}/predict?weights=cifar10", width=390).page
    words = page.locator(".st-key-photos").get_by_test_id("stFileUploaderDropzoneInstructions").locator("span")
    expect(words).to_contain_text("HEIFS")
    assert words.evaluate("span => span.scrollWidth <= span.clientWidth && span.scrollHeight <= span.clientHeight")
    at = words.bounding_box()
    assert at
    assert at["x"] + at["width"] <= 390
    assert at["height"] > 40  # several lines
    (photos[0].parent / "broken").mkdir()
    refused = photos[0].parent / "broken" / photos[-1].name
    refused.write_bytes(b"none")
    drop(page, refused, *photos)
    expect(page.get_by_text("3 answered, 1 refused")).to_be_visible()
    expect(page.locator(".rx-complaint")).to_contain_text("has no answer")
    assert page.evaluate(WIDER) == 0
    page.locator(".rx-p-files tr[data-choose]").last.click()
    expect(page.locator(".rx-p-which")).to_contain_text("photo 4 of 4")
    assert page.evaluate(WIDER) == 0
