"""Choosing and loading weights on the Predict page: one copy of each in the process, fetched only when asked for."""

from __future__ import annotations

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
from resnext_viz.ui.parts import complaint, failure

if TYPE_CHECKING:
    from resnext_viz.inference.engine import EngineChoice
    from resnext_viz.inference.predictor import Predictor

BUNDLED = "cifar10"
_OWN = "own"
_FOLDER = "file:"  # before the name of a checkpoint in the server's own folder
_REFRESH_S = 0.3
_DEVICES = {"cuda": "GPU", "mps": "Apple GPU", "cpu": "CPU"}


@st.cache_resource(max_entries=3, show_spinner="Loading the network, once for everybody")
def published(name: str, device: str) -> Predictor:
    """The predictor of bundled or downloaded weights, or of a checkpoint in the server's own folder."""
    from resnext_viz.inference.predictor import load_predictor

    return load_predictor(folder_weights()[name.removeprefix(_FOLDER)] if name.startswith(_FOLDER) else name, device)


@st.cache_resource(max_entries=3, show_spinner="Reading the checkpoint")
def _own(checkpoint: bytes, class_names: tuple[str, ...] | None, device: str) -> Predictor:
    from resnext_viz.inference.predictor import load_predictor

    return load_predictor(checkpoint, device, classes=class_names)


def choose_predictor() -> Predictor | None:
    """The predictor that the sidebar asks for, or None with words on the page about what is missing."""
    titles = _titles() | {_OWN: "Your own checkpoint"}
    with st.session_state.page_controls:
        name = _choose_name(titles)
        below = st.container()
        device = _choose_device()
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
        try:
            st.caption(predictor.check_of(choice))
        except UserError as error:
            complaint("This engine cannot be used.", str(error))
            return EngineChoice.EXACT
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
    with st.spinner("Loading torch, once"):
        import torch

    here = [name for name, there in (("cuda", torch.cuda.is_available()), ("mps", torch.backends.mps.is_available()),
                                     ("cpu", True)) if there]
    device = st.segmented_control("Device", here, default=here[0], required=True, format_func=_DEVICES.__getitem__,
                                  key="device", width="stretch")
    if here == ["cpu"]:
        st.caption("No GPU here.")
    return str(device)


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
    from resnext_viz.inference.class_names import read_class_names
    from resnext_viz.inference.pickles import CONVERT_LINE

    limit = st.get_option("server.maxUploadSize")
    st.html('<p class="rx-caption">A checkpoint as .safetensors, which holds numbers only, with its class names as '
            "JSON or one a line. A .pth can run code when it is read; convert it on your own machine:</p>")
    st.code(CONVERT_LINE, language="python")
    left, right = st.columns(2)
    weights = left.file_uploader(f"Checkpoint, up to {limit} MB", type=["safetensors"], key="own_weights")
    names = right.file_uploader("Class names (optional)", type=["json", "txt"], key="own_classes")
    if weights is None:
        return None
    return _own(weights.getvalue(), read_class_names(names.getvalue()) if names else None, device)


def chosen_file() -> Path | None:
    """The file of the chosen weights, if it lies on this machine under a name of its own."""
    name: str = st.session_state.weights_name
    if name.startswith(_FOLDER):
        return folder_weights().get(name.removeprefix(_FOLDER))
    return bundled_file(name) if name in BUNDLED_NAMES else None


def about(predictor: Predictor) -> str:
    """The line under the page's title."""
    accuracy = predictor.test_accuracy
    measured = f", test accuracy {percent(accuracy)}" if accuracy is not None else ""
    return f"{predictor.title}, {exact(len(predictor.classes))} classes{measured}."
