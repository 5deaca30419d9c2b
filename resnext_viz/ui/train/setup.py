"""The top of the Train page: the network, the pictures, the settings, and the button that starts a run."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from html import escape

import streamlit as st

from resnext_viz.errors import UserError
from resnext_viz.glossary import term
from resnext_viz.inference.photos.picture_formats import FORMATS_IN_WORDS, SUFFIXES
from resnext_viz.inference.photos.picture_formats import MAX_BYTES as MAX_PICTURE_BYTES
from resnext_viz.kit.number_format import exact
from resnext_viz.names import title_of
from resnext_viz.spec import ResNeXtSpec
from resnext_viz.ui.kit import controls, link
from resnext_viz.ui.kit.acts import pressed, uncut
from resnext_viz.ui.kit.dialled import Dialled, counted
from resnext_viz.ui.kit.jobs.refreshing import current_job, refreshed, session_jobs
from resnext_viz.ui.kit.jobs.shown_job import Standing, stop_button
from resnext_viz.ui.kit.parts import failure, heading, prose
from resnext_viz.ui.kit.record import record
from resnext_viz.ui.train.held_runs import TrainSession, hold
from resnext_viz.ui.train.own_pictures import MAX_BYTES, MAX_PICTURES, PicturesJob, Upload
from resnext_viz.ui.train.runs import RUNS, TrainingRun
from resnext_viz.ui.train.settings import (
    BATCH,
    DEFAULT_BATCH,
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
from resnext_viz.ui.upload_bounds import most_mb

_SAMPLE = "sample"
_DATA = {_SAMPLE: "The sample", "own": "Your folder"}
_NARROW = 16  # paths narrower than this run slowly on a CPU
_LISTED = 50
_READING = Standing[PicturesJob](
    failed="This folder cannot be trained on.",
    doing=lambda job: f"Reading picture {exact(job.done)} of {exact(job.total)}",
    stopped=lambda _: "Stopped. Choose the folder again to read it.",
)


def show_setup(dialled: Dialled, held: list[TrainingRun]) -> None:
    """The network, the pictures and the settings of a new run."""
    heading("New run", "A small network on a few thousand small pictures: minutes, not days.")
    if refused := refusal(dialled.spec, _side(dialled)):
        dialled = _proposed(dialled, refused)
    data = _ask_data(_side(dialled))
    if data:
        st.html(f'<p class="rx-prose">{escape(_in_words(dialled, data))}</p>')
    _ask_settings(dialled, data, held)
    session = record(TrainSession)
    if session.start_problem:
        failure("The run was not started.", session.start_problem)
        session.start_problem = None


def _side(dialled: Dialled) -> int:
    """The side of a picture that is trained on, which is a square."""
    return dialled.side or dialled.spec.default_image_size


def _proposed(dialled: Dialled, refused: str) -> Dialled:
    """A network that trains here in place of the dialled one, which stays dialled unless the visitor takes this one."""
    spec = start_spec()
    name = title_of(spec).split(",")[0]
    prose(f"{name} for CIFAR is trained here. {dialled.title} is not: {refused}.")
    if pressed(f"Dial {name} for CIFAR", "dial_small"):
        controls.dial_network(spec)
    return replace(dialled, spec=spec, image_size=spec.default_image_size, lock=None)


def _in_words(dialled: Dialled, data: TrainingData) -> str:
    """What would be trained, on what."""
    spec = dialled.spec.with_options(num_classes=len(data.classes))
    counts, side = counted(spec, dialled.image_size), dialled.image_size
    named = ", ".join(data.classes[:10]) + (f" and {len(data.classes) - 10} more" if len(data.classes) > 10 else "")
    return (
        f"{title_of(spec)}: {exact(counts.params)} params, {exact(counts.macs)} MACs on a picture of "
        f"{side}×{side}. {exact(data.train_count)} pictures to train on, {exact(data.test_count)} to test on, of "
        f"{exact(len(data.classes))} classes: {named}.{_about_narrow_paths(spec)}"
    )


def _about_narrow_paths(spec: ResNeXtSpec) -> str:
    if spec.cardinality == 1 or spec.base_width >= _NARROW:
        return ""
    return f" Paths narrower than {_NARROW} train slowly on a CPU, for its units stay half empty: MACs are not time."


def _ask_data(side: int) -> TrainingData | None:
    """The pictures that the visitor chooses, once they are read."""
    chosen = st.segmented_control(
        "Pictures",
        list(_DATA),
        required=True,
        format_func=_DATA.__getitem__,
        width="content",
        **link.bound("data", "train_data", among=_DATA),
    )
    return sample_data() if chosen == _SAMPLE else _own_data(side)


def _own_data(side: int) -> TrainingData | None:
    words = (
        f"A folder with a sub-folder for each class, or train/ and test/ with them: {FORMATS_IN_WORDS}, up to "
        f"{exact(MAX_PICTURES)} pictures and {MAX_BYTES // 2**20} MB"
    )
    uploads = st.file_uploader(
        words,
        type=SUFFIXES,
        accept_multiple_files="directory",
        max_upload_size=most_mb(MAX_PICTURE_BYTES),
        key="train_folder",
    )
    if uploads:
        about = (tuple(upload.file_id for upload in uploads), side)
        job = current_job(PicturesJob, "pictures_job", about)
        if job is None:
            files = [Upload(upload.name, upload.getvalue()) for upload in uploads]
            job = session_jobs()["pictures_job"] = PicturesJob(about, files, side, RUNS.room_for)
            job.start()
    else:  # the page was left meanwhile; what was read is still there
        read = session_jobs().get("pictures_job")
        if not isinstance(read, PicturesJob) or read.data is None or read.side != side:
            return None
        job = read
    refreshed(partial(_show_pictures, job), job)
    return None if job.running else job.data


def _show_pictures(job: PicturesJob) -> None:
    """How far the reading is, or what came of it."""
    if job.running:
        left, right = st.columns([5, 1], vertical_alignment="center")
        with left:
            _READING.show(job)
        with right:
            stop_button(job, "stop_pictures")
    else:
        _READING.show(job)
    if job.refused and not job.running:
        count = len(job.refused)
        with st.expander("1 file was left out" if count == 1 else f"{exact(count)} files were left out"):
            lines = "".join(f"<li>{escape(line)}</li>" for line in job.refused[:_LISTED])
            st.html(f'<ul class="rx-notes">{lines}</ul>')


def _ask_settings(dialled: Dialled, data: TrainingData | None, held: list[TrainingRun]) -> None:
    usual_batch, usual_rate = fitted_defaults(data.train_count) if data else (DEFAULT_BATCH, DEFAULT_RATE)
    with st.container(horizontal=True, vertical_alignment="bottom", key="train-settings"):
        epochs = st.number_input(
            "Epochs", *EPOCHS, step=1, width=120, help=term("epochs").help, **link.bound("epochs", "train_epochs")
        )
        rate = st.number_input(
            "Peak rate",
            *RATE,
            step=0.01,
            format="%.3g",
            width=120,
            help=term("peak_rate").help,
            **link.bound("rate", f"train_rate_{usual_batch}", usual_rate),
        )
        batch = st.number_input(
            "Batch, pictures",
            *BATCH,
            step=8,
            width=150,
            help=term("batch").help,
            **link.bound("pictures", f"train_batch_{usual_batch}", usual_batch),
        )
        seed = st.number_input(
            "Seed", 0, 999_999, step=1, width=120, help=term("seed").help, **link.bound("runseed", "train_seed")
        )
        if pressed("Train", "start_run", type="primary", disabled=data is None) and data:
            _start(dialled, data, held, int(epochs), float(rate), int(batch), int(seed))


def _start(
    dialled: Dialled, data: TrainingData, held: list[TrainingRun], epochs: int, rate: float, batch: int, seed: int
) -> None:
    with uncut():
        try:
            settings = TrainingSettings(dialled.spec, _side(dialled), data, epochs, rate, batch, seed)
            hold(RUNS.start(settings, held))
        except UserError as error:
            record(TrainSession).start_problem = str(error)
    st.rerun()
