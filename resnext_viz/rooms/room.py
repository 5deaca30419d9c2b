"""One room: its phase, its question and its votes. Not locked; whoever holds it does that (`rooms.Rooms`)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from resnext_viz.rooms.phases import OBSTACLES, STEPS, TURNS, Phase
from resnext_viz.rooms.question import RoomQuestion, read_question
from resnext_viz.rooms.refusal import RoomRefusalError

MOST_PEOPLE = 500
HERE_S = 20.0  # for how long after its last question a phone counts as here; one that sleeps asks every ten seconds
ROUNDS = (1, 2)
MOST_TURNS = 1000


class Room:
    """A class with its teacher.

    Attributes:
        driver: the secret of whoever drives.
        stamp: tells it from an older room of the same code.
        changes: how often what a phone shows has changed, but for its own vote.
        revision: how often anything was driven.
        turns: pages turned on the screen, forward less back.
        asked: how many questions were asked, which is the number of the present one.
    """

    def __init__(self, code: str, now: float) -> None:
        self.code = code
        self.opened = self.heard = now
        self.driver = secrets.token_urlsafe(24)
        self.stamp = secrets.token_hex(4)
        self.phase = Phase.WAITING
        self.question: RoomQuestion | None = None
        self.asked = self.changes = self.revision = self.turns = 0
        self.is_blank = False
        self.people: dict[str, float] = {}
        self.votes: dict[int, dict[str, str]] = {number: {} for number in ROUNDS}

    @property
    def round(self) -> int:
        """The round that counts: of a shown answer the last in which somebody voted."""
        return 2 if self.phase is Phase.SHOWN and self.votes[2] else self.phase.round

    def joins(self, person: str, now: float) -> None:
        """Notes that somebody's phone is here; who has left without a vote makes room.

        Raises:
            RoomRefusalError: the room is full.
        """
        if person not in self.people and len(self.people) >= MOST_PEOPLE:
            kept = self.votes[1].keys() | self.votes[2].keys()
            self.people = {who: seen for who, seen in self.people.items() if who in kept or now - seen <= HERE_S}
            if len(self.people) >= MOST_PEOPLE:
                raise RoomRefusalError(503, "full", f"This room is full: {MOST_PEOPLE} phones are in it.")
        self.people[person] = now

    def take(self, person: str, vote: Mapping[str, Any]) -> None:
        """Counts a vote; a later one of the same person in the same round replaces it.

        Raises:
            RoomRefusalError: it is late, or none.
        """
        number, choice = vote.get("round"), vote.get("choice")
        if not self.phase.is_open or vote.get("asked") != self.asked or number != self.round:
            raise RoomRefusalError(409, "late", "The vote is closed. Yours came too late and was not counted.")
        if self.question is None or not isinstance(choice, str) or choice not in self.question.keys:
            raise RoomRefusalError(400, "choice", "That is none of the choices.")
        self.votes[self.round][person] = choice

    def drive(self, act: str, message: Mapping[str, Any]) -> None:
        """Does what the teacher asks.

        Raises:
            RoomRefusalError: it does not fit the phase.
        """
        given = {"ask": self._ask, "settle": self._settle, "blank": self._blank}.get(act)
        if given:
            given(message)
        elif after := STEPS.get(act, {}).get(self.phase):
            self._enter(after)
        elif act in TURNS and self.phase in TURNS[act][1]:
            self.turns = max(-MOST_TURNS, min(MOST_TURNS, self.turns + TURNS[act][0]))
        elif act in STEPS:
            raise _no(OBSTACLES[act])
        else:
            raise RoomRefusalError(400, "act", "A room is driven by next, back, close, talk, ask again, show, blank, "
                                   "ask and settle.")  # fmt: skip
        self.revision += 1

    def _enter(self, phase: Phase) -> None:
        if phase is Phase.SHOWN and self.question and not self.question.right:
            raise _no("Nobody knows the answer yet: it has to be measured first.")
        self.phase = phase
        self.changes += 1

    def _ask(self, message: Mapping[str, Any]) -> None:
        if self.phase.is_open and any(self.votes.values()):
            raise _no(OBSTACLES["ask"])
        self.question = read_question(message.get("question"))
        self.asked += 1
        self.votes = {number: {} for number in ROUNDS}
        self._enter(Phase.ASK)

    def _settle(self, message: Mapping[str, Any]) -> None:
        if self.question is None or self.phase is Phase.SHOWN:
            raise _no(OBSTACLES["settle"])
        settled = read_question(message.get("question"))
        if not settled.asks_the_same(self.question):
            raise _no("That answers another question than the one that was asked.")
        self.question = settled

    def _blank(self, message: Mapping[str, Any]) -> None:
        if not isinstance(message.get("blank"), bool):
            raise RoomRefusalError(400, "blank", OBSTACLES["blank"])
        self.is_blank = message["blank"]

    def for_phone(self, person: str) -> tuple[str, dict[str, Any]]:
        """What a phone shows, and a tag that changes with it."""
        mine = [self.votes[number].get(person) for number in ROUNDS]
        tag = f"{self.stamp}-{self.changes}-{'-'.join(each or '' for each in mine)}"
        return tag, {**self._public(), "mine": mine}

    def for_screen(self, now: float) -> tuple[str, dict[str, Any]]:
        """What the projector shows before everybody: counts, and no word of what is right."""
        here = sum(now - seen <= HERE_S for seen in self.people.values())
        voted = len(self.votes[self.round])
        screen = {"blank": self.is_blank, "turns": self.turns, "phones": here, "voted": voted}
        tag = f"{self.stamp}-{self.revision}-{here}-{voted}"
        return tag, {**self._public(), "revision": self.revision, **screen}

    def for_driver(self, now: float) -> tuple[str, dict[str, Any]]:
        """What only the teacher sees: who is right, and once a vote is closed how it went."""
        tag, state = self.for_screen(now)
        right = self._right_now()
        votes = None if self.phase.is_open or self.phase is Phase.WAITING else self._counts()
        is_answered = bool(self.question and self.question.right)
        return f"{tag}-{right}-{is_answered}", {**state, "right": right, "answered": is_answered, "votes": votes}

    def _public(self) -> dict[str, Any]:
        shown = None
        if self.phase is Phase.SHOWN and self.question:
            shown = {**self.question.answered, "votes": self._counts()}
        return {
            "code": self.code,
            "phase": self.phase.value,
            "round": self.round,
            "asked": self.asked,
            "question": self.question.asked if self.question else None,
            "shown": shown,
        }

    def _counts(self) -> list[dict[str, int]]:
        """Votes of each choice, for each round."""
        keys = self.question.keys if self.question else ()
        rounds = ([*self.votes[number].values()] for number in ROUNDS)
        return [{key: votes.count(key) for key in keys} for votes in rounds]

    def _right_now(self) -> int | None:
        """Votes of this round that are right; None while nobody knows what is."""
        if self.question is None or not self.question.right:
            return None
        return sum(vote in self.question.right for vote in self.votes[self.round].values())


def _no(words: str) -> RoomRefusalError:
    return RoomRefusalError(409, "phase", words)
