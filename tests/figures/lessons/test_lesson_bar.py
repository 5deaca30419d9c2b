"""The bar's HTML: what was said left of what was computed, whatever was said, and nobody's words as HTML."""

import re

import pytest

from resnext_viz.figures.lessons.lesson_bar import before_and_now, lesson_result, lesson_top
from resnext_viz.lessons import LESSONS, DialledNetwork, TimeMeasured, answer

DIALLED = DialledNetwork()
WORDS = {"you_said": "SAID", "not_said": "NOTHING", "not_sure": "UNSURE", "computed": "COMPUTED", "right": "RIGHT",
         "why": "WHY {value}", "both": "BOTH", "reason": "because <i>so</i>"}  # fmt: skip


def text_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("A", "SAID A d = 2 33,920 weights, −51.3 % because"),
        ("B", "RIGHT The 3×3 shrinks faster"),
        ("N", "SAID UNSURE"),
        ("", "SAID NOTHING"),
        ("Z", "SAID NOTHING"),
    ],
)
def test_it_shows_what_was_said_beside_what_was_computed(said: str, told: str) -> None:
    shown = text_of(lesson_result(answer(LESSONS[1], DIALLED), said, "so", WORDS))
    assert told in shown
    assert "COMPUTED B d = 4 ✓ 70,144 weights" in shown
    assert shown.index("SAID") < shown.index("COMPUTED")
    assert ("WHY d = 2 That keeps C·d" in shown) == (said != "B")


def test_a_reason_is_text() -> None:
    assert "<i>so" not in lesson_result(answer(LESSONS[1], DIALLED), "A", "so", WORDS)
    assert "<b>" not in before_and_now(("Before", "Now"), ("<b>",), "<b>")


def test_two_that_hold_are_both_told() -> None:
    measured = TimeMeasured(DIALLED.spec, DIALLED.baseline, DIALLED.size, 8, 1.1, 1.05, 1.2)
    shown = text_of(lesson_result(answer(LESSONS[3], DIALLED, measured), "A", "", WORDS))
    assert "COMPUTED B 0.90 to 1.10 times ✓ C 1.10 to 2.00 times ✓ BOTH" in shown


def test_the_top_says_where_one_is_to_a_screen_reader_too() -> None:
    top = lesson_top("Lesson 2 of 6", "step 1 of 4", "Same <cost>", 2, 6)
    assert 'role="status"' in top
    assert "Lesson 2 of 6 , step 1 of 4 Same &lt;cost&gt;" in text_of(top)
    assert top.count("<i") == 6
    assert lesson_top("Lesson 7", "step 1 of 3", "Own", 7, 6).count("<i") == 0
