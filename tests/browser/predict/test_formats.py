"""Suffixes that few files have, chosen as a visitor chooses them: what the browser and the uploader make of them."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import expect

from resnext_viz.inference.photos.picture_formats import PICTURE_FORMATS, make_ready
from resnext_viz.inference.photos.samples import SAMPLES
from tests.browser.kit.visit import Visit

PHOTO = next(sample.path for sample in SAMPLES if sample.name == "chelsea.png")


@pytest.fixture
def pictures(tmp_path: Path) -> list[Path]:
    """One of each suffix, in its format."""
    make_ready()
    small = Image.open(PHOTO).convert("RGB").resize((48, 48))
    paths = [tmp_path / f"{each.name}{suffix}" for each in PICTURE_FORMATS for suffix in each.suffixes]
    for path in paths:
        small.save(path, path.stem)
    return paths


def test_every_suffix_is_answered(pictures: list[Path], visit: Callable[..., Visit], app_url: str) -> None:
    visited = visit(f"{app_url}/predict")
    uploader = visited.page.locator(".st-key-photos")
    uploader.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(pictures)
    expect(visited.page.locator(".st-key-heading-all-files")).to_contain_text(f"{len(pictures)} answered")
    visited.assert_clean()
