"""Why the network said so, in a real browser: paths off and on, Grad-CAM for any answer, maps of the stages."""

import copy
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from playwright.sync_api import Locator, Page, expect

from resnext_viz.inference.photos.decode import decode_image
from resnext_viz.inference.photos.samples import SAMPLES
from resnext_viz.inference.predictor.by_name import load_predictor
from resnext_viz.inference.predictor.predictor import Predictor
from resnext_viz.inference.weights.checkpoint import save_checkpoint
from resnext_viz.spec import BlockKind, ResNeXtSpec, Stem
from tests.browser.kit.visit import Visit, assert_keeps_its_place, choose
from tests.browser.predict.test_predict import choose_own_checkpoint, drop
from tests.inference.conftest import trained

Opener = Callable[..., Visit]
PHOTO = next(sample.path for sample in SAMPLES if sample.name == "chelsea.png")
LOADED = "pictures => pictures.every((picture) => picture.complete && picture.naturalWidth > 0)"
HOSTILE = '<img src=x onerror="alert(1)">|'


def said(predictor: Predictor, stage: int, block: int, *off: int) -> dict[str, float]:
    """Probability by label, from a copy in which the columns of the block's last 1×1 that read these paths are zero."""
    own = copy.deepcopy(predictor.model)
    weight = own.get_submodule(f"layer{stage}.{block - 1}.conv3").weight
    width = weight.shape[1] // predictor.spec.cardinality
    for path in off:
        weight[:, (path - 1) * width : path * width] = 0
    with torch.no_grad():
        logits = own(predictor.preprocess.tensor(decode_image(PHOTO.read_bytes()).image)[None])[0]
    probabilities = (logits / predictor.temperature).softmax(0)
    return dict(zip(predictor.classes, probabilities.tolist(), strict=True))


def tile(page: Page, path: int) -> Locator:
    return page.locator(f"[data-choose^='path:{path}=']")


def check_second_column(page: Page, expected: dict[str, float]) -> None:
    """The accent numbers beside the answers, to the last digit shown."""
    answers = page.get_by_role("list", name="Top 5 of ")
    expect(answers.get_by_role("listitem")).to_have_count(5)
    for label in answers.locator(".rx-p-label").all_inner_texts():
        row = answers.get_by_role("listitem").filter(has=page.get_by_text(label, exact=True))
        expect(row.locator(".rx-p-off")).to_have_text(f"{100 * expected[label]:.1f} %")


def own_checkpoint(page: Page, folder: Path, spec: ResNeXtSpec, classes: tuple[str, ...]) -> Path:
    path = folder / "own.safetensors"
    save_checkpoint(path, trained(spec).state_dict(), spec, classes, (0.5,) * 3, (0.25,) * 3, 32)
    choose_own_checkpoint(page)
    drop(page, path, into="own_weights")
    page.locator("[data-choose='chelsea.png']").click()
    return path


def test_a_path_off_changes_the_answers_to_what_python_computes(visit: Opener, app_url: str) -> None:
    visited, other = visit(f"{app_url}/predict"), visit(f"{app_url}/predict")
    page = visited.page
    predictor = load_predictor("cifar10", "cpu")
    for each in (page, other.page):
        each.locator("[data-choose='chelsea.png']").click()
        expect(tile(each, 3)).to_be_visible()
    tile(page, 3).click()
    expect(page.locator(".rx-p-legend")).to_have_text("path 3 off all paths")
    check_second_column(page, said(predictor, 3, 1, 3))
    tile(page, 1).focus()
    page.keyboard.press("Enter")
    expect(page.locator(".rx-p-legend")).to_have_text("paths 1 and 3 off all paths")
    check_second_column(page, said(predictor, 3, 1, 1, 3))
    expect(tile(page, 1)).to_be_focused()
    before, after = said(predictor, 3, 1), said(predictor, 3, 1, 1, 3)
    label = max(before, key=before.__getitem__)
    expect(page.locator(".rx-w-off")).to_contain_text(
        re.compile(f"“{label}” (falls|rises) from {100 * before[label]:.1f} % to {100 * after[label]:.1f} %")
    )
    page.keyboard.press("Enter")
    expect(page.locator(".rx-p-legend")).to_have_text("path 3 off all paths")
    page.get_by_role("button", name="Switch all on").click()
    expect(page.locator(".rx-p-off")).to_have_count(0)
    expect(tile(page, 3)).to_have_attribute("aria-pressed", "false")
    tile(page, 3).click()
    expect(page.locator(".rx-p-legend")).to_have_text("path 3 off all paths")
    other.page.get_by_role("slider", name="Answers shown").press("ArrowRight")
    expect(other.page.get_by_text("Top 6 of 10 classes")).to_be_visible()
    expect(other.page.locator(".rx-p-off")).to_have_count(0)
    visited.assert_clean()
    other.assert_clean()


def test_any_answer_can_be_asked_about(visit: Opener, app_url: str) -> None:
    visited = visit(f"{app_url}/predict")
    page = visited.page
    page.locator("[data-choose='chelsea.png']").click()
    classes = page.locator(".st-key-why-heat .rx-h-class")
    expect(classes).to_have_count(5)
    top, second, *_ = classes.locator("span").all_inner_texts()
    seen = set()
    for label in (second, top, second):
        classes.filter(has=page.get_by_text(label, exact=True)).click()
        heat = page.get_by_alt_text(f"Where “{label}” gets its score from", exact=False)
        expect(heat).to_be_visible()
        expect(page.get_by_role("heading", name=f"Which paths say “{label}”?")).to_be_visible()
        assert heat.evaluate("picture => picture.decode().then(() => picture.naturalWidth)") > 0
        last = heat.get_attribute("src")
        seen.add(last)
    assert len(seen) == 2
    choose(page, "Stage", "Stage 1")
    expect(heat).not_to_have_attribute("src", last)
    visited.assert_clean()


def test_what_each_stage_sees_is_shown_when_asked_for(visit: Opener, app_url: str) -> None:
    visited = visit(f"{app_url}/predict")
    page = visited.page
    page.locator("[data-choose='chelsea.png']").click()
    expect(page.get_by_role("heading", name="What each stage sees")).to_be_visible()
    expect(page.locator(".rx-m-tiles")).to_have_count(0)
    page.get_by_text("Show", exact=True).click()
    for name in ("Stem", "Stage 1", "Stage 2", "Stage 3"):
        expect(page.get_by_alt_text(f"{name}, mean of all channels", exact=False)).to_be_visible()
    pictures = page.locator(".rx-m-tiles img")
    expect(pictures).to_have_count(4 * 9)
    assert pictures.evaluate_all(LOADED)
    visited.assert_clean()


def test_any_block_of_an_own_network_with_32_paths(visit: Opener, app_url: str, tmp_path: Path) -> None:
    spec = ResNeXtSpec(depths=(2, 1), cardinality=32, base_width=4, stem=Stem.CIFAR, num_classes=5)
    visited = visit(f"{app_url}/predict")
    page = visited.page
    file = own_checkpoint(page, tmp_path, spec, tuple(f"{HOSTILE}{number}" for number in range(5)))
    predictor = load_predictor(file, "cpu")
    expect(page.locator(".rx-w-tile")).to_have_count(32)
    expect(page.locator(".rx-h-over")).to_be_visible()
    choose(page, "Block", "Stage 1, block 2")
    exactly = page.get_by_text("of the block’s 32×32 map")
    expect(exactly).to_be_attached()
    page.get_by_text("How the squares are computed").click()
    expect(exactly).to_be_visible()
    tile(page, 31).click()
    expect(page.locator(".rx-p-legend")).to_have_text("path 31 off all paths")
    check_second_column(page, said(predictor, 1, 2, 31))
    alone = [said(predictor, 1, 2, path) for path in range(1, 33)]
    label, *_ = page.get_by_role("list", name="Top 5 of ").locator(".rx-p-label").all_inner_texts()  # the likeliest
    ranked = [
        int(re.match(r"path:(\d+)=", each.get_attribute("data-choose"))[1]) for each in page.locator(".rx-w-tile").all()
    ]
    changes = [alone[path - 1][label] for path in ranked]
    assert changes == pytest.approx(sorted(changes), abs=1e-6)
    assert page.locator("img[src=x]").count() == 0
    visited.assert_clean()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"block": BlockKind.BASIC}, "blocks of this network have two layers, which are not split into paths"),
        ({"cardinality": 1, "base_width": 16}, "There is only one: this network has cardinality 1"),
    ],
)
def test_networks_without_paths_say_so_and_are_explained_otherwise(
    visit: Opener, app_url: str, tmp_path: Path, options: dict[str, object], words: str
) -> None:
    visited = visit(f"{app_url}/predict")
    page = visited.page
    spec = ResNeXtSpec(depths=(1, 1), stem=Stem.CIFAR, num_classes=3).with_options(**options)
    own_checkpoint(page, tmp_path, spec, ("ant", "bee", "cow"))
    expect(page.get_by_text(words, exact=False)).to_be_visible()
    expect(page.locator(".rx-w-tile")).to_have_count(0)
    expect(page.locator(".rx-h-over")).to_be_visible()
    visited.assert_clean()


@pytest.mark.parametrize("width", [1440, 800, 390])
def test_a_path_and_the_button_that_takes_it_back_stay(visit: Opener, app_url: str, width: int) -> None:
    page = visit(f"{app_url}/predict?photo=chelsea.png", width=width).page
    legend = page.locator(".rx-p-legend")
    assert_keeps_its_place(page, tile(page, 3), lambda: expect(legend).to_have_text("path 3 off all paths"))
    off = page.locator(".rx-p-off").first
    all_on = page.get_by_role("button", name="Switch all on")
    assert_keeps_its_place(page, all_on, lambda: expect(off).to_have_count(0))
