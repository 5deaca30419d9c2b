"""A lesson answered for one network: every value computed, each choice marked, or the dial that has to move first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from resnext_viz.errors import UserError
from resnext_viz.lessons.dialled_network import DialledNetwork
from resnext_viz.lessons.lesson import UNSURE, Choice, Facts, Lesson, MeasuredState, Message, Move, Obstacle, Step
from resnext_viz.lessons.messages import ENGLISH

MOST_RIGHT = 2  # where an interval straddles two bins, both hold
ALIKE = "alike"  # the obstacle of two choices that show one value


class AnswerState(StrEnum):
    """What a lesson can say of the dialled network."""

    READY = "ready"
    NOT_MEASURED = "not measured"  # it can be asked, but not yet be answered
    MEASURE_AGAIN = "measure again"  # what was measured is too uncertain to answer it
    MOVE = "move"  # it has nothing to ask until a dial is moved


class Mark(StrEnum):
    """What a choice turned out to be."""

    RIGHT = "right"
    WRONG = "wrong"
    NEITHER = "neither"  # "I am not sure"
    OPEN = "open"  # nobody knows before it is measured


@dataclass(frozen=True)
class MarkedChoice:
    """One choice in this network's numbers.

    Attributes:
        key: its letter.
        text: what is voted for.
        value: what its rule gives; None for "I am not sure".
        mark: what it is.
        why: why it holds, or the misconception that it betrays. While that is open, what is to be said if it does
            not hold, or None where that has to be measured first.
        source: where the misconception was seen.
    """

    key: str
    text: Message
    value: Message | None
    mark: Mark
    why: Message | None = None
    source: str = ""


@dataclass(frozen=True)
class LessonAnswer:
    """A lesson for one network.

    Attributes:
        state: what can be said.
        choices: in the order in which they are asked, "I am not sure" last; empty where nothing is asked.
        question: None where nothing is asked.
        reveal: what was found; None until the lesson is answered.
        takeaway, more: the sentence to keep, and a harder question; not to be shown before the reveal.
        more_answer: its answer; None where that has to be measured too.
        note: what is missing, or why nothing is asked; None where the lesson is answered.
        advice: the sentence that says which dial to move.
        move: that dial; following it makes the lesson work.
    """

    lesson: Lesson[Any]
    dialled: DialledNetwork
    state: AnswerState
    title: Message
    choices: tuple[MarkedChoice, ...] = ()
    question: Message | None = None
    reveal: Message | None = None
    takeaway: Message | None = None
    more: Message | None = None
    more_answer: Message | None = None
    note: Message | None = None
    advice: Message | None = None
    move: Move | None = None
    facts: Facts | None = None

    @property
    def right(self) -> tuple[MarkedChoice, ...]:
        """The choices that hold: one, or two where a measurement lies between them."""
        return tuple(choice for choice in self.choices if choice.mark is Mark.RIGHT)

    def link(self, step: Step) -> Mapping[str, str]:
        """The keys of the link that set the stage for a step; the page's path is the lesson's."""
        return {**self.dialled.link, **(self.facts.link(step) if self.facts else {})}

    def to_dict(self, *, with_answers: bool = False) -> dict[str, Any]:
        """As JSON types; without the answers, what somebody may see who has not voted yet."""
        document = {
            "lesson": self.lesson.number,
            "title": self.title.text,
            "page": self.lesson.page.value,
            "minutes": self.lesson.minutes,
            "network": self.dialled.link["net"],
            "state": self.state.value,
            "question": _text(self.question),
            "note": _text(self.note),
            "move": {"dial": self.move.dial.value, "value": self.move.value} if self.move else None,
            "link": dict(self.link(Step.VOTE)),
            "choices": [{"key": choice.key, "text": choice.text.text} for choice in self.choices],
        }
        if with_answers:
            document["choices"] = [_choice_dict(choice) for choice in self.choices]
            document["reveal_link"] = dict(self.link(Step.REVEAL))
            for name in ("reveal", "takeaway", "more", "more_answer"):
                document[name] = _text(getattr(self, name))
        return document


def _text(message: Message | None) -> str | None:
    return message.text if message else None


def _choice_dict(choice: MarkedChoice) -> dict[str, Any]:
    return {
        "key": choice.key,
        "text": choice.text.text,
        "value": _text(choice.value),
        "mark": choice.mark.value,
        "why": _text(choice.why),
        "source": choice.source,
    }


def answer(lesson: Lesson[Any], dialled: DialledNetwork, measured: object = None) -> LessonAnswer:
    """The lesson for what is dialled, every value computed by the product's own functions.

    Args:
        lesson: which.
        dialled: network, image, baseline and study.
        measured: a record of `lessons.measured`, or for lesson 6 the `Summary` of another study. What was measured of
            another network counts as missing.

    Raises:
        UserError: `measured` is a record that this lesson does not take.
    """
    if measured is not None and (lesson.needs is None or not isinstance(measured, lesson.needs)):
        raise UserError(f"lesson {lesson.number} takes no {type(measured).__name__}")
    title = _message(lesson, "title", {})
    facts = lesson.facts(dialled, measured)
    hindrance = facts if isinstance(facts, Obstacle) else _clash(lesson, facts)
    if hindrance is not None or isinstance(facts, Obstacle):
        return _moved(lesson, dialled, title, hindrance or Obstacle(ALIKE))
    states = {MeasuredState.DONE: AnswerState.READY, MeasuredState.MISSING: AnswerState.NOT_MEASURED,
              MeasuredState.UNCERTAIN: AnswerState.MEASURE_AGAIN}  # fmt: skip
    state = states[facts.measurement]
    is_known = state is AnswerState.READY
    choices = (*_marked(lesson, facts, is_known), _unsure(is_known))
    question = _message(lesson, "question", facts.words, facts.variants)
    takeaway, more = _optional(lesson, "takeaway", facts), _optional(lesson, "more", facts)
    asked = LessonAnswer(lesson, dialled, state, title, choices, question, takeaway=takeaway, more=more, facts=facts)
    if not is_known:
        return replace(asked, note=_message(lesson, state.value.replace(" ", "_"), facts.words))
    reveal, more_answer = _optional(lesson, "reveal", facts), _optional(lesson, "more_answer", facts)
    return replace(asked, reveal=reveal, more_answer=more_answer)


def _moved(lesson: Lesson[Any], dialled: DialledNetwork, title: Message, obstacle: Obstacle) -> LessonAnswer:
    move = find_move(lesson, dialled)
    note, advice = (
        Message(key, ENGLISH[key], words)
        for key, words in (
            (f"obstacle.{obstacle.reason}", obstacle.words),
            (f"move.{move.dial.value}", {"value": move.value}),
        )
    )
    return LessonAnswer(lesson, dialled, AnswerState.MOVE, title, note=note, advice=advice, move=move)


def find_move(lesson: Lesson[Any], dialled: DialledNetwork) -> Move:
    """The first of the lesson's moves after which it has something to ask."""
    return next(move for move in lesson.moves(dialled) if has_question(lesson, move.then))


def has_question(lesson: Lesson[Any], dialled: DialledNetwork) -> bool:
    """Whether the lesson's choices are distinct for what is dialled, and one of them can be right."""
    facts = lesson.facts(dialled, None)
    return not isinstance(facts, Obstacle) and _clash(lesson, facts) is None


def _clash(lesson: Lesson[Any], facts: Facts) -> Obstacle | None:
    """The obstacle of two choices that show the same."""
    shown = [choice.rule(facts) for choice in lesson.choices]
    texts = {_of_choice(lesson, choice, "value", facts).text for choice in lesson.choices}
    are_distinct = len({each.quantity for each in shown}) == len(texts) == len(shown)
    return None if are_distinct else Obstacle(ALIKE)


def _marked(lesson: Lesson[Any], facts: Facts, is_known: bool) -> tuple[MarkedChoice, ...]:
    return tuple(
        MarkedChoice(
            choice.key,
            _of_choice(lesson, choice, "text", facts),
            _of_choice(lesson, choice, "value", facts),
            (Mark.RIGHT if choice.key in facts.right else Mark.WRONG) if is_known else Mark.OPEN,
            _why(lesson, choice, facts),
            choice.source,
        )
        for choice in lesson.choices
    )


def _why(lesson: Lesson[Any], choice: Choice[Any], facts: Facts) -> Message | None:
    part = "right" if choice.key in facts.right else "wrong"
    message = _of_choice(lesson, choice, part, facts)
    return message if message.template and message.is_complete else None


def _unsure(is_known: bool) -> MarkedChoice:
    text = Message("unsure", ENGLISH["unsure"], {})
    return MarkedChoice(UNSURE, text, None, Mark.NEITHER if is_known else Mark.OPEN)


def _of_choice(lesson: Lesson[Any], choice: Choice[Any], part: str, facts: Facts) -> Message:
    words = {**facts.words, **choice.rule(facts).words}
    return _message(lesson, f"{choice.key}.{part}", words, facts.variants)


def _optional(lesson: Lesson[Any], part: str, facts: Facts) -> Message | None:
    message = _message(lesson, part, facts.words, facts.variants)
    return message if message.template else None


def _message(
    lesson: Lesson[Any], part: str, words: Mapping[str, str], variants: Mapping[str, str] | None = None
) -> Message:
    """The message of that part in the wording that the facts need; a part without any is empty."""
    variant = (variants or {}).get(part, "")
    key = f"{lesson.key}.{part}.{variant}" if variant else f"{lesson.key}.{part}"
    return Message(key, lesson.templates.get(key, ""), words)
