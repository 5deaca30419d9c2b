"""The Study page in a real browser: every number of the shipped runs, charts that fit, a run that dials, files."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from statistics import fmean
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.test_paper import downloaded
from tests.browser.visit import Visit

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


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (800, "dark")])
def test_every_number_is_that_of_the_shipped_runs(visit: Opener, app_url: str, width: int, scheme: str) -> None:
    visited = visit(f"{app_url}/study", width=width, scheme=scheme)
    page, runs = visited.page, shipped()
    seeds, settings = len({run["seed"] for run in runs}), len(mean_errors())
    expect(page.locator(".rx-study-headline")).to_contain_text("each doubling of C")
    expect(page.locator(".rx-study-label")).to_contain_text(f"{seeds} seeds × {settings} settings")
    expect(page.locator(".rx-study-label")).to_contain_text(runs[0]["machine"])
    expect(page.locator(".rx-study-lists")).to_contain_text("What it does not show")
    expect(page.locator(".rx-curves-panel")).to_have_count(settings)
    for error in mean_errors().values():
        expect(page.locator(".rx-curves")).to_contain_text(f"{error:.2f} % at the end")
    rows = page.locator("tr[data-choose]")
    expect(rows).to_have_count(len(runs))
    for run in runs:
        row = page.locator(f"tr[data-choose^='{run['network']}=']").nth(run["seed"])
        expect(row).to_contain_text(f"{100 * (1 - run['last_accuracy']):.2f} %")
        expect(row).to_contain_text(f"{run['macs']:,}")
    charts = page.locator(".js-plotly-plot")
    expect(charts).to_have_count(6)
    expect(charts.first).to_contain_text("At equal MACs")
    ladder = [error for name, error in mean_errors().items() if name in {run["network"] for run in runs
              if run["role"] == "ladder"}]  # fmt: skip
    for error in ladder:
        expect(charts.first).to_contain_text(f"{error:.1f}")
    sides = [chart.bounding_box() for chart in charts.all()]
    assert all(side and side["width"] > 440 for side in sides)
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth <= innerWidth")
    visited.assert_clean()


def test_a_run_dials_its_network_and_the_files_hold_the_runs(visit: Opener, app_url: str) -> None:
    page, runs = visit(f"{app_url}/study").page, shipped()
    expect(page.locator("tr[data-choose]").first).to_be_visible()
    name, text = downloaded(page, "Download CSV")
    assert name.startswith("study-")
    found = list(csv.DictReader(io.StringIO(text)))
    assert sorted((row["network"], int(row["seed"]), float(row["last_accuracy"])) for row in found) == sorted(
        (run["network"], run["seed"], run["last_accuracy"]) for run in runs)  # fmt: skip
    _, text = downloaded(page, "Download JSON")
    assert json.loads(text)["runs"] == runs
    chosen = next(run for run in runs if run["cardinality"] == 4)
    page.locator(f"tr[data-choose^='{chosen['network']}=']").first.click()
    expect(page.locator("#field-cardinality")).to_have_value("4")
    expect(page.locator("#field-base_width")).to_have_value(str(chosen["base_width"]))
    expect(page.locator("tr[aria-current=true]").first).to_contain_text("this network")
    expect(page.locator(".rx-curves")).to_contain_text("this network")
    page.get_by_role("link", name="Anatomy").click()
    expect(page.get_by_text(f"{chosen['params']:,}").first).to_be_visible()  # dialled for all pages
