"""A mistake made on purpose and where it shows: what `faults` finds out, as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from resnext_viz.block_forms.faults import Fault
from resnext_viz.block_forms.terms import Mode
from resnext_viz.nn.proof.equivalence import Shape

ROUNDING = 1e-9  # of the largest value: float64 stays far below it, also where batch norm takes a large bias away again


@dataclass(frozen=True)
class LocatedStep:
    """What one step of the block puts out, right and wrong.

    Attributes:
        name: the step, such as "reduce".
        shape: what it puts out for one image, `(channels, H, W)`.
        wrong_shape: the same of the wrong form.
        max_abs: the largest difference; None where sizes differ, or where something is no number.
        max_rel: over the largest value of the two.
        by_path: the largest difference in each path; empty behind the sum and where sizes differ.
    """

    name: str
    shape: tuple[int, ...]
    wrong_shape: tuple[int, ...]
    max_abs: float | None
    max_rel: float | None
    by_path: tuple[float, ...] = ()

    @property
    def differs(self) -> bool:
        """Whether more than rounding lies between the two."""
        return self.max_rel is None or self.max_rel > ROUNDING

    def to_dict(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "shape": list(self.shape),
            "wrong_shape": list(self.wrong_shape),
            "max_abs": self.max_abs,
            "max_rel": self.max_rel,
            "by_path": list(self.by_path),
            "differs": self.differs,
        }


@dataclass(frozen=True)
class Located:
    """One mistake, run, and where it shows first.

    Attributes:
        steps: reduce, transform, expand and output, each behind its batch norm and ReLU.
        layer: the first layer of the wrong form whose output differs ("layer1.1.paths.0.conv2"), None if none does.
        layer_max_abs: by how much; None if none does, and where sizes differ.
        layer_step: which of the steps that layer belongs to, from 0.
        running: the largest difference of the last batch norm's running statistics, in train mode where both have one.
        channels: the largest difference in each channel of the output.
        largest_output: of the right form.
    """

    fault: Fault
    block: str
    cardinality: int
    mode: Mode
    input_shape: Shape
    what: str
    steps: tuple[LocatedStep, ...]
    layer: str | None
    layer_max_abs: float | None
    layer_step: int | None
    running: float | None
    channels: tuple[float, ...]
    largest_output: float

    @property
    def first_step(self) -> LocatedStep | None:
        """The first step that differs."""
        return next((step for step in self.steps if step.differs), None)

    @property
    def found(self) -> bool:
        """Whether comparing layers and statistics gives the mistake away."""
        return self.layer is not None

    @property
    def output(self) -> LocatedStep:
        return self.steps[-1]

    def to_dict(self) -> dict[str, Any]:
        first = self.first_step
        return {
            "fault": self.fault.value,
            "title": self.fault.heading,
            "form": self.fault.form,
            "block": self.block,
            "cardinality": self.cardinality,
            "mode": self.mode.value,
            "input_shape": list(self.input_shape),
            "what": self.what,
            "found": self.found,
            "layer": self.layer,
            "layer_max_abs": self.layer_max_abs,
            "layer_step": self.layer_step,
            "first_step": first and first.name,
            "steps": [step.to_dict() for step in self.steps],
            "running": self.running,
            "largest_output": self.largest_output,
            "channels": list(self.channels),
        }


@dataclass(frozen=True)
class Tried:
    """One mistake at one C: what was located, or why it cannot be made there."""

    fault: Fault
    cardinality: int
    mode: Mode
    located: Located | None
    obstacle: str | None

    def to_dict(self) -> dict[str, Any]:
        row = {
            "fault": self.fault.value,
            "title": self.fault.heading,
            "form": self.fault.form,
            "cardinality": self.cardinality,
            "mode": self.mode.value,
            "obstacle": self.obstacle,
        }
        if self.located is None:
            return row | dict.fromkeys(("block", "found", "layer", "first_step", "max_abs", "running", "steps"))
        found = self.located.to_dict()
        names = ("block", "input_shape", "found", "layer", "layer_max_abs", "first_step", "running", "largest_output")
        return (
            row
            | {name: found[name] for name in names}
            | {"max_abs": self.located.output.max_abs, "steps": found["steps"], "channels": found["channels"]}
        )
