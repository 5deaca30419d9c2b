"""Mistakes on purpose, on the Block forms page: the switches, what the one that is on does, and a table of all."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, NamedTuple

from resnext_viz.block_forms.faults import Fault, cardinalities, obstacle
from resnext_viz.figures.block_forms.fault_drawing import fault_drawing
from resnext_viz.figures.block_forms.fault_table import fault_table
from resnext_viz.figures.block_forms.setting_fields import MODES, fault_switches
from resnext_viz.figures.kit.choice import block_at
from resnext_viz.spec import BlockKind, ImageSize, ResNeXtSpec
from resnext_viz.ui.kit import link
from resnext_viz.ui.kit.choices import take_fields
from resnext_viz.ui.kit.components import REMEMBERED, drawn
from resnext_viz.ui.kit.dialled import Dialled
from resnext_viz.ui.kit.jobs.computation import Computation, show_computed
from resnext_viz.ui.kit.jobs.shown_job import Standing, pace
from resnext_viz.ui.kit.parts import heading

if TYPE_CHECKING:
    from resnext_viz.nn.proof.located import Located, Tried

_SWITCHES = "faults"
_FAULT = Standing[Computation](
    failed="That mistake could not be made.",
    doing=lambda job: f"{job.doing or _doing(job)}, {pace(job)}",
)


class Found(NamedTuple):
    """The mistake that is on, and what was tried of all so far, at which C."""

    located: Located
    cardinalities: tuple[int, ...]
    tried: tuple[Tried, ...]


def show_faults(dialled: Dialled, chosen: tuple[int, int]) -> None:
    """The switches for the chosen block, and what the one that is on does to it."""
    if dialled.spec.block is BlockKind.BASIC:
        return
    take_fields(_SWITCHES, {"fault": None, "faultmode": None})
    mode = link.chosen("faultmode", among=MODES)
    fault: Fault | None = link.chosen("fault", among=Fault)
    heading(
        "Break it on purpose",
        f"Turn on one mistake and see where the forms begin to differ. In float64, batch norm in {mode} mode.",
    )
    obstacles = {fault: obstacle(fault, block_at(dialled.complexity.walk, chosen)) for fault in Fault}
    drawn(fault_switches, tuple(obstacles.items()), fault, mode, key=_SWITCHES, sheet="faults")
    if fault is None or obstacles[fault]:
        return
    asked = (dialled.spec, chosen, dialled.image_size, fault, mode)
    show_computed("fault_job", asked, partial(_found, *asked), _show, total=1 + len(Fault))


def _show(job: Computation) -> None:
    found: Found | None = job.result
    if found is not None and not job.problem:
        drawn(_drawing, found.located, key="fault", sheet="faults")
        drawn(_table, found.tried, found.cardinalities, found.located.fault, key="faults-tried", sheet="faults")
    _FAULT.show(job)


def _doing(job: Computation) -> str:
    return "Trying every mistake at other C" if job.done else "Running both forms"


def _drawing(located: Located) -> str:
    return fault_drawing(located.to_dict())


def _table(tried: tuple[Tried, ...], columns: tuple[int, ...], fault: Fault) -> str:
    return fault_table([row.to_dict() for row in tried], columns, fault)


def _found(
    spec: ResNeXtSpec, place: tuple[int, int], image_size: ImageSize, fault: Fault, mode: str
) -> Iterator[Found]:
    located = _located(spec, place, image_size, fault, mode)
    tried: tuple[Any, ...] = ()
    yield Found(located, cardinalities(spec), tried)
    for other in Fault:
        tried += _tried(spec, place, other, mode)
        yield Found(located, cardinalities(spec), tried)


@lru_cache(maxsize=REMEMBERED)
def _located(spec: ResNeXtSpec, place: tuple[int, int], image_size: ImageSize, fault: Fault, mode: str) -> Located:
    from resnext_viz.nn.proof.fault_trials import break_block

    return break_block(spec, *place, fault, mode, image_size)


@lru_cache(maxsize=REMEMBERED * len(Fault))
def _tried(spec: ResNeXtSpec, place: tuple[int, int], fault: Fault, mode: str) -> tuple[Tried, ...]:
    from resnext_viz.nn.proof.fault_trials import try_faults

    return tuple(try_faults(spec, [fault], [mode], place=place))
