"""The equivalence check as a job: it keeps every row it has measured, and can be stopped between rows."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any

from resnext_viz.spec import ImageSize, ResNeXtSpec
from resnext_viz.ui.kit.jobs.job import Job

_GRADIENT, _COMPARED = 2.5, 0.07  # of what an output takes, as measured on a ResNeXt-50 by a CPU


class CheckJob(Job):
    """One run over all dtypes and both modes of one block.

    Attributes:
        rows: what has been measured, as `check-forms --json` prints it; `total` in all.
        where: device, torch version and input shape, in words.
    """

    _costs: Sequence[float] = ()  # of each row, in computed outputs

    def __init__(self, spec: ResNeXtSpec, stage: int, block: int, image_size: ImageSize) -> None:
        super().__init__((spec, stage, block, image_size))
        self._block = spec, stage, block, image_size
        self.rows: list[dict[str, Any]] = []
        self.doing = "Loading torch"
        self.where = "Not measured yet."

    def work(self, done: int) -> float:
        """Outputs computed, of all three forms, or as much other work."""
        return sum(self._costs[:done])

    def steps(self) -> Generator[dict[str, Any], None, None]:
        """A row in each step."""
        from resnext_viz.nn.device import TORCH, choose_device, describe_device
        from resnext_viz.nn.proof import equivalence

        device = choose_device("auto")
        dtypes = equivalence.usable_dtypes(device)
        plan = equivalence.planned(dtypes)
        shape = equivalence.input_shape(equivalence.block_of(*self._block))
        self.where = f"{describe_device(device)}, {TORCH}, input {'×'.join(map(str, shape))}."
        self._costs = [_cost(row, plan[0].forms) for row in plan]
        self.total = len(plan)
        self.doing = _words(plan[0])
        for number, check in enumerate(equivalence.check_block(*self._block, dtypes=dtypes), start=1):
            self.doing = _words(plan[min(number, len(plan) - 1)])
            self.rows.append(check.to_dict())
            yield self.rows[-1]


def _cost(planned: Any, first: str) -> float:
    """The first pair of forms waits until all three have computed; the others only compare."""
    if planned.forms != first:
        return _COMPARED
    return _GRADIENT if planned.what == "gradient" else 1.0


def _words(planned: Any) -> str:
    return f"Checking {planned.dtype}, {planned.what}s in {planned.mode} mode, pair {planned.forms}"
