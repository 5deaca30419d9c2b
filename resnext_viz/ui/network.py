"""The whole network in three forms on the Block forms page: its settings, its estimate, its progress, its figures."""

from __future__ import annotations

from functools import lru_cache, partial
from pathlib import Path

import streamlit as st

from resnext_viz.figures.differences import Mode
from resnext_viz.figures.network_differences import network_table, places_of
from resnext_viz.inference.decode import MAX_BYTES
from resnext_viz.inference.network_input import takes_photos
from resnext_viz.inference.picture_formats import SUFFIXES
from resnext_viz.inference.samples import samples
from resnext_viz.spec import BlockKind
from resnext_viz.ui.components import drawing
from resnext_viz.ui.network_job import Asked, NetworkJob
from resnext_viz.ui.parts import complaint, failure, heading_text
from resnext_viz.ui.refreshing import current_job, refreshed
from resnext_viz.ui.state import Dialled

SIDES = (8, 16, 32, 64, 96, 128, 160, 224)
USUAL_SIDE, USUAL_STEPS = 64, 3
STEPS = (0, 1, 3, 5, 10)
DTYPES = {"float64 and float32": ("float64", "float32"), "float64": ("float64",), "float32": ("float32",)}
RANDOM, OWN = "Random numbers", "Your photo"


def show_network_check(dialled: Dialled) -> None:
    """The check of the whole dialled network: settings, button, progress, figures."""
    if dialled.spec.block is BlockKind.BASIC:
        return
    job = current_job(NetworkJob, "network_job", dialled.spec)
    refreshed(partial(_check, dialled, job), job)


def _check(dialled: Dialled, job: NetworkJob | None) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="heading-network-check"):
        heading_text("The whole network", "Every block in form (a), (b) and (c) from one set of random weights.")
        mode = st.segmented_control("Mode of batch norm in the network", ["train", "eval"], default="train",
                                    required=True, label_visibility="collapsed", width="content", key="network_mode")
        button = st.container(width="content")
    asked = _asked(dialled)
    with button:
        _start_or_stop(job, asked)
    if job:
        job.watch()
        _progress(job)
    shown: Mode = "train" if mode == "train" else "eval"
    if job and (job.rows or job.running):
        drawing(_table(job, shown), key="network-differences", sheet="differences")
    else:
        st.caption("Not measured yet. Compared are the maps behind stem and stages, the logits, every gradient, and "
                   "the weights after each step.")


def _asked(dialled: Dialled) -> Asked:
    """The settings as they stand."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="network-settings"):
        titles = {sample.title: sample.path for sample in samples()} if takes_photos(dialled.spec) else {}
        own = [OWN] if takes_photos(dialled.spec) else []
        picture = st.selectbox("Image", [*titles, *own, RANDOM], key="network_image", width=220)
        usual = min(USUAL_SIDE, dialled.spec.default_image_size)
        side = st.selectbox("Image side", SIDES, index=SIDES.index(usual), format_func=lambda side: f"{side} px",
                            key=f"network_side_{usual}", width=120)
        steps = st.segmented_control("Steps of SGD", STEPS, default=USUAL_STEPS, required=True, key="network_steps")
        dtypes = st.selectbox("Dtype", list(DTYPES), key="network_dtypes", width=220)
    name, photo = "", None
    if picture == OWN:
        upload = st.file_uploader(f"A photo of up to {MAX_BYTES // 2**20} MB", type=SUFFIXES, key="network_photo")
        name, photo = (upload.name, upload.getvalue()) if upload else ("", None)
    elif picture in titles:
        name, photo = str(picture), _bytes(titles[picture])
    return Asked(dialled.spec, int(side), DTYPES[dtypes], int(steps or 0), name, photo)


@lru_cache(maxsize=8)
def _bytes(path: Path) -> bytes:
    return path.read_bytes()


def _start_or_stop(job: NetworkJob | None, asked: Asked) -> None:
    if job and job.running:
        if st.button("Stop", key="stop_network"):
            job.stop()
    elif st.button("Run again" if job and job.rows else "Run the network", type="primary", key="run_network"):
        _start(asked)


def _start(asked: Asked) -> None:
    job = st.session_state.network_job = NetworkJob(asked)
    job.start()
    st.rerun()


def _progress(job: NetworkJob) -> None:
    if job.problem:
        failure("The check could not run.", job.problem)
    elif job.running:
        done, total = len(job.rows), job.total
        expected = f" of about {job.expected_s:.0f} s" if job.expected_s else " s"
        so_far = f"{job.doing}. {done} of {total or '…'} · {job.seconds:.0f}{expected}"
        st.progress(done / total if total else 0.0, so_far)
    elif job.offers:
        _offer(job)
    elif job.stopped_early:
        st.caption(f"Stopped after {len(job.rows)} of {job.total}. Rows already measured stay in the table.")


def _offer(job: NetworkJob) -> None:
    """What the setting takes, smaller ones, and the way to take it all the same."""
    complaint("This takes long.", f"{job.estimate}. Choose a smaller setting, or run it all the same.")
    with st.container(horizontal=True, key="network-offers"):
        for number, (smaller, words) in enumerate(job.offers):
            if st.button(words, key=f"network_offer_{number}"):
                _start(smaller)
        if st.button("Run it all the same", key="network_patient"):
            _start(Asked(**{**vars(job.asked), "patient": True}))


def _table(job: NetworkJob, mode: Mode) -> str:
    """The rows measured so far, among those that the run will give."""
    places = places_of(job.asked.spec, mode, job.asked.steps)
    return network_table(job.rows, mode, job.where, job.asked.dtypes, places)
