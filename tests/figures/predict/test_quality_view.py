"""The reliability diagram puts its circles where the figures say, and the words around it are text."""

import re

import pytest

from resnext_viz.figures.predict.files_table import FileRow, files_table, files_text
from resnext_viz.figures.predict.predictions import none_notice
from resnext_viz.figures.predict.quality_view import Fact, quality_view, reliability_diagram
from resnext_viz.figures.predict.two_answers import agreement
from resnext_viz.inference.calibration import CalibrationBin
from resnext_viz.inference.predictor.prediction import Answer
from tests.figures.drawings import SVG, check_svg, marks, parsed, tips

HOSTILE = "<script>alert(1)</script>"
BEFORE = (CalibrationBin(0.6, 2 / 3, 30, 0.65, 0.9), CalibrationBin(14 / 15, 1.0, 70, 0.95, 1.0))
AFTER = (CalibrationBin(0.8, 13 / 15, 1, 0.85, 0.0), CalibrationBin(14 / 15, 1.0, 99, 1.0, 1.0))


def test_circles_lie_at_probability_and_share_of_right_answers() -> None:
    svg = next(parsed(reliability_diagram(BEFORE, AFTER, 0.0624, 0.0102)).iter(f"{SVG}svg"))
    check_svg(svg)
    assert "off by 1.0 % on average, 6.2 % without" in svg.attrib["aria-label"]
    diagonal = marks(svg, "rx-q-even")[0]
    (left, floor), (right, top) = ((float(diagonal.attrib[f"x{i}"]), float(diagonal.attrib[f"y{i}"])) for i in (1, 2))
    circles = list(svg.iter(f"{SVG}circle"))[:4]
    places = [((float(mark.attrib["cx"]) - left) / (right - left), (float(mark.attrib["cy"]) - floor) / (top - floor))
              for mark in circles]  # fmt: skip
    expected = [(each.confidence, each.accuracy) for each in (*BEFORE, *AFTER)]
    assert places == [pytest.approx(place, abs=1e-4) for place in expected]
    assert [mark.attrib["class"] for mark in circles] == ["rx-q-open"] * 2 + ["rx-q-dot"] * 2
    assert tips(svg)[2] == ["80 % to 87 %, with the temperature", "1 picture", "85.0 % probable, 0.0 % right"]


def test_a_network_that_nobody_measured_on_many_pictures_can_be_drawn() -> None:
    check_svg(next(parsed(reliability_diagram((), (), 0.0, 0.0)).iter(f"{SVG}svg")))


def test_facts_and_notices_are_text() -> None:
    view = quality_view(reliability_diagram(BEFORE, AFTER, 0.1, 0.1), [Fact(HOSTILE, HOSTILE, HOSTILE)])
    words = agreement(("C = 4", Answer(HOSTILE, 0.9, 0)), ("C = 1", Answer("cat", 0.8, 1)))
    for html in (view, none_notice(HOSTILE, HOSTILE), words):
        assert "<script" not in html
        assert "&lt;script&gt;" in html


def test_two_networks_agree_or_not() -> None:
    def said(label: str) -> str:
        words = agreement(("C = 4", Answer("cat", 0.931, 1)), ("C = 1", Answer(label, 0.8, 2)))
        return "".join(parsed(words).itertext())

    assert said("cat") == "Both say cat, 93.1 % with C = 4 and 80.0 % with C = 1."
    assert said("dog") == "They disagree: C = 4 says cat (93.1 %), C = 1 says dog (80.0 %)."


def test_files_that_show_none_of_the_classes_are_marked_and_counted() -> None:
    rows = [FileRow("a.jpg", None, (9, 9), (Answer("cat", 0.4, 1),), 1.0, none=True),
            FileRow("b.jpg", None, (9, 9), (Answer("dog", 0.9, 2),), 1.0)]  # fmt: skip
    table = [re.sub(r"<[^>]+>", "|", line) for line in files_table(rows).split("<tr")[2:]]
    assert "none of these, probably" in table[0]
    assert "none of these" not in table[1]
    assert files_text(rows) == "2 answered, 1 probably none of the classes."
