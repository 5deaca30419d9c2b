"""A room to test: its clock stands still until it is moved, and its questions are plain."""

from __future__ import annotations

from typing import Any

from resnext_viz.rooms import Rooms

KEYS = "ABN"
RIGHT = "B"


class Class:
    """A room with its driver, and people who are numbers."""

    def __init__(self) -> None:
        self.now = 0.0
        self.rooms = Rooms(clock=lambda: self.now)
        opened = self.rooms.answer({"do": "open"})
        self.code: str = opened["code"]
        self.driver: str = opened["driver"]

    def drive(self, act: str, **more: Any) -> dict[str, Any]:
        return self.rooms.answer({"do": "drive", "code": self.code, "driver": self.driver, "act": act, **more})

    def ask(self, **more: Any) -> dict[str, Any]:
        return self.drive("ask", question=question(**more))

    def vote(self, person: int, choice: Any, asked: Any = 1, number: Any = 1) -> dict[str, Any]:
        words = {"asked": asked, "round": number, "choice": choice}
        return self.rooms.answer({"do": "vote", "code": self.code, "person": name(person), **words})

    def phone(self, person: int, **more: Any) -> dict[str, Any]:
        return self.rooms.answer({"do": "state", "code": self.code, "person": name(person), **more})

    def screen(self) -> dict[str, Any]:
        found: dict[str, Any] = self.rooms.answer({"do": "state", "code": self.code})["state"]
        return found

    def remote(self) -> dict[str, Any]:
        found: dict[str, Any] = self.rooms.answer({"do": "state", "code": self.code, "driver": self.driver})["state"]
        return found


def name(person: int) -> str:
    return f"person-{person:012}"


def question(right: str | None = RIGHT, **more: Any) -> dict[str, Any]:
    """A question with two answers and "I am not sure"; `right=None` is one that was not measured."""
    marks = {key: None if right is None else key == right for key in KEYS[:2]}
    choices = [
        {"key": key, "text": f"d = {at}", "right": marks[key], "why": f"why {key}"} for at, key in enumerate(KEYS[:2])
    ]
    unsure = {"key": "N", "text": "I am not sure.", "unsure": True, "right": None if right is None else False}
    link = {"page": "design-space", "query": {"net": "resnext50_32x4d"}}
    base = {
        "lesson": 2,
        "title": "t",
        "text": "Which d?",
        "choices": [*choices, unsure],
        "reveal": "It is B.",
        "link": link,
    }
    return {**base, **more}
