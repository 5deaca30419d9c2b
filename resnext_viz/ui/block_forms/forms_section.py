"""The Block forms page: the three drawings, and the check that runs while the page stays usable."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from resnext_viz.block_forms.terms import FORM_NAMES
from resnext_viz.figures.block_forms.differences import Mode, Row, difference_table, verdict_words
from resnext_viz.figures.block_forms.forms_drawing import forms_drawing
from resnext_viz.figures.block_forms.setting_fields import MODES, check_fields
from resnext_viz.figures.kit.svg import Markup, markup
from resnext_viz.spec import BlockKind
from resnext_viz.ui.block_forms.check_job import CheckJob
from resnext_viz.ui.kit import link
from resnext_viz.ui.kit.choices import chosen_path, take_fields
from resnext_viz.ui.kit.components import drawing, drawn
from resnext_viz.ui.kit.dialled import Dialled
from resnext_viz.ui.kit.jobs.refreshing import refreshed
from resnext_viz.ui.kit.jobs.shown_job import ShownJob, so_far, told
from resnext_viz.ui.kit.parts import heading_text

FORMS = "forms-drawing"
_DIFFERENCES = "differences"
CHECK = ShownJob(
    kind=CheckJob, key="check_job", start_key="run_check", stop_key="stop_check", start="Run the check",
    again="Run again", failed="The check could not run.",
    doing=told,
    stopped=lambda job: f"Stopped after {so_far(job)}. Rows already measured stay in the table.",
)  # fmt: skip


def show_forms(dialled: Dialled, chosen: tuple[int, int]) -> None:
    """Fig. 3 a, b, c for the chosen block, with the weight tensors of each."""
    path = chosen_path(dialled.spec.cardinality)
    form = link.chosen("form", among=FORM_NAMES)
    drawn(forms_drawing, dialled.complexity, *chosen, path, form, key=FORMS, sheet="forms")


def show_check(dialled: Dialled, chosen: tuple[int, int]) -> None:
    """The check of the chosen block: its button, its progress, its figures."""
    if dialled.spec.block is BlockKind.BASIC:
        return
    job = CHECK.current((dialled.spec, *chosen, dialled.image_size))
    refreshed(partial(_check, dialled, chosen, job), job, apart=True)


def _check(dialled: Dialled, chosen: tuple[int, int], job: CheckJob | None) -> None:
    take_fields(_DIFFERENCES, {"mode": None})
    mode: Mode = link.chosen("mode", among=MODES)
    with st.container(horizontal=True, vertical_alignment="center", key="heading-check"):
        heading_text("Do they give the same answer?")
        CHECK.button(job, lambda: CheckJob(dialled.spec, *chosen, dialled.image_size))
    CHECK.show(job)
    if job:
        drawing(_differences(job.rows, mode, job.where, job.total), key=_DIFFERENCES, sheet="differences")
    else:
        drawn(_differences, (), mode, "Not measured yet.", key=_DIFFERENCES, sheet="differences")


def _differences(rows: Sequence[Row], mode: Mode, where: str, total: int = 0) -> str:
    return markup(verdict_words(rows, total), check_fields(mode), Markup(difference_table(rows, mode, where)))
