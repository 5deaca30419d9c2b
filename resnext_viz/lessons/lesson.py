"""What a lesson is made of: its steps, choices that are rules, what stands in its way, and the dial that helps.

A lesson asks for a prediction before it shows the answer. Each wrong choice is the rule of one misconception (a
distractor), so that what somebody chose says what they think. Nothing here holds a result: rules compute it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from string import Formatter
from typing import Generic, NamedTuple, Protocol, TypeVar

from resnext_viz.lessons.dialled_network import DialledNetwork

UNSURE = "N"  # the key of "I am not sure", which is always a choice
BEGINNER_MINUTES = 5  # alone: one to vote, two for the picture, one each for the takeaway and the harder question


class Step(StrEnum):
    """The steps of a lesson, in order, as the link writes them."""

    VOTE = "vote"
    REVEAL = "reveal"
    TAKE = "take"
    MORE = "more"


class LessonPage(StrEnum):
    """The page of the app that a lesson runs on, by its path."""

    ANATOMY = ""
    DESIGN_SPACE = "design-space"
    COUNTING = "counting"
    BLOCK_FORMS = "block-forms"
    PAPER = "paper"
    STUDY = "study"
    CODE = "code"
    TRAIN = "train"
    PREDICT = "predict"


class MeasuredState(StrEnum):
    """How far what a lesson needs has been measured."""

    DONE = "done"
    MISSING = "missing"
    UNCERTAIN = "uncertain"  # the interval holds three answers and more


class RuleValue(NamedTuple):
    """What a rule gives: the value that stands beside a choice.

    Two choices with one quantity are one answer, and so are two that read the same.
    """

    quantity: object
    words: Mapping[str, str]  # named values for the messages of that choice


class Facts(Protocol):
    """What is known of the dialled network and was measured: all that a lesson's rules and messages are made from."""

    @property
    def words(self) -> Mapping[str, str]:
        """Named values for every message of the lesson."""

    @property
    def right(self) -> frozenset[str]:
        """Keys of the choices that hold; empty until it was measured."""

    @property
    def measurement(self) -> MeasuredState:
        """Whether what decides was measured."""

    @property
    def variants(self) -> Mapping[str, str]:
        """Messages of which this network needs another wording: part of the lesson -> the wording's name."""

    def link(self, step: Step, /) -> Mapping[str, str]:
        """Keys of the link that set the stage for a step, beside those of the dials."""


class Obstacle(NamedTuple):
    """Why a lesson has nothing to ask about a network: the key of a message, and its values."""

    reason: str
    words: Mapping[str, str] = {}


class Dial(StrEnum):
    """What can be moved so that a lesson works."""

    CARDINALITY = "cardinality"
    BASE_WIDTH = "base_width"
    NETWORK = "network"
    BASELINE = "baseline"
    RESET = "reset"  # network, image and baseline at once
    STUDY = "study"
    WEIGHTS = "weights"
    PHOTO = "photo"


class Move(NamedTuple):
    """A dial to move, and what is dialled then."""

    dial: Dial
    value: str
    then: DialledNetwork


AnyFacts = TypeVar("AnyFacts", bound=Facts)


@dataclass(frozen=True)
class Choice(Generic[AnyFacts]):
    """One choice of a lesson.

    Attributes:
        key: its letter.
        rule: what somebody who chooses it computes: the facts -> the value that is shown.
        source: a public thread or text where the misconception was seen; empty if there is none.
    """

    key: str
    rule: Callable[[AnyFacts], RuleValue]
    source: str = ""


@dataclass(frozen=True)
class Lesson(Generic[AnyFacts]):
    """A lesson: what is asked, what may be thought, and what settles it.

    Attributes:
        key: what its messages begin with.
        number: as people ask for it, from 1.
        page: where it runs.
        minutes: how long it takes one person.
        choices: all but "I am not sure".
        facts: what is dialled, and what was measured or None -> what is known, or why nothing can be asked.
        moves: what might help, the nearest first; `answering.find_move` takes the first that does.
        needs: what has to be measured; None if all is computed.
        templates: the messages by key.
        author: who wrote it, for a lesson from a file; empty for ours.
    """

    key: str
    number: int
    page: LessonPage
    choices: tuple[Choice[AnyFacts], ...]
    facts: Callable[[DialledNetwork, object], AnyFacts | Obstacle]
    moves: Callable[[DialledNetwork], Iterator[Move]]
    templates: Mapping[str, str]
    needs: type | None = None
    minutes: int = BEGINNER_MINUTES
    author: str = ""
    steps: tuple[Step, ...] = tuple(Step)


class Message(NamedTuple):
    """One whole sentence or more, with named values, so that it can be said in another language."""

    key: str
    template: str
    values: Mapping[str, str]

    @property
    def text(self) -> str:
        """The sentence."""
        return self.template.format_map(self.values)

    @property
    def is_complete(self) -> bool:
        """Whether every value that it names is known."""
        return all(name in self.values for _, name, _, _ in Formatter().parse(self.template) if name is not None)

    def in_words_of(self, templates: Mapping[str, str]) -> str:
        """The sentence in another language, or as it is where that has none."""
        return templates.get(self.key, self.template).format_map(self.values)
