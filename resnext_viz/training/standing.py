"""Where a training run stands: within an epoch, and what an epoch added up to."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from torch import Tensor

from resnext_viz.training.run_folder import Step

Watch = Callable[[Step], object]


def time_left(progress: float, elapsed_s: float) -> float:
    """Seconds that the rest of a run will take, judged by the share that is done; 0 before anything is."""
    return elapsed_s * (1 / min(progress, 1.0) - 1) if progress else 0.0


class Seen(NamedTuple):
    """What an epoch's steps added up to: losses and right first answers over all pictures, on the device."""

    loss: Tensor
    right: Tensor
    steps: int
    pictures: int
