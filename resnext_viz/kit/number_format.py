"""Numbers as people read them: counts, shares, bytes and times, exact or rounded, differences with a true minus."""

from __future__ import annotations

import math

_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
MINUS = "\u2212"
_PREFIXES = ((1e18, "E"), (1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))


def exact(count: float) -> str:
    """`25,028,904`, with a true minus."""
    return f"{count:,}".replace("-", MINUS)


def signed(difference: int) -> str:
    """`+141,295,616`, `−528,128`, or `same` for zero."""
    return "same" if difference == 0 else ("+" if difference > 0 else "") + exact(difference)


def rounded(count: float, places: int = 2) -> tuple[str, str]:
    """The count at a readable scale and its prefix: `("25.03", "M")`."""
    for scale, prefix in _PREFIXES:
        if abs(count) >= scale:
            return f"{count / scale:,.{places}f}".replace("-", MINUS), prefix
    return f"{count:g}".replace("-", MINUS), ""


def short(count: float, places: int = 2) -> str:
    """`25.03 M`."""
    return " ".join(rounded(count, places)).strip()


def percent(share: float, places: int = 1) -> str:
    """`36.1 %` of a share between 0 and 1."""
    return f"{100 * share:.{places}f} %".replace("-", MINUS)


def signed_percent(share: float, places: int = 1) -> str:
    """`+3.5 %`, `−2.1 %`; `±0.0 %` where nothing is left after rounding."""
    text = f"{100 * abs(share):,.{places}f} %"
    if not round(100 * abs(share), places):
        return f"±{text}"
    return ("+" if share > 0 else MINUS) + text


def share(part: float, whole: float) -> str:
    """`36.1 %` of the whole; small shares keep a digit (`0.05 %`), tiny ones are `< 0.01 %`."""
    fraction = part / whole if whole else 0.0
    if fraction >= 0.001 or fraction == 0:
        return percent(fraction)
    return percent(fraction, 2) if fraction >= 0.0001 else "< 0.01 %"


def beside(count: int, largest: int, places: int = 2) -> str:
    """The count with the prefix of the largest it stands beside, `0.63 G`, unless that leaves it under 0.01."""
    scale, prefix = next((row for row in _PREFIXES if largest >= row[0]), (1.0, ""))
    if scale == 1 or count < scale / 100:
        return short(count)
    return f"{count / scale:.{places}f} {prefix}"


def difference_text(value: float) -> str:
    """`8.1·10⁻¹⁶`, `0.0142`, `33.1`, `0`; words where it is no number."""
    if math.isnan(value):
        return "not a number"
    if math.isinf(value):
        return "infinite"
    if value == 0:
        return "0"
    if 0.01 <= value < 10_000:
        return f"{value:.3g}" if value < 1000 else f"{value:,.0f}"
    digits, exponent = f"{value:.1e}".split("e")
    return f"{digits}·{power_of_ten(int(exponent))}".replace("-", MINUS)


def power_of_ten(exponent: int) -> str:
    """`10⁻¹⁶`."""
    return f"10{str(exponent).translate(_SUPERSCRIPT)}"


def byte_size(count: float, places: int = 2) -> str:
    """`5.98 GB`, `512 B`."""
    number, prefix = rounded(count, places)
    return f"{number} {prefix}B"


def duration(seconds: float) -> str:
    """What something took: `45 s`, `3 min 20 s`, `1 h 5 min`."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def estimated_duration(seconds: float) -> str:
    """What something will take, as exact as an estimate can be: `80 s`, `12 min`, `3.5 h`."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
