"""Which place of each window a max pool takes, and pooling on agreed places.

Where the two largest values of a window are equal up to rounding, two forms of one network may take different ones, and
their gradients then go different ways though both are right: the same as with ReLU (`relu_sides`), and cured alike.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode


class PoolGuide(TorchFunctionMode):
    """While active, keeps the place that each window of a max pool takes; one pool is expected, or none.

    With `places`, a window takes that place where its own largest value is larger by rounding alone.

    Attributes:
        places: `(N, C, H', W')`, indices into the flat map; None before a pool was called.
        parted: windows that were taken at another place than their own.
    """

    def __init__(self, places: Tensor | None = None, tolerance: float = 0.0) -> None:
        """Prepares the guide; what counts as rounding is `tolerance` of the largest value."""
        super().__init__()
        self.places, self.parted = places, 0
        self._is_guiding, self._tolerance = places is not None, tolerance

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        if func is not nn.functional.max_pool2d:
            return func(*args, **(kwargs or {}))
        x = args[0]
        _, own = func(*args, **{**(kwargs or {}), "return_indices": True})
        if self._is_guiding and self.places is not None:
            near = _taken(x, own) - _taken(x, self.places) <= self._tolerance * x.detach().abs().max()
            self.parted = int((near & (own != self.places)).sum())
            own = torch.where(near, self.places, own)
        self.places = own
        return _taken(x, own)


def _taken(x: Tensor, places: Tensor) -> Tensor:
    """The values of `(N, C, H, W)` at those places, `(N, C, H', W')`."""
    return x.flatten(2).gather(2, places.flatten(2)).view_as(places)
