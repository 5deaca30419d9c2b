"""The one palette, light and dark, for drawings, charts, components and pages.

Every pair was chosen for contrast against the page (text at least 4.5:1, marks 3:1) and for distance under
colour-vision deficiencies. `accent` means path i and nothing else.
"""

from __future__ import annotations

from typing import Literal

Theme = Literal["light", "dark"]

# Light and dark.
PALETTE: dict[str, tuple[str, str]] = {
    "bg": ("#FFFFFF", "#101317"),  # page
    "side": ("#F7F6F2", "#171B20"),  # sidebar, quiet boxes
    "well": ("#FAF9F6", "#14181C"),  # the blank part of a matrix
    "ink": ("#1A1D21", "#ECEAE4"),  # text, data, this network
    "muted": ("#59616B", "#A4ACB6"),  # captions, units, axes
    "control": ("#858A91", "#717A85"),  # borders of controls, flow lines
    "line": ("#E4E2DB", "#262C33"),  # hairlines
    "line2": ("#C9C6BC", "#3A424C"),  # stronger hairlines
    "accent": ("#C4350A", "#FF8557"),  # path i
    "stem": ("#39434F", "#D3D9E1"),
    "reduce": ("#2B57A3", "#6C98EA"),
    "transform": ("#0A7F72", "#35B8A3"),
    "expand": ("#4A8CCB", "#B4D3F5"),
    "shortcut": ("#868C95", "#7C8490"),
    "head": ("#5B2C6F", "#B98BD0"),
    "good": ("#0A6B5F", "#5CCBB9"),  # the "equal" mark
    "tint": ("12%", "20%"),  # share of a kind's colour in its box
}

TINTED = ("reduce", "transform", "expand", "shortcut")  # kinds that are drawn as boxes


def css_variables() -> str:
    """Custom properties `--rx-TOKEN` that follow the page's colour scheme by themselves.

    `--rx-tint-KIND` is the fill of a box of that kind.
    """
    pairs = {name: pair for name, pair in PALETTE.items() if name != "tint"}
    pairs |= {f"tint-{kind}": (tinted(kind, "light"), tinted(kind, "dark")) for kind in TINTED}
    return ";".join(f"--rx-{name}:light-dark({light},{dark})" for name, (light, dark) in pairs.items())


def tinted(kind: str, theme: Theme) -> str:
    """The fill of a box: a kind's colour, thin over the page."""
    return mixed(colour(kind, theme), colour("bg", theme), float(PALETTE["tint"][theme == "dark"].rstrip("%")) / 100)


def mixed(over: str, under: str, share: float) -> str:
    """`share` of one `#RRGGBB` over another, as CSS mixes them in sRGB."""
    channels = ((int(over[at : at + 2], 16), int(under[at : at + 2], 16)) for at in (1, 3, 5))
    return "#" + "".join(f"{round(share * a + (1 - share) * b):02X}" for a, b in channels)


def colour(token: str, theme: Theme) -> str:
    """The value of one token in one theme."""
    return PALETTE[token][theme == "dark"]
