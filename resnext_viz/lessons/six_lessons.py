"""The six lessons, in the order in which they are taught, and the one of a number."""

from __future__ import annotations

from typing import Any

from resnext_viz.errors import UserError
from resnext_viz.lessons import (
    block_cost_lesson,
    equal_cost_lesson,
    evidence_lesson,
    forms_lesson,
    path_lesson,
    time_lesson,
)
from resnext_viz.lessons.lesson import Lesson

LESSONS: tuple[Lesson[Any], ...] = (
    block_cost_lesson.LESSON,
    equal_cost_lesson.LESSON,
    forms_lesson.LESSON,
    time_lesson.LESSON,
    path_lesson.LESSON,
    evidence_lesson.LESSON,
)


def lesson_of(number: int, lessons: tuple[Lesson[Any], ...] = LESSONS) -> Lesson[Any]:
    """The lesson of that number.

    Raises:
        UserError: there is none.
    """
    for lesson in lessons:
        if lesson.number == number:
            return lesson
    raise UserError(f"there is no lesson {number}; use a number from 1 to {max(each.number for each in lessons)}")
