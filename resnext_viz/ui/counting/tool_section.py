"""The Counting page's table of tools: what each prints for the dialled network."""

from __future__ import annotations

import re
from functools import partial

import streamlit as st

from resnext_viz.conventions import tool_counts
from resnext_viz.conventions.installable import installable
from resnext_viz.figures.counting.tool_runs import ShownRun
from resnext_viz.figures.counting.tool_table import tool_rows, tool_table
from resnext_viz.kit.csv_file import csv_text
from resnext_viz.kit.number_format import exact
from resnext_viz.names import name_of
from resnext_viz.spec import ImageSize, ResNeXtSpec
from resnext_viz.ui.counting.tool_run_job import ToolRunJob
from resnext_viz.ui.kit.components import drawn, newly_chosen
from resnext_viz.ui.kit.dialled import Dialled
from resnext_viz.ui.kit.jobs.command_job import WAITING
from resnext_viz.ui.kit.jobs.refreshing import refreshed
from resnext_viz.ui.kit.jobs.shown_job import ShownJob, pace, stop_button
from resnext_viz.ui.kit.parts import OfferedFile, heading

_TABLE = "tool-counts"


def show_tool_counts(dialled: Dialled) -> None:
    """A row for each tool, with how its number follows from our MACs."""
    spec, size = dialled.spec, dialled.image_size
    heading(
        "Every tool’s number",
        f"Ours: {exact(dialled.complexity.macs)} MACs, the multiply-adds of convolutions and the linear layer, as the "
        "paper counts. Strips: what a tool counts beyond them, to one scale.",
        OfferedFile(
            "Download CSV",
            f"{name_of(spec)}-tools.csv",
            "text/csv",
            lambda: csv_text(tool_rows(tool_counts(spec, size))),
        ),
    )
    job = _RUN.current((spec, size))
    with newly_chosen(_TABLE) as sent:
        asked = re.fullmatch(r"run:([a-z-]{1,32})", sent or "")
    if asked and installable(asked[1]) and not (job and job.running):
        _RUN.begin(ToolRunJob(spec, size, asked[1]))
    drawn(_table, spec, size, job.shown if job else None, key=_TABLE, sheet="tools")
    if job and not job.finished:
        refreshed(partial(_standing, job), job)


def _standing(job: ToolRunJob) -> None:
    """How far a run is, and what ends it."""
    with st.container(horizontal=True, vertical_alignment="center", key="tool-run"):
        if job.running:
            stop_button(job, "stop_tool_run")
        _RUN.show(job)


def _doing(job: ToolRunJob) -> str:
    doing = f"Loading torch, then running {job.rule}"
    return f"{WAITING if job.waits else doing}, {pace(job)}"


_RUN = ShownJob(
    kind=ToolRunJob, key="tool_run", start_key="run_tool", stop_key="stop_tool_run", start="Run", again="Run",
    failed="The tool was not run.", doing=_doing, stopped=lambda _: "Stopped.",
)  # fmt: skip


def _table(spec: ResNeXtSpec, image_size: ImageSize, run: ShownRun | None) -> str:
    return tool_table(tool_counts(spec, image_size), run)
