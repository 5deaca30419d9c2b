"""On which side of zero each ReLU's input lies, and gradients taken on agreed sides.

ReLU has no derivative at zero. Where an input is zero up to rounding, two forms of one block may put it on different
sides, and their gradients then differ by a whole term though both are right. In bfloat16 that happens at one place in a
thousand, in float32 at one in some ten million, in float64 nowhere. So gradients are compared with such places, and
only those, on one form's side.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode


class ReluRecord(TorchFunctionMode):
    """While active, keeps the input of every `torch.relu`, in order of calls.

    With `sides`, an input passes where its side is true, whatever its sign.
    """

    def __init__(self, sides: Sequence[Tensor] | None = None) -> None:
        super().__init__()
        self.inputs: list[Tensor] = []
        self._sides = sides

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        if func is not torch.relu:
            return func(*args, **(kwargs or {}))
        (x,) = args
        self.inputs.append(x.detach())
        if self._sides is None:
            return torch.relu(x)
        return torch.where(self._sides[len(self.inputs) - 1], x, 0)

    @property
    def by_step(self) -> tuple[Tensor, ...]:
        """Inputs of the ReLUs behind reduce, transform and shortcut, `(N, channels, H, W)` each, paths joined."""
        *inner, last = self.inputs
        return torch.cat(inner[0::2], dim=1), torch.cat(inner[1::2], dim=1), last


class ReluGuide(TorchFunctionMode):
    """While active, takes every `torch.relu` on the reference's side of zero where only rounding parts them.

    The same as `agree_sides`, call by call, so that one pass through a network does. `kinks` counts such places.
    """

    def __init__(self, reference: Sequence[Tensor], scales: Sequence[float], tolerance: float) -> None:
        """Prepares the guide.

        Args:
            reference: what each call's input is on the reference's way, in order of calls.
            scales: the largest input of the layer that each call is part of.
            tolerance: what counts as rounding, as a share of that.
        """
        super().__init__()
        self.kinks = 0
        self._calls = iter(zip(reference, scales, strict=True))
        self._tolerance = tolerance

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        if func is not torch.relu:
            return func(*args, **(kwargs or {}))
        (x,) = args
        other, scale = next(self._calls)
        side = x.detach() > 0
        parted = side != (other > 0)
        if parted.any():
            parted &= (x.detach() - other).abs() <= self._tolerance * scale
            self.kinks += int(parted.sum())
            return torch.where(side ^ parted, x, 0)
        return torch.relu(x)


def agree_sides(steps: Sequence[Tensor], reference: Sequence[Tensor], tolerance: float) -> tuple[list[Tensor], int]:
    """The sides of `steps`, on the reference's where only rounding parts them, and at how many places that was so.

    Rounding: the two inputs differ by at most `tolerance` of the reference's largest.
    """
    agreed, kinks = [], 0
    for step, other in zip(steps, reference, strict=True):
        near = (step - other).abs() <= tolerance * other.abs().max()
        parted = near & ((step > 0) != (other > 0))
        agreed.append((step > 0) ^ parted)
        kinks += int(parted.sum())
    return agreed, kinks


def in_call_order(steps: Sequence[Tensor], paths: int) -> list[Tensor]:
    """`by_step` undone: one tensor for each call of ReLU in a block of `paths` separate paths."""
    reduced, transformed, last = steps
    inner = zip(reduced.chunk(paths, dim=1), transformed.chunk(paths, dim=1), strict=True)
    return [*(side for pair in inner for side in pair), last]
