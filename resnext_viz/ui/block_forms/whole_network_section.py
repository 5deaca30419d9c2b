"""The whole network in three forms on the Block forms page: its settings, its estimate, its progress, its figures."""

from __future__ import annotations

from functools import lru_cache, partial
from pathlib import Path
from typing import NamedTuple

import streamlit as st

from resnext_viz.figures.block_forms.differences import Mode
from resnext_viz.figures.block_forms.network_differences import network_table, places_of
from resnext_viz.figures.block_forms.setting_fields import DTYPES, MODES, SIDES, STEPS, network_fields
from resnext_viz.inference.photos.picture_formats import MAX_BYTES, SUFFIXES, takes_photos
from resnext_viz.inference.photos.samples import SAMPLES
from resnext_viz.spec import BlockKind
from resnext_viz.ui.block_forms.whole_network_job import Asked, NetworkJob
from resnext_viz.ui.kit import link
from resnext_viz.ui.kit.acts import pressed
from resnext_viz.ui.kit.choices import take_fields
from resnext_viz.ui.kit.components import drawing, drawn
from resnext_viz.ui.kit.dialled import Dialled
from resnext_viz.ui.kit.jobs.refreshing import refreshed
from resnext_viz.ui.kit.jobs.shown_job import ShownJob, so_far
from resnext_viz.ui.kit.parts import complaint, heading_text
from resnext_viz.ui.upload_bounds import most_mb

USUAL_SIDE = 64
RANDOM, OWN = "random", "own"
_COMPARED = (
    "Not measured yet. Compared are the maps behind the stem and each stage, the scores of the classes (logits), how "
    "each weight would have to change (gradients), and the weights after each step of training."
)
_SETTINGS, _PHOTO = "network-settings", "network_photo"


def show_network_check(dialled: Dialled) -> None:
    """The check of the whole dialled network: settings, button, progress, figures."""
    if dialled.spec.block is BlockKind.BASIC:
        return
    job = _NETWORK.current(dialled.spec)
    refreshed(partial(_check, dialled, job), job, apart=True)


def _check(dialled: Dialled, job: NetworkJob | None) -> None:
    settings = _settings(dialled)
    asked = _asked(dialled, settings)
    with st.container(horizontal=True, vertical_alignment="center", key="heading-network-check"):
        heading_text("The whole network", "Every block in form (a), (b) and (c) from one set of random weights.")
        _NETWORK.button(job if job and (job.rows or job.running) else None, lambda: NetworkJob(asked))
    is_measured = bool(job and (job.rows or job.running))
    drawn(network_fields, *settings, "" if is_measured else _COMPARED, key=_SETTINGS, sheet="differences")
    if settings.picture == OWN:
        most = most_mb(MAX_BYTES)
        st.file_uploader(f"A photo of up to {most} MB", type=SUFFIXES, max_upload_size=most, key=_PHOTO)
    if job:
        job.watch()
        _NETWORK.show(job)
        _offer(job)
    shown: Mode = "train" if settings.mode == "train" else "eval"
    if job and is_measured:
        drawing(_table(job, shown), key="network-differences", sheet="differences")


class _NetworkSettings(NamedTuple):
    """What the fields show."""

    pictures: tuple[tuple[str, str], ...]  # value and title
    picture: str
    side: int
    steps: int
    dtypes: str
    mode: str


def _settings(dialled: Dialled) -> _NetworkSettings:
    titles = {sample.name: sample.title for sample in SAMPLES} | {OWN: "Your photo"}
    titles = (titles if takes_photos(dialled.spec) else {}) | {RANDOM: "Random numbers"}
    first, usual = next(iter(titles)), min(USUAL_SIDE, dialled.spec.default_image_size)
    take_fields(_SETTINGS, {"image": first, "side": usual, "sgd": None, "dtypes": None, "netmode": None})
    return _NetworkSettings(
        tuple(titles.items()),
        link.chosen("image", first, among=titles),
        link.chosen("side", usual, among=SIDES),
        link.chosen("sgd", among=STEPS),
        link.chosen("dtypes", among=DTYPES),
        link.chosen("netmode", among=MODES),
    )


def _asked(dialled: Dialled, settings: _NetworkSettings) -> Asked:
    """What would be run: the settings with the picture that they name."""
    name, photo = "", None
    if settings.picture == OWN:
        upload = st.session_state.get(_PHOTO)
        name, photo = (upload.name, upload.getvalue()) if upload else ("", None)
    elif settings.picture != RANDOM:
        sample = next(sample for sample in SAMPLES if sample.name == settings.picture)
        name, photo = sample.title, _bytes(sample.path)
    return Asked(dialled.spec, settings.side, DTYPES[settings.dtypes], settings.steps, name, photo)


@lru_cache(maxsize=8)
def _bytes(path: Path) -> bytes:
    return path.read_bytes()


def _doing(job: NetworkJob) -> str:
    expected = f" of about {job.expected_s:.0f} s" if job.expected_s else " s"
    return f"{job.doing}. {so_far(job)} · {job.seconds:.0f}{expected}"


_NETWORK = ShownJob(
    kind=NetworkJob, key="network_job", start_key="run_network", stop_key="stop_network", start="Run the network",
    again="Run again", failed="The check could not run.", doing=_doing,
    stopped=lambda job: f"Stopped after {so_far(job)}. Rows already measured stay in the table.",
)  # fmt: skip


def _offer(job: NetworkJob) -> None:
    """Where the setting takes too long: how long, smaller ones, and the way to take it all the same."""
    if job.running or not job.offers:
        return
    complaint("This takes long.", f"{job.estimate}. Choose a smaller setting, or run it all the same.")
    with st.container(horizontal=True, key="network-offers"):
        for number, (smaller, words) in enumerate(job.offers):
            if pressed(words, f"network_offer_{number}"):
                _NETWORK.begin(NetworkJob(smaller))
        if pressed("Run it all the same", "network_patient"):
            _NETWORK.begin(NetworkJob(Asked(**{**vars(job.asked), "patient": True})))


def _table(job: NetworkJob, mode: Mode) -> str:
    """The rows measured so far, among those that the run will give."""
    places = places_of(job.asked.spec, mode, job.asked.steps)
    return network_table(job.rows, mode, job.where, job.asked.dtypes, places)
