"""The Study page in a real browser: every number of the shipped runs, charts that fit, a run that dials, files."""

import csv
import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from statistics import fmean
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.kit.visit import Visit, assert_keeps_its_place, place_of, wait_idle
from tests.browser.test_paper import downloaded

Opener = Callable[..., Visit]
RESULTS = Path(__file__).parents[2] / "resnext_viz/study/results"


def shipped() -> list[dict[str, Any]]:
    """The runs of the first study, read without our code."""
    return [json.loads(line) for line in min(RESULTS.glob("*.jsonl")).read_text(encoding="utf-8").splitlines()]


def mean_errors() -> dict[str, float]:
    """Mean error at the end by network, in percent."""
    runs = shipped()
    networks = dict.fromkeys(run["network"] for run in runs)
    return {name: fmean(100 * (1 - run["curve"][-1]["test_accuracy"]) for run in runs if run["network"] == name)
            for name in networks}  # fmt: skip


def test_every_number_is_that_of_the_shipped_runs(visit: Opener, app_url: str) -> None:
    visited = visit(f"{app_url}/study", width=800, scheme="dark")
    page, runs = visited.page, shipped()
    seeds, settings = len({run["seed"] for run in runs}), len(mean_errors())
    expect(page.locator(".rx-study-headline")).to_contain_text("each doubling of C")
    expect(page.locator(".rx-study-label")).to_contain_text(f"{seeds} seeds × {settings} settings")
    expect(page.locator(".rx-study-label")).to_contain_text(runs[0]["machine"])
    expect(page.locator(".rx-study-lists")).to_contain_text("What it does not show")
    expect(page.locator(".rx-curves-panel")).to_have_count(settings)
    rows, charts = page.locator("tr[data-choose]"), page.locator(".js-plotly-plot")
    expect(rows).to_have_count(len(runs))
    at_twice = any(run["role"] != "ladder" for run in runs)
    expect(charts).to_have_count(6 if at_twice else 5)
    expect(page.get_by_text("no runs at twice the MACs")).to_have_count(0 if at_twice else 1)
    at_equal_macs = page.locator("[class*=st-key-study-errors-0-] .js-plotly-plot")
    expect(at_equal_macs).to_contain_text("At equal MACs")
    curves, ladder, table = page.locator(".rx-curves").inner_text(), at_equal_macs.inner_text(), rows.all_inner_texts()
    on_ladder = {run["network"] for run in runs if run["role"] == "ladder"}
    for name, error in mean_errors().items():
        assert f"{error:.2f} % at the end" in curves
        assert name not in on_ladder or f"{error:.1f}" in ladder
    for run in runs:
        assert any(f"{run['macs']:,}" in row and f"{100 * (1 - run['last_accuracy']):.2f} %" in row for row in table)
    for width in (800, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        assert all(side and side["width"] > 440 for side in (chart.bounding_box() for chart in charts.all()))
        assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth <= innerWidth")
    name, text = downloaded(page, "Download CSV")
    assert name.startswith("study-")
    found = list(csv.DictReader(io.StringIO(text)))
    assert sorted((row["network"], int(row["seed"]), float(row["last_accuracy"])) for row in found) == sorted(
        (run["network"], run["seed"], run["last_accuracy"]) for run in runs)  # fmt: skip
    visited.assert_clean()


def test_a_run_and_a_point_dial_their_network_for_all_pages(visit: Opener, app_url: str) -> None:
    page, runs = visit(f"{app_url}/study").page, shipped()
    chosen = next(run for run in runs if run["cardinality"] == 4)
    rows = page.locator(f"tr[data-choose^='{chosen['network']}=']")
    rows.filter(has_text=f"C = 4, seed {chosen['seed']}").click()
    expect(page.locator("#field-cardinality")).to_have_value("4")
    expect(page.locator("#field-base_width")).to_have_value(str(chosen["base_width"]))
    current = page.locator("tr[aria-current=true]")
    expect(current).to_contain_text(["this network"] * sum(run["network"] == chosen["network"] for run in runs))
    expect(page.locator(".rx-curves")).to_contain_text("this network")
    clicked = next(run for run in runs if run["cardinality"] == 8)
    for key, network in {"study-errors-0": clicked["network"], "study-paper-0": "resnext101_8x14d"}.items():
        page.mouse.click(*place_of(page, key, network))
        expect(page.locator("#field-cardinality")).to_have_value("8")
        expect(page.locator("#field-base_width")).to_have_value(re.findall(r"8x(\d+)d", network)[0])
        wait_idle(page)  # the charts are drawn anew for what was dialled
        page.mouse.click(*place_of(page, "study-errors-0", chosen["network"]))
        expect(page.locator("#field-cardinality")).to_have_value("4")
        wait_idle(page)
    page.get_by_role("link", name="Anatomy").click()
    expect(page.locator("[data-count=params]")).to_have_text(f"{chosen['params']:,}")


@pytest.mark.parametrize("width", [1440, 800, 390])
def test_a_run_of_a_table_stays_while_it_is_dialled(visit: Opener, app_url: str, width: int) -> None:
    page = visit(f"{app_url}/study", width=width).page
    row = page.locator("tr[data-choose^='resnext']").filter(has_text="C = 8, seed").last
    assert_keeps_its_place(page, row, lambda: expect(row).to_have_attribute("aria-current", "true"))
