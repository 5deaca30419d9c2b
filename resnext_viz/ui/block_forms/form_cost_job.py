"""What the three forms of a block cost, as a job: rounds as they come, one measurement at a time in the process."""

from __future__ import annotations

from collections.abc import Generator
from statistics import median
from typing import TYPE_CHECKING

from resnext_viz.block_forms.terms import FORM_NAMES, FormLetter
from resnext_viz.figures.block_forms.form_costs import PASSES, FormCost
from resnext_viz.kit.timing import FORM_ROUNDS
from resnext_viz.spec import ImageSize, ResNeXtSpec
from resnext_viz.ui.kit.jobs.job import MEASURING, Job

if TYPE_CHECKING:
    from resnext_viz.layers import Block
    from resnext_viz.nn.form_timing import Call


_BOTH_WAYS = 3  # multiply-adds of forward and backward, in those of forward
Costs = dict[str, dict[FormLetter, FormCost]]


class FormCostJob(Job):
    """One measurement of one block in three forms.

    Attributes:
        costs: by kind of pass and form, as measured so far; `done` of `total` rounds.
        where: in words.
    """

    def __init__(self, spec: ResNeXtSpec, stage: int, block: int, image_size: ImageSize) -> None:
        super().__init__((spec, stage, block, image_size))
        self._block = spec, stage, block, image_size
        self.costs: Costs = {}
        self.doing, self.where = "Loading torch", "Not measured yet."

    def work(self, done: int) -> float:
        """Passes forward, of which one there and back is worth three."""
        both = max(0, done - FORM_ROUNDS)
        return done - both + _BOTH_WAYS * both

    def steps(self) -> Generator[Costs, None, None]:
        """Waits for its turn, then measures one kind of pass after the other."""
        from resnext_viz.nn.proof.equivalence import block_of

        block = block_of(*self._block)
        with self.turn(MEASURING, "Waiting for another measurement"):
            yield from self._measure_all(block)

    def _measure_all(self, block: Block) -> Generator[Costs, None, None]:
        from resnext_viz.nn import form_timing
        from resnext_viz.nn.proof.equivalence import input_shape

        self.doing = "Building the three forms"
        calls = form_timing.calls_of(block)
        self.where, self.total = _where(input_shape(block)), len(PASSES) * FORM_ROUNDS
        for what in PASSES:
            self.doing = f"Measuring {what}"
            yield from self._measure(what, calls[what])

    def _measure(self, what: str, calls: dict[str, Call]) -> Generator[Costs, None, None]:
        from resnext_viz.nn import form_timing

        samples: dict[str, list[float]] = {name: [] for name in calls}
        for once in form_timing.rounds(calls):
            for name, elapsed_ms in once.items():
                samples[name].append(elapsed_ms)
            self.costs = {
                **self.costs,
                what: {
                    form: FormCost(median(samples[name]), None if call.extra_bytes is None else call.extra_bytes / 1e6)
                    for form, (name, call) in zip(FORM_NAMES, calls.items(), strict=True)
                },
            }
            yield self.costs


def _where(shape: tuple[int, ...]) -> str:
    from resnext_viz.nn.device import choose_device, describe_device, describe_torch
    from resnext_viz.nn.network_timing import ENGINE

    device = choose_device("auto")
    return (
        f"{describe_device(device)}, {ENGINE}, {describe_torch(device)}, input {'×'.join(map(str, shape))} "
        f"(batch {shape[0]}). Medians; memory is the most bytes of tensors alive in one call, beyond weights and "
        "input."
    )
