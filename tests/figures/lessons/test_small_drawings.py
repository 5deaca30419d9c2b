"""The small drawings: well-formed, the question's own numbers, a question mark, and never the answer."""

from xml.etree import ElementTree as ET

import pytest

from resnext_viz.figures.lessons.small_drawings import small_drawing
from resnext_viz.lessons import LESSONS, DialledNetwork, answer
from resnext_viz.names import parse

KEYS = [lesson.key for lesson in LESSONS]


@pytest.mark.parametrize("key", [*KEYS, "own.<x>.toml"])
def test_each_is_an_image_with_a_name_and_a_question_mark(key: str) -> None:
    tree = ET.fromstring(small_drawing(key, DialledNetwork()))
    assert tree.get("role") == "img"
    assert "question mark" in (tree.get("aria-label") or "")
    assert "?" in [mark.text for mark in tree.iter() if mark.text]


def test_no_two_are_alike() -> None:
    assert len({small_drawing(key, DialledNetwork()) for key in KEYS}) == len(KEYS)


def test_it_shows_what_is_dialled_and_not_the_answer() -> None:
    dialled = DialledNetwork(parse("resnext50_8x14d"))
    drawing = small_drawing("equal_cost", dialled)
    assert "C = 8" in drawing
    assert answer(LESSONS[1], dialled).right[0].value.text.partition(":")[0] not in drawing  # type: ignore[union-attr]
    assert ">14" not in drawing
