"""In a real browser: a photo of something else is told so with its rates, one by one and in the table of many."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from resnext_viz.inference.none_of_these import NoneRule, Score
from resnext_viz.inference.predictor.by_name import load_predictor
from resnext_viz.inference.weights.checkpoint import save_checkpoint
from resnext_viz.nn import build
from resnext_viz.spec import ResNeXtSpec, Stem
from tests.browser.kit.visit import Visit
from tests.browser.predict.test_predict import choose_exact, drop, open_own_checkpoint

Opener = Callable[..., Visit]
FILES = sorted((Path(__file__).parents[2] / "data" / "cifar10").glob("cat/*.jpg"))[:4]
SPEC = ResNeXtSpec(depths=(1, 1), cardinality=2, base_width=4, stem=Stem.CIFAR, num_classes=3)


def saved(path: Path, threshold: float) -> Path:
    rule = NoneRule(Score.LOGIT, threshold, 0.049, 0.617, 5000, 530)
    save_checkpoint(path, build(SPEC).state_dict(), SPEC, ("ant", "bee", "cow"), (0.5,) * 3, (0.25,) * 3, 32,
                    temperature=1.5, none_of_these=rule)  # fmt: skip
    return path


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network whose threshold lies in the middle of its scores of the files: some show none of its classes."""
    path = saved(tmp_path_factory.mktemp("weights") / "three.safetensors", 0.0)
    state = load_predictor(path, "cpu")
    scores = sorted(state.logits_of(FILES).max(1).values.tolist())
    rule = NoneRule(Score.LOGIT, (scores[1] + scores[2]) / 2, 0.049, 0.617, 5000, 530)
    save_checkpoint(path, state.model.state_dict(), SPEC, state.classes, (0.5,) * 3, (0.25,) * 3, 32,
                    temperature=1.5, none_of_these=rule)  # fmt: skip
    return path


def test_a_photo_of_something_else_is_told(visit: Opener, app_url: str, weights: Path) -> None:
    visited = visit(f"{app_url}/predict")
    page = visited.page
    open_own_checkpoint(page, weights, 3)
    drop(page, *FILES)
    expect(page.get_by_text("4 answered, 2 probably none of the classes.")).to_be_visible()
    choose_exact(page)
    made = load_predictor(weights, "cpu", engine="exact").predict(FILES, 1)
    notice = page.get_by_role("note").filter(has_text="None of these, probably.")
    for file, prediction in zip(FILES, made, strict=True):
        page.locator(".rx-p-files tbody tr").filter(has_text=file.name).click()
        expect(page.get_by_text(f"Your photo, {file.name}")).to_be_visible()
        expect(notice).to_have_count(int(bool(prediction.none_of_these)))
        answers = page.get_by_role("list", name="Top 3 of 3 classes").get_by_role("listitem")
        top = prediction.top[0]
        expect(answers.filter(has_text=top.label)).to_contain_text(f"{100 * top.probability:.1f} %")
        if prediction.none_of_these:
            expect(notice).to_contain_text("Of 100 pictures of other things it notices about 62")
            expect(notice).to_contain_text("of 100 of its own classes it doubts about 5.")
    visited.assert_clean()


def test_both_bundled_networks_answer_side_by_side(visit: Opener, app_url: str) -> None:
    visited = visit(f"{app_url}/predict", width=800)
    page = visited.page
    page.locator("[data-choose='chelsea.png']").click()
    page.get_by_text("What cardinality changes").click()
    expect(page.locator(".rx-p-side")).to_have_count(2)
    tops = set()
    for name in ("C = 4,", "C = 1,"):
        side = page.get_by_role("region", name=name)
        expect(side.locator(".rx-p-pill")).to_contain_text("ms")
        top, *_ = side.locator(".rx-p-label").all_inner_texts()  # the likeliest first
        tops.add(top)
    words = "Both say" if len(tops) == 1 else "They disagree"
    expect(page.locator(".rx-p-agreement")).to_contain_text(words)
    page.get_by_text("How good is this network?").click()
    expect(page.get_by_text("Calibration error")).to_be_visible()
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth <= innerWidth")
    visited.assert_clean()
