"""What a visitor answered in lessons: kept in the session only, in no address and on no disk."""

from __future__ import annotations

from dataclasses import dataclass, field

from resnext_viz.ui.kit.record import record


@dataclass(frozen=True)
class Vote:
    """One answer.

    Attributes:
        choice: its key.
        reason: a line, or empty.
    """

    choice: str
    reason: str = ""


@dataclass
class LessonSession:
    """What a session said in its lessons, by their keys.

    Attributes:
        votes: the answers before the reveal.
        afterwards: what they think now, in a line.
        opened: lessons whose harder question was answered.
        awaited: the lesson whose picture moves as soon as it is measured.
    """

    votes: dict[str, Vote] = field(default_factory=dict)
    afterwards: dict[str, str] = field(default_factory=dict)
    opened: set[str] = field(default_factory=set)
    awaited: str = ""


def lesson_session() -> LessonSession:
    """This session's."""
    return record(LessonSession)
