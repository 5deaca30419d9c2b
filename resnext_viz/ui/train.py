"""The top of the Train page: the network, the pictures, the settings, and the button that starts a run."""

from __future__ import annotations

from functools import partial
from html import escape

import streamlit as st

from resnext_viz.errors import UserError
from resnext_viz.figures.numbers import exact
from resnext_viz.inference.picture_formats import FORMATS_IN_WORDS, SUFFIXES
from resnext_viz.names import title_of
from resnext_viz.spec import ResNeXtSpec
from resnext_viz.ui import controls
from resnext_viz.ui.held_runs import hold
from resnext_viz.ui.own_pictures import MAX_BYTES, MAX_PICTURES, PicturesJob, Upload
from resnext_viz.ui.parts import complaint, failure, heading, sentence
from resnext_viz.ui.refreshing import current_job, refreshed
from resnext_viz.ui.state import Dialled, counted
from resnext_viz.ui.training_runs import RUNS, TrainingRun
from resnext_viz.ui.training_settings import (
    BATCH,
    DEFAULT_BATCH,
    DEFAULT_EPOCHS,
    DEFAULT_RATE,
    EPOCHS,
    RATE,
    TrainingData,
    TrainingSettings,
    fitted_defaults,
    refusal,
    sample_data,
    start_spec,
)

_SAMPLE, _OWN = "The sample", "Your folder"
_NARROW = 16  # paths narrower than this run slowly on a CPU
_LISTED = 50


def show_setup(dialled: Dialled, held: list[TrainingRun]) -> None:
    """The network, the pictures and the settings of a new run."""
    heading("New run", "The dialled network on a few thousand small pictures: minutes, not days.")
    refused = refusal(dialled.spec, dialled.image_size)
    if refused:
        _offer_network(dialled, refused)
    data = _ask_data(dialled.image_size)
    if data and not refused:
        st.html(f'<p class="rx-prose">{escape(_in_words(dialled, data))}</p>')
    _ask_settings(dialled, data if not refused else None, held)
    if problem := st.session_state.pop("train_problem", None):
        failure("The run was not started.", problem)


def _offer_network(dialled: Dialled, refused: str) -> None:
    """Says why the dialled network does not train here, and dials one that does."""
    complaint(f"{dialled.title} does not train here.", sentence(refused))
    spec = start_spec()
    if st.button(f"Dial {title_of(spec).split(',')[0]} for CIFAR", key="dial_small", type="primary"):
        controls.dial_network(spec)


def _in_words(dialled: Dialled, data: TrainingData) -> str:
    """What would be trained, on what."""
    spec = dialled.spec.with_options(num_classes=len(data.classes))
    counts, side = counted(spec, dialled.image_size), dialled.image_size
    named = ", ".join(data.classes[:10]) + (f" and {len(data.classes) - 10} more" if len(data.classes) > 10 else "")
    return (f"{title_of(spec)}: {exact(counts.params)} params, {exact(counts.macs)} MACs on a picture of "
            f"{side}×{side}. {exact(data.train_count)} pictures to train on, {exact(data.test_count)} to test on, of "
            f"{exact(len(data.classes))} classes: {named}.{_about_narrow_paths(spec)}")


def _about_narrow_paths(spec: ResNeXtSpec) -> str:
    if spec.cardinality == 1 or spec.base_width >= _NARROW:
        return ""
    return (f" Paths narrower than {_NARROW} train slowly on a CPU, for its units stay half empty: MACs are not time.")


def _ask_data(side: int) -> TrainingData | None:
    """The pictures that the visitor chooses, once they are read."""
    chosen = st.segmented_control(
        "Pictures", [_SAMPLE, _OWN], default=_SAMPLE, required=True, key="train_data", width="content",
        persist_state="session",
    )
    return sample_data() if chosen == _SAMPLE else _own_data(side)


def _own_data(side: int) -> TrainingData | None:
    words = (f"A folder with a sub-folder for each class, or train/ and test/ with them: {FORMATS_IN_WORDS}, up to "
             f"{exact(MAX_PICTURES)} pictures and {MAX_BYTES // 2**20} MB")
    uploads = st.file_uploader(words, type=SUFFIXES, accept_multiple_files="directory", key="train_folder")
    if uploads:
        about = (tuple(upload.file_id for upload in uploads), side)
        job = current_job(PicturesJob, "pictures_job", about)
        if job is None:
            files = [Upload(upload.name, upload.getvalue()) for upload in uploads]
            job = st.session_state.pictures_job = PicturesJob(about, files, side, RUNS.room_for)
            job.start()
    else:  # the page was left meanwhile; what was read is still there
        job = st.session_state.get("pictures_job")
        if not isinstance(job, PicturesJob) or job.data is None or job.side != side:
            return None
    refreshed(partial(_show_pictures, job), job)
    return None if job.running else job.data


def _show_pictures(job: PicturesJob) -> None:
    """How far the reading is, or what came of it."""
    if job.running:
        left, right = st.columns([5, 1], vertical_alignment="center")
        left.progress(job.done / max(1, job.total), f"Reading picture {exact(job.done)} of {exact(job.total)}")
        if right.button("Stop", key="stop_pictures"):
            job.stop()
    elif job.problem:
        failure("This folder cannot be trained on.", job.problem)
    elif job.data is None:
        st.html('<p class="rx-caption">Stopped. Choose the folder again to read it.</p>')
    if job.refused and not job.running:
        count = len(job.refused)
        with st.expander("1 file was left out" if count == 1 else f"{exact(count)} files were left out"):
            lines = "".join(f"<li>{escape(line)}</li>" for line in job.refused[:_LISTED])
            st.html(f'<ul class="rx-notes">{lines}</ul>')


def _ask_settings(dialled: Dialled, data: TrainingData | None, held: list[TrainingRun]) -> None:
    usual_batch, usual_rate = fitted_defaults(data.train_count) if data else (DEFAULT_BATCH, DEFAULT_RATE)
    with st.container(horizontal=True, vertical_alignment="bottom", key="train-settings"):
        epochs = st.number_input("Epochs", *EPOCHS, DEFAULT_EPOCHS, 1, key="train_epochs", width=120,
                                 persist_state="session")
        rate = st.number_input("Peak rate", *RATE, usual_rate, 0.01, "%.3g", key=f"train_rate_{usual_batch}",
                               width=120, persist_state="session")
        batch = st.number_input("Batch, pictures", *BATCH, usual_batch, 8, key=f"train_batch_{usual_batch}", width=130,
                                persist_state="session")
        seed = st.number_input("Seed", 0, 999_999, 0, 1, key="train_seed", width=120, persist_state="session")
        if st.button("Train", key="start_run", type="primary", disabled=data is None) and data:
            _start(dialled, data, held, int(epochs), float(rate), int(batch), int(seed))


def _start(
    dialled: Dialled, data: TrainingData, held: list[TrainingRun], epochs: int, rate: float, batch: int, seed: int
) -> None:
    try:
        settings = TrainingSettings(dialled.spec, dialled.image_size, data, epochs, rate, batch, seed)
        run = RUNS.start(settings, held)
    except UserError as error:
        st.session_state.train_problem = str(error)
    else:
        hold(run)
        st.session_state.shown_run = run.id
    st.rerun()
