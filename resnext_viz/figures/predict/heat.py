"""Where the network looks: the crop, the crop under a map of heat, and a button for each class that can be asked about.

Labels come from strangers: `tag` escapes every one of them. What is chosen is `class:3=2`: the class with index 3, and
behind the sign how often something was chosen before.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from resnext_viz.figures.kit.colour_map import scale_bar
from resnext_viz.figures.kit.svg import Markup, tag
from resnext_viz.kit.number_format import percent

SIDE = 320  # px
MOST_LETTERS = 40  # of a label within a sentence


class ClassChoice(NamedTuple):
    """One class that can be asked about."""

    class_index: int
    label: str
    probability: float


def short_label(label: str) -> str:
    """A label for a title or a sentence, cut after `MOST_LETTERS`; buttons and answers have it whole."""
    return label if len(label) <= MOST_LETTERS else f"{label[: MOST_LETTERS - 1].rstrip()}…"


def heat_view(
    crop: str, heat: str, classes: Sequence[ClassChoice], chosen: int, turn: int, words: str, nothing: bool = False
) -> str:
    """HTML of the crop, the heat over it with its scale, and the classes.

    Args:
        crop: the part of the photo that the network gets, as a data URI.
        heat: its map of heat in colours, as a data URI.
        classes: to choose from.
        chosen: index of the class whose heat it is.
        turn: how often something was chosen before.
        words: what the map is, in sentences.
        nothing: nothing in the picture speaks for the class.
    """
    label = short_label(next(each.label for each in classes if each.class_index == chosen))
    plain = tag("img", src=crop, alt="The crop that the network gets", width=SIDE, height=SIDE, class_="rx-h-picture")
    over = tag(
        "div",
        tag("img", src=crop, alt="", class_="rx-h-grey"),
        tag("img", src=heat, alt=f"Where “{label}” gets its score from, as heat over the crop"),
        class_="rx-h-over",
        style=f"width:{SIDE}px",
    )
    finding = (
        f"Nothing in this picture speaks for “{label}” here."
        if nothing
        else f"The brighter a place, the more what is there raises the score of “{label}”."
    )
    about = tag(
        "div",
        class_choices(classes, chosen, turn),
        tag("p", finding, class_="rx-h-finding"),
        scale_bar("0", "largest", ""),
        tag("p", words, class_="rx-h-note"),
        class_="rx-h-about",
    )
    return tag("div", tag("div", plain, over, about, class_="rx-h-columns"), class_="rx-h-frame")


def class_choices(classes: Sequence[ClassChoice], chosen: int, turn: int) -> Markup:
    """HTML of the classes as buttons, the chosen one pressed in."""
    buttons = [
        tag(
            "button",
            tag("span", each.label),
            tag("small", percent(each.probability)),
            type="button",
            role="radio",
            class_="rx-h-class",
            aria_checked=str(each.class_index == chosen).lower(),
            data_choose=f"class:{each.class_index}={turn}",
        )
        for each in classes
    ]
    return tag(
        "div",
        *buttons,
        class_="rx-h-classes",
        data_group="classes",
        data_uncovered="",
        role="radiogroup",
        aria_label="Class that is asked about",
    )
