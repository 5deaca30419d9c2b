"""A drawing as a file of its own: one SVG that needs no page, no style sheet and no custom properties."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from resnext_viz.figures.kit.palette import Theme, colour, mixed, tinted

_MARGIN = 24
_STYLES = ("kit/base.css", "anatomy/anatomy.css")
_FONTS = {"sans": '"Source Sans 3", "Source Sans Pro", Helvetica, Arial, sans-serif', "serif": "Georgia, serif"}


def svg_file(drawing: str, theme: Theme) -> str:
    """The wide layout of a drawing (the first one in it) as a standalone SVG in the colours of one theme.

    Raises:
        ValueError: there is no SVG with a size and a label in `drawing`.
    """
    found = re.search(r"<svg\b.*?</svg>", drawing, re.DOTALL)
    if not found:
        raise ValueError("the drawing holds no SVG")
    picture = re.sub(r' (?:data-[a-z]+|role|aria-checked)="[^"]*"', "", found[0])
    size = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', picture)
    label = re.search(r'aria-label="([^"]*)"', picture)
    if not size or not label:
        raise ValueError("the SVG has no size or no label")
    width, height = (float(side) + 2 * _MARGIN for side in size.groups())
    box = f'viewBox="{-_MARGIN} {-_MARGIN} {width:g} {height:g}" width="{width:g}" height="{height:g}"'
    ground = f'<rect x="{-_MARGIN}" y="{-_MARGIN}" width="{width:g}" height="{height:g}" fill="{colour("bg", theme)}"/>'
    body = picture.split(">", 1)[1]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {box} class="rx-svg" role="img"><title>{label[1]}</title>'
        f"<style>{_styles(theme)}</style>{ground}{_plain_colours(body, theme)}\n"
    )


@cache
def _styles(theme: Theme) -> str:
    folder = Path(__file__).parents[1]
    text = "\n".join((folder / name).read_text(encoding="utf-8") for name in _STYLES)
    return _plain_colours(re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL), theme)


def _plain_colours(text: str, theme: Theme) -> str:
    """`text` with every palette property and mix of two replaced by its colour, which every viewer understands."""
    text = re.sub(r"var\(--rx-(sans|serif)\)", lambda match: _FONTS[match[1]], text)
    text = re.sub(
        r"color-mix\(in srgb, ?var\(--rx-([a-z0-9]+)\) (\d+)%, ?var\(--rx-([a-z0-9]+)\)\)",
        lambda match: mixed(colour(match[1], theme), colour(match[3], theme), int(match[2]) / 100),
        text,
    )
    text = re.sub(r"var\(--rx-tint-([a-z]+)\)", lambda match: tinted(match[1], theme), text)
    return re.sub(r"var\(--rx-([a-z0-9]+)\)", lambda match: colour(match[1], theme), text)
