"""The Counting page against the baseline and in training: figures of the paper, switches, a measurement."""

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.browser.kit.visit import Visit

Opener = Callable[..., Visit]
DIAL_TO_2_16D = """() => document.dispatchEvent(
    new CustomEvent("resnext-dial", { detail: { cardinality: 2, base_width: 16 } }))"""
SMALL = "net=resnext11_4x4d_cifar10&size=8&vs=resnet11_cifar10"


def section(page: Page, key: str) -> Locator:
    return page.locator(f".st-key-{key}")


def choose(page: Page, row: str, name: str) -> None:
    page.locator(f".st-key-{row}").get_by_role("radio", name=name, exact=True).click()


def test_footnote_5_and_torchs_wrong_count_are_on_the_page(visit: Opener, app_url: str) -> None:
    visited = visit(f"{app_url}/counting")
    page = visited.page
    compared, training = section(page, "comparison"), section(page, "training-cost")
    total = compared.locator(".rx-cost-total")
    for number in ("−528,128", "+141,295,616", "+3,286,528"):
        expect(total).to_contain_text(number)
    for number in ("−489,472", "+52,985,856", "−653,056", "mainly caused by the blocks where the map sizes change"):
        expect(compared).to_contain_text(number)
    for number in ("25.15 G operations", "39.48 G operations", "1.57 times", "402,349,621,248", "3,891,348,360"):
        expect(training).to_contain_text(number)
    expect(section(page, "movement")).to_contain_text("14,401,512")

    choose(page, "comparison", "1×1 (v1) in both")  # He et al. 2015: the order turns round
    expect(total).to_contain_text("−89,915,392")
    choose(page, "comparison", "by kind")
    expect(compared.get_by_role("row", name="transform 3×3")).to_be_visible()
    expect(total).to_contain_text("−89,915,392")

    choose(page, "training-cost", "Adam or AdamW")
    expect(training).to_contain_text("two moments for each learned element")
    choose(page, "training-cost", "bfloat16, mixed")
    expect(training).to_contain_text("Master weights")
    batch = page.get_by_label("Images of a step")
    batch.fill("1")
    batch.press("Enter")
    expect(training).to_contain_text("39,481,933,824")

    with page.expect_download() as waiting:
        section(page, "heading-against-the-baseline").get_by_role("button", name="Download CSV").click()
    rows = list(csv.DictReader(io.StringIO(Path(waiting.value.path()).read_text(encoding="utf-8"))))
    assert (rows[-1]["params_difference"], rows[-1]["macs_difference"]) == ("-528128", "-89915392")
    visited.assert_clean()


def test_fields_set_at_once_all_count_and_what_is_half_typed_stays(visit: Opener, app_url: str) -> None:
    visited = visit(f"{app_url}/counting?{SMALL}")
    page = visited.page
    training = section(page, "training-cost")
    adam, mixed = (training.get_by_role("radio", name=name) for name in ("Adam or AdamW", "bfloat16, mixed"))
    expect(adam).to_be_visible()
    mixed.evaluate("(mixed, adam) => { adam.click(); mixed.click() }", adam.element_handle())
    expect(training).to_contain_text("two moments for each learned element")
    expect(training).to_contain_text("Master weights")
    expect(page).to_have_url(re.compile("optimizer=adam&precision=mixed-bfloat16"))

    batch = page.get_by_label("Images of a step")
    batch.fill("48")
    page.evaluate(DIAL_TO_2_16D)
    expect(page.get_by_text("One step of ResNeXt-11 (2×16d)")).to_be_visible()
    expect(batch).to_have_value("48")
    expect(batch).to_be_focused()
    assert "batch" not in page.url
    batch.press("Enter")
    expect(page).to_have_url(re.compile("batch=48"))
    batch.fill("-5")
    batch.press("Enter")
    expect(batch).to_have_value("1")
    visited.assert_clean()


def test_both_networks_are_measured_where_the_page_runs(visit: Opener, app_url: str) -> None:
    visited = visit(f"{app_url}/counting?{SMALL}")
    page = visited.page
    timing = section(page, "timing")
    expect(timing.get_by_text("–", exact=True)).to_have_count(8)
    expect(timing).to_contain_text("Not measured yet.")
    page.get_by_role("button", name="Measure on this machine").click()
    expect(page.get_by_role("button", name="Measure again")).to_be_visible()
    for words in ("20 rounds", "8 rounds", "torch eager, float32"):
        expect(timing).to_contain_text(words)
    expect(timing.get_by_text("–", exact=True)).to_have_count(0)
    visited.assert_clean()
