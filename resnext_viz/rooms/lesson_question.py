"""A lesson's answer as the question of a room: plain JSON, its texts copied."""

from __future__ import annotations

from typing import Any

from resnext_viz.lessons import UNSURE, LessonAnswer, Mark, MarkedChoice, Step
from resnext_viz.rooms.refusal import RoomRefusalError

_RIGHT = {Mark.RIGHT: True, Mark.WRONG: False, Mark.NEITHER: False, Mark.OPEN: None}


def question_of(answer: LessonAnswer, picture: str = "") -> dict[str, Any]:
    """The question as a room takes it; what is not measured yet can be settled before it is shown.

    Args:
        answer: for the dialled network.
        picture: what the screen shows, in words.

    Raises:
        RoomRefusalError: the lesson has nothing to ask about this network.
    """
    if answer.question is None:
        said = " ".join(part.text for part in (answer.note, answer.advice) if part)
        raise RoomRefusalError(409, "nothing to ask", said or "This lesson has nothing to ask.")
    return {
        "lesson": answer.lesson.number,
        "title": answer.title.text,
        "text": answer.question.text,
        "picture": picture,
        "choices": [_choice(choice) for choice in answer.choices],
        "reveal": answer.reveal.text if answer.reveal else "",
        "takeaway": answer.takeaway.text if answer.takeaway else "",
        "link": {"page": answer.lesson.page.value, "query": dict(answer.link(Step.REVEAL))},
    }


def _choice(choice: MarkedChoice) -> dict[str, Any]:
    why = choice.why.text if choice.why and choice.mark is not Mark.OPEN else ""
    return {
        "key": choice.key,
        "text": choice.text.text,
        "unsure": choice.key == UNSURE,
        "right": _RIGHT[choice.mark],
        "why": why,
    }
