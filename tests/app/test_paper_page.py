"""The Paper page on the server: each table with its numbers and words, its charts, and what a link may ask."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from resnext_viz.ui.kit.controls import DialSession
from tests.app.test_pages import drawn, kept, opened, sent

PAGE = "pages/paper_page.py"


def plots(app: AppTest) -> dict[str, str]:
    """All that is written on the charts, by their keys; behind each stands how often the chart was clicked."""
    specs = {chart.key.rpartition("-")[0]: json.loads(chart.proto.spec) for chart in app.get("plotly_chart")}
    return {key: " ".join(each["text"] for each in spec["layout"]["annotations"]) for key, spec in specs.items()}


def test_a_link_opens_a_table_with_numbers_and_verdicts() -> None:
    app = opened(PAGE, table="7")
    page = drawn(app)
    for words in (
        "68,155,210",
        "36,479,194",
        "34,426,698",
        "11 cells: 2 equal, 2 round to it, 1 differs, 6 cited",
        "cannot be recovered",
        "Nine tables, 204 cells: 90 equal, 28 round to it, 9 differ, 77 cited",
    ):
        assert words in page
    app.segmented_control(key="table").set_value("4").run()
    for words in ("15,460,270,080", "1.982", "should read ResNeXt-101"):
        assert words in drawn(app)


@pytest.mark.parametrize("table", ["<script>alert(1)</script>", "9", "", "x" * 5000])
def test_a_link_to_no_table_opens_the_first(table: str) -> None:
    page = drawn(opened(PAGE, table=table))
    assert "25,557,032" in page
    assert "<script>" not in page


def test_a_chosen_row_is_dialled_and_nothing_else_is() -> None:
    app = opened(PAGE, table="3")
    app.session_state["paper-table"] = {"chosen": f"resnext101_32x4d={kept(app, DialSession).epoch}"}
    app.run()
    assert not app.exception
    assert kept(app, DialSession).dialled.title == "ResNeXt-101 (32×4d)"
    assert kept(app, DialSession).dialled.image_size == 224
    sent(app, spec={"cardinality": 4})  # what was chosen before does not come back
    assert kept(app, DialSession).dialled.title == "ResNeXt-101 (4×4d)"
    app.session_state["paper-table"] = {"chosen": "resnext101_32x4d=99"}
    app.run()
    for nonsense in (
        "resnext101_32x4d",
        "<b>=1",
        "vgg16=1",
        "resnext50_0x4d=1",
        "-=1",
        "x" * 10_000,
        "=",
        "resnext50_2x40d=" + "9" * 50,
    ):
        app.session_state["paper-table"] = {"chosen": nonsense}
        app.run()
        assert not app.exception
        assert kept(app, DialSession).dialled.title == "ResNeXt-101 (32×4d)"


def test_the_charts_mark_what_is_dialled() -> None:
    charts = plots(opened(PAGE))
    assert "this network, 4.23 G MACs" in charts["errors-0"]
    assert "torchvision V1/V2 weights: another recipe" in charts["errors-0"]
    assert "this network, 25.03 M params" in charts["errors-1"]
    assert "<b>22.2</b>" in charts["trades-0"]  # Table 3
    assert "20.4 (−1.6)" in charts["trades-1"]  # Table 4
    assert "this network" not in charts["cifar-0"]
    assert "this network, 34.43 M params" in plots(opened(PAGE, net="resnext29_8x64d_cifar10"))["cifar-0"]
