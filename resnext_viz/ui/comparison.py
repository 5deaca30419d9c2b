"""The sections that set the dialled network against the baseline: where they differ, and what each moves and takes."""

from __future__ import annotations

from functools import lru_cache, partial
from typing import Any, NamedTuple

import streamlit as st

from resnext_viz.bench.result import PAIR_ROUNDS
from resnext_viz.comparison import Comparison, Movement
from resnext_viz.csv_file import csv_text
from resnext_viz.figures.comparison import STRIDE_NAMES, View, comparison_file, comparison_table
from resnext_viz.figures.movement import (
    ELEMENT_BYTES,
    Timing,
    is_same_cost,
    movement_rows,
    movement_table,
    timing_table,
)
from resnext_viz.names import title_of
from resnext_viz.spec import BlockKind, ResNeXtSpec, StrideOn
from resnext_viz.ui.components import REMEMBERED, drawing
from resnext_viz.ui.pair_job import PairJob, about
from resnext_viz.ui.parts import Download, failure, heading
from resnext_viz.ui.refreshing import current_job, refreshed
from resnext_viz.ui.state import Dialled, counted

_VIEW_NAMES = {View.PLACES: "by place", View.KINDS: "by kind", View.TERMS: "every term"}
_AS_DIALLED = "as dialled"
_STRIDES = {_AS_DIALLED: None, **{f"{STRIDE_NAMES[stride]} in both": stride for stride in StrideOn}}
Sides = tuple[ResNeXtSpec, ResNeXtSpec]


def show_comparison(dialled: Dialled) -> None:
    """Where the dialled network and the baseline differ, in terms that sum to the whole."""
    top = st.container()
    with st.container(horizontal=True, vertical_alignment="bottom", key="comparison-controls"):
        view = st.segmented_control(
            "Rows", list(View), default=View.PLACES, required=True, key="comparison_view",
            format_func=_VIEW_NAMES.__getitem__, width="content",
        )
        stride = st.segmented_control(
            "Stride sits on", list(_STRIDES), default=_AS_DIALLED, required=True, key="comparison_stride",
            width="content",
        )
    sides, size = _strided(dialled, _STRIDES[stride]), dialled.image_size
    with top:
        heading(
            "Against the baseline", f"{title_of(sides[0])} − {title_of(sides[1])}, on {size}×{size} pixels.",
            Download("Download CSV", "comparison.csv", "text/csv",
                     lambda: csv_text(comparison_file(_pair(sides, size)))),
        )
    drawing(_compared(sides, size, view), "comparison", "cost")


def _strided(dialled: Dialled, stride: StrideOn | None) -> Sides:
    """Both networks with the stride there, as far as they have a 1x1 at all."""

    def placed(spec: ResNeXtSpec) -> ResNeXtSpec:
        return spec if stride is None or spec.block is BlockKind.BASIC else spec.with_options(stride_on=stride)

    return placed(dialled.spec), placed(dialled.baseline)


def _pair(sides: Sides, image_size: int) -> Comparison:
    return Comparison(*(counted(spec, image_size) for spec in sides))


@lru_cache(maxsize=REMEMBERED)
def _compared(sides: Sides, image_size: int, view: View) -> bytes:
    return comparison_table(_pair(sides, image_size), view, *map(title_of, sides)).encode()


def show_movement(dialled: Dialled) -> None:
    """What both networks write and move, and what they take on this machine when somebody measures it."""
    sides = (dialled.spec, dialled.baseline)
    top = st.container()
    precision = st.segmented_control(
        "Precision", list(ELEMENT_BYTES), default="float32", required=True, key="movement_precision", width="content"
    )
    moved = _moved(sides, dialled.image_size, ELEMENT_BYTES[precision])
    with top:
        heading(
            "Same cost, why slower?" if moved.is_same_cost else "MACs are not time",
            "One image; every operation reads and writes its maps, nothing fused or cached.",
            Download("Download CSV", "movement.csv", "text/csv", lambda: csv_text(moved.rows)),
        )
    drawing(moved.table, "movement", "cost")
    job = current_job(PairJob, "pair_job", about(*(counted(spec, dialled.image_size) for spec in sides)))
    refreshed(partial(_measurement, dialled, job), job)


class _Moved(NamedTuple):
    is_same_cost: bool
    rows: list[dict[str, Any]]
    table: bytes


@lru_cache(maxsize=REMEMBERED)
def _moved(sides: Sides, image_size: int, element_bytes: int) -> _Moved:
    pair = _pair(sides, image_size)
    ours, theirs = (Movement(counts.walk, 1, element_bytes) for counts in (pair.ours, pair.theirs))
    title, other = map(title_of, sides)
    table = movement_table(pair, ours, theirs, title, other).encode()
    return _Moved(is_same_cost(pair), movement_rows(ours, theirs, title, other), table)


def _measurement(dialled: Dialled, job: PairJob | None) -> None:
    if dialled.spec == dialled.baseline:
        st.caption("This network is the baseline: there is nothing to measure. Choose another one to compare with.")
        return
    with st.container(horizontal=True, vertical_alignment="center", key="measure-row"):
        if job and job.running:
            if st.button("Stop", key="stop_pair"):
                job.stop()
        elif st.button("Measure again" if job else "Measure on this machine", type="primary", key="measure_pair"):
            counts = (counted(spec, dialled.image_size) for spec in (dialled.spec, dialled.baseline))
            st.session_state.pair_job = PairJob(*counts)
            st.session_state.pair_job.start()
            st.rerun()
        _progress(job)
    timings = job.timings if job else [Timing(batch, None, None) for batch in PAIR_ROUNDS]
    where = job.where if job and job.where else "Not measured yet."
    drawing(timing_table(timings, dialled.title, dialled.baseline_title, where), "timing", "cost")


def _progress(job: PairJob | None) -> None:
    if job is None:
        return
    if job.problem:
        failure("Nothing could be measured.", job.problem)
    elif job.running:
        st.progress(job.done / job.total if job.total else 0.0, f"{job.doing}. Round {job.done} of {job.total or '…'}")
    elif job.stopped_early:
        st.caption(f"Stopped after {job.done} of {job.total} rounds. What was measured stays in the table.")
