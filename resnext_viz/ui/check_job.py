"""The equivalence check as a job: it keeps every row it has measured, and can be stopped between rows."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from resnext_viz.spec import ResNeXtSpec
from resnext_viz.ui.job import Job


class CheckJob(Job):
    """One run over all dtypes and both modes of one block.

    Attributes:
        rows: what has been measured, as `check-forms --json` prints it.
        total: rows of a whole run; 0 until that is known.
        doing: what is being measured, in words.
        where: device, torch version and input shape, in words.
        seconds: spent so far.
    """

    def __init__(self, spec: ResNeXtSpec, stage: int, block: int, image_size: int) -> None:
        super().__init__((spec, stage, block, image_size))
        self._block = spec, stage, block, image_size
        self.rows: list[dict[str, Any]] = []
        self.total = 0
        self.doing = "Loading torch"
        self.where = "Not measured yet."
        self.seconds = 0.0

    @property
    def stopped_early(self) -> bool:
        return not self.running and self.problem is None and len(self.rows) < self.total

    def work(self) -> None:
        began = time.perf_counter()
        for row in self._checks():
            self.rows.append(row)
            self.seconds = time.perf_counter() - began
            if self.stopping:
                return

    def _checks(self) -> Iterator[dict[str, Any]]:
        from resnext_viz.nn import equivalence
        from resnext_viz.nn.device import TORCH, choose_device, describe_device

        device = choose_device("auto")
        dtypes = equivalence.usable_dtypes(device)
        plan = equivalence.planned(dtypes)
        shape = equivalence.input_shape(equivalence.block_of(*self._block))
        self.where = f"{describe_device(device)}, {TORCH}, input {'×'.join(map(str, shape))}."
        self.total = len(plan)
        self.doing = _words(plan[0])
        for number, check in enumerate(equivalence.check_block(*self._block, dtypes=dtypes), start=1):
            self.doing = _words(plan[min(number, len(plan) - 1)])
            yield check.to_dict()


def _words(planned: Any) -> str:
    return f"Checking {planned.dtype}, {planned.what}s in {planned.mode} mode, pair {planned.forms}"
