"""The Code page: the dialled network as code for four libraries, and the check that runs it on this machine."""

from __future__ import annotations

import json
from functools import lru_cache, partial
from html import escape
from typing import Any

import streamlit as st

from resnext_viz.figures.code_check import code_check_table
from resnext_viz.figures.numbers import exact
from resnext_viz.names import name_of
from resnext_viz.source_code import NoCodeError, Source, Target, source_code
from resnext_viz.spec import ResNeXtSpec
from resnext_viz.ui.command_job import CommandJob
from resnext_viz.ui.components import REMEMBERED, drawing
from resnext_viz.ui.parts import complaint, failure, heading_text, page_title
from resnext_viz.ui.refreshing import current_job, refreshed
from resnext_viz.ui.state import Dialled

TITLES = {Target.TORCHVISION: "torchvision", Target.TIMM: "timm", Target.TORCH: "Plain PyTorch",
          Target.RESNEXT_VIZ: "resnext_viz"}  # fmt: skip


def show_title(dialled: Dialled) -> None:
    """The network's name and its two counts."""
    counts, side = dialled.complexity, dialled.image_size
    page_title(f"{dialled.title}, as code",
               f"{exact(counts.params)} params, {exact(counts.macs)} MACs on one image of {side}×{side} pixels.")


def ask_target() -> Target:
    """The library, asked beside the section's title; links may name it."""
    with st.container(horizontal=True, vertical_alignment="center", key="heading-code"):
        heading_text("Code", "A whole file, to paste or to keep.")
        chosen = st.segmented_control(
            "Library", list(TITLES), default=Target.TORCHVISION, required=True, key="code_target",
            format_func=TITLES.__getitem__, width="content", label_visibility="collapsed",
        )
    return Target(chosen)


def show_code(dialled: Dialled, target: Target) -> None:
    """The code with what was adapted in it, its file, and the check; or why there is none."""
    source = _source(dialled.spec, target, dialled.image_size)
    if isinstance(source, str):
        complaint(f"{TITLES[target]} cannot build this network.", source)
        return
    st.code(source.code, language="python")
    _notes(source)
    _show_check(dialled, source)


@lru_cache(maxsize=REMEMBERED)
def _source(spec: ResNeXtSpec, target: Target, image_size: int) -> Source | str:
    """The code, or the words that say why there is none."""
    try:
        return source_code(spec, target, image_size)
    except NoCodeError as error:
        return error.reason


def _notes(source: Source) -> None:
    command = f"python -m resnext_viz code {name_of(source.spec)} --for {source.target}"
    notes = "".join(f"<li>{escape(note)}</li>" for note in source.notes)
    st.html(f'<ul class="rx-notes">{notes}<li>From a shell: <code>{escape(command)}</code></li></ul>')


def _show_check(dialled: Dialled, source: Source) -> None:
    job = current_job(CommandJob, "code_check", (dialled.spec, source.target, dialled.image_size))
    refreshed(partial(_check, dialled, source, job), job)


def _check(dialled: Dialled, source: Source, job: CommandJob | None) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="code_buttons"):
        st.download_button("Download .py", lambda: source.code, source.file_name, "text/x-python", on_click="ignore")
        if job and job.running:
            if st.button("Stop", key="stop_code_check"):
                job.stop()
        elif st.button("Run it again" if job else "Run it and compare", key="run_code_check"):
            st.session_state.code_check = _begun(dialled, source)
            st.rerun()
        st.html(f'<p class="rx-caption">{escape(_state(job))}</p>')
    if job and job.problem:
        failure("The code could not be run.", job.problem)
    elif job and job.done:
        drawing(code_check_table(_found(job), TITLES[source.target]), key="code-check", sheet="code")


def _begun(dialled: Dialled, source: Source) -> CommandJob:
    job = CommandJob("code", name_of(dialled.spec), "--for", source.target.value,
                     "--image-size", str(dialled.image_size), "--check", "--json",
                     about=(dialled.spec, source.target, dialled.image_size))  # fmt: skip
    job.start()
    return job


def _found(job: CommandJob) -> dict[str, Any]:
    check: dict[str, Any] = json.loads("\n".join(job.lines))["check"]
    return check


def _state(job: CommandJob | None) -> str:
    if job is None:
        return ("Not run here yet. The tests run it for presets and random networks: params, MACs, names and outputs "
                "equal ours.")
    if job.running:
        return "Waiting for its turn." if job.waits else f"Running, {job.seconds_so_far:.1f} s so far."
    return f"Run on this machine in {job.seconds:.1f} s." if job.done else "Stopped."
