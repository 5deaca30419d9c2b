"""A number as people write it: "22.84 GFLOPs", "89,700,288", "95.8 MB", "4,12 G"; what it may count, and how exactly.

The digits that are written say how exactly: a count agrees with "22.84 G" if it rounds to it, or is cut off to it. What
is not written is left open: "22.84" may be billions of operations or millions of params.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from resnext_viz.errors import UserError

MAX_LENGTH = 60
_EXAMPLES = "write it like 22.84 GFLOPs, 89,700,288 params, 4.12 GMac, 11.1 M acts or 95.8 MB"
_LARGEST = 10**18
_WHOLE_FROM = 10_000  # a bare number from here on is taken as it stands, without a prefix left out


class Kind(StrEnum):
    """What a number counts."""

    PARAMS = "params"
    OPERATIONS = "operations"  # MACs or FLOPs, in any tool's sense
    ACTS = "acts"
    BYTES = "bytes"


class Fit(StrEnum):
    """How a count agrees with a number as written."""

    EXACT = "is"
    ROUNDS = "rounds to"
    CUT_OFF = "cut off to"


class Reading(NamedTuple):
    """One way to take the number: what it counts, times which scale."""

    kind: Kind
    scale: int
    suffix: str  # behind the number as written, so that it is complete: "G", "MiB"
    farness: float  # 0 for what is written; more for what is read into it

    def stated(self, number: StatedNumber) -> str:
        """The number with what this reading puts behind it: "22.84 G"."""
        return f"{number.written} {self.suffix}".strip()


@dataclass(frozen=True)
class StatedNumber:
    """A number, the digits it is written with, and the ways to take it."""

    text: str
    written: str  # the number alone
    unit: str  # what is written behind it
    value: Fraction  # without prefix
    step: Fraction  # one unit of the last digit written
    digits: int  # significant ones
    readings: tuple[Reading, ...]

    def value_in(self, reading: Reading) -> float:
        return float(self.value * reading.scale)

    def fit(self, count: float, reading: Reading) -> Fit | None:
        """How `count` agrees with the number so taken; None if it does not."""
        off = Fraction(count) - self.value * reading.scale
        step = self.step * reading.scale
        if off == 0:
            return Fit.EXACT
        if 2 * abs(off) <= step:
            return Fit.ROUNDS
        return Fit.CUT_OFF if 0 < off < step else None


# Prefix -> scale. "B" alone is billion; bytes need a prefix.
_PREFIXES: dict[str, int | None] = {
    "": None, "k": 10**3, "thousand": 10**3, "m": 10**6, "mio": 10**6, "million": 10**6,
    "g": 10**9, "b": 10**9, "bn": 10**9, "billion": 10**9, "t": 10**12, "trillion": 10**12,
}  # fmt: skip
_SHOWN = {1: "", 10**3: "k", 10**6: "M", 10**9: "G", 10**12: "T"}
_BYTES = {
    "kb": ((10**3, "kB"), (2**10, "KiB")), "mb": ((10**6, "MB"), (2**20, "MiB")), "gb": ((10**9, "GB"), (2**30, "GiB")),
    "kib": ((2**10, "KiB"),), "mib": ((2**20, "MiB"),), "gib": ((2**30, "GiB"),), "bytes": ((1, "bytes"),),
}  # fmt: skip
_WORDS = {
    Kind.PARAMS: r"params?|parameters?|weights?",
    Kind.ACTS: r"acts?|activations?",
    Kind.OPERATIONS: r"macs?|maccs?|m?-?adds?|mult-?adds?|multiply-?adds?|multiplyadds?|flops?|ops|operations?",
}
_UNIT = re.compile(
    rf"(?P<prefix>{'|'.join(sorted(filter(None, _PREFIXES), key=len, reverse=True))})?[\s-]*"
    rf"(?P<word>{'|'.join(_WORDS.values())})?"
)
_NUMBER = re.compile(
    r"(?P<whole>\d{1,3}(?:[ ,._'’]\d{3}){2,}|\d{1,3}(?:[,_'’]\d{3})+|\d+)(?:(?P<point>[.,])(?P<part>\d+))?"
    r"(?:\s*(?:e\+?|[x×*]\s*10\s*(?:\^|\*\*)\s*)(?P<power>\d{1,2}))?"
)
# What a number without a word for it may count, how far-fetched that is, and the scales that people leave out.
_UNSAID = {Kind.OPERATIONS: 0.0, Kind.PARAMS: 0.0, Kind.ACTS: 0.5, Kind.BYTES: 0.6}
_LEFT_OUT = {Kind.OPERATIONS: (10**9, 10**6), Kind.PARAMS: (10**6,), Kind.ACTS: (10**6,)}
_BILLION = 10**9  # of nothing but operations, unless it is said
_OTHER_SCALE = 0.2  # how far-fetched the second scale is


def read_number(text: str) -> StatedNumber:
    """What is written, taken apart.

    Raises:
        UserError: it is no number with a unit that is understood.
    """
    plain = " ".join(text.split()).removesuffix(".")
    match = _NUMBER.match(plain.lstrip("~≈ ")) if len(text) <= MAX_LENGTH else None
    if match is None:
        raise UserError(f"number is {_shown(text)}; {_EXAMPLES}")
    unit = plain.lstrip("~≈ ")[match.end() :].strip()
    value, step = _value(match, unit)
    if not 0 < value < _LARGEST:
        raise UserError(f"number is {_shown(text)}; use one above 0 and below 10¹⁸")
    readings = _readings(unit, value)
    if not readings:
        raise UserError(f"unit is {_shown(unit)}; {_EXAMPLES}")
    return StatedNumber(plain, match[0], unit, value, step, len(str(int(value / step))), readings)


def _shown(text: str) -> str:
    shown = repr(text[:MAX_LENGTH])
    return shown if len(shown) <= MAX_LENGTH + 2 and len(text) <= MAX_LENGTH else shown[:MAX_LENGTH] + "..."


def _value(match: re.Match[str], unit: str) -> tuple[Fraction, Fraction]:
    """The number and one unit of its last digit; zeros at the end of a long whole number are taken as rounding."""
    whole, part, power = match["whole"], match["part"] or "", int(match["power"] or 0)
    if not part and unit[:1].lower() in {"g", "t"} and re.fullmatch(r"\d{1,3},\d{3}", whole):
        whole, part = whole.split(",")  # "4,089 G" has a decimal comma: nobody counts thousands of billions
    digits = re.sub(r"\D", "", whole) + part
    step = Fraction(10) ** (power - len(part))
    value = int(digits) * step
    zeros = len(digits) - len(digits.rstrip("0"))
    if not part and not power and zeros >= 3:
        step *= 10**zeros
    return value, step


def _readings(unit: str, value: Fraction) -> tuple[Reading, ...]:
    low = unit.lower()
    if low in _BYTES:
        return _sizes(low)
    match = _UNIT.fullmatch(low)
    if match is None:
        return ()
    said = [kind for kind, words in _WORDS.items() if match["word"] and re.fullmatch(words, match["word"])]
    scale = _PREFIXES[match["prefix"] or ""]
    if scale is None and value.denominator == 1 and value >= _WHOLE_FROM:
        scale = 1
    readings = []
    for kind, scales in _LEFT_OUT.items():
        if kind in said or not (said or ((scale or 0) >= _BILLION and kind is not Kind.OPERATIONS)):
            unsaid = 0.0 if said else _UNSAID[kind]
            readings += [Reading(kind, each, _SHOWN[each], unsaid + _OTHER_SCALE * i)
                         for i, each in enumerate(scales if scale is None else (scale,))]
    return (*readings, *(_sizes("mb", _UNSAID[Kind.BYTES]) if not unit and scale is None else ()))


def _sizes(unit: str, farness: float = 0.0) -> tuple[Reading, ...]:
    """Bytes; MB are taken as 10⁶ and, as many tools do, as 2²⁰."""
    return tuple(Reading(Kind.BYTES, scale, shown, farness + _OTHER_SCALE * i)
                 for i, (scale, shown) in enumerate(_BYTES[unit]))
