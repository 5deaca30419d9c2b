"""Choosing weights on the Predict page: one copy of each in the process, fetched only when asked for."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from resnext_viz.errors import UserError
from resnext_viz.figures.predict.predictions import more_classes
from resnext_viz.inference.weights.catalogue import (
    BUNDLED_NAME,
    BUNDLED_NAMES,
    available_weights,
    bundled_file,
    find_weights,
    folder_weights,
    names_here,
    usual_name,
    weights_file,
)
from resnext_viz.kit.number_format import exact, percent
from resnext_viz.ui.kit import controls, link
from resnext_viz.ui.kit.acts import whole
from resnext_viz.ui.kit.jobs.refreshing import refreshed
from resnext_viz.ui.kit.parts import complaint, failure
from resnext_viz.ui.kit.record import record
from resnext_viz.ui.kit.weights.loading import (
    DevicesJob,
    EngineJob,
    LoadJob,
    SharedNetworks,
    awaited,
    load_version,
    version_of,
)
from resnext_viz.ui.kit.weights.usual_weights import name_usual
from resnext_viz.ui.predict.download_job import DOWNLOAD, DownloadJob, megabytes
from resnext_viz.ui.predict.own_weights import forget_own_checkpoint, own_checkpoint
from resnext_viz.ui.train.held_runs import RUN_WEIGHTS, run_weights, trained_predictor

if TYPE_CHECKING:
    from resnext_viz.inference.engines.engine import EngineChoice
    from resnext_viz.inference.predictor.predictor import Predictor

_NAMED = 12  # classes that are named under the title
_OWN = "own"
_FOLDER = "file:"  # before the name of a checkpoint in the server's own folder
_DEVICES = {"cuda": "GPU", "mps": "Apple GPU", "cpu": "CPU"}

_NETWORKS = SharedNetworks(kept=3)


@dataclass
class DevicesHere:
    """The devices that a session was told of, the fastest first; None before they were looked for."""

    devices: tuple[str, ...] | None = None


def published(name: str, device: str) -> Predictor:
    """The predictor of bundled or downloaded weights, or of a checkpoint in the server's own folder.

    Raises:
        UserError: it cannot be loaded.
    """
    return _NETWORKS.network(*_load_of(name, device), f"Loading {_titles().get(name, name)}, once for everybody")


def published_to_a_job(name: str, device: str) -> Predictor:
    """The same for a thread that has no page: waited for without a word.

    Raises:
        UserError: it cannot be loaded.
    """
    found = _NETWORKS.ask(*_load_of(name, device))
    while isinstance(found, LoadJob):
        found.wait(None)
        if found.problem:
            raise UserError(found.problem)
        found = _NETWORKS.ask(*_load_of(name, device))
    return found


def load_usual() -> None:
    """Loads the network that Predict starts with, on the device that it starts with, before anybody asks."""
    devices = DevicesJob()
    devices.run()
    found = _NETWORKS.ask(*_load_of(usual_name(), devices.devices[0]))
    if isinstance(found, LoadJob):
        found.wait(None)


def _load_of(name: str, device: str) -> tuple[Hashable, Callable[[], Predictor]]:
    """What tells a network and this version of it from others, and what loads it."""
    file = _file_of(name)
    version = version_of(file) if file else None
    key = (name, version, device)  # a downloaded file bears its hash in its name
    if file and name.startswith(_FOLDER):
        return key, partial(load_version, file, version, device)
    return key, partial(_load, name, device)


def _load(name: str, device: str) -> Predictor:
    from resnext_viz.inference.predictor.by_name import load_predictor

    return load_predictor(name, device)


def choose_predictor() -> Predictor | None:
    """The predictor that the sidebar asks for, or None with words on the page about what is missing."""
    titles = _titles() | {_OWN: "Your own checkpoint"}
    with controls.page_controls():
        above, below = st.container(), st.container()
        device = _choose_device()
        with above:
            name = _choose_name(titles)
    if name != _OWN:
        forget_own_checkpoint()
    try:
        predictor = own_checkpoint(device) if name == _OWN else _named(name, device)
    except UserError as error:
        complaint("These weights cannot be used.", str(error))
        return None
    if predictor:
        below.caption(f"{exact(predictor.params)} params. The dials do not change trained weights.")
    return predictor


def sidebar_engine(predictor: Predictor) -> EngineChoice:
    """The engine that the sidebar asks for, with how it was checked against exact arithmetic."""
    from resnext_viz.inference.engines.engine import EngineChoice

    titles = {
        EngineChoice.AUTO: f"Fastest: {predictor.engine_of(EngineChoice.AUTO)}",
        EngineChoice.EXACT: f"Exact: {predictor.engine_of(EngineChoice.EXACT)}",
    }
    if predictor.int8:
        titles[EngineChoice.INT8] = f"8 bits: {percent(predictor.int8.agreement)} the same answers"
    with controls.page_controls():
        engine = link.bound("engine", among=titles)
        choice = EngineChoice(st.selectbox("Engine", list(titles), format_func=titles.__getitem__, **engine))
        if not predictor.is_ready(choice):
            job = EngineJob(predictor, choice)
            job.start()
            if problem := awaited(job, "Proving this engine, once for everybody").problem:
                failure("This engine cannot be used.", problem)
                return EngineChoice.EXACT
        st.caption(predictor.check_of(choice))
    return choice


def choose_beside() -> Predictor | None:
    """Other weights of this machine whose answers are wanted beside those of the chosen ones; or None."""
    titles = _titles()
    here = (*names_here(), *(name for name in titles if name.startswith((_FOLDER, RUN_WEIGHTS))))
    others = [name for name in here if name != st.session_state.weights]
    if not others:
        return None
    with controls.page_controls():
        beside = st.selectbox(
            "Beside it", others, None, titles.__getitem__, placeholder="Nothing", **link.bound("beside", among=others)
        )
    try:
        return _named(beside, st.session_state.device) if beside else None
    except UserError as error:
        complaint("The weights beside it cannot be used.", str(error))
        return None


def _titles() -> dict[str, str]:
    """Every name that can be chosen, with its title."""
    published = {info.name: info.title for info in available_weights()}
    runs = {name: title for name, (title, _) in run_weights().items()}
    here = {
        f"{_FOLDER}{name}": f"{path.name.partition('.safetensors')[0]}, from this server"
        for name, path in folder_weights().items()
    }
    return published | here | runs


def _choose_name(titles: dict[str, str]) -> str:
    """The name of the weights."""
    name_usual()
    link.write()
    names, missing = list(titles), _missing()
    bound = link.bound("weights", usual=usual_name(), among=names)
    return str(st.selectbox("Weights", names, format_func=lambda name: missing.get(name, "") + titles[name], **bound))


def _missing() -> dict[str, str]:
    """What stands before the names of weights that are not on this machine, where no list cuts it off."""
    here = names_here()
    absent = [info.name for info in available_weights() if info.name not in here]
    return {name: f"Not here, {megabytes(name)} MB: " for name in absent}


def about_missing() -> str:
    """The line under the page's title where the chosen weights do not answer."""
    name = st.session_state.weights
    if name == _OWN:
        return "Your own checkpoint answers as soon as its file is here."
    if name in _missing():
        return f"{_titles()[name]}: not on this machine, about {megabytes(name)} MB."
    return f"{_titles().get(name, name)}: these weights do not answer now."


def offer_bundled(photos: int) -> None:
    """What answers meanwhile, where the chosen weights do not; photos that were given stay."""
    if not bundled_file().is_file():
        return
    with st.container(horizontal=True, vertical_alignment="center", key="more-classes"):
        title = find_weights(BUNDLED_NAME).title
        stays = f" Your {'photo stays' if photos == 1 else 'photos stay'}." if photos else ""
        st.html(more_classes(f"{title} is on this machine and answers at once.{stays}", "Meanwhile"))
        choices = {"weights": BUNDLED_NAME}
        st.button(f"Answer with {title}", key="use_bundled", on_click=whole(link.choose), args=(choices,))


def _choose_device() -> str:
    here = _devices()
    device = st.segmented_control(
        "Device",
        here,
        required=True,
        format_func=_DEVICES.__getitem__,
        width="stretch",
        **link.bound("device", usual=here[0], among=here),
    )
    if here == ("cpu",):
        st.caption("No GPU here.")
    return str(device)


def _devices() -> tuple[str, ...]:
    """The devices that are here, looked for once in a session."""
    session = record(DevicesHere)
    if session.devices is None:
        job = DevicesJob()
        job.start()
        session.devices = awaited(job, "Loading torch, once for everybody").devices or ("cpu",)
    return session.devices


def _named(name: str, device: str) -> Predictor | None:
    if name.startswith(RUN_WEIGHTS):
        return trained_predictor(name, device)
    if name.startswith(_FOLDER) or name in names_here():
        return published(name, device)
    job = DOWNLOAD.current(name)
    if job and job.finished:
        return published(name, device)
    refreshed(partial(_offer_download, name, job), job)
    return None


def _offer_download(name: str, job: DownloadJob | None) -> None:
    file = weights_file(find_weights(name)).name
    complaint(
        "These weights are not on this machine.",
        f"They are downloaded once from torchvision’s server, about {megabytes(name)} MB, and checked. "
        f"Where there is no network, whoever runs this puts {file} beside torch’s other checkpoints.",
    )
    DOWNLOAD.button(job, lambda: DownloadJob(name))
    DOWNLOAD.show(job)  # below what was pressed, which so keeps its place


def chosen_file() -> Path | None:
    """The file of the chosen weights, if it lies on this machine under a name of its own."""
    return _file_of(st.session_state.weights)


def _file_of(name: str) -> Path | None:
    if name.startswith(_FOLDER):
        return folder_weights().get(name.removeprefix(_FOLDER))
    return bundled_file(name) if name in BUNDLED_NAMES else None


def about(predictor: Predictor) -> str:
    """The line under the page's title."""
    accuracy = predictor.test_accuracy
    measured = f", test accuracy {percent(accuracy)}" if accuracy is not None else ""
    *first, last = predictor.classes
    few = bool(first) and len(first) < _NAMED
    named = f" It knows {', '.join(first)} and {last}, and nothing else." if few else ""
    return f"{predictor.title}, {exact(len(predictor.classes))} classes{measured}.{named}"
