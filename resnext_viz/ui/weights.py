"""Choosing weights on the Predict page: one copy of each in the process, fetched only when asked for."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from resnext_viz.errors import UserError
from resnext_viz.figures.numbers import exact, percent, short
from resnext_viz.inference.weights import (
    BUNDLED_NAMES,
    available_weights,
    bundled_file,
    find_weights,
    folder_weights,
)
from resnext_viz.ui.download_job import DownloadJob
from resnext_viz.ui.held_runs import RUN_WEIGHTS, run_weights, trained_predictor
from resnext_viz.ui.loading import (
    DevicesJob,
    EngineJob,
    LoadJob,
    SharedNetworks,
    awaited,
    load_version,
    loaded,
    version_of,
)
from resnext_viz.ui.parts import complaint, failure

if TYPE_CHECKING:
    from resnext_viz.inference.engine import EngineChoice
    from resnext_viz.inference.predictor import Predictor
    from resnext_viz.ui.answer_job import Answers
    from resnext_viz.ui.why_state import Asked

BUNDLED = "cifar10"
_OWN = "own"
_OWN_JOB = "own_network"  # of a session: the load of its upload, which holds the network
_OF_THE_PAGE = ("shown_views", "shown_picture", "beside_answer", "cardinality_answer")  # of a session
_FOLDER = "file:"  # before the name of a checkpoint in the server's own folder
_REFRESH_S = 0.3
_DEVICES = {"cuda": "GPU", "mps": "Apple GPU", "cpu": "CPU"}


_NETWORKS = SharedNetworks(kept=3)


def published(name: str, device: str) -> Predictor:
    """The predictor of bundled or downloaded weights, or of a checkpoint in the server's own folder.

    Raises:
        UserError: it cannot be loaded.
    """
    return _NETWORKS.network(*_load_of(name, device), f"Loading {_titles().get(name, name)}, once for everybody")


def load_bundled() -> None:
    """Loads the network that Predict starts with, on the device that it starts with, before anybody asks."""
    devices = DevicesJob()
    devices.work()
    found = _NETWORKS.ask(*_load_of(BUNDLED, devices.devices[0]))
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
    from resnext_viz.inference.predictor import load_predictor

    return load_predictor(name, device)


def _load_upload(checkpoint: bytes, class_names: bytes | None, device: str) -> Predictor:
    from resnext_viz.inference.class_names import read_class_names
    from resnext_viz.inference.predictor import load_predictor

    return load_predictor(checkpoint, device, classes=read_class_names(class_names) if class_names else None)


def choose_predictor() -> Predictor | None:
    """The predictor that the sidebar asks for, or None with words on the page about what is missing."""
    titles = _titles() | {_OWN: "Your own checkpoint"}
    with st.session_state.page_controls:
        name = _choose_name(titles)
        below = st.container()
        device = _choose_device()
    if name != _OWN:
        forget_own_checkpoint()
    try:
        predictor = _own_checkpoint(device) if name == _OWN else _named(name, device)
    except UserError as error:
        complaint("These weights cannot be used.", str(error))
        return None
    if predictor:
        below.caption(f"{exact(predictor.params)} params. The dials do not change trained weights.")
    return predictor


def choose_engine(predictor: Predictor) -> EngineChoice:
    """The engine that the sidebar asks for, with how it was checked against exact arithmetic."""
    from resnext_viz.inference.engine import EngineChoice

    titles = {EngineChoice.AUTO: f"Fastest: {predictor.engine_of(EngineChoice.AUTO)}",
              EngineChoice.EXACT: f"Exact: {predictor.engine_of(EngineChoice.EXACT)}"}
    if predictor.int8:
        titles[EngineChoice.INT8] = f"8 bits: {percent(predictor.int8.agreement)} the same answers"
    with st.session_state.page_controls:
        choice = EngineChoice(st.selectbox("Engine", list(titles), format_func=titles.__getitem__, key="engine"))
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
    from resnext_viz.inference.weights import names_here

    titles = _titles()
    here = (*names_here(), *(name for name in titles if name.startswith((_FOLDER, RUN_WEIGHTS))))
    others = [name for name in here if name != st.session_state.weights_name]
    if not others:
        return None
    with st.session_state.page_controls:
        beside = st.selectbox("Beside it", others, None, titles.__getitem__, placeholder="Nothing", key="beside")
    try:
        return _named(beside, st.session_state.device) if beside else None
    except UserError as error:
        complaint("The weights beside it cannot be used.", str(error))
        return None


def _titles() -> dict[str, str]:
    """Every name that can be chosen, with its title."""
    published = {info.name: info.title for info in available_weights()}
    runs = {name: title for name, (title, _) in run_weights().items()}
    here = {f"{_FOLDER}{name}": f"{path.stem}, from this server" for name, path in folder_weights().items()}
    return published | here | runs


def _choose_name(titles: dict[str, str]) -> str:
    """The name of the weights: the link's at first, then what this session chose; the link keeps it."""
    linked = st.query_params.get("weights", st.session_state.get("weights_name", BUNDLED))
    names = list(titles)
    name = st.selectbox("Weights", names, names.index(linked) if linked in names else 0, titles.__getitem__)
    if name != st.query_params.get("weights", BUNDLED):
        st.query_params["weights"] = name
    st.session_state.weights_name = name
    return name


def _choose_device() -> str:
    here = _devices()
    device = st.segmented_control("Device", here, default=here[0], required=True, format_func=_DEVICES.__getitem__,
                                  key="device", width="stretch")
    if here == ("cpu",):
        st.caption("No GPU here.")
    return str(device)


def _devices() -> tuple[str, ...]:
    """The devices that are here, looked for once in a session."""
    if "devices" not in st.session_state:
        job = DevicesJob()
        job.start()
        st.session_state.devices = awaited(job, "Loading torch, once for everybody").devices or ("cpu",)
    here: tuple[str, ...] = st.session_state.devices
    return here


def _named(name: str, device: str) -> Predictor | None:
    from resnext_viz.inference.weights import names_here

    if name.startswith(RUN_WEIGHTS):
        return trained_predictor(name, device)
    if name.startswith(_FOLDER) or name in names_here():
        return published(name, device)
    job: DownloadJob | None = st.session_state.get("download")
    if job and job.name != name:
        job.stop()
        job = st.session_state.download = None
    if job and not job.running and job.problem is None:
        return published(name, device)
    st.fragment(_offer_download, run_every=_REFRESH_S if job and job.running else None)(name)
    return None


def _offer_download(name: str) -> None:
    job: DownloadJob | None = st.session_state.get("download")
    if job and job.running:
        share = min(1.0, job.done_bytes / job.total_bytes)
        st.progress(share, f"Downloading {name}: {short(job.done_bytes, 1)}B of {short(job.total_bytes, 1)}B")
        if st.button("Stop", key="stop_download"):
            job.stop()
        return
    if job and not st.session_state.get("download_settled"):
        st.session_state.download_settled = True
        st.rerun()
    if job and job.problem:
        failure("The weights did not come.", job.problem)
    else:
        megabytes = find_weights(name).params * 4 / 1e6
        complaint("These weights are not on this machine.",
                  f"They are downloaded once from torchvision’s server, about {megabytes:.0f} MB, and checked.")
    if st.button("Try again" if job else "Download", type="primary", key="start_download"):
        st.session_state.download = DownloadJob(name)
        st.session_state.download_settled = False
        st.session_state.download.start()
        st.rerun()


def _own_checkpoint(device: str) -> Predictor | None:
    from resnext_viz.inference.pickles import CONVERT_LINE

    limit = st.get_option("server.maxUploadSize")
    st.html('<p class="rx-caption">A checkpoint as .safetensors, which holds numbers only, with its class names as '
            "JSON or one a line. A .pth can run code when it is read; convert it on your own machine:</p>")
    st.code(CONVERT_LINE, language="python")
    left, right = st.columns(2)
    weights = left.file_uploader(f"Checkpoint, up to {limit} MB", type=["safetensors"], key="own_weights")
    names = right.file_uploader("Class names (optional)", type=["json", "txt"], key="own_classes")
    if weights is None:
        forget_own_checkpoint()
        return None
    about = (weights.file_id, names.file_id if names else None, device)
    job: LoadJob | None = st.session_state.get(_OWN_JOB)
    if job is None or job.about != about or job.given_up:
        forget_own_checkpoint()
        load = partial(_load_upload, weights.getvalue(), names.getvalue() if names else None, device)
        job = st.session_state[_OWN_JOB] = LoadJob(about, load)
        job.start()
    return loaded(job, "Reading the checkpoint")


def forget_own_checkpoint() -> None:
    """Lets go of the network of an upload, which only this session holds, and of what was made with it."""
    job: LoadJob | None = st.session_state.pop(_OWN_JOB, None)
    if job is not None:
        job.stop()
        _forget_answers()


def forget_page() -> None:
    """Lets go of what a visitor brought to Predict and of all that was made of it: it goes with the page."""
    forget_own_checkpoint()
    _forget_answers()
    for name in _OF_THE_PAGE:
        st.session_state.pop(name, None)


def _forget_answers() -> None:
    answers: Answers | None = st.session_state.pop("answers", None)
    if answers:
        answers.stop()
    asked: Asked | None = st.session_state.pop("why", None)
    if asked:
        asked.stop()


def chosen_file() -> Path | None:
    """The file of the chosen weights, if it lies on this machine under a name of its own."""
    return _file_of(st.session_state.weights_name)


def _file_of(name: str) -> Path | None:
    if name.startswith(_FOLDER):
        return folder_weights().get(name.removeprefix(_FOLDER))
    return bundled_file(name) if name in BUNDLED_NAMES else None


def about(predictor: Predictor) -> str:
    """The line under the page's title."""
    accuracy = predictor.test_accuracy
    measured = f", test accuracy {percent(accuracy)}" if accuracy is not None else ""
    return f"{predictor.title}, {exact(len(predictor.classes))} classes{measured}."
