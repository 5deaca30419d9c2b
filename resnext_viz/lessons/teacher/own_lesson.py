"""A lesson of a teacher's own: the same kind of lesson as ours, made from a checked file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

from resnext_viz.lessons.answering import find_move, has_question
from resnext_viz.lessons.dialled_network import DialledNetwork
from resnext_viz.lessons.lesson import BEGINNER_MINUTES, Choice, Lesson, MeasuredState, Move, Obstacle, RuleValue, Step
from resnext_viz.lessons.moves import other_cardinalities, other_networks, other_widths
from resnext_viz.lessons.teacher.file_format import LessonFileError, WrittenChoice, WrittenLesson, names_in
from resnext_viz.lessons.teacher.quantities import QUANTITIES

_LETTERS = "ABCD"


@dataclass(frozen=True)
class OwnFacts:
    """Facts: the quantities that the file names, and which of its choices holds."""

    words: Mapping[str, str]
    right: frozenset[str]
    keys: Mapping[str, str]  # of the link

    measurement = MeasuredState.DONE

    @property
    def variants(self) -> Mapping[str, str]:
        return {}

    def link(self, _step: Step) -> Mapping[str, str]:
        """The link of the file."""
        return self.keys


def own_lesson(written: WrittenLesson, key: str, number: int) -> Lesson[OwnFacts]:
    """The lesson of a file.

    Raises:
        LessonFileError: there is no network among those offered for which exactly one of its rules holds.
    """
    lesson: Lesson[OwnFacts] = Lesson(
        key, number, written.page,
        tuple(Choice(letter, _shown(letter), each.source) for letter, each in _lettered(written)),
        _facts_of(written), _moves, _templates(written, key), None, written.minutes or BEGINNER_MINUTES, written.author,
    )  # fmt: skip
    try:
        if not has_question(lesson, DialledNetwork()):
            find_move(lesson, DialledNetwork())
    except StopIteration:
        raise LessonFileError("for no network does exactly one choice hold; look at from and below") from None
    return lesson


def _lettered(written: WrittenLesson) -> Iterator[tuple[str, WrittenChoice]]:
    return zip(_LETTERS, written.choices, strict=False)


def _shown(letter: str) -> Callable[[OwnFacts], RuleValue]:
    shown = RuleValue(letter, {})
    return lambda _: shown


def _templates(written: WrittenLesson, key: str) -> Mapping[str, str]:
    parts = {name: getattr(written, name) for name in ("title", "question", "reveal", "takeaway")}
    for letter, choice in _lettered(written):
        parts |= {f"{letter}.text": choice.text, f"{letter}.value": choice.text}
        if choice.misconception:
            parts[f"{letter}.wrong"] = choice.misconception
    return {f"{key}.{part}": text for part, text in parts.items()}


def _facts_of(written: WrittenLesson) -> Callable[[DialledNetwork, object], OwnFacts | Obstacle]:
    texts = [written.title, written.question, written.reveal, written.takeaway]
    texts += [text for choice in written.choices for text in (choice.text, choice.misconception)]
    named = {name for text in texts for name in names_in(text)} | {each.rule for each in written.choices if each.rule}

    def facts(dialled: DialledNetwork, _measured: object) -> OwnFacts | Obstacle:
        values: dict[str, float] = {}
        for name in sorted(named):
            value = QUANTITIES[name].value(dialled)
            if value is None:
                return Obstacle("no_quantity", {"quantity": name})
            values[name] = value
        right = frozenset(letter for letter, choice in _lettered(written) if _holds(choice, values))
        if len(right) != 1:
            return Obstacle("none_holds")
        return OwnFacts({name: QUANTITIES[name].text(value) for name, value in values.items()}, right, written.link)

    return facts


def _holds(choice: WrittenChoice, values: Mapping[str, float]) -> bool:
    return choice.low <= values[choice.rule] < choice.high if choice.right is None else choice.right


def _moves(dialled: DialledNetwork) -> Iterator[Move]:
    start = DialledNetwork(study=dialled.study)
    return chain.from_iterable(
        moves(network) for network in (dialled, start) for moves in (other_cardinalities, other_widths, other_networks)
    )
