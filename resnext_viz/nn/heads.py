"""Heads of several layers, as strangers put them behind the blocks: a fastai head, a linear layer more.

Dropout does nothing when a network answers, and is left out.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from resnext_viz.reading.ends import HeadOp, HeadStep, named_layers


class MaximaAndAverages(nn.Module):
    """The maximum and the average of each map: `(N, C, H, W)` -> `(N, 2C)`, maxima first, as fastai has them."""

    def forward(self, x: Tensor) -> Tensor:
        """`(N, C, H, W)` -> `(N, 2C)`."""
        return torch.cat((x.amax((2, 3)), x.mean((2, 3))), 1)


def layers_of(steps: Sequence[HeadStep]) -> nn.Sequential:
    """The layers of a head behind its pooling: `(N, c_in)` -> `(N, c_out)`."""
    return nn.Sequential(*(_layer(step) for _, step in named_layers(steps)))


def takes_maxima(steps: Sequence[HeadStep]) -> bool:
    """Whether a head begins with the maxima of maps beside their averages."""
    return any(step.op is HeadOp.MAX_AND_AVERAGE for step in steps)


def _layer(step: HeadStep) -> nn.Module:
    if step.op is HeadOp.LINEAR:
        return nn.Linear(step.c_in, step.c_out)
    return nn.BatchNorm1d(step.c_out) if step.op is HeadOp.NORM else nn.ReLU()
