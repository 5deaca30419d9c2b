"""The training runs that this visitor holds: their ids stand in the session and in the address of every page.

So they are found again after a page change, a reload or a lost connection, and by nobody who does not have the address;
"Copy link" leaves them out.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from resnext_viz.names import title_of
from resnext_viz.ui.loading import SharedNetworks, load_version, version_of
from resnext_viz.ui.training_runs import MAX_HELD, RUNS, TrainingRun

if TYPE_CHECKING:
    from resnext_viz.inference.predictor import Predictor

RUN_WEIGHTS = "run:"  # before the name of a run's weights, in a link to Predict
_LINK = "runs"
_BETWEEN = "."
_LONGEST_ID = 64

_NETWORKS = SharedNetworks(kept=4)


def take_runs() -> None:
    """Takes in the runs that the address names, and keeps all that the visitor holds in the address."""
    linked = [word for word in st.query_params.get(_LINK, "").split(_BETWEEN) if word][: 2 * MAX_HELD]
    if any(RUNS.find(word[:_LONGEST_ID]) is None for word in linked):
        st.session_state.lost_runs = True  # the Train page says so, whichever page was opened first
    _keep(_known((*st.session_state.get("held_runs", ()), *linked)))


def held_runs() -> list[TrainingRun]:
    """The visitor's runs, the oldest first."""
    return _known(st.session_state.get("held_runs", ()))


def hold(run: TrainingRun) -> None:
    """Adds a run that this visitor just started."""
    st.session_state.lost_runs = False
    _keep([*held_runs(), run])


def drop(run: TrainingRun) -> None:
    """Removes a run with all that it left."""
    RUNS.remove(run)
    _keep([other for other in held_runs() if other is not run])


def _known(ids: Iterable[str]) -> list[TrainingRun]:
    return [run for run_id in dict.fromkeys(ids) if (run := RUNS.find(run_id[:_LONGEST_ID]))]


def _keep(runs: list[TrainingRun]) -> None:
    st.session_state.held_runs = [run.id for run in runs]
    link = _BETWEEN.join(st.session_state.held_runs)
    if link:
        if st.query_params.get(_LINK) != link:
            st.query_params[_LINK] = link
    elif _LINK in st.query_params:
        del st.query_params[_LINK]


def run_name(place: int) -> str:
    """What the visitor's run at that place, from 0 on, is called."""
    return f"Run {place + 1}"


def run_weights() -> dict[str, tuple[str, TrainingRun]]:
    """Titles and runs whose weights can be used, by their name in links: the visitor's, and one that the link names."""
    held = {run: run_name(place) for place, run in enumerate(held_runs())}
    linked = RUNS.with_weights(st.query_params.get("weights", "").removeprefix(RUN_WEIGHTS))
    if linked and linked not in held:
        held[linked] = "A run"
    return {
        RUN_WEIGHTS + run.weights_name: (f"{name} of Train: {title_of(run.settings.spec)}", run)
        for run, name in held.items() if run.weights
    }  # fmt: skip


def trained_predictor(name: str, device: str) -> Predictor | None:
    """The predictor of a run's weights as they are now; None if they are gone.

    Raises:
        UserError: they cannot be loaded.
    """
    title, run = run_weights().get(name, ("", None))
    path = run.weights if run else None
    if path is None:
        return None
    version = version_of(path)  # resumed, a run's file is another one
    return _NETWORKS.network((version, device), partial(load_version, path, version, device), f"Loading {title}")
