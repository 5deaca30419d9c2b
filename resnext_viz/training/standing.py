"""Where a training run stands: within an epoch, and what an epoch added up to."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from torch import Tensor

from resnext_viz.training.run_folder import Step

Watch = Callable[[Step], object]


class Seen(NamedTuple):
    """What an epoch's steps added up to: losses and right first answers over all pictures, on the device."""

    loss: Tensor
    right: Tensor
    steps: int
    pictures: int
