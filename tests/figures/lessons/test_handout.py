"""The handout: well-formed, self-contained, escaped, and no answer on the students' sheet."""

import re
from html import unescape
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from resnext_viz.figures.lessons.handout import handout
from resnext_viz.lessons import LESSONS, DialledNetwork, FormsMeasured, LessonAnswer, Mark, TimeMeasured, answer
from resnext_viz.lessons.teacher.file_format import check_lesson
from resnext_viz.lessons.teacher.own_lesson import own_lesson
from resnext_viz.names import parse
from tests.lessons.teacher.test_folder import GOOD

DIALLED = DialledNetwork()


def answers(**measured: object) -> list[LessonAnswer]:
    return [answer(lesson, DIALLED, measured.get(lesson.key)) for lesson in LESSONS]


def tree_of(page: str) -> ET.Element:
    """The page as XML, once the two void elements and the doctype are."""
    text = page.removeprefix("<!doctype html>\n")
    return ET.fromstring(re.sub(r"(<meta [^>]*)>", r"\1/>", text))


def all_measured() -> list[LessonAnswer]:
    return answers(
        forms=FormsMeasured(DIALLED.spec, 17.0, 24),
        time=TimeMeasured(DIALLED.spec, DIALLED.baseline, 224, 8, 1.37, 1.31, 1.43),
    )


@pytest.mark.parametrize("with_answers", [False, True])
def test_it_is_well_formed_and_fetches_nothing(with_answers: bool) -> None:
    page = handout(all_measured(), with_answers=with_answers)
    tree = tree_of(page)
    assert tree.get("lang") == "en"
    assert len(tree.findall(".//article")) == 6
    assert tree.find(".//script") is None
    assert not re.search(r"https?:|url\(|@import|src=|href=", page)
    sheet = tree.findtext(".//style") or ""
    assert "@page" in sheet
    assert set(re.findall(r"#[0-9a-f]{3,6}\b", sheet)) <= {"#000", "#fff"}


def test_the_students_sheet_has_boxes_and_room_and_no_answer() -> None:
    found = all_measured()
    page = handout(found)
    tree = tree_of(page)
    text = "".join(tree.itertext())
    assert len(tree.findall(".//li")) == sum(len(each.choices) for each in found)
    assert all(item.find("span[@class='box']") is not None for item in tree.findall(".//li"))
    assert len(tree.findall(".//div[@class='room']")) == 2 * len(found)
    assert {item.get("class") for item in tree.findall(".//li")} == {None}
    for each in found:
        secrets = [each.reveal, each.takeaway, each.more, each.more_answer, *(choice.why for choice in each.choices)]
        assert not [secret.text for secret in secrets if secret and secret.text in text]
        assert not [choice.source for choice in each.choices if choice.source and choice.source in text]
    # Every choice looks like every other: what is right is in no attribute and in no order of marks.
    shapes = {re.sub(r">[^<]*<", "><", ET.tostring(item, "unicode")).rstrip() for item in tree.iter("li")}
    assert len(shapes) == 2  # with a letter, and "I am not sure"


def test_the_teachers_sheet_has_all_of_it() -> None:
    found = all_measured()
    page = handout(found, with_answers=True)
    text = unescape("".join(tree_of(page).itertext()))
    right = [item for item in tree_of(page).findall(".//li") if item.get("class") == "right"]
    assert len(right) == sum(choice.mark is Mark.RIGHT for each in found for choice in each.choices)
    assert "If 35 % to 70 % have it right" in text
    for each in found:
        assert each.takeaway
        assert each.takeaway.text in text
        for choice in each.choices:
            assert not choice.source or choice.source in text
            assert not choice.why or choice.why.text in text


def test_what_is_not_measured_is_said_and_nothing_is_ticked() -> None:
    tree = tree_of(handout(answers()[2:5], with_answers=True))
    assert "Not measured yet: run the check of the three forms." in "".join(tree.itertext())
    assert not [item for item in tree.findall(".//li") if item.get("class")]


def test_a_network_without_the_lesson_gets_the_dial_to_move() -> None:
    found = [answer(lesson, DialledNetwork(parse("resnet50"))) for lesson in LESSONS]
    for with_answers in (False, True):
        assert "Move C to 2, and the lesson works." in handout(found, with_answers=with_answers)


def test_everything_is_escaped() -> None:
    evil = "<script>alert(1)</script>&\"'"
    record: dict[str, Any] = GOOD | dict.fromkeys(("title", "question", "reveal", "takeaway"), evil)
    record["choices"] = [{"text": evil, "right": True}, {"text": f"{evil}!", "right": False, "misconception": evil,
                                                         "source": evil}]  # fmt: skip
    lesson = own_lesson(check_lesson(record), "own.evil", 7)
    page = handout([answer(lesson, DIALLED)], with_answers=True)
    assert "<script" not in page
    assert evil in "".join(tree_of(page).itertext())
