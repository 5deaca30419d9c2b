"""A room's question: checked and copied from plain JSON, so that what is dialled later does not change a vote."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from resnext_viz.rooms.refusal import RoomRefusalError

MOST_TEXT = 900  # characters of a text
MOST_CHOICE = 240
MOST_LESSONS = 999
CHOICES = range(2, 9)
MOST_LINK_KEYS = 40
_KEY = re.compile(r"[A-Z][A-Z0-9]?")
_PAGE = re.compile(r"[a-z]{0,20}(-[a-z]{1,20}){0,3}")
_LINK_KEY = re.compile(r"[a-z_]{1,40}")
# Characters that nobody types and that could hide or reorder words: controls, halves of pairs, marks of direction.
_UNSEEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True)
class RoomChoice:
    """One choice of a question; `right` is None while nobody knows."""

    key: str
    text: str
    is_unsure: bool
    right: bool | None
    why: str


@dataclass(frozen=True)
class RoomQuestion:
    """What a room is asked.

    Attributes:
        picture: what the screen shows, in words.
        page, query: the link into the app once the answer is shown.
    """

    lesson: int
    title: str
    text: str
    picture: str
    choices: tuple[RoomChoice, ...]
    reveal: str
    takeaway: str
    page: str
    query: tuple[tuple[str, str], ...]

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(choice.key for choice in self.choices)

    @property
    def right(self) -> tuple[str, ...]:
        """Keys of the choices that hold; empty while nobody knows."""
        return tuple(choice.key for choice in self.choices if choice.right)

    @property
    def asked(self) -> dict[str, Any]:
        """What everybody may see before the answer is shown."""
        return {
            "lesson": self.lesson,
            "title": self.title,
            "text": self.text,
            "picture": self.picture,
            "choices": [{"key": each.key, "text": each.text, "unsure": each.is_unsure} for each in self.choices],
        }

    @property
    def answered(self) -> dict[str, Any]:
        """What comes with the answer."""
        return {
            "right": list(self.right),
            "why": {choice.key: choice.why for choice in self.choices},
            "reveal": self.reveal,
            "takeaway": self.takeaway,
            "link": {"page": self.page, "query": dict(self.query)},
        }

    def asks_the_same(self, other: RoomQuestion) -> bool:
        """Whether both read the same before the answer."""
        return self.asked == other.asked


def read_question(document: object) -> RoomQuestion:
    """The question that a JSON document holds.

    Raises:
        RoomRefusalError: it holds none, or too much.
    """
    words = _object(document, "question")
    link = _object(words.get("link", {}), "link")
    choices = tuple(_choice(each) for each in _list(words.get("choices"), "choices"))
    if len(choices) not in CHOICES or len({choice.key for choice in choices}) != len(choices):
        raise _faulty(f"choices are {len(choices)}; give {CHOICES[0]} to {CHOICES[-1]}, each with a letter of its own")
    known = [choice.right for choice in choices if not choice.is_unsure]
    if any(right is not None for right in known) and (None in known or True not in known):
        raise _faulty("either every choice is marked right or wrong, one at least as right, or none is marked")
    lesson = words.get("lesson", 0)
    if type(lesson) is not int or not 0 <= lesson <= MOST_LESSONS:
        raise _faulty(f"lesson is no whole number from 0 to {MOST_LESSONS}")
    page, query = link.get("page", ""), _object(link.get("query", {}), "link's query")
    if not isinstance(page, str) or not _PAGE.fullmatch(page):
        raise _faulty("link's page is no page of the app")
    return RoomQuestion(
        lesson,
        _text(words, "title", MOST_CHOICE),
        _text(words, "text", MOST_TEXT, needed=True),
        _text(words, "picture", MOST_TEXT),
        choices,
        _text(words, "reveal", MOST_TEXT),
        _text(words, "takeaway", MOST_TEXT),
        page,
        _query(query),
    )


def _choice(document: object) -> RoomChoice:
    words = _object(document, "choice")
    key, right, is_unsure = words.get("key"), words.get("right"), words.get("unsure", False)
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        raise _faulty("choice's key is no capital letter")
    if not isinstance(right, bool | None) or not isinstance(is_unsure, bool):
        raise _faulty("choice's right and unsure are true or false")
    if is_unsure and right:
        raise _faulty("whoever is not sure is not right")
    why = _text(words, "why", MOST_TEXT)
    return RoomChoice(key, _text(words, "text", MOST_CHOICE, needed=True), is_unsure, right, why)


def _query(query: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    if len(query) > MOST_LINK_KEYS:
        raise _faulty(f"link has {len(query)} keys; {MOST_LINK_KEYS} at most")
    for key in query:
        if not _LINK_KEY.fullmatch(key):
            raise _faulty("link has a key that is none of the app's")
    return tuple((key, _text(query, key, MOST_CHOICE)) for key in query)


def _text(words: Mapping[str, Any], name: str, most: int, *, needed: bool = False) -> str:
    text = words.get(name)
    text = "" if text is None else text
    if not isinstance(text, str) or len(text) > most:
        raise _faulty(f"{name} is no text of at most {most} characters")
    text = text.strip()
    if _UNSEEN.search(text):
        raise _faulty(f"{name} has characters that cannot be seen")
    if needed and not text:
        raise _faulty(f"{name} is empty")
    return text


def _object(document: object, name: str) -> Mapping[str, Any]:
    if not isinstance(document, Mapping) or not all(isinstance(key, str) for key in document):
        raise _faulty(f"{name} is no object")
    return document


def _list(document: object, name: str) -> Sequence[object]:
    if not isinstance(document, list | tuple):
        raise _faulty(f"{name} are no list")
    return document


def _faulty(words: str) -> RoomRefusalError:
    return RoomRefusalError(400, "question", f"This is no question for a room: {words}.")
