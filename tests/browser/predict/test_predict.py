"""Predict in a real browser: photos in, answers out; files that are none; weights that are not here."""

import csv
import io
import pickle
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from PIL import Image
from playwright.sync_api import Page, expect
from safetensors.torch import save_file

from resnext_viz.inference.photos.samples import SAMPLES
from resnext_viz.inference.predictor.by_name import load_predictor
from resnext_viz.inference.weights.checkpoint import save_checkpoint
from resnext_viz.nn import build
from resnext_viz.spec import ResNeXtSpec, Stem
from tests.browser.kit.visit import Visit, choose

Opener = Callable[..., Visit]
PHOTO = next(sample.path for sample in SAMPLES if sample.name == "chelsea.png")


def drop(page: Page, *files: Path, into: str = "photos") -> None:
    """Drops files into the uploader of that key: beside one's own weights there are three."""
    page.locator(f".st-key-{into} input[type=file]").set_input_files(files)


def choose_own_checkpoint(page: Page) -> None:
    choose(page, "Weights", "Your own checkpoint")
    expect(page.get_by_text("Checkpoint, .safetensors up to")).to_be_visible()


def open_own_checkpoint(page: Page, path: Path, classes: int) -> None:
    """Drops weights of one's own and waits until they are taken."""
    choose_own_checkpoint(page)
    drop(page, path, into="own_weights")
    expect(page.locator(".rx-title").get_by_text(f"{classes} classes")).to_be_visible()


def choose_exact(page: Page) -> None:
    """Engines differ in their last digits, and which one is the fastest may differ from process to process."""
    choose(page, "Engine", re.compile("^Exact: "))
    expect(page.get_by_text("This is the reference")).to_be_visible()


def test_a_real_photo_gives_the_answers_that_python_gives(visit: Opener, app_url: str) -> None:
    visited = visit(f"{app_url}/predict")
    page = visited.page
    choose_exact(page)
    drop(page, PHOTO)
    expected = load_predictor("cifar10", "cpu", engine="exact").predict([PHOTO], 5)[0]
    expect(page.get_by_text("Top 5 of 10 classes")).to_be_visible()
    rows = page.locator(".rx-p-bars li")
    expect(rows).to_have_count(5)
    for row, answer in zip(rows.all(), expected.top, strict=True):
        expect(row).to_contain_text(answer.label)
        expect(row).to_contain_text(f"{100 * answer.probability:.1f} %")
    expect(page.get_by_text("300×300 crop")).to_be_visible()
    expect(page.get_by_text("32×32 px. Centre crop")).to_be_visible()
    expect(page.locator(".rx-p-pill")).to_contain_text("torch eager, float32")
    visited.assert_clean()


def test_a_sample_is_answered_and_the_number_of_answers_can_be_chosen(visit: Opener, app_url: str) -> None:
    page = visit(f"{app_url}/predict").page
    page.locator("[data-choose='chelsea.png']").click()
    expect(page.get_by_text("Top 5 of 10 classes")).to_be_visible()
    page.get_by_role("slider", name="Answers shown").press("ArrowRight")
    expect(page.get_by_text("Top 6 of 10 classes")).to_be_visible()


@pytest.fixture
def hostile(tmp_path: Path) -> list[Path]:
    """Files that are no photos, each with a name that says so."""
    files = {
        "empty.jpg": b"",
        "notes.png": b"%PDF-1.7 not a picture",
        "truncated.jpg": _photo_bytes()[:900],
        "<img src=x onerror=alert(1)>.png": b"neither",
    }
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    return [tmp_path / name for name in files]


def _photo_bytes() -> bytes:
    out = io.BytesIO()
    Image.open(PHOTO).convert("RGB").save(out, "JPEG")
    return out.getvalue()


def test_a_bad_file_is_one_row_and_the_others_are_answered(visit: Opener, app_url: str, hostile: list[Path]) -> None:
    visited = visit(f"{app_url}/predict")
    page = visited.page
    drop(page, *hostile, PHOTO)
    expect(page.get_by_text("1 answered, 4 refused.")).to_be_visible()
    expect(page.get_by_text("Top 5 of 10 classes")).to_be_visible()
    for file in hostile:
        expect(page.locator(".rx-p-files").get_by_text(file.name)).to_be_visible()
    assert page.locator("img[src=x]").count() == 0
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download CSV").click()
    rows = list(csv.DictReader(io.StringIO(Path(waiting.value.path()).read_text(encoding="utf-8"))))
    assert [bool(row["error"]) for row in rows] == [True] * 4 + [False]
    assert rows[-1]["label_1"]
    visited.assert_clean()


def test_pasted_photos_are_taken(visit: Opener, app_url: str) -> None:
    page = visit(f"{app_url}/predict").page
    page.locator(".st-key-photos").get_by_test_id("stFileUploaderDropzone").wait_for()
    page.evaluate("""async () => {
        const canvas = Object.assign(document.createElement('canvas'), {width: 40, height: 30})
        canvas.getContext('2d').fillRect(0, 0, 40, 30)
        const blob = await new Promise((resolve) => canvas.toBlob(resolve, 'image/png')), carried = new DataTransfer()
        carried.items.add(new File([blob], 'pasted.png', {type: 'image/png'}))
        const zone = document.querySelector('.st-key-photos [data-testid=stFileUploaderDropzone]')
        zone.focus()
        zone.dispatchEvent(new ClipboardEvent('paste', {clipboardData: carried, bubbles: true})) }""")
    expect(page.get_by_text("Your photo, pasted.png, 40×30 px")).to_be_visible()


def test_weights_that_are_not_here_are_offered_and_without_a_network_that_is_said(visit: Opener, app_url: str) -> None:
    visited = visit(f"{app_url}/predict")
    page = visited.page
    choose(page, "Weights", re.compile(r"^Not here, \d+ MB: ResNeXt-50 \(32×4d\), ImageNet, V1$"))
    expect(page.get_by_text("These weights are not on this machine.")).to_be_visible()
    expect(page.get_by_role("button", name="Download")).to_be_visible()


def test_an_own_checkpoint_answers_with_its_own_classes(visit: Opener, app_url: str, tmp_path: Path) -> None:
    spec = ResNeXtSpec(depths=(1, 1), cardinality=2, base_width=4, stem=Stem.CIFAR, num_classes=3)
    good = tmp_path / "animals.safetensors"
    save_checkpoint(good, build(spec).state_dict(), spec, ("ant", "bee", "cow"), (0.5,) * 3, (0.25,) * 3, 32)
    page = visit(f"{app_url}/predict").page
    open_own_checkpoint(page, good, 3)
    page.locator("[data-choose='chelsea.png']").click()
    expect(page.get_by_text("Top 3 of 3 classes")).to_be_visible()


class Canary:
    """Unpickling it would leave a file behind."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self.path,)


@pytest.mark.parametrize("kind", ["pickle", "shape", "zip"])
def test_a_checkpoint_that_is_none_is_refused_without_running_it(
    visit: Opener, app_url: str, tmp_path: Path, kind: str
) -> None:
    bad, canary = tmp_path / "bad.safetensors", tmp_path / "canary"
    if kind == "pickle":
        bad.write_bytes(pickle.dumps(Canary(canary)))
    elif kind == "shape":
        save_file({"conv1.weight": torch.zeros(64, 3, 5, 5), "fc.weight": torch.zeros(2, 9)}, bad)
    else:
        with zipfile.ZipFile(bad, "w") as archive:
            archive.writestr("archive/data.pkl", pickle.dumps(Canary(canary)))
    visited = visit(f"{app_url}/predict")
    page = visited.page
    choose_own_checkpoint(page)
    drop(page, bad, into="own_weights")
    expect(page.get_by_text("These weights cannot be used.")).to_be_visible()
    assert not canary.exists()
    page.get_by_role("link", name="Anatomy").click()
    expect(page.get_by_role("heading", name="Stage by stage")).to_be_visible()
    visited.assert_clean()
