"""How a network is trained: the settings, the learning rate over time, and the augmentation of one epoch.

Sources: arXiv 1611.05431 section 5 (SGD, momentum 0.9, weight decay 5e-4 on CIFAR, crops of a padded image, flips);
Jordan, arXiv 2404.00498 (alternating flip, a rate that falls to zero within the budget, label smoothing).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor

from resnext_viz.errors import UserError


class RecipeError(UserError):
    """A training setting that cannot be."""


@dataclass(frozen=True)
class Recipe:
    """Settings of one training run. Exactly one of `epochs` and `minutes` bounds it; the rate always ends at zero."""

    epochs: int | None = None
    minutes: float | None = None
    batch_size: int = 256
    peak_rate: float = 0.25
    warm_up: float = 0.12  # share of the run
    momentum: float = 0.9  # Nesterov
    weight_decay: float = 5e-4  # weights of convolutions and linear layer only
    label_smoothing: float = 0.1
    translate: int = 4  # pixels, reflected at the border
    flip: bool = True
    seed: int = 0

    def __post_init__(self) -> None:
        if (self.epochs is None) == (self.minutes is None):
            raise RecipeError("give either --epochs or --minutes, not both")
        if (self.epochs or self.minutes or 0) <= 0:
            raise RecipeError("the length of a run must be more than zero")
        if self.batch_size < 2:
            raise RecipeError(f"batch_size is {self.batch_size}; use at least 2, batch norm needs it")

    def rate_at(self, progress: float) -> float:
        """Learning rate at `progress` of the run, 0 to 1: linear warm-up, then linear to zero."""
        return self.peak_rate * max(0.0, min(progress / self.warm_up, (1 - progress) / (1 - self.warm_up)))

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def augmented(images: Tensor, recipe: Recipe, epoch: int) -> Tensor:
    """One epoch's pictures `(N, 3, H, W)` uint8, shifted and flipped, in their own order.

    Half of the pictures, chosen once per run, are flipped in even epochs and the other half in odd ones.
    """
    if recipe.flip:
        chosen = torch.randint(2, (len(images),), generator=_generator(recipe.seed)).bool()
        flipped = chosen if epoch % 2 == 0 else ~chosen
        images = torch.where(flipped[:, None, None, None], images.flip(3), images)
    return _shifted(images, recipe.translate, _generator(recipe.seed, epoch)) if recipe.translate else images


def order_of(count: int, recipe: Recipe, epoch: int) -> Tensor:
    """The order `(count,)` in which one epoch takes its pictures."""
    return torch.randperm(count, generator=_generator(recipe.seed, epoch, 1))


def _shifted(images: Tensor, reach: int, generator: torch.Generator) -> Tensor:
    """Each picture moved by up to `reach` pixels both ways; one gather for each of the (2·reach+1)² shifts."""
    side_y, side_x = images.shape[-2:]
    padded = torch.nn.functional.pad(images.float(), (reach,) * 4, mode="reflect").to(images.dtype)
    span = 2 * reach + 1
    shifts = torch.randint(span * span, (len(images),), generator=generator)
    out = torch.empty_like(images)
    for shift in range(span * span):
        chosen = (shifts == shift).nonzero().squeeze(1)
        top, left = divmod(shift, span)
        out[chosen] = padded[chosen, :, top : top + side_y, left : left + side_x]
    return out


def _generator(*numbers: int) -> torch.Generator:
    seed = 0
    for number in numbers:
        seed = seed * 1_000_003 + number + 1
    return torch.Generator().manual_seed(seed)
