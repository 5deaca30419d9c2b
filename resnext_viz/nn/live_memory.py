"""How many bytes of tensors a computation has alive at once, beyond those that were there before it.

Every tensor that an operator of torch puts out is counted from then until its storage is freed, forward and backward.
What a kernel keeps for itself while it runs (an im2col buffer, say) is no tensor and is not counted. On CUDA, where
the backward pass runs in a thread of its own, torch's allocator is asked instead, which counts that too.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves


class LiveBytes(TorchDispatchMode):
    """While active, counts the bytes of new tensors in `now`; `peak` is the most that were alive at once."""

    def __init__(self, there_before: Iterable[Tensor]) -> None:
        """Begins at nothing; weights, inputs and whatever else was `there_before` do not count."""
        super().__init__()  # type: ignore[no-untyped-call]  # torch's own has no annotations
        self.now: int = 0
        self.peak: int = 0
        self._known = weakref.WeakSet(tensor.untyped_storage() for tensor in there_before)

    def __torch_dispatch__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        out = func(*args, **(kwargs or {}))
        for leaf in tree_leaves(out):
            if isinstance(leaf, Tensor):
                self._take(leaf.untyped_storage())
        return out

    def _take(self, storage: torch.UntypedStorage) -> None:
        if storage in self._known:  # a view, or written in place
            return
        self._known.add(storage)
        self.now += storage.nbytes()
        self.peak = max(self.peak, self.now)
        weakref.finalize(storage, self._free, storage.nbytes())

    def _free(self, size: int) -> None:
        self.now -= size


def peak_bytes(call: Callable[[], object], device: torch.device, there_before: Iterable[Tensor]) -> int | None:
    """The most bytes that `call` has alive at once, beyond `there_before`; None where there is no way to tell."""
    if device.type == "mps":
        return None
    if device.type == "cuda":
        torch.cuda.synchronize(device)
        torch.cuda.reset_peak_memory_stats(device)
        before = torch.cuda.memory_allocated(device)
        call()
        torch.cuda.synchronize(device)
        return int(torch.cuda.max_memory_allocated(device)) - before
    with LiveBytes(there_before) as live:
        call()
    peak: int = live.peak
    return peak
