"""The Block forms page: the three drawings, and the check that runs while the page stays usable."""

from __future__ import annotations

from functools import lru_cache, partial

import streamlit as st

from resnext_viz.figures.differences import Mode, difference_table
from resnext_viz.figures.forms import forms_drawing
from resnext_viz.spec import BlockKind, ResNeXtSpec
from resnext_viz.ui.check_job import CheckJob
from resnext_viz.ui.choices import chosen_path
from resnext_viz.ui.components import REMEMBERED, drawing
from resnext_viz.ui.parts import failure, heading_text
from resnext_viz.ui.refreshing import current_job, refreshed
from resnext_viz.ui.state import Dialled, counted

FORMS = "forms-drawing"


def show_forms(dialled: Dialled, chosen: tuple[int, int]) -> None:
    """Fig. 3 a, b, c for the chosen block, with the weight tensors of each."""
    path = chosen_path(dialled.spec.cardinality)
    drawing(_forms(dialled.spec, dialled.image_size, chosen, path), key=FORMS, sheet="forms")


@lru_cache(maxsize=REMEMBERED)
def _forms(spec: ResNeXtSpec, image_size: int, chosen: tuple[int, int], path: int) -> bytes:
    return forms_drawing(counted(spec, image_size), *chosen, path).encode()


def show_check(dialled: Dialled, chosen: tuple[int, int]) -> None:
    """The check of the chosen block: its button, its progress, its figures."""
    if dialled.spec.block is BlockKind.BASIC:
        return
    job = current_job(CheckJob, "check_job", (dialled.spec, *chosen, dialled.image_size))
    refreshed(partial(_check, dialled, chosen, job), job)


def _check(dialled: Dialled, chosen: tuple[int, int], job: CheckJob | None) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="heading-check"):
        heading_text("Do they give the same answer?")
        mode = st.segmented_control(
            "Batch norm mode", ["train", "eval"], default="train", required=True, label_visibility="collapsed",
            width="content", key="check_mode",
        )
        if job and job.running:
            if st.button("Stop", key="stop_check"):
                job.stop()
        elif st.button("Run again" if job else "Run the check", type="primary", key="run_check"):
            st.session_state.check_job = CheckJob(dialled.spec, *chosen, dialled.image_size)
            st.session_state.check_job.start()
            st.rerun()
    _progress(job)
    shown: Mode = "train" if mode == "train" else "eval"
    table = difference_table(job.rows, shown, job.where) if job else _not_measured(shown)
    drawing(table, key="differences", sheet="differences")


@lru_cache(maxsize=2)
def _not_measured(mode: Mode) -> str:
    return difference_table([], mode, "Not measured yet.")


def _progress(job: CheckJob | None) -> None:
    if job is None:
        return
    if job.problem:
        failure("The check could not run.", job.problem)
    elif job.running:
        done, total = len(job.rows), job.total
        so_far = f"{job.doing}. {done} of {total or '…'} · {job.seconds:.1f} s so far"
        st.progress(done / total if total else 0.0, so_far)
    elif job.stopped_early:
        st.caption(f"Stopped after {len(job.rows)} of {job.total}. Rows already measured stay in the table.")
