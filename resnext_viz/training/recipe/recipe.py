"""How a network is trained: the settings, the learning rate over time, and what is drawn for each epoch.

Sources: arXiv 1611.05431 section 5 (SGD, momentum 0.9, weight decay 5e-4 on CIFAR, crops of a padded image, flips, a
tenth of the rate after one half and after three quarters of the run); Jordan, arXiv 2404.00498 (alternating flip, rate
that falls to zero within the budget, label smoothing, whitening stem); DeVries and Taylor, arXiv 1708.04552 (cutout);
Foret et al., arXiv 2010.01412 (sharpness-aware steps).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from math import cos, isfinite, pi
from typing import Any, NamedTuple

from resnext_viz.errors import UserError


class RecipeError(UserError):
    """A training setting that cannot be."""


class Schedule(StrEnum):
    """How the learning rate falls after the warm-up."""

    LINEAR = "linear"  # to zero
    COSINE = "cosine"  # to zero, along half a cosine
    STEPS = "steps"  # to a tenth after 1/2 and to a hundredth after 3/4 of the run, as in the paper


class Range(NamedTuple):
    """What a setting may be: from `low` to `high`, in whole numbers or not."""

    low: float
    high: float
    whole: bool

    def __str__(self) -> str:
        return f"use a {'whole ' if self.whole else ''}number from {self.low:g} to {self.high:g}"

    def holds(self, value: object) -> bool:
        kinds = (int,) if self.whole else (int, float)
        if isinstance(value, bool) or not isinstance(value, kinds):
            return False
        return isfinite(value) and self.low <= value <= self.high


RANGES = {
    "epochs": Range(1, 100_000, True),
    "minutes": Range(0.01, 100_000, False),
    "batch_size": Range(2, 65_536, True),  # batch norm needs two
    "peak_rate": Range(1e-6, 100, False),
    "warm_up": Range(0, 0.9, False),
    "momentum": Range(0, 0.999, False),
    "weight_decay": Range(0, 1, False),
    "label_smoothing": Range(0, 0.9, False),
    "translate": Range(0, 64, True),
    "cutout": Range(0, 256, True),
    "ema": Range(0, 0.99999, False),
    "sam": Range(0, 100, False),
    "hold_out": Range(0, 1_000_000, True),
    "seed": Range(0, 999_999, True),
}


@dataclass(frozen=True)
class Recipe:
    """Settings of one training run. Exactly one of `epochs` and `minutes` bounds it, and the schedule ends with it.

    Raises:
        RecipeError: a setting is out of its range, or the run has no bound or two.
    """

    epochs: int | None = None
    minutes: float | None = None
    batch_size: int = 256
    schedule: Schedule = Schedule.LINEAR
    peak_rate: float = 0.25
    warm_up: float = 0.12  # share of the run
    momentum: float = 0.9  # Nesterov
    weight_decay: float = 5e-4  # weights of convolutions and linear layer only
    label_smoothing: float = 0.1
    translate: int = 4  # pixels, reflected at the border
    flip: bool = True  # one half of the pictures in even epochs, the other half in odd ones
    cutout: int = 0  # side in pixels of a grey square in each picture
    ema: float = 0.0  # of the averaged weights, what stays at a step; 0 for no averaging
    muon: bool = False  # the convolutions' steps are made orthogonal, all but the stem's
    whiten: bool = False  # the stem starts as a whitening of the pictures' patches
    sam: float = 0.0  # how far uphill the gradient of a step is taken, which costs a second pass; 0 for where it stands
    hold_out: int = 0  # pictures of the training set that are never trained on, drawn by the seed
    seed: int = 0

    def __post_init__(self) -> None:
        if (self.epochs is None) == (self.minutes is None):
            raise RecipeError("a run is bounded by epochs or by minutes; give one of the two, such as --epochs 20")
        for name, allowed in RANGES.items():
            value = getattr(self, name)
            if value is not None and not allowed.holds(value):
                raise RecipeError(f"{name} is {str(value)[:40]}; {allowed}")
        if self.schedule not in list(Schedule):
            raise RecipeError(f"schedule is {str(self.schedule)[:40]!r}; use {', '.join(Schedule)}")
        object.__setattr__(self, "schedule", Schedule(self.schedule))

    def share_done(self, epochs: float, elapsed_s: float) -> float:
        """Share of the run done after so many epochs and seconds, by whichever bounds it; over 1 past the end."""
        if self.minutes is not None:
            return elapsed_s / (60 * self.minutes)
        return epochs / (self.epochs or 1)  # bounded by one of the two, and never by zero

    def rate_at(self, progress: float) -> float:
        """Learning rate at `progress` of the run, 0 to 1: linear warm-up, then as the schedule says."""
        if progress < self.warm_up:
            return self.peak_rate * progress / self.warm_up
        if self.schedule is Schedule.STEPS:
            return self.peak_rate * 0.1 ** ((progress >= 0.5) + (progress >= 0.75))
        left = max(0.0, (1 - progress) / (1 - self.warm_up))
        return self.peak_rate * (left if self.schedule is Schedule.LINEAR else (1 - cos(pi * left)) / 2)

    def to_dict(self) -> dict[str, Any]:
        """Every setting as JSON types; `Recipe(**recipe.to_dict())` gives the same recipe back."""
        return {**asdict(self), "schedule": self.schedule.value}


SETTINGS = tuple(field.name for field in fields(Recipe))
