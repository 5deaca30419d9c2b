"""What the three forms of the chosen block cost on this machine: measured on request, never for another block."""

from __future__ import annotations

from functools import partial

import streamlit as st

from resnext_viz.figures.form_costs import cost_table
from resnext_viz.spec import BlockKind
from resnext_viz.ui.components import drawing
from resnext_viz.ui.form_cost_job import FormCostJob
from resnext_viz.ui.parts import failure, heading_text
from resnext_viz.ui.refreshing import current_job, refreshed
from resnext_viz.ui.state import Dialled


def show_form_costs(dialled: Dialled, chosen: tuple[int, int]) -> None:
    """The table, its button, its progress."""
    if dialled.spec.block is BlockKind.BASIC:
        return
    job = current_job(FormCostJob, "form_cost_job", (dialled.spec, *chosen, dialled.image_size))
    refreshed(partial(_costs, dialled, chosen, job), job)


def _costs(dialled: Dialled, chosen: tuple[int, int], job: FormCostJob | None) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="heading-form-costs"):
        heading_text("What the forms cost here", f"Stage {chosen[0]}, block {chosen[1]}: same weights, three speeds.")
        if job and job.running:
            if st.button("Stop", key="stop_form_costs"):
                job.stop()
        elif st.button("Measure again" if job else "Measure", type="primary", key="run_form_costs"):
            st.session_state.form_cost_job = FormCostJob(dialled.spec, *chosen, dialled.image_size)
            st.session_state.form_cost_job.start()
            st.rerun()
    _progress(job)
    costs, where = (job.costs, job.where) if job else ({}, "Not measured yet.")
    drawing(cost_table(dialled.spec.cardinality, costs, where), key="form-costs", sheet="speed")


def _progress(job: FormCostJob | None) -> None:
    if job is None:
        return
    if job.problem:
        failure("The forms could not be measured.", job.problem)
    elif job.running:
        st.progress(job.done / job.total if job.total else 0.0, f"{job.doing}. {job.done} of {job.total or '…'} rounds")
    elif job.stopped_early:
        st.caption("Stopped. What was measured stays in the table.")
