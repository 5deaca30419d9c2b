"""A file that an uploader does not take is told of beside it, in words that are in sight."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.kit.visit import Visit, hold_dials_back

Opener = Callable[..., Visit]
KIND = "Not taken: a file of this kind is not read here."


@pytest.mark.parametrize(
    ("path", "width"),
    [("predict", 1440), ("predict", 390), ("train?data=own", 800), ("block-forms?image=own", 1440)],
)
def test_a_file_of_another_kind_is_refused_in_sight(
    visit: Opener, app_url: str, tmp_path: Path, path: str, width: int
) -> None:
    page = visit(f"{app_url}/{path}", width=width).page
    drawing = tmp_path / "folder" / "drawing.svg"
    drawing.parent.mkdir()
    drawing.write_text("<svg/>")
    box = page.locator("[data-testid=stFileUploaderDropzoneInput]").first
    box.set_input_files(drawing.parent if box.get_attribute("webkitdirectory") is not None else drawing)
    told = page.get_by_role("alert").filter(has_text="Not taken")
    expect(told).to_have_text(KIND)
    told.scroll_into_view_if_needed()
    shown = told.bounding_box()
    assert shown is not None
    assert shown["x"] >= 0
    assert shown["x"] + shown["width"] <= width
    assert (shown["width"] > 150, shown["height"] >= 18) == (True, True)


def test_a_photo_that_is_too_large_is_told_the_most_that_is_read(visit: Opener, app_url: str, tmp_path: Path) -> None:
    page = visit(f"{app_url}/predict", width=390).page
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(bytes(50 * 2**20 + 1))
    page.locator("[data-testid=stFileUploaderDropzoneInput]").first.set_input_files(photo)
    expect(page.get_by_text("Not taken: it is larger than 50 MB.")).to_be_in_viewport()


def test_a_file_refused_before_the_page_is_whole_is_told_of_too(visit: Opener, app_url: str, tmp_path: Path) -> None:
    page = visit().page
    let_dials_come = hold_dials_back(page)
    page.goto(f"{app_url}/predict")
    drawing = tmp_path / "drawing.svg"
    drawing.write_text("<svg/>")
    page.locator("[data-testid=stFileUploaderDropzoneInput]").first.set_input_files(drawing)
    expect(page.get_by_text("Error: image/svg+xml files are not allowed.")).to_be_attached()
    let_dials_come()
    expect(page.get_by_role("alert").filter(has_text="Not taken")).to_have_text(KIND)
