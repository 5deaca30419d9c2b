"""Fallback of an engine that fails: smaller batches where memory is short, else the next engine, told in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from logging import INFO, WARNING

import torch
from torch import Tensor

from resnext_viz.errors import UserError
from resnext_viz.inference.engines.engine import Engine
from resnext_viz.kit.operator_log import logged, reported


class Fallback:
    """Runs the first of several engines that can; for one caller at a time.

    Attributes:
        engine: the one in use.
        notes: what had to be given up on the way, in words.
    """

    def __init__(self, steps: Sequence[Callable[[], Engine]], max_batch: int) -> None:
        """Builds the first engine.

        Args:
            steps: makers of engines, the best first; a later one is only made when those before it failed.
            max_batch: pictures at once, until memory turns out to be short.
        """
        self._steps = list(steps)
        self._max_batch = self._batch = max_batch
        self.notes: tuple[str, ...] = ()
        self.engine = self._steps.pop(0)()

    def run(self, inputs: Tensor) -> Tensor:
        """Logits `(N, classes)` of inputs `(N, C, H, W)`, in as many batches as memory asks for.

        Raises:
            UserError: even the last engine failed, on a single picture.
        """
        done: list[Tensor] = []
        at = 0
        while at < len(inputs):
            try:
                done.append(self.engine.run(inputs[at : at + self._batch]))
            except (RuntimeError, MemoryError) as error:
                self._give_way(error)
            else:
                at += len(done[-1])
        return torch.cat(done)

    def _give_way(self, error: RuntimeError | MemoryError) -> None:
        """Halves the batch if memory ran out and there is something to halve, else goes to the next engine."""
        short = is_out_of_memory(error)
        if short and self._batch > 1:
            self._batch //= 2
            self.notes += (f"{self.engine.name}: out of memory, so at most {self._batch} pictures at once",)
        elif self._steps:
            failed = self.engine.name
            logged(error, failed, INFO if short else WARNING)
            self.engine = self._steps.pop(0)()
            self._batch = self._max_batch
            reason = "is out of memory" if short else "failed"
            self.notes += (f"{failed} {reason}; answers come from {self.engine.name}",)
        elif short:
            raise UserError(
                f"The network could not be run: {self.engine.name} is out of memory. Choose smaller weights, or free "
                "memory and try again."
            ) from error
        else:
            raise UserError(f"The network could not be run: {reported(error, self.engine.name)}.") from error
        if torch.cuda.is_available():
            torch.cuda.empty_cache()


def is_out_of_memory(error: BaseException) -> bool:
    """Whether `error` is a device's or the machine's way to say that memory is short."""
    if isinstance(error, (MemoryError, torch.OutOfMemoryError)):
        return True
    words = str(error).lower()
    return isinstance(error, RuntimeError) and ("out of memory" in words or "can't allocate memory" in words)
