"""What the three forms of the chosen block cost on this machine: measured on request, never for another block."""

from __future__ import annotations

from functools import partial

import streamlit as st

from resnext_viz.figures.block_forms.form_costs import cost_table
from resnext_viz.spec import BlockKind
from resnext_viz.ui.block_forms.form_cost_job import FormCostJob
from resnext_viz.ui.kit.components import drawing, drawn
from resnext_viz.ui.kit.dialled import Dialled
from resnext_viz.ui.kit.jobs.refreshing import refreshed
from resnext_viz.ui.kit.jobs.shown_job import ShownJob, told
from resnext_viz.ui.kit.parts import heading_text

_COSTS = ShownJob(
    kind=FormCostJob, key="form_cost_job", start_key="run_form_costs", stop_key="stop_form_costs", start="Measure",
    again="Measure again", failed="The forms could not be measured.",
    doing=partial(told, counted="rounds"),
    stopped=lambda _: "Stopped. What was measured stays in the table.",
)  # fmt: skip


def show_form_costs(dialled: Dialled, chosen: tuple[int, int]) -> None:
    """The table, its button, its progress."""
    if dialled.spec.block is BlockKind.BASIC:
        return
    job = _COSTS.current((dialled.spec, *chosen, dialled.image_size))
    refreshed(partial(_costs, dialled, chosen, job), job)


def _costs(dialled: Dialled, chosen: tuple[int, int], job: FormCostJob | None) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="heading-form-costs"):
        heading_text("What the forms cost here", f"Stage {chosen[0]}, block {chosen[1]}: same weights, three speeds.")
        _COSTS.button(job, lambda: FormCostJob(dialled.spec, *chosen, dialled.image_size))
    _COSTS.show(job)
    if job:
        drawing(cost_table(dialled.spec.cardinality, job.costs, job.where), key="form-costs", sheet="speed")
    else:
        drawn(_not_measured, dialled.spec.cardinality, key="form-costs", sheet="speed")


def _not_measured(cardinality: int) -> str:
    return cost_table(cardinality, {}, "Not measured yet.")
