"""A visitor's own checkpoint on the Predict page, its class names and network, and letting go of all of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from resnext_viz.ui.kit import link
from resnext_viz.ui.kit.record import forget, record
from resnext_viz.ui.kit.weights.loading import loaded
from resnext_viz.ui.kit.weights.own_checkpoint import OwnCheckpoint, OwnLoadJob
from resnext_viz.ui.predict.batch_section import BatchSession
from resnext_viz.ui.predict.beside_section import AnswersBeside
from resnext_viz.ui.predict.photos import ShownViews
from resnext_viz.ui.predict.shown_picture import PhotoSession, ShownPicture
from resnext_viz.ui.predict.why.why_state import WhySession
from resnext_viz.ui.upload_bounds import check_upload, gone_upload, let_go, most_mb

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

    from resnext_viz.inference.predictor.predictor import Predictor
    from resnext_viz.reading.parts import FilePart

MAX_NAMES_BYTES = 2**20
_OWN_FILE = "own_weights"  # the uploader


@dataclass
class OwnNetwork:
    """The load of a session's uploaded checkpoint, which holds the network."""

    load: OwnLoadJob | None = None


def own_checkpoint(device: str) -> Predictor | None:
    """The network of the checkpoint that was uploaded; None with the uploader on the page where none is there."""
    from resnext_viz.inference.weights.pickles import CONVERT_LINE

    st.html(
        '<p class="rx-caption">A checkpoint as .safetensors, which holds numbers only, with its class names as '
        "JSON or one a line. A .pth can run code when it is read; convert it on your own machine:</p>"
    )
    st.code(CONVERT_LINE, language="python")
    left, right = st.columns(2)
    limit = f"up to {st.get_option('server.maxUploadSize')} MB"
    weights = left.file_uploader(f"Checkpoint, .safetensors {limit}", key=_OWN_FILE)
    most = most_mb(MAX_NAMES_BYTES)
    names = right.file_uploader("Class names (optional)", type=["json", "txt"], max_upload_size=most, key="own_classes")
    job = record(OwnNetwork).load
    own = _own_upload(weights, job)
    if own is None:
        forget_own_checkpoint()
        return None
    if names:
        check_upload(names, MAX_NAMES_BYTES)
    known = own.proposed
    part = _choose_part(known) if known else None
    predictor = _own_network(own, names, device, part)
    if known is None and own.proposed is not None and (part := _choose_part(own.proposed)) is not None:
        predictor = _own_network(own, names, device, part)  # of several networks the link asks for another
    if weights is not None:
        let_go(weights)
    return predictor


def _own_network(own: OwnCheckpoint, names: UploadedFile | None, device: str, part: str | None) -> Predictor | None:
    """The network of an upload, loaded once."""
    job = record(OwnNetwork).load
    about = (own.file_id, names.file_id if names else None, device, part)
    if job is None or job.about != about or job.given_up:
        forget_own_checkpoint()
        job = OwnLoadJob(about, own, names.getvalue() if names else None, device, part)
        record(OwnNetwork).load = job
        job.start()
    return loaded(job, "Reading the checkpoint")


def _choose_part(proposed: FilePart) -> str | None:
    """Which of the networks in the file is asked for; None where it holds only one, or for the proposed one."""
    if not proposed.others:
        return None
    names = (proposed.name, *proposed.others)
    part = st.selectbox("Network in the file", names, **link.bound("part", usual=proposed.name, among=names))
    st.caption(f"The file holds {len(names)} networks. {proposed.name[:80]} is proposed: {proposed.why}.")
    return None if part == proposed.name else part


def _own_upload(weights: UploadedFile | None, job: OwnLoadJob | None) -> OwnCheckpoint | None:
    """The upload that stands in the uploader: the one that was read, whose bytes are gone, or a new one."""
    file_id = weights.file_id if weights is not None else gone_upload(_OWN_FILE)
    if job is not None and job.own.file_id == file_id:
        return job.own
    return OwnCheckpoint(weights.file_id, weights.getvalue()) if weights is not None else None


def forget_own_checkpoint() -> None:
    """Lets go of the network of an upload, which only this session holds, and of what was made with it."""
    job = record(OwnNetwork).load
    if job is not None:
        forget(OwnNetwork)
        job.stop()
        _forget_answers()


def forget_page() -> None:
    """Lets go of what a visitor brought to Predict and of all that was made of it: it goes with the page."""
    forget_own_checkpoint()
    _forget_answers()
    for kind in (ShownPicture, ShownViews, AnswersBeside, PhotoSession):
        forget(kind)


def _forget_answers() -> None:
    answers, asked = record(BatchSession).answers, record(WhySession).questions
    for kept in (answers, asked):
        if kept:
            kept.stop()
    forget(BatchSession)
    forget(WhySession)
