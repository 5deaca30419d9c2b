"""What the three forms of a block cost, as a job: rounds as they come, one measurement at a time in the process."""

from __future__ import annotations

import threading
from statistics import median
from typing import TYPE_CHECKING

from resnext_viz.figures.form_block import FORM_NAMES, Form
from resnext_viz.figures.form_costs import PASSES, FormCost
from resnext_viz.spec import ResNeXtSpec
from resnext_viz.ui.job import Job

if TYPE_CHECKING:
    from resnext_viz.bench.forms import Call

_ALONE = threading.Lock()  # two measurements at once would measure each other
_LOOK_S = 0.2


class FormCostJob(Job):
    """One measurement of one block in three forms.

    Attributes:
        costs: by kind of pass and form, as measured so far.
        done, total: rounds.
        doing, where: in words.
    """

    def __init__(self, spec: ResNeXtSpec, stage: int, block: int, image_size: int) -> None:
        super().__init__()
        self.about = (spec, stage, block, image_size)
        self.costs: dict[str, dict[Form, FormCost]] = {}
        self.done, self.total = 0, 0
        self.doing, self.where = "Loading torch", "Not measured yet."

    @property
    def stopped_early(self) -> bool:
        return not self.running and self.problem is None and self.stopping

    def work(self) -> None:
        from resnext_viz.bench import forms
        from resnext_viz.nn.equivalence import block_of, input_shape

        block = block_of(*self.about)
        shape = input_shape(block)
        self.doing = "Waiting for another measurement"
        while not _ALONE.acquire(timeout=_LOOK_S):
            if self.stopping:
                return
        try:
            self.doing = "Building the three forms"
            calls = forms.calls_of(block)
            self.where, self.total = _where(shape), len(PASSES) * forms.ROUNDS
            for number, what in enumerate(PASSES):
                self.doing, self.done = f"Measuring {what}", number * forms.ROUNDS
                self._measure(what, calls[what])
                if self.stopping:
                    return
        finally:
            _ALONE.release()

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
    import torch

    from resnext_viz.nn.device import choose_device, describe_device

    device = choose_device("auto")
    threads = f", {torch.get_num_threads()} threads" if device.type == "cpu" else ""
    version = torch.__version__.split("+")[0]
    return (f"{describe_device(device)}, torch {version} eager, float32{threads}, input {'×'.join(map(str, shape))} "
            f"(batch {shape[0]}). Medians; memory is the most bytes of tensors alive in one call, beyond weights and "
            "input.")
