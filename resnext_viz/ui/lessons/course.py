"""The lessons that there are, each answered for what is dialled and was measured in this session; where they run."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import streamlit as st

from resnext_viz.kit.app_files import PAGES
from resnext_viz.lessons import LESSONS, DialledNetwork, Lesson, LessonAnswer, Step, answer
from resnext_viz.lessons.teacher.folder import own_lessons
from resnext_viz.study.shipped_studies import study_names
from resnext_viz.ui.kit import controls, link
from resnext_viz.ui.kit.acts import uncut
from resnext_viz.ui.kit.dialled import LINK_KEYS
from resnext_viz.ui.kit.link_keys import KEYS
from resnext_viz.ui.lessons.measuring import measured_of
from resnext_viz.ui.pages import PATHS

LESSONS_PAGE = PAGES / "lessons_page.py"


def all_lessons() -> tuple[tuple[Lesson[Any], ...], tuple[str, ...]]:
    """Ours and a teacher's own, and a sentence on each file that is none."""
    own, complaints = own_lessons(LESSONS[-1].number + 1)
    return (*LESSONS, *own), complaints


def lesson_numbered(number: int) -> Lesson[Any] | None:
    """The lesson of that number; the teacher's folder is read only where it is none of ours."""
    if number <= len(LESSONS):
        return LESSONS[number - 1]
    return next((lesson for lesson in all_lessons()[0] if lesson.number == number), None)


def dialled_network() -> DialledNetwork:
    """What lessons are asked about: what the dials hold, and the study that the link names."""
    dialled, study = controls.dialled(), link.said("study")
    return DialledNetwork(dialled.spec, dialled.image_size, dialled.baseline, study if study in study_names() else "")


def asked(lesson: Lesson[Any]) -> LessonAnswer:
    """The lesson for what is dialled, with what this session has measured of it."""
    dialled = dialled_network()
    measured = measured_of(lesson, dialled)
    if lesson.author or lesson.number > len(LESSONS):
        return answer(lesson, dialled, measured)
    return _asked(lesson.number, dialled, measured)


@lru_cache(maxsize=64)
def _asked(number: int, dialled: DialledNetwork, measured: object) -> LessonAnswer:
    return answer(LESSONS[number - 1], dialled, measured)


def begin(lesson: Lesson[Any]) -> None:
    """Goes to the lesson's page, to its first step."""
    found = asked(lesson)
    stage = {key: text for key, text in found.link(Step.VOTE).items() if not link.is_default(key, text)}
    address = {**stage, "lesson": str(lesson.number), "step": Step.VOTE.value}
    st.switch_page(page_file(lesson), query_params=address)


def page_file(lesson: Lesson[Any]) -> Any:
    """The script of the page that a lesson runs on."""
    return PAGES / f"{PATHS[lesson.page.value].lower().replace(' ', '_')}_page.py"


def go_to(found: LessonAnswer, step: Step) -> None:
    """Sets the stage for a step, as one step back; the page is to be run again."""
    _set_stage(found.link(step), {"lesson": found.lesson.number, "step": step})


def set_stage(found: LessonAnswer, step: Step) -> None:
    """Sets the stage for a step that has begun already, as soon as it is known how."""
    _set_stage(found.link(step), {})


def follow_move(found: LessonAnswer) -> None:
    """Moves the dial after which the lesson has something to ask; the page is to be run again."""
    if found.move:
        _set_stage({**found.move.then.link, **({"photo": found.move.value} if found.move.dial == "photo" else {})}, {})


def leave() -> None:
    """Ends the lesson; page and dials stay as they are."""
    link.choose({"lesson": None, "step": None})


def _set_stage(keys: Mapping[str, str], values: Mapping[str, Any]) -> None:
    with uncut():
        dials = {key: text for key, text in keys.items() if key in LINK_KEYS}
        chosen = {key: KEYS[key].values.read(text) for key, text in keys.items() if key in KEYS and key not in dials}
        link.choose({**controls.dial_query(dials), **chosen, **values})
