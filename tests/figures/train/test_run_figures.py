"""The drawings of a training run: its curves, its classes, and two runs against each other."""

import pytest

from resnext_viz.figures.train.curves import Curve, Measure, curves_chart, curves_text
from resnext_viz.figures.train.run_figures import RunSide, class_bars, difference_words, runs_table

ACCURACY = Measure("Accuracy", "%", " %", 1, 100.0)


def test_curves_stand_on_whole_epochs_and_begin_at_zero() -> None:
    curves = [Curve("test", (30.0, 41.25), is_main=True), Curve("training", (None, 44.0))]
    chart = curves_chart(ACCURACY, curves, 20, "light")
    by_name = {trace.name: trace for trace in chart.data}
    assert (list(by_name["test"].x), list(by_name["test"].y)) == ([1, 2], [30.0, 41.25])
    assert by_name["training"].line.dash != "solid"
    assert (list(by_name["end of test"].x), list(by_name["end of test"].y)) == ([2], [41.25])
    assert (chart.layout.xaxis.range, chart.layout.yaxis.range) == ((0, 20), (0, 100.0))
    words = [label.text for label in chart.layout.annotations]
    assert "<b>● test: 41.2 %</b>" in words
    assert "training: 44.0 %" in words
    assert curves_text(ACCURACY, curves) == "Accuracy: test 41.2 % after epoch 2; training 44.0 % after epoch 2."
    assert "no epoch has ended" in curves_text(ACCURACY, [Curve("test", ())])
    empty = curves_chart(ACCURACY, [Curve("test", (), is_main=True)], 1, "dark")
    assert empty.layout.xaxis.range == (0, 2)


def test_two_runs_have_a_filled_and_an_open_end() -> None:
    curves = [Curve("Run 1", (1.5, 1.0), is_main=True), Curve("Run 2", (2.0,), is_other=True)]
    chart = curves_chart(Measure("Loss", "nats", "", 2), curves, 2, "light")
    ends = {trace.name: trace.marker.color for trace in chart.data if trace.name.startswith("end of")}
    assert ends == {"end of Run 1": "#1A1D21", "end of Run 2": "#FFFFFF"}
    labels = {label.text: label for label in chart.layout.annotations}
    first, second = labels["<b>● Run 1: 1.00</b>"], labels["○ Run 2: 2.00"]
    assert (first.yshift, second.yshift) == (0, 0)  # far apart, each as high as its curve's end
    near = curves_chart(Measure("Loss", "nats", "", 2), [curves[0], Curve("Run 2", (1.01,), is_other=True)], 2, "light")
    shifts = {label.text: label.yshift for label in near.layout.annotations}
    top, plot = near.layout.yaxis.range[1], 300 - 50 - 44
    apart = 0.01 / top * plot + shifts["○ Run 2: 1.01"] - shifts["<b>● Run 1: 1.00</b>"]
    assert apart == pytest.approx(17)
    assert chart.layout.yaxis.range[0] == 0
    assert chart.layout.yaxis.range[1] > 2


def test_bars_are_as_long_as_their_shares_and_names_are_text() -> None:
    drawn = class_bars(("cat", "<b>dog"), (0.5, 0.875), (0.25, 1.0), ("Run 1", "Run 2"))
    for part in ("width:50.00%", "width:87.50%", "width:25.00%", "width:100.00%", "87.5 %", "&lt;b&gt;dog"):
        assert part in drawn
    assert "<b>dog" not in drawn
    assert "Best: &lt;b&gt;dog, 87.5 % of its test pictures right. Weakest: cat, 50.0 %." in drawn
    many = class_bars([f"class {i}" for i in range(60)], [i / 60 for i in range(60)])
    assert many.count('role="listitem"') == 40
    assert "class 39" in many
    assert "class 40<" not in many
    assert "The 40 weakest are shown." in many


def test_the_table_tells_what_differs_and_the_sentence_what_it_means() -> None:
    first = RunSide("Run 1", {"Epochs": "20", "Seed": "0"}, {"Test accuracy": "60.0 %"})
    second = RunSide("Run 2", {"Epochs": "20", "Seed": "1"}, {"Test accuracy": "70.0 %"})
    table = runs_table(first, second, "A sentence.")
    assert '<th scope="row">Seed</th><td>0</td><td>1</td>' in table
    assert '<th scope="row">Epochs</th>' not in table
    assert "The same in both: Epochs 20." in table
    assert "all the same" in runs_table(first, first, "")
    within = difference_words(("Run 1", "Run 2"), (0.1, -0.03, 0.23), 100)
    assert within == (
        "Run 2 has 10.0 points more test accuracy than Run 1, which chance alone may explain: the "
        "difference is −3.0 to +23.0 points with 95 % confidence, on 100 test pictures. "
        "Other seeds of either run would move it too."
    )
    assert difference_words(("Run 1", "Run 2"), (-0.1, -0.16, -0.04), 900) == (
        "Run 1 has 10.0 points more test accuracy than Run 2: the difference is +4.0 to +16.0 points with 95 % "
        "confidence, on 900 test pictures. Other seeds of either run would move it too."
    )
    assert difference_words(("Run 1", "Run 2"), (0.1, 0.05, 0.15), 900).startswith(
        "Run 2 has 10.0 points more test accuracy than Run 1"
    )
