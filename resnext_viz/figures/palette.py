"""The one palette, light and dark, for drawings, charts, components and pages.

Every pair was chosen for contrast against the page (text at least 4.5:1, marks 3:1) and for distance under colour-vision
deficiencies. `ACCENT` means path i and nothing else.
"""

from __future__ import annotations

from typing import Literal

Theme = Literal["light", "dark"]

# token: (light, dark)
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


def css_variables() -> str:
    """Custom properties `--rx-TOKEN` that follow the page's colour scheme by themselves."""
    rows = (f"--rx-{token}:light-dark({light},{dark})" if token != "tint" else "" for token, (light, dark) in PALETTE.items())
    return ";".join(filter(None, rows))


def fixed_css_variables(theme: Theme) -> str:
    """The same properties with the colours of one theme, for files that leave the page."""
    return ";".join(f"--rx-{token}:{colour(token, theme)}" for token in PALETTE)


def colour(token: str, theme: Theme) -> str:
    """The value of one token in one theme."""
    return PALETTE[token][theme == "dark"]
