"""The few SVG and HTML pieces every drawing is put together from; all text and attributes are escaped here.

Lengths are CSS pixels, written with at most two decimals. What `tag` returns is `Markup`; a plain string given as a
child is text.
"""

from __future__ import annotations

from functools import cache
from html import escape

Attribute = str | float | bool | None


class Markup(str):
    """Text that is markup already, so it is not escaped again."""

    __slots__ = ()


def number(value: float) -> str:
    """The value with at most two decimals and no trailing zeros: `12.5`, `3`, `0`."""
    if isinstance(value, int):
        return str(value)
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def markup(*children: str) -> Markup:
    """The children in a row; plain strings are escaped."""
    return Markup("".join([child if isinstance(child, Markup) else escape(child) for child in children]))


def tag(name: str, *children: str, **attributes: Attribute) -> Markup:
    """One element.

    In attribute names `_` stands for `-` and a trailing `_` is dropped (`class_`, `data_tip`). None and False leave an
    attribute out; True writes its name.
    """
    head = name
    for key, value in attributes.items():
        if value is None or value is False:
            continue
        attribute = _attribute_name(key)
        if value is True:
            head += f' {attribute}="{attribute}"'
        elif isinstance(value, str):
            head += f' {attribute}="{escape(value)}"'
        else:
            head += f' {attribute}="{number(value)}"'
    if children or name not in _VOID:
        return Markup(f"<{head}>{markup(*children)}</{name}>")
    return Markup(f"<{head}/>")


@cache
def _attribute_name(key: str) -> str:
    return key.rstrip("_").replace("_", "-")


_VOID = frozenset({"rect", "circle", "line", "path", "use", "br", "img", "input"})


def group(*children: str, **attributes: Attribute) -> Markup:
    """Several marks as one."""
    return tag("g", *children, **attributes)


def text(
    x: float, y: float, content: str, class_: str | None = None, anchor: str | None = None, **attributes: Attribute
) -> Markup:
    """A line of text with its baseline at `y`; `anchor` is start (default), middle or end."""
    return tag("text", content, x=x, y=y, class_=class_, text_anchor=anchor, **attributes)


def rect(x: float, y: float, width: float, height: float, **attributes: Attribute) -> Markup:
    """A rectangle by its upper left corner."""
    return tag("rect", x=x, y=y, width=width, height=height, **attributes)


def circle(x: float, y: float, radius: float, **attributes: Attribute) -> Markup:
    """A circle by its centre."""
    return tag("circle", cx=x, cy=y, r=radius, **attributes)


def line(x1: float, y1: float, x2: float, y2: float, **attributes: Attribute) -> Markup:
    """A straight line."""
    return tag("line", x1=x1, y1=y1, x2=x2, y2=y2, **attributes)


def path(*steps: str | float, **attributes: Attribute) -> Markup:
    """A path of steps such as `"M", 0, 0, "H", 12.5`."""
    d = " ".join([step if isinstance(step, str) else number(step) for step in steps])
    return tag("path", d=d, **attributes)


def document(
    width: float, height: float, label: str, finding: str, children: list[Markup], *, interactive: bool = False
) -> Markup:
    """A whole SVG at its real size, with a name and one sentence that says what it shows.

    An interactive drawing is a group: the children of an image are hidden from screen readers.
    """
    return tag(
        "svg",
        *children,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {number(width)} {number(height)}",
        width=width,
        height=height,
        class_="rx-svg",
        role="group" if interactive else "img",
        aria_label=f"{label}. {finding}",
    )


def variants(wide: str, narrow: str) -> Markup:
    """Two layouts of one drawing; the style sheet shows the one that fits its container."""
    return markup(tag("div", wide, class_="rx-wide"), tag("div", narrow, class_="rx-narrow"))


# Advance widths of Source Sans in thousandths of its size, rounded up; every other character counts as a wide one.
_ADVANCE = {
    **dict.fromkeys("0123456789+−=×<>~–", 500),
    **dict.fromkeys(" ", 200),
    **dict.fromkeys("iljI.,:;'|·!", 270),
    **dict.fromkeys("frt()[]-/", 350),
    **dict.fromkeys("abcdeghknopquvxyzsJ²³", 545),
    **dict.fromkeys("mwMW%@", 850),
}


def text_width(content: str, size: float, bold: bool = False) -> float:
    """About how wide a line is, in pixels; rather too much than too little."""
    return sum([_ADVANCE.get(character, 650) for character in content]) * size * (1.06 if bold else 1.0) / 1000
