"""What may stand under a key of the link: how its text is read, checked and written. Nothing here trusts the text."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

MOST_WHOLE = 2**53 - 1  # what the number of a browser, a double, still tells from its neighbours
_BLOCK = r"[0-9]{1,3}\.[0-9]{1,3}"
_PATHS = r"(?:-[0-9]{1,4})+"
_FLAGS = {
    **dict.fromkeys(("true", "1", "yes", "on"), True),
    **dict.fromkeys(("false", "0", "no", "off"), False),
}
Off = Mapping[tuple[int, int], tuple[int, ...]]  # paths that are switched off, by stage and block


@dataclass(frozen=True)
class Values:
    """One kind of values.

    Attributes:
        words: what may stand there, for people.
        read: text to value; None where it is not understood.
        write: value to text.
    """

    words: str
    read: Callable[[str], Any]
    write: Callable[[Any], str] = str


def text(words: str, longest: int = 200) -> Values:
    """Any text; what follows the first `longest` characters is cut off, behind a whole word if there are several."""

    def cut(given: str) -> str:
        return given if len(given) <= longest else re.sub(r"\s+\S*$", "", given[: longest + 1])[:longest]

    return Values(words, cut, cut)


def option(words: str, write: Callable[[Any], str] = str) -> Values:
    """One of what the page offers, which knows what that is."""
    return Values(words, lambda given: given, write)


def slug(title: str) -> str:
    """A title as one word: "groups-forgotten"."""
    return "-".join(re.findall(r"\w+", title.lower()))


def flag() -> Values:
    """On or off, in any word that people type for it; written as `true`, and off is left out of the link."""
    return Values("true", lambda given: _FLAGS.get(given.casefold()), lambda on: str(on).lower())


def whole(low: int, high: int = MOST_WHOLE) -> Values:
    """A whole number; where it lies outside, the nearest end."""

    def read(given: str) -> int | None:
        return max(low, min(high, int(given))) if re.fullmatch(r"[+-]?[0-9]{1,18}", given) else None

    return Values(f"{low} to {high:,}", read)


def number(low: float, high: float) -> Values:
    """A number that may have a point; where it lies outside, the nearest end."""

    def read(given: str) -> float | None:
        plain = re.fullmatch(r"[+-]?(?:[0-9]{1,9}|[0-9]{0,9}\.[0-9]{1,9})", given)
        return max(low, min(high, float(given))) if plain else None

    return Values(f"{low:g} to {high:g}", read, lambda value: f"{value:.9f}".rstrip("0").rstrip("."))


def pair(words: str) -> Values:
    """Two whole numbers from 1 on, with a point between them."""

    def read(given: str) -> tuple[int, int] | None:
        found = re.fullmatch(r"([0-9]{1,6})\.([0-9]{1,6})", given)
        return (max(1, int(found[1])), max(1, int(found[2]))) if found else None

    return Values(words, read, lambda value: f"{value[0]}.{value[1]}")


def paths_off() -> Values:
    """Paths that are switched off: a block, its paths behind hyphens, and _ before the next block."""
    return Values("4.3-1-5, or 4.3-1-5_2.1-7", _read_off, _write_off)


def _read_off(given: str) -> Off | None:
    if not re.fullmatch(rf"{_BLOCK}{_PATHS}(?:_{_BLOCK}{_PATHS})*", given):
        return None
    off = {}
    for group in given.split("_"):
        block, *paths = group.split("-")
        stage, _, place = block.partition(".")
        off[int(stage), int(place)] = tuple(sorted({int(path) for path in paths} - {0}))
    return off


def _write_off(off: Off) -> str:
    groups = [f"{stage}.{block}-{'-'.join(map(str, paths))}" for (stage, block), paths in off.items() if paths]
    return "_".join(groups)
