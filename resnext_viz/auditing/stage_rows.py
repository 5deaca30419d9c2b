"""The network stage by stage beside its target: a cell for each property, with what it should be where it differs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from resnext_viz.auditing.audit import Audit
from resnext_viz.reading.plan import PlanBlock, PlanCost, Stage, plan_cost, plan_of

NONE = "–"  # what one of the two does not have
_NAMED = 3  # odd blocks named one by one


class StageCell(NamedTuple):
    """One property of a stage, and what it should be; None where it is so, or where that is not told."""

    here: str
    there: str | None = None


class StageRow(NamedTuple):
    """One stage, this network's or, where it has none, the target's alone."""

    name: str  # "stage 1" ...
    paper_name: str  # "conv2" ...
    cells: tuple[StageCell, ...]  # in the order of `COLUMNS`


# Title -> what is read of each block; the first column counts them, the last is their cost.
_READ: tuple[tuple[str, Callable[[PlanBlock], str]], ...] = (
    ("groups of the first 1×1", lambda block: f"{block.main[0].groups:,}" if block.is_bottleneck else NONE),
    ("groups of the 3×3, C", lambda block: f"{block.transform.groups:,}"),
    ("groups of the last 1×1", lambda block: f"{block.main[2].groups:,}" if block.is_bottleneck else NONE),
    ("d", lambda block: f"{block.transform.c_out // block.transform.groups:,}"),
    ("C·d", lambda block: f"{block.transform.c_out:,}"),
    ("output", lambda block: f"{block.main[-1].c_out:,}"),
)
COLUMNS = ("blocks", *(title for title, _ in _READ), "stride", "projections", "params")


def stage_rows(audit: Audit) -> list[StageRow]:
    """One row for each stage that the network or its target has; empty if it is not of the family."""
    if audit.plan is None or audit.cost is None:
        return []
    there = plan_of(audit.target) if audit.target else None
    theirs = there.stages if there else ()
    costs = plan_cost(there, audit.image_size) if there else None
    rows = []
    for number in range(max(len(audit.plan.stages), len(theirs))):
        mine = audit.plan.stages[number] if number < len(audit.plan.stages) else ()
        cells = tuple(_cells(mine, theirs[number] if number < len(theirs) else (), audit, costs, number, there is None))
        rows.append(StageRow(f"stage {number + 1}", f"conv{number + 2}", cells))
    return rows


def _cells(
    mine: Stage, theirs: Stage, audit: Audit, costs: PlanCost | None, number: int, alone: bool
) -> Iterator[StageCell]:
    def cell(here: str, there: str) -> StageCell:
        return StageCell(here, None if alone or here == there else there)

    yield cell(str(len(mine)) if mine else NONE, str(len(theirs)) if theirs else NONE)
    for _, read in _READ:
        yield cell(_usual_and_odd([read(block) for block in mine]), _usual_and_odd([read(block) for block in theirs]))
    stride = _stride(mine) if audit.reading.strides_known else "not told" if mine else NONE
    yield cell(stride, _stride(theirs)) if audit.reading.strides_known or not mine else StageCell(stride)
    yield cell(_projections(mine), _projections(theirs))
    here = f"{audit.cost.stages[number].params:,}" if audit.cost and mine else NONE
    yield cell(here, f"{costs.stages[number].params:,}" if costs and theirs else NONE)


def _usual_and_odd(values: Sequence[str]) -> str:
    """`32`, or `32; 16 in block 4`."""
    if not values:
        return NONE
    usual = Counter(values).most_common(1)[0][0]
    odd = [(number, value) for number, value in enumerate(values, start=1) if value != usual]
    words = [f"{value} in block {number}" for number, value in odd[:_NAMED]]
    more = [f"others in {len(odd) - _NAMED} more"] if len(odd) > _NAMED else []
    return "; ".join([usual, *words, *more])


def _stride(stage: Stage) -> str:
    if not stage:
        return NONE
    strided = [number for number, block in enumerate(stage, start=1) if block.stride > 1]
    if not strided:
        return "1"
    block = stage[strided[0] - 1]
    on = " and ".join(_named(block, index) for index, step in enumerate(block.main) if step.stride > 1)
    where = "" if strided == [1] else f", blocks {', '.join(map(str, strided[:_NAMED]))}"
    return f"{block.stride} on the {on}{where}"


def _named(block: PlanBlock, index: int) -> str:
    kernel = block.main[index].kernel
    if not block.is_bottleneck or index == 1:
        return f"{kernel}×{kernel}"
    return f"{'first' if index == 0 else 'last'} {kernel}×{kernel}"


def _projections(stage: Stage) -> str:
    if not stage:
        return NONE
    with_one = [number for number, block in enumerate(stage, start=1) if block.projection]
    if not with_one:
        return "none"
    if len(with_one) == len(stage) > 1:
        return "every block"
    return f"block {', '.join(map(str, with_one[:_NAMED]))}"
