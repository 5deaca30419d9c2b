"""The phases of a question, and which act of the teacher leads from one to another (peer instruction).

ask -> closed -> talk -> ask again -> closed again -> shown. Whoever finds that enough are right shows the answer after
the first vote. What was shown stays shown: nobody votes on what they have seen.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from itertools import pairwise


class Phase(StrEnum):
    """Where a room stands with its question."""

    WAITING = "waiting"  # nothing was asked yet
    ASK = "ask"
    CLOSED = "closed"
    TALK = "talk"
    ASK_AGAIN = "ask again"
    CLOSED_AGAIN = "closed again"
    SHOWN = "shown"

    @property
    def is_open(self) -> bool:
        """Whether votes are taken."""
        return self in {Phase.ASK, Phase.ASK_AGAIN}

    @property
    def round(self) -> int:
        """The round that votes are of, 1 or 2; of `SHOWN` only the votes tell."""
        return 2 if self in {Phase.ASK_AGAIN, Phase.CLOSED_AGAIN} else 1


_ORDER = (Phase.ASK, Phase.CLOSED, Phase.TALK, Phase.ASK_AGAIN, Phase.CLOSED_AGAIN, Phase.SHOWN)
# act -> phase before -> phase after
STEPS: Mapping[str, Mapping[Phase, Phase]] = {
    "next": dict(pairwise(_ORDER)),
    "back": {after: before for before, after in pairwise(_ORDER[:-1])},
    "close": {Phase.ASK: Phase.CLOSED, Phase.ASK_AGAIN: Phase.CLOSED_AGAIN},
    "talk": {Phase.CLOSED: Phase.TALK},
    "ask again": {Phase.TALK: Phase.ASK_AGAIN},
    "show": dict.fromkeys((Phase.CLOSED, Phase.TALK, Phase.CLOSED_AGAIN), Phase.SHOWN),
}
# Where these have no phase to lead to, they turn the page on the screen: before a question, and behind its answer.
TURNS: Mapping[str, tuple[int, frozenset[Phase]]] = {
    "next": (1, frozenset({Phase.WAITING, Phase.SHOWN})),
    "back": (-1, frozenset({Phase.WAITING, Phase.ASK, Phase.SHOWN})),
}
# Why an act is refused, by its name.
OBSTACLES: Mapping[str, str] = {
    "close": "No vote is open, so there is none to close.",
    "talk": "A class talks once the first vote is closed.",
    "ask again": "A second vote opens after the class has talked.",
    "show": "The answer can be shown once the vote is closed.",
    "blank": "Say whether the screen is blank: true or false.",
    "ask": "A vote is open; close it before another question is asked.",
    "settle": "There is no answer to settle: nothing was asked, or it has been shown.",
}
