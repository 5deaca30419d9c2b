"""The Lessons page: every lesson with its question for the dialled network, what was answered, a button to begin."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from resnext_viz.figures.lessons.handout import handout
from resnext_viz.figures.lessons.lesson_list import lesson_row
from resnext_viz.figures.lessons.small_drawings import small_drawing
from resnext_viz.lessons import UNSURE, AnswerState, LessonAnswer, Mark, MarkedChoice
from resnext_viz.ui.kit.acts import pressed, whole
from resnext_viz.ui.kit.components import drawn
from resnext_viz.ui.kit.parts import complaint, foot, page_title, sentence
from resnext_viz.ui.lessons.bar import sheet
from resnext_viz.ui.lessons.class_room import offer_question, offer_room, show_room
from resnext_viz.ui.lessons.course import all_lessons, asked, begin, follow_move
from resnext_viz.ui.lessons.measuring import measurement_of
from resnext_viz.ui.lessons.votes import lesson_session
from resnext_viz.ui.lessons.words import WORDS, said
from resnext_viz.ui.pages import PATHS


def show_lessons() -> None:
    """The title, the sheets to print, a row for each lesson, and a word on each file that is none."""
    lessons, complaints = all_lessons()
    found = [asked(lesson) for lesson in lessons]
    st.html(f"<style>{sheet('list')}</style>")
    page_title("Lessons", said("about", count=len(found)))
    _show_sheets(found)
    show_room()
    for each in found:
        _show_row(each)
    if complaints:
        complaint(said("faulty", count=len(complaints)), " ".join(sentence(each) for each in complaints))
    foot(WORDS["kept"])


def _show_sheets(found: list[LessonAnswer]) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="lesson-class"):
        st.html(f'<p class="rx-lesson-class">{WORDS["class"]}</p>')
        for label, name, with_answers in (
            (WORDS["students_sheet"], "lessons.html", False),
            (WORDS["teachers_sheet"], "lessons-with-answers.html", True),
        ):
            st.download_button(label, _sheet_of(found, with_answers), name, "text/html", on_click="ignore",
                               width="content")  # fmt: skip
        offer_room()


def _sheet_of(found: list[LessonAnswer], with_answers: bool) -> Callable[[], str]:
    return lambda: handout(found, with_answers=with_answers)


def _show_row(found: LessonAnswer) -> None:
    number = found.lesson.number
    told = _told(found)
    with st.container(horizontal=True, vertical_alignment="center", key=f"lesson-row-{number}"):
        st.html(f'<span class="rx-lesson-number" aria-hidden="true">{number}</span>')
        drawn(small_drawing, found.lesson.key, found.dialled, key=f"lesson-drawing-{number}", sheet="lessons")
        st.html(lesson_row(found, _where(found), told))
        if found.state is AnswerState.MOVE:
            st.button(WORDS["move"], key=f"move_lesson_{number}", on_click=whole(follow_move), args=(found,),
                      help=found.advice.text if found.advice else None)  # fmt: skip
        elif pressed(WORDS["again"] if told else WORDS["start"], f"begin_lesson_{number}"):
            begin(found.lesson)
        offer_question(found)


def _where(found: LessonAnswer) -> str:
    lesson = found.lesson
    key = "by" if lesson.author else "measured" if measurement_of(lesson) else "where"
    return said(key, page=PATHS[lesson.page.value], minutes=lesson.minutes, author=lesson.author)


def _told(found: LessonAnswer) -> str:
    """What this session answered, and what was computed where that is known; empty before."""
    vote = lesson_session().votes.get(found.lesson.key)
    choice = next((each for each in found.choices if vote and each.key == vote.choice), None)
    if choice is None:
        return ""
    if choice.key == UNSURE:
        return WORDS["answered_unsure"]
    if choice.mark is Mark.OPEN:
        return said("answered", said=_short(choice))
    right = ", ".join(_short(each) for each in found.right)
    key = "answered_right" if choice.mark is Mark.RIGHT else "answered_wrong"
    return said(key, said=_short(choice), right=right)


def _short(choice: MarkedChoice) -> str:
    text = choice.value.text if choice.value and choice.value.text else choice.text.text
    return text.partition(": ")[0].rstrip(".")
