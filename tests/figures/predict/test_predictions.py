"""What Predict shows: crops at their place, bars at their length, and nothing a stranger wrote taken for markup."""

import re
import xml.etree.ElementTree as ET
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resnext_viz.figures.predict.predictions import (
    LEAST_SIDE,
    CropBox,
    WithoutPaths,
    doubt_words,
    latency_pill,
    latency_text,
    network_view,
    none_notice,
    photo_with_crop,
    prediction,
    short_name,
    top_answers,
    which_photo,
)


class Answer(NamedTuple):
    label: str
    probability: float


ANSWERS = (Answer("horse", 0.848), Answer("deer", 0.133))
HOSTILE = '"><script>alert(1)</script>'
PIXEL = "data:image/png;base64,AAAA"


def read(html: str) -> ET.Element:
    return ET.fromstring(f"<div>{html}</div>")


def style(root: ET.Element, class_: str) -> dict[str, str]:
    element = next(element for element in root.iter() if element.get("class") == class_)
    return dict(pair.split(":") for pair in element.get("style", "").split(";"))


def test_the_crop_lies_where_the_network_looks() -> None:
    root = read(photo_with_crop(PIXEL, 500, 375, CropBox(62.5, 0, 437.5, 375), "meadow.jpg"))
    place = {name: float(value.rstrip("%")) for name, value in style(root, "rx-p-crop").items()}
    assert place == pytest.approx({"left": 12.5, "top": 0, "width": 75, "height": 100})
    said = "".join(root.itertext())
    assert "Your photo, meadow.jpg, 500×375 px" in said
    assert "375×375 crop" in said


def test_a_photo_is_shown_in_its_proportions_and_not_too_high() -> None:
    assert style(read(photo_with_crop(PIXEL, 300, 900, CropBox(0, 300, 300, 600))), "rx-p-picture")["width"] == "147px"
    assert style(read(photo_with_crop(PIXEL, 500, 375, CropBox(0, 0, 1, 1))), "rx-p-picture")["width"] == "440px"


def test_a_crop_too_small_for_its_label_has_it_below() -> None:
    root = read(photo_with_crop(PIXEL, 2000, 100, CropBox(950, 0, 1050, 100)))
    assert not [element for element in root.iter() if element.get("class") == "rx-p-crop-label"]
    assert "100×100 crop" in "".join(root.itertext())


@given(st.integers(1, 5000), st.integers(1, 5000), st.tuples(*[st.floats(-100, 5100)] * 4))
def test_any_crop_stays_inside_the_photo(width: int, height: int, edges: tuple[float, ...]) -> None:
    left, right = sorted(edges[:2])
    top, bottom = sorted(edges[2:])
    place = style(read(photo_with_crop(PIXEL, width, height, CropBox(left, top, right, bottom))), "rx-p-crop")
    numbers = {name: float(value.rstrip("%")) for name, value in place.items()}
    assert min(numbers.values()) >= 0
    assert numbers["left"] + numbers["width"] <= 100.001
    assert numbers["top"] + numbers["height"] <= 100.001


def test_bars_are_probabilities_from_zero() -> None:
    html = top_answers(ANSWERS, 1000)
    assert re.findall(r"width:([\d.]+)%", html) == ["84.80", "13.30"]
    said = "".join(read(html).itertext())
    assert "Top 2 of 1,000 classes" in said
    assert "84.8 %" in said


def test_a_second_column_says_what_each_becomes_without_some_paths() -> None:
    root = read(top_answers(ANSWERS, 10, WithoutPaths("path 5 off", (0.848, 0.133), (0.692, 0.248))))
    rows = [["".join(part.itertext()) for part in row] for row in root.iter("li")]
    assert [row[:3] for row in rows] == [["horse", "69.2 %", "84.8 %"], ["deer", "24.8 %", "13.3 %"]]
    widths = [part.get("style") for part in root.iter("i")]
    assert widths == ["width:84.80%", "width:69.20%", "width:13.30%", "width:24.80%"]
    assert "path 5 off all paths" in "".join(root.itertext())
    assert "exact network" not in "".join(root.itertext())


def test_both_columns_come_from_one_computation_which_is_said_where_the_engine_rounds_otherwise() -> None:
    root = read(top_answers(ANSWERS, 10, WithoutPaths("path 5 off", (0.851, 0.133), (0.692, 0.248))))
    rows = [["".join(part.itertext()) for part in row] for row in root.iter("li")]
    assert [row[:3] for row in rows] == [["horse", "69.2 %", "85.1 %"], ["deer", "24.8 %", "13.3 %"]]
    assert "Both numbers are computed by the exact network" in "".join(root.itertext())


def test_an_unsure_answer_says_so_and_what_that_means() -> None:
    unsure = (Answer("horse", 0.499), Answer("deer", 0.3))
    assert [part.text for part in read(top_answers(unsure, 10)).iter("small")] == [" unsure: below 50 %"]
    assert "unsure" not in top_answers((Answer("horse", 0.5), Answer("deer", 0.3)), 10)
    assert "unsure" not in top_answers(unsure, 10, doubt=none_notice("None of these, probably", "Measured."))


def test_of_several_photos_the_answers_say_whose_they_are() -> None:
    which = which_photo("meadow.jpg", 2, 5)
    said = "".join(read(top_answers(ANSWERS, 10, which=which)).itertext())
    assert said.startswith("meadow.jpg, photo 2 of 5")


@pytest.mark.parametrize(("width", "height", "word"), [(2000, 8, "higher"), (8, 2000, "wider")])
def test_a_photo_too_thin_to_be_seen_is_stretched_and_that_is_said(width: int, height: int, word: str) -> None:
    root = read(photo_with_crop(PIXEL, width, height, CropBox(width / 2 - 4, height / 2 - 4, 8, 8)))
    drawn = style(root, "rx-p-picture")
    across, down = map(float, drawn["aspect-ratio"].split("/"))
    assert min(across, down) == LEAST_SIDE
    assert drawn["width"] == f"{across:.0f}px"
    assert f"Drawn {word} than it is" in "".join(root.itertext())


def test_a_long_name_is_shown_by_its_beginning_and_its_end() -> None:
    name = f"{'holiday_' * 22}0017.jpg"
    assert short_name("meadow.jpg") == "meadow.jpg"
    assert len(short_name(name)) == 48
    assert short_name(name).endswith("holiday_0017.jpg")
    root = read(photo_with_crop(PIXEL, 500, 375, CropBox(62.5, 0, 437.5, 375), name))
    assert name not in "".join(root.itertext())
    assert next(root.iter("p")).get("title") == name


def test_nothing_a_stranger_wrote_is_markup() -> None:
    hostile = (Answer(HOSTILE, 0.9), Answer(HOSTILE, 0.1))
    pages = [
        top_answers(hostile, 10, which=which_photo(HOSTILE, 1, 2)),
        photo_with_crop(HOSTILE, 10, 10, CropBox(0, 0, 10, 10), HOSTILE),
        network_view(HOSTILE, HOSTILE),
        latency_pill(1, 1, 1, HOSTILE, HOSTILE),
    ]
    for html in (*pages, prediction(pages[1], pages[2], pages[0])):
        assert "<script" not in html
        assert not list(read(html).iter("script"))


def test_a_latency_names_all_that_it_depends_on() -> None:
    said = "".join(read(latency_pill(6.6, 60, 1, "CPU, 2 cores", "torch eager, float32")).itertext())
    assert said == "6.6 ms median of 60, batch 1 · CPU, 2 cores · torch eager, float32"
    assert "one run" in latency_pill(6.6, 1, 1, "CPU", "torch")


@pytest.mark.parametrize(
    ("milliseconds", "expected"),
    [(0.42, "0.42 ms"), (6.63, "6.6 ms"), (843.4, "843 ms"), (1240, "1.24 s"), (99.97, "100 ms"), (999.7, "1.00 s")],
)
def test_a_latency_is_readable(milliseconds: float, expected: str) -> None:
    assert latency_text(milliseconds) == expected


@pytest.mark.parametrize(
    ("rightly", "wrongly", "noticed", "doubted"),
    [(0.517, 0.0616, "about 52", "about 6"), (1.0, 0.001, "about 100", "fewer than 1")],
)
def test_a_doubt_says_how_far_it_can_be_trusted(rightly: float, wrongly: float, noticed: str, doubted: str) -> None:
    said = f"Of 100 pictures of other things it notices {noticed}; of 100 of its own classes it doubts {doubted}."
    assert doubt_words(rightly, wrongly) == said


def test_a_doubt_is_told_before_the_answers_which_stand_back() -> None:
    html = top_answers(ANSWERS, 10, doubt=none_notice("None of these, probably", "Measured."))
    said = "".join(read(html).itertext())
    assert said.index("None of these, probably.") < said.index("Top 2 of 10 classes") < said.index("84.8 %")
    assert "rx-p-doubted" in html
    assert "rx-p-doubted" not in top_answers(ANSWERS, 10)
