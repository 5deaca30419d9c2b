"""The mistakes that a network can have against the one it is meant to be, and how one is told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from resnext_viz.complexity import Cost
from resnext_viz.reading.plan import Plan, PlanBlock, PlanStep


class Mistake(StrEnum):
    """What can be wrong; the value is what `--json` says."""

    STAGES = "number of stages"
    CIFAR_STAGES = "four stages in a CIFAR network"
    DEPTHS = "number of blocks"
    BLOCK = "block kind"
    STEM = "stem"
    GROUPS_ON_1X1 = "groups on the 1×1"
    TWO_LAYER_GROUPS = "groups in two-layer blocks"
    SWAPPED = "cardinality and width swapped"
    FORGOTTEN = "groups forgotten"
    GROUPS_GROW = "groups grow with the stage"
    GROUPS_VARY = "groups differ between blocks"
    CARDINALITY = "cardinality"
    WIDTH_STAYS = "width does not double"
    WIDTH_VARIES = "width differs between blocks"
    WIDTH = "width of a path"
    OUTPUT_WIDTH = "output follows 2·C·d"
    OUTPUT_D = "output follows 4·d"
    OUTPUT = "output of the blocks"
    STRIDE_1X1 = "stride on the 1×1"
    STRIDE = "stride"
    KERNEL = "kernel"
    NO_PROJECTION = "projection missing"
    PROJECTION = "projection too many"
    PROJECTION_SHAPE = "projection is not a plain 1×1"
    BIAS = "bias before batch norm"
    FOLDED = "batch norm folded into its convolution"
    NO_NORM = "batch norm missing"
    TWO_NORMS = "two batch norms"
    CLASSES = "classes"
    HEAD = "head"
    RELATIVE = "part of a relative"


class FoundMistake(NamedTuple):
    """One mistake as a check sees it."""

    mistake: Mistake
    where: tuple[str, ...]
    here: str
    there: str
    mended: Plan


@dataclass(frozen=True)
class Finding:
    """One mistake in words and numbers.

    Attributes:
        where: paths of the layers, as the network names them.
        here, there: what it has, and what it should have.
        effect: what the mistake costs; with all that are mended before it, effects add up. None if it has no cost.
        is_remark: worth knowing, but a known variant and no mistake.
        was_mended: whether the effect is part of the difference to the target; a mere suspicion's is not.
    """

    mistake: Mistake
    where: tuple[str, ...]
    here: str
    there: str
    effect: Cost | None
    remedy: str
    source: str
    is_remark: bool = False
    was_mended: bool = True


Check = Callable[[Plan, Plan], FoundMistake | None]  # a plan as mended so far, and the target's


def paths_of(steps: Iterable[PlanStep]) -> tuple[str, ...]:
    """Where they are."""
    return tuple(step.path for step in steps)


def pairs(plan: Plan, target: Plan) -> Iterator[tuple[PlanBlock, PlanBlock]]:
    """The blocks that both plans have, side by side."""
    for mine, theirs in zip(plan.stages, target.stages, strict=False):
        yield from zip(mine, theirs, strict=False)


def per_stage(values: Sequence[object]) -> str:
    """`32`, or `4, 8, 16, 32` where stages differ."""
    return str(values[0]) if len(set(values)) == 1 else ", ".join(map(str, values))
