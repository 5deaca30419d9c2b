"""What one epoch does to the pictures: their order, and how each is shifted, flipped and cut; all drawn from the seed.

Draws depend on nothing but the seed and the epoch's number, so that a run that goes on after a stop is the run that
never stopped.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from resnext_viz.training.recipe.recipe import Recipe


@dataclass(frozen=True)
class EpochPlan:
    """Draws of one epoch, each tensor `(N,)`, on the CPU."""

    order: Tensor
    flipped: Tensor
    top: Tensor  # of the window in the padded picture, 0 to 2·reach
    left: Tensor
    reach: int
    centres: Tensor  # of the squares cut out, (N, 2) shares of height and width
    cutout: int

    def batches(self, size: int) -> tuple[Tensor, ...]:
        """The order cut into batches; an incomplete last one is left out, as the next epoch brings its pictures in."""
        batches: tuple[Tensor, ...] = self.order.split(size)
        return batches[:-1] if len(batches) > 1 and len(batches[-1]) < size else batches

    def batch(self, images: Tensor, chosen: Tensor) -> Tensor:
        """The pictures `chosen` out of `images` `(N, 3, H, W)` uint8, shifted and flipped, where `images` is."""
        device = images.device
        top, left = self.top[chosen].to(device), self.left[chosen].to(device)
        batch = shifted(images[chosen.to(device)], top, left, self.reach)
        flipped = self.flipped[chosen].to(device)
        return torch.where(flipped[:, None, None, None], batch.flip(3), batch)

    def cut(self, batch: Tensor, chosen: Tensor) -> Tensor:
        """The normalised pictures `(N, 3, H, W)` of `chosen`, with a square of zeros, their mean colour, in each."""
        if not self.cutout:
            return batch
        centres, size = self.centres[chosen].to(batch.device), batch.shape[-2:]
        inside = [_near(centres[:, axis], size[axis], self.cutout) for axis in (0, 1)]
        return batch.masked_fill((inside[0][:, :, None] & inside[1][:, None, :])[:, None], 0.0)


def plan_epoch(count: int, recipe: Recipe, epoch: int) -> EpochPlan:
    """The draws of one epoch over `count` pictures.

    Half of the pictures, chosen once per run, are flipped in even epochs and the other half in odd ones.
    """
    chosen = torch.randint(2, (count,), generator=_generator(recipe.seed)).bool()
    flipped = (chosen if epoch % 2 == 0 else ~chosen) if recipe.flip else torch.zeros(count, dtype=torch.bool)
    reach, span = recipe.translate, 2 * recipe.translate + 1
    shifts = torch.randint(span * span, (count,), generator=_generator(recipe.seed, epoch))
    order = torch.randperm(count, generator=_generator(recipe.seed, epoch, 1))
    centres = torch.rand((count, 2), generator=_generator(recipe.seed, epoch, 2))
    return EpochPlan(order, flipped, shifts // span, shifts % span, reach, centres, recipe.cutout)


def shifted(images: Tensor, top: Tensor, left: Tensor, reach: int) -> Tensor:
    """Windows `(N, 3, H, W)` of the pictures, padded by `reach` reflected pixels; top = left = reach is the middle."""
    if reach == 0:
        return images
    height, width = images.shape[-2:]
    padded = images[:, :, _reflected(height, reach, images.device)][:, :, :, _reflected(width, reach, images.device)]
    windows = padded.unfold(2, height, 1).unfold(3, width, 1)  # (N, 3, span, span, H, W), a view
    return windows[torch.arange(len(images), device=images.device), :, top, left]


def _near(centres: Tensor, size: int, side: int) -> Tensor:
    """Which of `size` pixels lie in a stretch of `side` about each centre `(N,)`; one at the border is cut short."""
    first = (centres * size).long() - side // 2
    numbers = torch.arange(size, device=centres.device)
    return (numbers >= first[:, None]) & (numbers < first[:, None] + side)


def _reflected(size: int, reach: int, device: torch.device) -> Tensor:
    """Row numbers of a padded picture: `reach` mirrored, its own, `reach` mirrored; the border is not repeated."""
    numbers = torch.arange(-reach, size + reach, device=device).abs()
    return torch.where(numbers < size, numbers, 2 * (size - 1) - numbers)


def _generator(*numbers: int) -> torch.Generator:
    seed = 0
    for number in numbers:
        seed = seed * 1_000_003 + number + 1
    return torch.Generator().manual_seed(seed)
