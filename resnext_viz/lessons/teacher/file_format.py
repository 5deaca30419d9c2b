"""The format of a lesson's file: each key, what it may hold, and the sentence for whoever wrote something else."""

from __future__ import annotations

import string
from collections.abc import Mapping
from dataclasses import dataclass
from math import inf, isfinite
from typing import Any
from urllib.parse import parse_qsl

from resnext_viz.errors import SpecError, UserError
from resnext_viz.lessons.lesson import LessonPage
from resnext_viz.lessons.teacher.quantities import QUANTITIES
from resnext_viz.names import parse

FEWEST_CHOICES, MOST_CHOICES = 2, 4
MINUTES = (1, 60)
LONGEST = {"title": 80, "question": 400, "reveal": 600, "takeaway": 300, "link": 500, "author": 80, "text": 200,
           "misconception": 400, "source": 200, "page": 20, "rule": 40}  # fmt: skip
_NEEDED = ("title", "question", "choices", "reveal", "takeaway")
_KEYS = (*_NEEDED, "minutes", "page", "link", "author")
_CHOICE_KEYS = ("text", "right", "rule", "from", "below", "misconception", "source")
_NETWORKS = ("net", "vs")
_NOT_IN_A_LINK = ("lesson", "step", "room", "present", "dials", "lang")
PAGES = {page.value or "anatomy": page for page in LessonPage}


class LessonFileError(UserError):
    """A lesson's file that is none: which key, what it holds and what is expected."""


@dataclass(frozen=True)
class WrittenChoice:
    """One choice of a lesson's file.

    Attributes:
        right: whether it is right; None where `rule` says it.
        rule: a quantity, which makes the choice right where it lies from `low` to below `high`.
    """

    text: str
    right: bool | None
    rule: str
    low: float
    high: float
    misconception: str
    source: str


@dataclass(frozen=True)
class WrittenLesson:
    """A lesson's file, checked."""

    title: str
    question: str
    choices: tuple[WrittenChoice, ...]
    reveal: str
    takeaway: str
    minutes: int | None
    page: LessonPage
    link: Mapping[str, str]
    author: str


def check_lesson(record: object) -> WrittenLesson:
    """The lesson that a file's object holds.

    Raises:
        LessonFileError: a key is missing, unknown or holds something else.
    """
    if not isinstance(record, dict):
        raise LessonFileError("the file holds no object; use keys such as title, question and choices")
    _check_keys(record, _KEYS, _NEEDED, "")
    page = _text(record, "page", "", needed=False) or "anatomy"
    if page not in PAGES:
        raise LessonFileError(f"page is {page!r}; use one of {', '.join(PAGES)}")
    return WrittenLesson(
        _text(record, "title", ""), _text(record, "question", ""), _choices(record["choices"]),
        _text(record, "reveal", ""), _text(record, "takeaway", ""), _minutes(record.get("minutes")),
        PAGES[page], _link(_text(record, "link", "", needed=False, is_template=False)),
        _text(record, "author", "", needed=False, is_template=False),
    )  # fmt: skip


def _check_keys(record: Mapping[str, Any], known: tuple[str, ...], needed: tuple[str, ...], where: str) -> None:
    unknown = next((key for key in record if key not in known), None)
    if unknown is not None:
        raise LessonFileError(f"{where}{str(unknown)[:40]!r} is no key of a lesson; use {', '.join(known)}")
    missing = next((key for key in needed if key not in record), None)
    if missing is not None:
        raise LessonFileError(f"{where}{missing} is missing; a lesson needs {', '.join(needed)}")


def _text(record: Mapping[str, Any], key: str, where: str, *, needed: bool = True, is_template: bool = True) -> str:
    value = record.get(key, "")
    if not isinstance(value, str):
        raise LessonFileError(f"{where}{key} is {_short(value)}; use text in quotes")
    text = " ".join(value.split())
    if needed and not text:
        raise LessonFileError(f"{where}{key} is empty; write a sentence")
    if len(text) > LONGEST[key]:
        raise LessonFileError(f"{where}{key} has {len(text):,} characters; use at most {LONGEST[key]}")
    if not text.isprintable():
        raise LessonFileError(f"{where}{key} holds a character that cannot be shown; use letters and signs")
    if is_template:
        _check_names(text, f"{where}{key}")
    return text


def names_in(text: str) -> tuple[str, ...]:
    """The quantities that a text names in braces."""
    return tuple(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)


def _check_names(text: str, where: str) -> None:
    """Sees that braces hold names of quantities and nothing else, so that nothing else can be reached through them."""
    advice = f"name one of {', '.join(QUANTITIES)} in braces, and write {{{{ for a brace"
    try:
        pieces = list(string.Formatter().parse(text))
    except ValueError:
        raise LessonFileError(f"{where} has a brace without its partner; {advice}") from None
    for _, name, form, conversion in pieces:
        if name is not None and (name not in QUANTITIES or form or conversion):
            raise LessonFileError(f"{where} names {name[:40]!r}, which is no quantity; {advice}")


def _choices(value: object) -> tuple[WrittenChoice, ...]:
    if not isinstance(value, list) or not FEWEST_CHOICES <= len(value) <= MOST_CHOICES:
        raise LessonFileError(f"choices is {_short(value)}; use a list of {FEWEST_CHOICES} to {MOST_CHOICES} choices")
    choices = tuple(_choice(each, f"choice {number}: ") for number, each in enumerate(value, 1))
    if len({choice.text for choice in choices}) < len(choices):
        raise LessonFileError("two choices have one text; write each of them differently")
    by_rule = sum(choice.right is None for choice in choices)
    if 0 < by_rule < len(choices):
        raise LessonFileError("some choices have right and others a rule; use the same for all of them")
    right = sum(bool(choice.right) for choice in choices)
    if not by_rule and right != 1:
        raise LessonFileError(f"{right} choices are right; mark exactly one with right = true")
    return choices


def _choice(record: object, where: str) -> WrittenChoice:
    if not isinstance(record, dict):
        raise LessonFileError(f"{where}it is {_short(record)}; use an object with text and right")
    _check_keys(record, _CHOICE_KEYS, ("text",), where)
    rule = _text(record, "rule", where, needed=False, is_template=False)
    right = record.get("right")
    if right is not None and not isinstance(right, bool):
        raise LessonFileError(f"{where}right is {_short(right)}; use true or false")
    if (right is None) != bool(rule):
        raise LessonFileError(f"{where}it needs either right or a rule; a wrong choice has right = false")
    low, high = _bounds(record, rule, where)
    return WrittenChoice(
        _text(record, "text", where), right, rule, low, high,
        _text(record, "misconception", where, needed=False),
        _text(record, "source", where, needed=False, is_template=False),
    )  # fmt: skip


def _bounds(record: Mapping[str, Any], rule: str, where: str) -> tuple[float, float]:
    given = {key: record[key] for key in ("from", "below") if key in record}
    for key, value in given.items():
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not isfinite(value):
            raise LessonFileError(f"{where}{key} is {_short(value)}; use a number")
    if bool(rule) != bool(given):
        raise LessonFileError(f"{where}a rule goes with from, below or both, and these with a rule")
    if rule and rule not in QUANTITIES:
        raise LessonFileError(f"{where}rule is {rule!r}; use one of {', '.join(QUANTITIES)}")
    low, high = float(given.get("from", -inf)), float(given.get("below", inf))
    if low >= high:
        raise LessonFileError(f"{where}from is {low:g} and below is {high:g}; from has to be the smaller one")
    return low, high


def _minutes(value: object) -> int | None:
    low, high = MINUTES
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise LessonFileError(f"minutes is {_short(value)}; use a whole number from {low} to {high}")
    return value


def _link(text: str) -> Mapping[str, str]:
    """The keys of a query such as `net=resnet50&block=1.2`, with or without what stands before its question mark."""
    query = text.rpartition("?")[2]
    try:
        keys = dict(parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query), max_num_fields=40))
    except ValueError:
        raise LessonFileError(f"link is {_short(text)}; use key=value&key=value, as a copied link has it") from None
    odd = next((key for key in keys if key in _NOT_IN_A_LINK or not key.isidentifier()), None)
    if odd is not None:
        raise LessonFileError(
            f"link has the key {odd[:40]!r}, which a lesson sets itself or no page reads; leave it out"
        )
    for key in _NETWORKS:
        if key in keys:
            try:
                parse(keys[key])
            except SpecError as error:
                raise LessonFileError(f"link: {key}: {error}") from error
    return keys


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
