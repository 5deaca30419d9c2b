"""What page or shell measures and hands in: records of a check, a clock and a photo, each of one network."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from resnext_viz.block_forms.check_verdict import Row
from resnext_viz.block_forms.terms import EPSILON
from resnext_viz.spec import ImageSize, ResNeXtSpec


@dataclass(frozen=True)
class FormsMeasured:
    """A check of a block's three forms.

    Attributes:
        spec: whose blocks were run.
        units: the largest relative difference, in units in the last place of its dtype; infinite where one form gave
            no finite number.
        comparisons: how many pairs of outputs and gradients were compared.
    """

    spec: ResNeXtSpec
    units: float
    comparisons: int

    def __post_init__(self) -> None:
        if not self.units >= 0 or self.comparisons < 1:
            raise ValueError(f"units is {self.units} and comparisons is {self.comparisons}; use 0 and 1 or more")


def forms_measured(spec: ResNeXtSpec, rows: Sequence[Row]) -> FormsMeasured:
    """The record of at least one row of a check, as `check-forms --json` prints it."""
    units = (math.inf if row["max_rel"] is None else row["max_rel"] / EPSILON[row["dtype"]] for row in rows)
    return FormsMeasured(spec, max(units), len(rows))


@dataclass(frozen=True)
class TimeMeasured:
    """Two networks' forward passes in turns on this machine.

    Attributes:
        spec, baseline, image_size: what ran, and what it is compared with.
        batch: images at once.
        ratio: time of `spec` over that of the baseline.
        low, high: its interval.
        one_image_ratio: the same with one image at a time; None if that was not measured.
    """

    spec: ResNeXtSpec
    baseline: ResNeXtSpec
    image_size: ImageSize
    batch: int
    ratio: float
    low: float
    high: float
    one_image_ratio: float | None = None

    def __post_init__(self) -> None:
        if not 0 < self.low <= self.ratio <= self.high < math.inf or self.batch < 1:
            raise ValueError(f"ratio is {self.ratio} in {self.low} to {self.high}; use numbers in order, above 0")


@dataclass(frozen=True)
class PathMeasured:
    """A photo's class with all paths of a block, and without the one that speaks most for it.

    Attributes:
        photo: the sample's name.
        weights: the name of the weights.
        class_name, class_index: what the network says of the photo.
        cardinality: paths of the block.
        stage, block, path: which one goes off, from 1.
        with_all: probability of the class, from 0 to 1.
        without: the same with that path off.
        none_left: the same with all paths of the block off; None if that was not measured.
    """

    photo: str
    weights: str
    class_name: str
    class_index: int
    cardinality: int
    stage: int
    block: int
    path: int
    with_all: float
    without: float
    none_left: float | None = None

    def __post_init__(self) -> None:
        shares = (self.with_all, self.without, *(() if self.none_left is None else (self.none_left,)))
        if not all(0 <= share <= 1 for share in shares) or not 1 <= self.path <= self.cardinality:
            raise ValueError("a probability lies outside 0 to 1, or a path outside 1 to C")
