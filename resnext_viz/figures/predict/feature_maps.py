"""What each stage sees: a row of maps for the stem and each stage, in one colour map with the scale of the row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from resnext_viz.figures.kit.colour_map import scale_bar
from resnext_viz.figures.kit.svg import Markup, tag
from resnext_viz.kit.number_format import exact


@dataclass(frozen=True)
class MapRow:
    """The maps behind one stage; pictures as data URIs.

    Attributes:
        name: "stem", "stage 1", ...
        channels: in all.
        side: places along each side of a map.
        numbers: of the channels shown, from 1.
        pictures: of those channels, on one scale from 0 to `largest`.
        mean: picture of the mean over all channels, on its own scale from 0 to `mean_largest`.
    """

    name: str
    channels: int
    side: int
    numbers: Sequence[int]
    pictures: Sequence[str]
    largest: float
    mean: str
    mean_largest: float


def feature_maps(rows: Sequence[MapRow]) -> str:
    """HTML of one row of maps for each stage."""
    caption = (
        "Each small picture is one channel of what the stage puts out for this photo, bright where it is large. Shown "
        "are the channels with the largest mean; the first picture is the mean of all channels, on a scale of its own."
    )
    return tag("div", *map(_row, rows), tag("p", caption, class_="rx-caption"), class_="rx-m-frame")


def _row(row: MapRow) -> Markup:
    name = row.name[:1].upper() + row.name[1:]
    size = f"{row.side}×{row.side}"
    title = tag("h3", name, tag("span", f"{exact(row.channels)} channels of {size} places"))
    mean = _tile(row.mean, f"{name}, mean of all channels, {size}", "mean", f"to {value(row.mean_largest)}")
    tiles = [
        _tile(picture, f"{name}, channel {number}, {size}", f"{number}", "")
        for number, picture in zip(row.numbers, row.pictures, strict=True)
    ]
    head = tag("div", title, scale_bar("0", value(row.largest), "after ReLU"), class_="rx-m-head")
    return tag("section", head, tag("div", mean, *tiles, class_="rx-m-tiles"), aria_label=f"{name}, {size}")


def _tile(picture: str, alt: str, name: str, scale: str) -> Markup:
    return tag("figure", tag("img", src=picture, alt=alt), tag("figcaption", name, tag("span", scale)))


def value(largest: float) -> str:
    """A value with three digits: `12.3`, `0.0456`."""
    return f"{largest:.3g}"
