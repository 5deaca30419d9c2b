"""The digits of a number as any country writes them: marks of thousands and decimals, powers, other scripts' digits."""

from __future__ import annotations

import re
import unicodedata
from fractions import Fraction

_RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹"
_POWER = re.compile(rf"(?<![\d.,])(10|2)([{_RAISED}]+)")
_OTHER_MARKS = {ord("٬"): ",", ord("٫"): ".", **dict.fromkeys(map(ord, _RAISED))}  # those left are of footnotes
_UNITS_OF_1024 = {"10": "Ki", "20": "Mi", "30": "Gi", "40": "Ti"}
_POWER_OF_2 = re.compile(r"\s*[x×*·⋅]\s*2\s*(?:\^|\*\*)\s*([1-4]0)(?!\d)")

# Thousands are marked alike throughout; a single dot marks them only where a comma for decimals follows.
WHOLE = (
    r"\d{1,3}(?:(?P<mark>[ ,._'’])\d{3})(?:(?P=mark)\d{3})+(?!\d)"
    r"|\d{1,3}[ ,_'’]\d{3}(?!\d)"
    r"|\d{1,3}\.\d{3}(?=,\d)"
    r"|\d{1,2}(?:,\d{2})+,\d{3}(?!\d)"  # of India
    r"|\d+"
)
NUMBER = (
    rf"(?P<whole>{WHOLE})(?:[.,](?P<part>\d+))?"
    r"(?:\s*(?:e\+?|[x×*·⋅]\s*10\s*(?:\^|\*\*)\s*)(?P<power>\d{1,2})(?!\d))?"
)


def plain_line(text: str) -> str:
    """The text on one line, with the digits 0 to 9 alone, and powers as "10^9"; powers of 2 as Ki, Mi, Gi or Ti."""
    raised = _POWER.sub(lambda found: f"{found[1]}^{unicodedata.normalize('NFKC', found[2])}", text)
    flat = unicodedata.normalize("NFKC", raised.translate(_OTHER_MARKS))
    digits = "".join(str(unicodedata.decimal(sign)) if sign.isdecimal() else sign for sign in flat)
    return " ".join(_POWER_OF_2.sub(lambda found: f" {_UNITS_OF_1024[found[1]]} ", digits).split())


def value_and_step(match: re.Match[str], in_billions: bool) -> tuple[Fraction, Fraction]:
    """A `NUMBER` and one unit of its last digit; zeros at the end of a long whole number are taken as rounding."""
    whole, part, power = match["whole"], match["part"] or "", int(match["power"] or 0)
    if not part and in_billions and re.fullmatch(r"\d{1,3},\d{3}", whole):
        whole, part = whole.split(",")  # "4,089 G" has a decimal comma: nobody counts thousands of billions
    digits = re.sub(r"\D", "", whole) + part
    step = Fraction(10) ** (power - len(part))
    value = int(digits) * step
    zeros = len(digits) - len(digits.rstrip("0"))
    if not part and not power and zeros >= 3:
        step *= 10**zeros
    return value, step
