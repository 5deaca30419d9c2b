"""A number as people write it: "22.84 GFLOPs", "Total params: 25,028,904"; what it may count, and how exactly.

The digits that are written say how exactly: a count agrees with "22.84 G" if it rounds to it, or is cut off to it. What
is not written is left open: "22.84" may be billions of operations or millions of params.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from resnext_viz.errors import UserError
from resnext_viz.explanations.pasted_line import number_in, printers_of
from resnext_viz.explanations.written import NUMBER, plain_line, value_and_step

MAX_LENGTH = 200  # without the blanks that make columns
_MOST_WITH_BLANKS = 1_000
_SHOWN_LENGTH = 60
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


class Interpretation(NamedTuple):
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
    readings: tuple[Interpretation, ...]
    printers: frozenset[str] = frozenset()  # keys of conventions of those who print such lines
    left_out: tuple[str, ...] = ()  # other numbers of the line

    def value_in(self, reading: Interpretation) -> float:
        return float(self.value * reading.scale)

    def fit(self, count: float, reading: Interpretation) -> Fit | None:
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
    "ki": 2**10, "mi": 2**20, "gi": 2**30, "ti": 2**40,
    "": None, "k": 10**3, "kilo": 10**3, "thousand": 10**3,
    "m": 10**6, "mega": 10**6, "mio": 10**6, "mio.": 10**6, "million": 10**6,
    "g": 10**9, "giga": 10**9, "b": 10**9, "bn": 10**9, "billion": 10**9,
    "t": 10**12, "tera": 10**12, "trillion": 10**12,
    # As other languages count; their "billion" is left alone, for it may be a million millions.
    **dict.fromkeys(("mln", "mln.", "млн", "millions", "millionen", "millones", "milioni"), 10**6),
    **dict.fromkeys(("mrd", "mrd.", "mia", "mia.", "mld", "mld.", "млрд"), 10**9),
    **dict.fromkeys(("milliard", "milliards", "milliarde", "milliarden", "miliardi"), 10**9),
    **dict.fromkeys("万萬만", 10**4), **dict.fromkeys("亿億억", 10**8),
}  # fmt: skip
_SHOWN = {1: "", 10**3: "k", 10**4: "× 10⁴", 10**6: "M", 10**8: "× 10⁸", 10**9: "G", 10**12: "T",
          2**10: "× 2¹⁰", 2**20: "× 2²⁰", 2**30: "× 2³⁰", 2**40: "× 2⁴⁰"}  # fmt: skip
_IN_1024S = {10**6: 2**20, 10**9: 2**30}
_BYTES = {
    "kb": ((10**3, "kB"), (2**10, "KiB")), "mb": ((10**6, "MB"), (2**20, "MiB")), "gb": ((10**9, "GB"), (2**30, "GiB")),
    "kib": ((2**10, "KiB"),), "mib": ((2**20, "MiB"),), "gib": ((2**30, "GiB"),), "bytes": ((1, "bytes"),),
}  # fmt: skip
_WORDS = {
    Kind.PARAMS: r"params?|parameter[sn]?|paramètres?|parámetros?|parametri|параметров|参数量?|參數量?|weights?",
    Kind.ACTS: r"acts?|activations?",
    Kind.OPERATIONS: r"macs?|maccs?|m?-?adds?|mult-?adds?|multiply-?adds?|multiplyadds?|flops?|ops|operations?"
    r"|次?乘加(?:运算)?|次?浮点运算",
}
_UNIT = re.compile(
    rf"(?P<prefix>{'|'.join(map(re.escape, sorted(filter(None, _PREFIXES), key=len, reverse=True)))})?[\s-]*"
    rf"(?P<word>{'|'.join(_WORDS.values())})?"
)
_NUMBER = re.compile(NUMBER, re.IGNORECASE)
_HEXADECIMAL = re.compile(r"0x[0-9a-f]{1,16}", re.IGNORECASE)
_RATE = re.compile(rf"{NUMBER}\s*(?P<unit>fps|[a-z][a-z -]*?(?:/| per )\s?s(?:ec(?:ond)?)?)", re.IGNORECASE)
# What a number without a word for it may count, how far-fetched that is, and the scales that people leave out.
_UNSAID = {Kind.OPERATIONS: 0.0, Kind.PARAMS: 0.0, Kind.ACTS: 0.5, Kind.BYTES: 0.6}
_LEFT_OUT = {Kind.OPERATIONS: (10**9, 10**6), Kind.PARAMS: (10**6,), Kind.ACTS: (10**6,)}
_BILLION = 10**9  # of nothing but operations, unless it is said
_FEWEST_OPERATIONS = 10**8  # a number below says so if it counts them
_OTHER_SCALE = 0.2  # how far-fetched the second scale is
IN_1024S = 1.65  # how far-fetched it is that counts, not bytes, are printed in units of 1024


def read_number(text: str) -> StatedNumber:
    """What is written, taken apart: a number with its unit, or a line as a tool prints it.

    Raises:
        UserError: it is no number with a unit that is understood.
    """
    if len(text) > _MOST_WITH_BLANKS:
        raise _no_number(text)
    plain = plain_line(text).removesuffix(".")
    if _HEXADECIMAL.fullmatch(plain):
        raise UserError(f"number is {_shown(text)}, which is hexadecimal; write it as {int(plain, 16):,}")
    if rate := _RATE.fullmatch(plain):
        raise UserError(f"unit is {_shown(rate['unit'])}, what a machine does in a second; {_EXAMPLES}")
    try:
        return _alone(text, plain)
    except UserError:
        pasted = number_in(plain) if len(plain) <= MAX_LENGTH else None
        if pasted is None:
            raise
    number = _alone(pasted.text, pasted.text)
    return replace(number, printers=pasted.printers, left_out=pasted.left_out)


def _alone(text: str, plain: str) -> StatedNumber:
    """A number with its unit and nothing else."""
    match = _NUMBER.match(plain.lstrip("~≈ ")) if len(plain) <= MAX_LENGTH else None
    if match is None:
        raise _no_number(text)
    unit = plain.lstrip("~≈ ")[match.end() :].strip()
    value, step = value_and_step(match, _is_of_billions(unit))
    if not 0 < value < _LARGEST:
        raise UserError(f"number is {_shown(text)}; use one above 0 and below 10¹⁸")
    readings = _readings(unit, value)
    if not readings:
        raise UserError(f"unit is {_shown(unit)}; {_EXAMPLES}")
    digits = len(str(int(value / step)))
    return StatedNumber(plain, match[0], unit, value, step, digits, readings, printers_of(plain))


def _is_of_billions(unit: str) -> bool:
    prefix = _UNIT.match(unit.lower())
    return prefix is not None and (_PREFIXES[prefix["prefix"] or ""] or 0) >= _BILLION


def _no_number(text: str) -> UserError:
    return UserError(f"number is {_shown(text)}; {_EXAMPLES}")


def _shown(text: str) -> str:
    shown = repr(text[:_SHOWN_LENGTH])
    return shown if len(shown) <= _SHOWN_LENGTH + 2 and len(text) <= _SHOWN_LENGTH else shown[:_SHOWN_LENGTH] + "..."


def _readings(unit: str, value: Fraction) -> tuple[Interpretation, ...]:
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
            if kind is Kind.OPERATIONS and not said and scale == 1 and value < _FEWEST_OPERATIONS:
                unsaid = _UNSAID[Kind.ACTS]
            readings += [
                Interpretation(kind, each, _SHOWN[each], unsaid + _OTHER_SCALE * i)
                for i, each in enumerate(scales if scale is None else (scale,))
            ]
            if scale in _IN_1024S:
                other = _IN_1024S[scale]
                readings.append(Interpretation(kind, other, _SHOWN[other], unsaid + IN_1024S))
    return (*readings, *(_sizes("mb", _UNSAID[Kind.BYTES]) if not unit and scale is None else ()))


def _sizes(unit: str, farness: float = 0.0) -> tuple[Interpretation, ...]:
    """Bytes; MB are taken as 10⁶ and, as many tools do, as 2²⁰."""
    return tuple(
        Interpretation(Kind.BYTES, scale, shown, farness + _OTHER_SCALE * i)
        for i, (scale, shown) in enumerate(_BYTES[unit])
    )
