"""Many photos in a real browser: answered as Python answers them, sorted, taken along, judged by folders, stopped."""

import csv
import io
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from resnext_viz.inference.predictor.by_name import load_predictor
from resnext_viz.inference.predictor.predictor import Predictor
from resnext_viz.inference.weights.checkpoint import save_checkpoint
from resnext_viz.nn import build
from resnext_viz.spec import ResNeXtSpec, Stem
from tests.browser.kit.visit import Visit
from tests.browser.predict.test_predict import choose_exact, drop, open_own_checkpoint
from tests.support.predictions import answered

Opener = Callable[..., Visit]
CIFAR10 = Path(__file__).parents[2] / "data" / "cifar10"
ALL = sorted(CIFAR10.glob("*/*.jpg"))


@pytest.fixture(scope="module")
def predictor() -> Predictor:
    return load_predictor("cifar10", "cpu", engine="exact")


@pytest.fixture(scope="module")
def thirty(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Thirty photos of all classes, each with a name of its own."""
    folder = tmp_path_factory.mktemp("thirty")
    files = [folder / f"{path.parent.name}_{path.name}" for path in ALL[::3][:30]]
    for file, path in zip(files, ALL[::3], strict=False):
        file.write_bytes(path.read_bytes())
    return files


def downloaded(page: Page, button: str) -> str:
    with page.expect_download() as waiting:
        page.get_by_role("button", name=button).click()
    return Path(waiting.value.path()).read_text(encoding="utf-8")


def names(page: Page) -> list[str]:
    return page.locator(".rx-p-files tbody .rx-p-name > span").all_inner_texts()


def test_thirty_photos_are_answered_sorted_and_taken_along(
    visit: Opener, app_url: str, thirty: list[Path], predictor: Predictor
) -> None:
    visited = visit(f"{app_url}/predict")
    page = visited.page
    choose_exact(page)
    drop(page, *thirty)
    made = predictor.predict(thirty, 10)
    expect(page.get_by_text(answered(made))).to_be_visible()
    expect(page.locator(".rx-p-pill")).to_contain_text("float32")
    expected = {file.name: prediction for file, prediction in zip(thirty, made, strict=True)}
    results = json.loads(downloaded(page, "Download JSON"))["results"]
    assert [result["image"] for result in results] == [file.name for file in thirty]
    for result in results:
        assert {each["label"]: each["probability"] for each in result["top"]} == pytest.approx(
            {answer.label: answer.probability for answer in expected[result["image"]].top}, abs=1e-5
        )
    rows = list(csv.DictReader(io.StringIO(downloaded(page, "Download CSV"))))
    assert [row["file"] for row in rows] == [file.name for file in thirty]
    for row, result in zip(rows, results, strict=True):
        top = [
            {"label": row[f"label_{place}"], "probability": float(row[f"probability_{place}"])}
            for place in range(1, 11)
        ]
        assert top == result["top"]
        assert row["device"] == result["device"]
    expect(page.get_by_text("How sure it is")).to_be_visible()

    in_order = sorted(results, key=lambda result: result["top"][0]["probability"])
    head = page.get_by_role("columnheader", name="Probability")
    head.get_by_role("button").click()
    expect(head).to_have_attribute("aria-sort", "ascending")
    assert names(page) == [result["image"] for result in in_order]
    page.keyboard.press("Enter")  # the head keeps the focus
    expect(head).to_have_attribute("aria-sort", "descending")
    assert names(page) == [result["image"] for result in reversed(in_order)]
    least = in_order[0]
    page.locator(".rx-p-files tbody tr").filter(has_text=least["image"]).click()
    expect(page.get_by_text(f"Your photo, {least['image']}")).to_be_visible()
    expect(page.locator(".rx-p-files tr[aria-current=true]")).to_contain_text(least["image"])
    expect(head).to_have_attribute("aria-sort", "descending")
    expect(page.locator(".rx-p-bars .rx-p-label")).to_have_text([each["label"] for each in least["top"][:5]])
    visited.assert_clean()


def test_a_folder_of_classes_gives_the_accuracy_that_python_gives(
    visit: Opener, app_url: str, predictor: Predictor
) -> None:
    visited = visit(f"{app_url}/predict")
    page = visited.page
    choose_exact(page)
    page.get_by_text("A folder", exact=True).click()
    expect(page.get_by_text("A folder: choose or drop.")).to_be_visible()
    drop(page, CIFAR10, into="folder")
    made = predictor.predict(ALL, 1)
    expect(page.get_by_text(answered(made))).to_be_visible()
    right = sum(prediction.top[0].label == path.parent.name for path, prediction in zip(ALL, made, strict=True))
    expect(page.locator(".rx-c-accuracy")).to_contain_text(f"{right} of 100")
    matrix = page.locator(".rx-c-confusion .rx-wide svg")
    expect(matrix).to_be_visible()
    expect(matrix).to_have_attribute("aria-label", re.compile(f"{right} of 100 photos answered right"))
    rows = list(csv.DictReader(io.StringIO(downloaded(page, "Download CSV"))))
    assert [row["truth"] for row in rows] == [path.parent.name for path in ALL]
    assert sum(row["truth"] == row["label_1"] for row in rows) == right
    expect(page.locator(".rx-p-files tbody tr")).to_have_count(50)
    page.get_by_role("button", name="Show 50 more").click()
    expect(page.locator(".rx-p-files tbody tr")).to_have_count(100)
    head = page.get_by_role("columnheader", name="Folder")
    head.get_by_role("button").click()
    expect(head).to_have_attribute("aria-sort", "ascending")
    verdicts = page.locator(".rx-p-files tbody .rx-p-truth").all_inner_texts()
    assert [verdict.split(":")[0] for verdict in verdicts] == ["wrong"] * (100 - right) + ["right"] * right
    visited.assert_clean()


def test_many_photos_through_a_slow_network_can_be_stopped_and_gone_on_with(
    visit: Opener, app_url: str, tmp_path: Path
) -> None:
    spec = ResNeXtSpec(depths=(2, 1), cardinality=8, base_width=16, stem=Stem.CIFAR, num_classes=3)
    slow = tmp_path / "slow.safetensors"
    save_checkpoint(slow, build(spec).state_dict(), spec, ("ant", "bee", "cow"), (0.5,) * 3, (0.25,) * 3, 128)
    visited = visit(f"{app_url}/predict")
    page = visited.page
    open_own_checkpoint(page, slow, 3)
    drop(page, *ALL)
    expect(page.get_by_text(" of 100 photos")).to_be_visible()
    stop = page.locator(".st-key-stop_answering").get_by_role("button", name="Stop")
    stop.click()
    stopped = page.get_by_text("of 100 photos; the others were not answered.")
    expect(stopped).to_be_visible()
    done = int(stopped.inner_text().split()[2])
    assert 0 < done < 100
    expect(page.get_by_text(f"{done} answered.")).to_be_visible()
    expect(page.locator(".rx-p-files tbody tr")).to_have_count(min(done, 50))
    page.locator(".st-key-go_on_answering").get_by_role("button", name="Go on").click()
    expect(page.get_by_text(f"{done} answered.")).to_have_count(0)
    stop.click()
    expect(stopped).to_be_visible()
    assert int(stopped.inner_text().split()[2]) > done
    visited.assert_clean()
