"""Every lesson, for any network and measurement: one right choice and distinct values, or a dial that makes it so."""

import json
import re
import string
from math import inf
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resnext_viz.errors import UserError
from resnext_viz.lessons import (
    LESSONS,
    UNSURE,
    AnswerState,
    Dial,
    DialledNetwork,
    FormsMeasured,
    Lesson,
    LessonAnswer,
    LessonPage,
    Mark,
    PathMeasured,
    Step,
    TimeMeasured,
    answer,
    has_question,
    lesson_of,
)
from resnext_viz.lessons.evidence_lesson import Evidence, evidence
from resnext_viz.lessons.messages import ENGLISH
from resnext_viz.names import parse
from resnext_viz.study.summary import summarise
from resnext_viz.ui.kit.link_keys import KEYS
from resnext_viz.ui.pages import PATHS
from tests.lessons.made import dialled_networks, measurements
from tests.study.made import made

_NAMES = re.compile(r"1×1|3×3")  # names of layers, which are no results
ids = pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.key)


def check_answered(found: LessonAnswer) -> None:
    """What has to hold of a lesson that asks: distinct values, and one right choice once it is measured."""
    *choices, unsure = found.choices
    assert (unsure.key, unsure.value) == (UNSURE, None)
    values = [choice.value.text for choice in choices if choice.value]
    assert len(set(values)) == len(choices)
    assert len({choice.text.text for choice in choices}) == len(choices)
    marks = [choice.mark for choice in choices]
    if found.state is AnswerState.READY:
        assert unsure.mark is Mark.NEITHER
        assert marks.count(Mark.RIGHT) in ({1, 2} if found.lesson.number == 4 else {1})
        assert Mark.OPEN not in marks
        assert all(choice.why for choice in choices)
        assert found.reveal
        assert found.takeaway
        assert found.more
    else:
        assert {*marks, unsure.mark} == {Mark.OPEN}
        assert found.reveal is found.more_answer is None
        assert found.note


@ids
@settings(max_examples=30)
@given(data=st.data(), dialled=dialled_networks())
def test_one_choice_is_right_or_a_move_makes_it_so(lesson: Lesson[Any], data: st.DataObject,
                                                   dialled: DialledNetwork) -> None:  # fmt: skip
    found = answer(lesson, dialled, data.draw(measurements(lesson.number, dialled)))
    if found.state is not AnswerState.MOVE:
        check_answered(found)
        return
    assert found.question is None
    assert found.choices == ()
    assert found.note
    assert found.move
    assert found.advice
    assert found.move.value in found.advice.text
    after = answer(lesson, found.move.then)
    assert after.state is not AnswerState.MOVE
    check_answered(after)


@ids
@settings(max_examples=30)
@given(data=st.data(), dialled=dialled_networks())
def test_json_keeps_the_answer_back(lesson: Lesson[Any], data: st.DataObject,
                                                           dialled: DialledNetwork) -> None:  # fmt: skip
    found = answer(lesson, dialled, data.draw(measurements(lesson.number, dialled)))
    assert json.loads(json.dumps(found.to_dict(with_answers=True), allow_nan=False))["lesson"] == lesson.number
    hidden = found.to_dict()
    assert not {"reveal", "takeaway", "more", "more_answer", "reveal_link"} & hidden.keys()
    assert all(choice.keys() == {"key", "text"} for choice in hidden["choices"])


def test_two_bins_that_an_interval_straddles_are_both_right_and_three_decide_nothing() -> None:
    dialled = DialledNetwork()

    def time(ratio: float, low: float, high: float) -> LessonAnswer:
        return answer(lesson_of(4), dialled, TimeMeasured(dialled.spec, dialled.baseline, 224, 8, ratio, low, high))

    assert [choice.key for choice in time(1.3, 1.2, 1.4).right] == ["C"]
    assert [choice.key for choice in time(1.12, 1.05, 1.2).right] == ["B", "C"]
    assert [choice.key for choice in time(0.9, 0.9, 0.9).right] == ["B"]
    assert [choice.key for choice in time(2.0, 2.0, 3.0).right] == ["D"]
    wide = time(1.3, 0.8, 1.4)
    assert wide.state is AnswerState.MEASURE_AGAIN
    assert wide.right == ()


def test_what_was_measured_of_another_network_counts_as_missing() -> None:
    dialled = DialledNetwork()
    other = parse("resnext50_8x14d")
    assert answer(lesson_of(3), dialled, FormsMeasured(other, 1.0, 24)).state is AnswerState.NOT_MEASURED
    for size, baseline in ((224, other), (192, dialled.baseline)):
        measured = TimeMeasured(dialled.spec, baseline, size, 8, 1.3, 1.2, 1.4)
        assert answer(lesson_of(4), dialled, measured).state is AnswerState.NOT_MEASURED


def test_a_record_of_another_lesson_is_refused() -> None:
    with pytest.raises(UserError, match="lesson 1 takes no FormsMeasured"):
        answer(lesson_of(1), DialledNetwork(), FormsMeasured(DialledNetwork().spec, 1.0, 1))


@pytest.mark.parametrize(
    ("without", "right"),
    [(0.998, "C"), (0.99799, "C"), (0.9979, "B"), (0.7486, "B"), (0.7485, "A"), (0.0, "A"), (0.9982, "D")],
)
def test_the_lost_probability_falls_into_one_bin(without: float, right: str) -> None:
    taken = PathMeasured("chelsea.png", "cifar10", "cat", 3, 4, 3, 1, 2, 0.998, without)
    found = answer(lesson_of(5), DialledNetwork(), taken)
    # In hundredths of a point: an equal share of 9980 is 2495 for each of four paths.
    assert [choice.key for choice in found.right] == [right]


def test_a_network_of_one_path_or_without_an_opinion_is_not_asked_about() -> None:
    single = PathMeasured("chelsea.png", "cifar10-c1", "cat", 3, 1, 3, 1, 1, 0.9, 0.1)
    unsure = PathMeasured("rocket.jpg", "cifar10", "cat", 3, 4, 3, 1, 1, 0.03, 0.01)
    for measured in (single, unsure):
        found = answer(lesson_of(5), DialledNetwork(), measured)
        assert found.state is AnswerState.MOVE
        assert found.move
        assert found.move.dial is Dial.PHOTO


@pytest.mark.parametrize(
    ("errors", "pair", "right"),
    [
        ({"1": [32.0, 32.1], "2": [30.0, 30.1], "4": [28.0, 28.2]}, ("4", "1"), "A"),
        ({"1": [28.0, 28.2], "2": [30.0, 30.1], "4": [32.0, 32.1]}, ("4", "1"), "B"),
        ({"1": [32.0, 32.1], "2": [30.0, 31.4], "4": [30.2, 30.9]}, ("4", "1"), "C"),
    ],
)
def test_the_study_is_read_whichever_way_it_went(errors: dict[str, list[float]], pair: tuple[str, str],
                                                 right: str) -> None:  # fmt: skip
    summary = summarise(made(errors))
    found = answer(lesson_of(6), DialledNetwork(), summary)
    facts = evidence(summary)
    assert isinstance(facts, Evidence)
    assert (facts.many.setting.key, facts.few.setting.key) == pair
    assert [choice.key for choice in found.right] == [right]
    check_answered(found)


def test_a_study_of_one_seed_or_one_setting_asks_nothing() -> None:
    for errors in ({"1": [32.0], "4": [31.0]}, {"1": [32.0, 31.0]}):
        found = answer(lesson_of(6), DialledNetwork(), summarise(made(errors)))
        assert found.state is AnswerState.MOVE
        assert found.move
        assert has_question(lesson_of(6), found.move.then)


def test_forms_that_differ_make_their_difference_the_answer() -> None:
    dialled = DialledNetwork()
    for units, right in ((0.0, "B"), (64.0, "B"), (64.5, "A"), (inf, "A")):
        found = answer(lesson_of(3), dialled, FormsMeasured(dialled.spec, units, 24))
        assert [choice.key for choice in found.right] == [right]


def test_no_number_is_typed_into_a_sentence() -> None:
    for key, template in ENGLISH.items():
        words = "".join(text for text, *_ in string.Formatter().parse(template))
        assert not re.search(r"\d", _NAMES.sub("", words)), key


def test_every_sentence_is_whole_and_every_name_plain() -> None:
    for key, template in ENGLISH.items():
        assert template.strip() == template, key
        names = [name for _, name, form, conversion in string.Formatter().parse(template) if name is not None]
        assert all(name.isidentifier() for name in names), key
        is_label = key.endswith((".title", ".value"))
        assert is_label or template[-1] in ".?", key


@ids
def test_a_lesson_runs_on_a_page_of_the_app_by_keys_that_it_reads(lesson: Lesson[Any]) -> None:
    assert lesson.page.value in PATHS
    dialled = DialledNetwork()
    measured = {
        3: FormsMeasured(dialled.spec, 1.0, 24),
        4: TimeMeasured(dialled.spec, dialled.baseline, 224, 8, 1.3, 1.2, 1.4),
        5: PathMeasured("chelsea.png", "cifar10", "cat", 3, 4, 3, 1, 2, 0.998, 0.99),
    }.get(lesson.number)
    for step in Step:
        query = answer(lesson, dialled, measured).link(step)
        assert urlencode(query)
        for key, value in query.items():
            assert KEYS[key].values.read(value) is not None


def test_the_pages_are_the_apps() -> None:
    assert {page.value for page in LessonPage} == PATHS.keys() - {"lessons"}


def test_there_are_six_in_order_and_no_seventh() -> None:
    assert [lesson.number for lesson in LESSONS] == [1, 2, 3, 4, 5, 6]
    assert lesson_of(2).key == "equal_cost"
    with pytest.raises(UserError, match="there is no lesson 7; use a number from 1 to 6"):
        lesson_of(7)
