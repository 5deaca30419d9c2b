"""The Paper page in a real browser: numbers and verdicts, files, rows that dial, charts that fit."""

import csv
import io
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.kit.visit import Visit, place_of, wait_idle

Opener = Callable[..., Visit]


def downloaded(page: Page, label: str) -> tuple[str, str]:
    """Name and text of the file behind a button."""
    with page.expect_download() as waiting:
        page.get_by_role("button", name=label, exact=True).click()
    return waiting.value.suggested_filename, Path(waiting.value.path()).read_text(encoding="utf-8")


def chosen(page: Page, table: str) -> None:
    page.get_by_role("radio", name=table, exact=True).click()
    expect(page.locator(f".rx-paper-{table.lower()}")).to_be_visible()


def chart(page: Page, key: str, words: str) -> Locator:
    """The chart of that key on which these words stand; while the page is redrawn, the one before may stand too."""
    return page.locator(f"[class*=st-key-{key}-] .js-plotly-plot").filter(has_text=words)


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (800, "dark")])
def test_tables_show_numbers_verdicts_and_reasons(visit: Opener, app_url: str, width: int, scheme: str) -> None:
    visited = visit(f"{app_url}/paper", width=width, scheme=scheme)
    page = visited.page
    expect(page.get_by_text("Nine tables, 204 cells: 90 equal, 28 round to it, 9 differ, 77 cited")).to_be_visible()
    expect(page.get_by_text("22 cells: 18 equal, 3 round to it, 1 differs, 0 cited")).to_be_visible()
    expect(page.get_by_role("listitem").filter(has_text="25,503,912, which rounds to 25.5")).to_be_visible()
    chosen(page, "3")
    row = page.locator("tr[data-choose^='resnext50_8x14d=']")
    expect(row).to_contain_text("4,267,409,408")
    expect(row).to_contain_text("22.3")
    assert [sign.get_attribute("aria-label") for sign in row.locator(".rx-sign").all()] == [
        "the paper's figure exactly", "the paper's figure exactly", "differs", "cited",
    ]  # fmt: skip
    numbers = {"2": "C = 16 is skipped", "5": "20.1", "6": "45.5", "8": "51.9", "Shortcuts": "31.2"}
    for table, words in numbers.items():
        chosen(page, table)
        expect(page.locator(".rx-table2-frame")).to_contain_text(words)
        table_fits = "table => table.getBoundingClientRect().right <= innerWidth - 24"
        assert page.locator("table.rx-paper").evaluate(table_fits)
    assert "table=Shortcuts" in page.url
    charts = page.locator(".js-plotly-plot")
    expect(charts).to_have_count(6)
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth <= innerWidth")
    sides = [chart.bounding_box() for chart in charts.all()]
    assert all(side and side["width"] > 440 for side in sides)
    visited.assert_clean()


def test_each_format_is_a_file_and_a_row_dials_its_network_and_the_charts(visit: Opener, app_url: str) -> None:
    page = visit(f"{app_url}/paper?table=7").page
    expect(page.locator(".rx-paper-7")).to_be_visible()
    name, text = downloaded(page, "CSV")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert name == "resnext-table-7.csv"
    assert [(row["Params"], row["Params, computed"], row["Params, verdict"]) for row in rows] == [
        ("36.5M", "36479194", "rounds to it"), ("34.4M", "34426698", "rounds to it"), ("68.1M", "68155210", "differs"),
    ]  # fmt: skip
    name, text = downloaded(page, "JSON")
    assert (name, json.loads(text)["tally"]) == (
        "resnext-table-7.json", {"equal": 2, "rounds": 2, "differ": 1, "cited": 6},
    )  # fmt: skip
    name, text = downloaded(page, "LaTeX")
    assert name == "resnext-table-7.tex"
    assert r"\begin{tabular}{lrrrrr}" in text
    name, text = downloaded(page, "Markdown")
    assert name == "resnext-table-7.md"
    assert "| Wide ResNet | 36.5M ≈ | 36,479,194 | 4.17 ○ | 20.50 ○ |" in text

    chosen(page, "4")
    page.locator("tr[data-choose^='resnext101_64x4d=']").click()
    expect(page.locator("#field-cardinality")).to_have_value("64")
    expect(page.locator("tr[aria-current=true]")).to_contain_text("this network")
    expect(chart(page, "errors-0", "this network, 15.46 G MACs")).to_be_visible()
    assert "table=4" in page.url  # the link holds the table and the network
    assert "net=resnext101_64x4d" in page.url
    page.locator("tr[aria-current=true]").focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(page.locator("#field-base_width")).to_have_value("64")
    expect(chart(page, "errors-1", "this network, 84.20 M params")).to_be_visible()


def test_a_point_of_each_chart_dials_its_network_as_often_as_it_is_clicked(visit: Opener, app_url: str) -> None:
    visited = visit(f"{app_url}/paper")
    page = visited.page
    points = {
        "errors-0": ("resnext101_64x4d", "64", "4"),  # a circle of the paper
        "errors-1": ("resnext101_32x8d", "32", "8"),  # a diamond: nobody but torchvision trained it
        "trades-0": ("resnext50_2x40d", "2", "40"),
        "trades-1": ("resnext101_2x64d", "2", "64"),
        "cifar-1": ("resnext29_16x64d_cifar100", "16", "64"),
    }
    page.locator("[class*=st-key-cifar-1-] .js-plotly-plot").wait_for()
    for key, (network, cardinality, width) in points.items():
        for _ in range(2):
            page.mouse.click(*place_of(page, key, network))
            expect(page.locator("#field-cardinality")).to_have_value(cardinality)
            expect(page.locator("#field-base_width")).to_have_value(width)
            page.locator("#field-cardinality").fill("3")
            page.locator("#field-cardinality").press("Enter")
            expect(page).to_have_url(re.compile(r"[?&]net=resnext\d+_3x"))
            wait_idle(page)
    visited.assert_clean()
