"""The fields above the Counting page's drawings; each is a key of the link."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from resnext_viz.figures.counting.comparison_table import STRIDE_NAMES, View
from resnext_viz.figures.counting.movement_table import ELEMENT_BYTES
from resnext_viz.figures.counting.training_cost_table import OPTIMIZER_NAMES, PRECISION_NAMES
from resnext_viz.figures.kit.fields import fields, number_field, segments
from resnext_viz.figures.kit.svg import Markup, tag
from resnext_viz.spec import StrideOn
from resnext_viz.training_cost import BATCH_LIMITS, Optimizer, Precision

EPOCH_LIMITS = (1, 10_000_000_000)
_VIEW_NAMES = {View.PLACES: "by place", View.KINDS: "by kind", View.TERMS: "every term"}


def comparison_fields(view: View, stride: StrideOn | None) -> Markup:
    """What the rows are, and where both networks have their stride; None for as they are dialled."""
    strides = {"dialled": "as dialled"} | {str(place): f"{name} in both" for place, name in STRIDE_NAMES.items()}
    return fields(
        segments("Rows", "rows", {str(each): words for each, words in _VIEW_NAMES.items()}, str(view)),
        segments("Stride sits on", "stride", strides, str(stride or "dialled")),
    )


def movement_fields(precision: str) -> Markup:
    """Of what is moved."""
    return fields(segments("Precision", "moved", {each: each for each in ELEMENT_BYTES}, precision))


def training_fields(batch: int, images: int, optimizer: Optimizer, precision: Precision) -> Markup:
    """Of a training step, and how many images an epoch has."""
    return fields(
        number_field("Images of a step", "batch", batch, BATCH_LIMITS),
        number_field("Images of an epoch", "epoch", images, EPOCH_LIMITS),
        segments("Optimizer", "optimizer", {str(each): OPTIMIZER_NAMES[each] for each in Optimizer}, str(optimizer)),
        segments("Precision", "precision", {str(each): PRECISION_NAMES[each] for each in Precision}, str(precision)),
    )


def mistake_fields(title: str, mistakes: Mapping[str, str], chosen: str) -> Markup:
    """Which classic mistake is made.

    Args:
        title: what it is made in.
        mistakes: value -> its name.
        chosen: the value that is chosen.
    """
    return fields(segments(title, "mistake", mistakes, chosen, apart=True))


def examples_row(examples: Sequence[str]) -> Markup:
    """Numbers to try; what is chosen is "example:PLACE"."""
    buttons = [
        tag("button", words, type="button", data_choose=f"example:{place}") for place, words in enumerate(examples)
    ]
    return tag("div", tag("span", "Try"), *buttons, class_="rx-e-examples")
