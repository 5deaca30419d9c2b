"""Streamlit's own widgets wear the palette: `.streamlit/config.toml` can name no colour that it does not hold."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from resnext_viz.figures.kit.palette import PALETTE, Theme, colour

THEME = tomllib.loads((Path(__file__).parents[1] / ".streamlit/config.toml").read_text())["theme"]
# What each option must be; `sidebar` for the section beneath it.
MEANS = {
    "backgroundColor": "bg", "secondaryBackgroundColor": "side", "textColor": "ink", "linkColor": "ink",
    "borderColor": "control", "dataframeBorderColor": "line",
}  # fmt: skip
SIDEBAR_MEANS = {"backgroundColor": "side", "secondaryBackgroundColor": "bg"}
THEMES: tuple[Theme, Theme] = ("light", "dark")


def hex_values(section: dict[str, Any]) -> set[str]:
    """Every colour named in a section and beneath it."""
    return set(re.findall(r"#[0-9A-Fa-f]{6}", json.dumps(section)))


@pytest.mark.parametrize("theme", THEMES)
def test_each_surface_has_its_colour(theme: Theme) -> None:
    section = THEME[theme]
    for option, token in MEANS.items():
        assert section[option] == colour(token, theme), option
    for option, token in SIDEBAR_MEANS.items():
        assert section["sidebar"][option] == colour(token, theme), option


@pytest.mark.parametrize("theme", THEMES)
def test_every_colour_is_the_palettes_and_none_is_the_accent(theme: Theme) -> None:
    allowed = {colour(token, theme) for token in PALETTE if token not in {"accent", "tint"}}
    assert hex_values(THEME[theme]) <= allowed


def test_no_colour_is_shared_by_both_themes() -> None:
    assert hex_values({option: value for option, value in THEME.items() if option not in THEMES}) == set()


@pytest.mark.parametrize("theme", THEMES)
def test_white_can_be_read_on_a_chosen_control(theme: Theme) -> None:
    # Streamlit draws knobs and check marks in white on the primary colour; WCAG 1.4.11 asks 3:1 of such marks.
    red, green, blue = (int(THEME[theme]["primaryColor"][at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (red, green, blue)]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    assert 1.05 / (luminance + 0.05) >= 3
