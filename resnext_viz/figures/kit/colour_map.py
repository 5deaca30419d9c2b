"""One colour map for maps of values: viridis, whose equal steps look equal, to the colour-blind and in grey too.

Source: S. van der Walt and N. Smith, matplotlib 2.0 (public domain, CC0); every sixteenth of the way, linear between.
"""

from __future__ import annotations

from resnext_viz.figures.kit.svg import Markup, tag

ANCHORS = (
    "#440154", "#48186A", "#472D7B", "#424086", "#3B528B", "#33638D", "#2C728E", "#26828E", "#21918C",
    "#1FA088", "#28AE80", "#3FBC73", "#5EC962", "#84D44B", "#ADDC30", "#D8E219", "#FDE725",
)  # fmt: skip


def rgb(share: float) -> tuple[int, int, int]:
    """The colour of a share of the scale, each channel 0 to 255; what lies outside 0 to 1 gets the end's."""
    place = min(max(share, 0.0), 1.0) * (len(ANCHORS) - 1)
    before = min(int(place), len(ANCHORS) - 2)
    low, high = (_channels(ANCHORS[at]) for at in (before, before + 1))
    red, green, blue = (round(a + (b - a) * (place - before)) for a, b in zip(low, high, strict=True))
    return red, green, blue


def colour_table() -> list[int]:
    """The colours of 256 equal steps, `[r, g, b, r, ...]`: the palette of a picture with one byte a pixel."""
    return [channel for step in range(256) for channel in rgb(step / 255)]


def scale_bar(low: str, high: str, words: str) -> Markup:
    """HTML of the scale: its colours from the low to the high value, and what is measured."""
    gradient = f"linear-gradient(to right,{','.join(ANCHORS)})"
    return tag(
        "p",
        tag("span", low),
        tag("i", style=f"background:{gradient}", aria_hidden="true"),
        tag("span", high),
        tag("span", words, class_="rx-scale-words"),
        class_="rx-scale",
    )


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
