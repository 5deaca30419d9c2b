"""The Code page: the dialled network as code for four libraries, and the check that runs it on this machine."""

from __future__ import annotations

import json
from functools import lru_cache, partial
from html import escape
from typing import Any

import streamlit as st

from resnext_viz.figures.code.code_check_table import code_check_table
from resnext_viz.kit.number_format import exact
from resnext_viz.names import name_of
from resnext_viz.source_code import NoCodeError, Source, Target, source_code
from resnext_viz.spec import ImageSize, ResNeXtSpec, map_size, size_text
from resnext_viz.ui.kit import link
from resnext_viz.ui.kit.components import REMEMBERED, drawing
from resnext_viz.ui.kit.dialled import Dialled
from resnext_viz.ui.kit.jobs.command_job import WAITING, CommandJob
from resnext_viz.ui.kit.jobs.refreshing import refreshed
from resnext_viz.ui.kit.jobs.shown_job import ShownJob, pace
from resnext_viz.ui.kit.parts import complaint, heading_text, page_title

TITLES = {Target.TORCHVISION: "torchvision", Target.TIMM: "timm", Target.TORCH: "Plain PyTorch",
          Target.RESNEXT_VIZ: "resnext_viz"}  # fmt: skip


def show_title(dialled: Dialled) -> None:
    """The network's name and its two counts."""
    counts, size = dialled.complexity, map_size(dialled.image_size)
    page_title(
        f"{dialled.title}, as code",
        f"{exact(counts.params)} params, {exact(counts.macs)} MACs on one image of {size} pixels.",
    )


def ask_target() -> Target:
    """The library, asked beside the section's title; links may name it."""
    with st.container(horizontal=True, vertical_alignment="center", key="heading-code"):
        heading_text("Code", "A whole file, to paste or to keep.")
        chosen = st.segmented_control(
            "Library",
            list(TITLES),
            required=True,
            format_func=TITLES.__getitem__,
            width="content",
            label_visibility="collapsed",
            **link.bound("library", "code_target", among=TITLES),
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
def _source(spec: ResNeXtSpec, target: Target, image_size: ImageSize) -> Source | str:
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
    job = _RUN.current((dialled.spec, source.target, dialled.image_size))
    refreshed(partial(_check, dialled, source, job), job)


def _check(dialled: Dialled, source: Source, job: CommandJob | None) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="code_buttons"):
        st.download_button("Download .py", lambda: source.code, source.file_name, "text/x-python", on_click="ignore")
        _RUN.button(job, lambda: _check_job(dialled, source))
        st.html(f'<p class="rx-caption">{escape(_state(job))}</p>')
    _RUN.show(job)
    if job and job.finished:
        drawing(code_check_table(_found(job), TITLES[source.target]), key="code-check", sheet="code")


def _check_job(dialled: Dialled, source: Source) -> CommandJob:
    return CommandJob("code", name_of(dialled.spec), "--for", source.target.value,
                     "--image-size", size_text(dialled.image_size), "--check", "--json",
                     about=(dialled.spec, source.target, dialled.image_size))  # fmt: skip


def _found(job: CommandJob) -> dict[str, Any]:
    check: dict[str, Any] = json.loads("\n".join(job.lines))["check"]
    return check


def _state(job: CommandJob | None) -> str:
    if job is None:
        return (
            "Not run here yet. The tests run it for presets and random networks: params, MACs, names and outputs "
            "equal ours."
        )
    if job.running:
        return "It is built and run in a process of its own."
    return f"Run on this machine in {job.seconds:.1f} s." if job.finished else "Stopped."


def _doing(job: CommandJob) -> str:
    doing = "Loading torch, then running the code and our network"  # it prints nothing before its findings
    return f"{WAITING if job.waits else doing}, {pace(job)}"


_RUN = ShownJob(
    kind=CommandJob, key="code_check", start_key="run_code_check", stop_key="stop_code_check",
    start="Run it and compare", again="Run it again", failed="The code could not be run.",
    doing=_doing, is_primary=False,
)  # fmt: skip
