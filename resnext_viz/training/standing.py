"""Where a training run stands: within an epoch, and what an epoch added up to."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from torch import Tensor


class Step(NamedTuple):
    """Where a run stands within an epoch."""

    epoch: int  # counted from 1
    share: float  # of the epoch, 0 to 1
    images_per_s: float
    left_s: float  # until the end of the run


Watch = Callable[[Step], object]


class Seen(NamedTuple):
    """What an epoch's steps added up to: losses and right first answers over all pictures, on the device."""

    loss: Tensor
    right: Tensor
    steps: int
    pictures: int
