"""Ways to run a network: each takes prepared inputs and gives logits, and says in words what arithmetic it does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Engine:
    """One way to run a network.

    Attributes:
        name: what people read beside a latency, the arithmetic included.
        run: inputs `(N, channels, side, side)` -> logits `(N, classes)`, both on the CPU; returns when they are there.
    """

    name: str
    run: Callable[[Tensor], Tensor]


def eager(model: torch.nn.Module, device: torch.device) -> Engine:
    """The network as torch runs it, operation by operation."""

    def run(inputs: Tensor) -> Tensor:
        with torch.inference_mode():
            logits: Tensor = model(inputs.to(device)).float().cpu()  # the copy back waits for the device
        return logits

    tf32 = device.type == "cuda" and torch.backends.cudnn.allow_tf32
    return Engine("torch eager, float32" + (" (TF32 convolutions)" if tf32 else ""), run)
