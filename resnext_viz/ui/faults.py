"""Mistakes on purpose, on the Block forms page: the switches, what the one that is on does, and a table of all."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, NamedTuple

import streamlit as st

from resnext_viz.faults import Fault, cardinalities, obstacle
from resnext_viz.figures.choice import block_at
from resnext_viz.figures.fault_table import fault_table
from resnext_viz.figures.faults import fault_drawing
from resnext_viz.spec import BlockKind, ResNeXtSpec
from resnext_viz.ui.components import REMEMBERED, drawing
from resnext_viz.ui.computation import Computation, show_computed
from resnext_viz.ui.parts import failure, heading_text
from resnext_viz.ui.state import Dialled

if TYPE_CHECKING:
    from resnext_viz.nn.located import Located, Tried

_CHOSEN, _COLUMNS = "fault_chosen", 3
_STEPS = 1 + len(Fault)


class Found(NamedTuple):
    """The mistake that is on, and what was tried of all so far, at which C."""

    located: Located
    cardinalities: tuple[int, ...]
    tried: tuple[Tried, ...]


def show_faults(dialled: Dialled, chosen: tuple[int, int]) -> None:
    """The switches for the chosen block, and what the one that is on does to it."""
    if dialled.spec.block is BlockKind.BASIC:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="heading-faults"):
        words = st.empty()
        mode = st.segmented_control("Mode of batch norm in the broken form", ["train", "eval"], default="train",
                                    required=True, label_visibility="collapsed", width="content", key="fault_mode")
    with words:
        heading_text("Break it on purpose", f"Turn on one mistake and see where the forms part. float64, {mode}.")
    obstacles = {fault: obstacle(fault, block_at(dialled.complexity.walk, chosen)) for fault in Fault}
    _switches(obstacles)
    fault: Fault | None = st.session_state.get(_CHOSEN)
    if fault is None or obstacles[fault]:
        return
    asked = (dialled.spec, chosen, dialled.image_size, fault, mode)
    show_computed("fault_job", asked, partial(_found, *asked), _show)


def _switches(obstacles: dict[Fault, str | None]) -> None:
    """One switch for each mistake, of which one can be on; what the block cannot have says why."""
    with st.container(key="faults"):
        for at in range(0, len(Fault), _COLUMNS):
            for column, fault in zip(st.columns(_COLUMNS), list(Fault)[at:at + _COLUMNS], strict=True):
                key, reason = f"fault-{fault}", obstacles[fault]
                st.session_state[key] = st.session_state.get(_CHOSEN) is fault and reason is None
                column.toggle(f"{fault.heading}: {reason}" if reason else fault.heading, key=key,
                              disabled=reason is not None, on_change=_switch, args=(fault,))


def _switch(fault: Fault) -> None:
    st.session_state[_CHOSEN] = fault if st.session_state[f"fault-{fault}"] else None


def _show(job: Computation) -> None:
    if job.problem:
        failure("That mistake could not be made.", job.problem)
        return
    if job.running and job.done < _STEPS:
        st.progress(job.done / _STEPS, "Running both forms" if not job.done else "Trying every mistake at other C")
    found: Found | None = job.result
    if found is not None:
        drawing(_drawing(found.located), key="fault", sheet="faults")
        drawing(_table(found.tried, found.cardinalities, found.located.fault), key="faults-tried", sheet="faults")


@lru_cache(maxsize=REMEMBERED)
def _drawing(located: Located) -> bytes:
    return fault_drawing(located.to_dict()).encode()


@lru_cache(maxsize=REMEMBERED)
def _table(tried: tuple[Tried, ...], columns: tuple[int, ...], fault: Fault) -> bytes:
    return fault_table([row.to_dict() for row in tried], columns, fault).encode()


def _found(
    spec: ResNeXtSpec, place: tuple[int, int], image_size: int, fault: Fault, mode: str
) -> Iterator[Found]:
    located = _located(spec, place, image_size, fault, mode)
    tried: tuple[Any, ...] = ()
    yield Found(located, cardinalities(spec), tried)
    for other in Fault:
        tried += _tried(spec, place, other, mode)
        yield Found(located, cardinalities(spec), tried)


@lru_cache(maxsize=REMEMBERED)
def _located(spec: ResNeXtSpec, place: tuple[int, int], image_size: int, fault: Fault, mode: str) -> Located:
    from resnext_viz.nn.faults import break_block

    return break_block(spec, *place, fault, mode, image_size)


@lru_cache(maxsize=REMEMBERED * len(Fault))
def _tried(spec: ResNeXtSpec, place: tuple[int, int], fault: Fault, mode: str) -> tuple[Tried, ...]:
    from resnext_viz.nn.faults import try_faults

    return tuple(try_faults(spec, [fault], [mode], place=place))
