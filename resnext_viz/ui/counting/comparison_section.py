"""The sections that set the dialled network against the baseline: where they differ, and what each moves and takes."""

from __future__ import annotations

from functools import lru_cache, partial
from typing import Any, NamedTuple

import streamlit as st

from resnext_viz.comparison import Comparison, Movement
from resnext_viz.figures.counting.comparison_table import View, comparison_file, comparison_table
from resnext_viz.figures.counting.movement_table import (
    ELEMENT_BYTES,
    Timing,
    is_same_cost,
    movement_rows,
    movement_table,
    timing_table,
)
from resnext_viz.figures.counting.setting_fields import comparison_fields, movement_fields
from resnext_viz.figures.kit.svg import Markup, markup
from resnext_viz.kit.csv_file import csv_text
from resnext_viz.kit.timing import PAIR_ROUNDS
from resnext_viz.names import title_of
from resnext_viz.spec import BlockKind, ImageSize, ResNeXtSpec, StrideOn, map_size
from resnext_viz.ui.counting.pair_job import PairJob, about
from resnext_viz.ui.kit import link
from resnext_viz.ui.kit.choices import take_fields
from resnext_viz.ui.kit.components import REMEMBERED, drawing, drawn
from resnext_viz.ui.kit.dialled import Dialled, counted
from resnext_viz.ui.kit.jobs.refreshing import refreshed
from resnext_viz.ui.kit.jobs.shown_job import ShownJob, so_far, told
from resnext_viz.ui.kit.parts import OfferedFile, heading

_AS_DIALLED = "dialled"
_STRIDES = (_AS_DIALLED, *StrideOn)
Sides = tuple[ResNeXtSpec, ResNeXtSpec]
PAIR = ShownJob(
    kind=PairJob, key="pair_job", start_key="measure_pair", stop_key="stop_pair", start="Measure on this machine",
    again="Measure again", failed="Nothing could be measured.",
    doing=partial(told, counted="rounds"),
    stopped=lambda job: f"Stopped after {so_far(job)} rounds. What was measured stays in the table.",
)  # fmt: skip


def show_comparison(dialled: Dialled) -> None:
    """Where the dialled network and the baseline differ, in terms that sum to the whole."""
    take_fields("comparison", {"rows": None, "stride": None})
    view, stride = link.chosen("rows", among=View), link.chosen("stride", among=_STRIDES)
    place = None if stride == _AS_DIALLED else StrideOn(stride)
    sides, size = _strided(dialled, place), dialled.image_size
    heading(
        "Against the baseline",
        f"{title_of(sides[0])} − {title_of(sides[1])}, on {map_size(size)} pixels.",
        OfferedFile(
            "Download CSV", "comparison.csv", "text/csv", lambda: csv_text(comparison_file(_pair(sides, size)))
        ),
    )
    drawn(_compared, sides, size, view, place, key="comparison", sheet="cost")


def _strided(dialled: Dialled, stride: StrideOn | None) -> Sides:
    """Both networks with the stride there, as far as they have a 1x1 at all."""

    def placed(spec: ResNeXtSpec) -> ResNeXtSpec:
        return spec if stride is None or spec.block is BlockKind.BASIC else spec.with_options(stride_on=stride)

    return placed(dialled.spec), placed(dialled.baseline)


def _pair(sides: Sides, image_size: ImageSize) -> Comparison:
    return Comparison(*(counted(spec, image_size) for spec in sides))


def _compared(sides: Sides, image_size: ImageSize, view: View, stride: StrideOn | None) -> str:
    table = comparison_table(_pair(sides, image_size), view, *map(title_of, sides))
    return markup(comparison_fields(view, stride), Markup(table))


def show_movement(dialled: Dialled) -> None:
    """What both networks write and move, and what they take on this machine when somebody measures it."""
    sides = (dialled.spec, dialled.baseline)
    take_fields("movement", {"moved": None})
    moved = _moved(sides, dialled.image_size, link.chosen("moved", among=ELEMENT_BYTES))
    heading(
        "Same cost, why slower?" if moved.is_same_cost else "MACs are not time",
        "What is read and written for one image, if every operation fetches its maps from memory and puts them back.",
        OfferedFile("Download CSV", "movement.csv", "text/csv", lambda: csv_text(moved.rows)),
    )
    drawing(moved.table, "movement", "cost")
    job = PAIR.current(about(*(counted(spec, dialled.image_size) for spec in sides)))
    refreshed(partial(_measurement, dialled, job), job)


class _Moved(NamedTuple):
    is_same_cost: bool
    rows: list[dict[str, Any]]
    table: bytes


@lru_cache(maxsize=REMEMBERED)
def _moved(sides: Sides, image_size: ImageSize, precision: str) -> _Moved:
    pair = _pair(sides, image_size)
    ours, theirs = (Movement(counts.walk, 1, ELEMENT_BYTES[precision]) for counts in (pair.ours, pair.theirs))
    title, other = map(title_of, sides)
    table = markup(movement_fields(precision), Markup(movement_table(pair, ours, theirs, title, other)))
    return _Moved(is_same_cost(pair), movement_rows(ours, theirs, title, other), table.encode())


def _measurement(dialled: Dialled, job: PairJob | None) -> None:
    if dialled.spec == dialled.baseline:
        st.caption("This network is the baseline: there is nothing to measure. Choose another one to compare with.")
        return
    with st.container(horizontal=True, vertical_alignment="center", key="measure-row"):
        PAIR.button(
            job, lambda: PairJob(*(counted(spec, dialled.image_size) for spec in (dialled.spec, dialled.baseline)))
        )
        PAIR.show(job)
    timings = tuple(job.timings if job else (Timing(batch, None, None) for batch in PAIR_ROUNDS))
    where = job.where if job and job.where else "Not measured yet."
    drawn(timing_table, timings, dialled.title, dialled.baseline_title, where, key="timing", sheet="cost")
