"""What the three forms of a block cost, as a job: rounds as they come, one measurement at a time in the process."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

from resnext_viz.figures.form_block import FORM_NAMES, Form
from resnext_viz.figures.form_costs import PASSES, FormCost
from resnext_viz.spec import ResNeXtSpec
from resnext_viz.ui.job import MEASURING, Job

if TYPE_CHECKING:
    from resnext_viz.bench.forms import Call
    from resnext_viz.layers import Block


class FormCostJob(Job):
    """One measurement of one block in three forms.

    Attributes:
        costs: by kind of pass and form, as measured so far.
        done, total: rounds.
        doing, where: in words.
    """

    def __init__(self, spec: ResNeXtSpec, stage: int, block: int, image_size: int) -> None:
        super().__init__((spec, stage, block, image_size))
        self._block = spec, stage, block, image_size
        self.costs: dict[str, dict[Form, FormCost]] = {}
        self.done, self.total = 0, 0
        self.doing, self.where = "Loading torch", "Not measured yet."

    def work(self) -> None:
        """Waits for its turn, then measures one kind of pass after the other."""
        from resnext_viz.nn.equivalence import block_of

        block = block_of(*self._block)
        self.doing = "Waiting for another measurement"
        with self.turn(MEASURING) as has_turn:
            if has_turn:
                self._measure_all(block)

    def _measure_all(self, block: Block) -> None:
        from resnext_viz.bench import forms
        from resnext_viz.nn.equivalence import input_shape

        self.doing = "Building the three forms"
        calls = forms.calls_of(block)
        self.where, self.total = _where(input_shape(block)), len(PASSES) * forms.ROUNDS
        for number, what in enumerate(PASSES):
            self.doing, self.done = f"Measuring {what}", number * forms.ROUNDS
            self._measure(what, calls[what])
            if self.stopping:
                return

    def _measure(self, what: str, calls: dict[str, Call]) -> None:
        from resnext_viz.bench import forms

        samples: dict[str, list[float]] = {name: [] for name in calls}
        for once in forms.rounds(calls):
            for name, elapsed_ms in once.items():
                samples[name].append(elapsed_ms)
            self.costs = {**self.costs, what: {
                form: FormCost(median(samples[name]), None if call.extra_bytes is None else call.extra_bytes / 1e6)
                for form, (name, call) in zip(FORM_NAMES, calls.items(), strict=True)
            }}
            self.done += 1
            if self.stopping:
                return


def _where(shape: tuple[int, ...]) -> str:
    from resnext_viz.bench.pair import ENGINE
    from resnext_viz.nn.device import choose_device, describe_device, describe_torch

    device = choose_device("auto")
    return (f"{describe_device(device)}, {ENGINE}, {describe_torch(device)}, input {'×'.join(map(str, shape))} "
            f"(batch {shape[0]}). Medians; memory is the most bytes of tensors alive in one call, beyond weights and "
            "input.")
