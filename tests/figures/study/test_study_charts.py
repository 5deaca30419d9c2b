"""Figures of a study: what they say is what the runs hold, on one scale, and nothing is markup that is not ours."""

import re
from math import log2

import pytest

from resnext_viz.figures.study.study_charts import MACS, PARAMS, cost_chart, error_span, ladder_chart, twice_chart
from resnext_viz.figures.study.study_curves import study_curves
from resnext_viz.figures.study.tables import facts_of, study_facts, study_table
from resnext_viz.study.summary import summarise
from tests.study.made import made

ERRORS = {"1": [30.0, 31.0], "2": [29.0, 29.4], "16": [27.0, 28.0], "wider": [26.0, 26.5], "paths": [25.0, 25.5]}
SUMMARY = summarise(made(ERRORS))


def test_means_and_intervals_stand_where_the_numbers_say() -> None:
    figure = ladder_chart(SUMMARY, "resnext11_2x33d_cifarpool10_x1", "light")
    means = {trace.name: trace for trace in figure.data if trace.name in {"means", "this network"}}
    assert list(means["means"].x) == [0.0, 4.0]
    assert list(means["means"].y) == pytest.approx([30.5, 27.5])
    assert (list(means["this network"].x), list(means["this network"].y)) == ([log2(2)], pytest.approx([29.2]))
    assert [data[0] for trace in means.values() for data in trace.customdata] == [
        "resnet11_1x50d_cifarpool10_x1", "resnext11_16x8d_cifarpool10_x1", "resnext11_2x33d_cifarpool10_x1",
    ]  # fmt: skip
    assert means["means"].error_y.array == pytest.approx([SUMMARY.ladder[0].error.half] * 2)
    runs = next(trace for trace in figure.data if trace.name == "runs")
    assert list(runs.y) == pytest.approx([30.0, 31.0, 29.0, 29.4, 27.0, 28.0])
    assert list(figure.layout.xaxis.ticktext) == ["1×50d", "2×33d", "16×8d"]


def test_one_scale_holds_every_run_and_interval_of_every_chart() -> None:
    low, high = error_span(SUMMARY)
    assert low < min(row.error.low for row in SUMMARY.settings)
    assert high > max(row.error.high for row in SUMMARY.settings)
    figures = [ladder_chart(SUMMARY, "", "dark"), twice_chart(SUMMARY, "", "dark"),
               cost_chart(SUMMARY, PARAMS, "", "dark")]  # fmt: skip
    assert {tuple(figure.layout.yaxis.range) for figure in figures} == {(low, high)}
    alone = summarise(made({"1": [30.0]}))
    assert error_span(alone) == pytest.approx((29.0, 31.0))
    assert [trace.error_y.array for trace in ladder_chart(alone, "", "light").data[1:2]] == [(0.0,)]
    assert error_span(summarise(made({"1": [0.0, 90.0]})))[0] >= -2


def test_cost_is_exact_and_twice_the_macs_stand_beside_the_ends() -> None:
    figure = cost_chart(SUMMARY, MACS, "", "light")
    assert next(t for t in figure.data if t.name == "means").x[0] == pytest.approx(26.654208)
    alone = summarise(made({key: ERRORS[key] for key in ("1", "2", "16")}))
    left, right = cost_chart(alone, MACS, "", "light").layout.xaxis.range
    assert right - left > 0.1 * 26.675712  # what costs the same within 2 % is not drawn apart
    assert left < 26.525696
    assert right > 26.675712
    twice = twice_chart(SUMMARY, "", "light")
    assert list(twice.layout.xaxis.ticktext) == ["C = 1", "C = 16", "wider", "more paths"]


def test_each_setting_has_a_panel_with_its_curve() -> None:
    html = study_curves(SUMMARY, "resnet11_1x50d_cifarpool10_x1")
    assert html.count("<figure") == 5
    assert html.count('class="rx-curve-run"') == 10
    assert html.count('class="rx-curve-other"') == 5 * 4
    assert "C = 1 · 1×50d · this network" in html
    assert "Mean test error by epoch: 50.5, 30.5 %" in html
    assert "25.25 % at the end" in html
    numbers = [float(y) for y in re.findall(r'rx-curve-mean" d="M[^"]*? ([\d.]+)"', html)]
    assert all(42 <= y <= 162 for y in numbers)  # within the plot of the panel


def test_the_table_has_every_run_and_words_are_escaped() -> None:
    html = study_table(SUMMARY, "resnext11_2x33d_cifarpool10_x1", 7)
    assert html.count("data-choose=") == 10
    assert html.count("this network") == 2
    names = re.findall(r"<b>(.*?)</b>", html)
    assert len(set(names)) == len(names) == 10
    assert names[:2] == ["C = 1, seed 0", "C = 1, seed 1"]
    assert 'data-choose="resnext11_33x8d_cifarpool10_x1=7"' in html
    assert "<td>31.00 %</td><td>69.00 %</td>" in html
    hostile = summarise(made({"1": [30.0]}, machine="<i>x", data="<u>y"))
    whole = study_table(hostile, "", 1) + study_facts(facts_of(hostile))
    assert "<i>" not in whole
    assert "<u>" not in whole
    assert facts_of(SUMMARY)["Machine"] == "a machine; torch 2.15.0, 2 threads, bfloat16"
    alone = facts_of(summarise(made({"1": [30.0]}, threads=1)))
    assert alone["Machine"] == "a machine; torch 2.15.0, 1 thread, bfloat16"
    assert facts_of(SUMMARY)["Time"].startswith("18 minutes")  # 10 s for each path of 2·(1 + 2 + 16 + 1 + 33)
