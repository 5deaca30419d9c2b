"""The words of a row of the Lessons page: title, question, where it runs and how long, and what was said."""

from __future__ import annotations

from resnext_viz.figures.kit.svg import Markup, tag
from resnext_viz.lessons import LessonAnswer


def lesson_row(found: LessonAnswer, where: str, told: str = "") -> str:
    """The words of a row.

    Args:
        found: the lesson for what is dialled.
        where: page and minutes, in words.
        told: what was answered, and what was computed; empty before.
    """
    asked = [message.text for message in (found.question, found.note, found.advice) if message]
    words = asked[:1] if found.question else asked
    return tag(
        "div",
        tag("h2", found.title.text, id=f"lesson-{found.lesson.number}"),
        tag("p", " ".join(words)),
        tag("p", where, class_="rx-lesson-meta"),
        tag("p", told, class_="rx-lesson-meta rx-lesson-told") if told else Markup(""),
        class_="rx-lesson-row",
    )
