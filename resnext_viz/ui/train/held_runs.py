"""The training runs that this visitor holds: their ids stand in the session and in the address of every page.

So they are found again after a page change, a reload or a lost connection, and by nobody who does not have the address;
"Copy link" leaves them out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from resnext_viz.names import title_of
from resnext_viz.ui.kit import link
from resnext_viz.ui.kit.record import record
from resnext_viz.ui.kit.weights.loading import SharedNetworks, load_version, version_of
from resnext_viz.ui.train.runs import MAX_HELD, RUNS, TrainingRun

if TYPE_CHECKING:
    from resnext_viz.inference.predictor.predictor import Predictor

RUN_WEIGHTS = "run:"  # before the name of a run's weights, in a link to Predict
_BETWEEN = "."
_LONGEST_ID = 64


@dataclass
class TrainSession:
    """What a session keeps of training.

    Attributes:
        held: ids of the visitor's runs, the oldest first.
        lost: whether the address that the visitor went to names a run that is not kept any more.
        start_problem: why the run that was asked for was not started, until it is told.
        resume_problem: why a run was not resumed, until it is told.
    """

    held: list[str] = field(default_factory=list)
    lost: bool = False
    start_problem: str | None = None
    resume_problem: str | None = None


_NETWORKS = SharedNetworks(kept=4)


def take_runs() -> None:
    """Takes in the runs that the address names, and keeps all that the visitor holds in the address."""
    linked = [word for word in link.said("runs").split(_BETWEEN) if word][: 2 * MAX_HELD]
    if link.followed():  # the Train page says so, whichever page was opened first, until another address is gone to
        record(TrainSession).lost = any(RUNS.find(word[:_LONGEST_ID]) is None for word in linked)
    _keep(_known((*record(TrainSession).held, *linked)))


def held_runs() -> list[TrainingRun]:
    """The visitor's runs, the oldest first."""
    return _known(record(TrainSession).held)


def hold(run: TrainingRun) -> None:
    """Adds a run that this visitor just started, and shows it."""
    record(TrainSession).lost = False
    _keep([*held_runs(), run], run=None)


def drop(run: TrainingRun) -> None:
    """Removes a run with all that it left, and shows the newest: the places of others move up."""
    RUNS.remove(run)
    record(TrainSession).lost = False
    _keep([other for other in held_runs() if other is not run], run=None)


def _known(ids: Iterable[str]) -> list[TrainingRun]:
    return [run for run_id in dict.fromkeys(ids) if (run := RUNS.find(run_id[:_LONGEST_ID]))]


def _keep(runs: list[TrainingRun], **choices: None) -> None:
    """Holds these runs; that and other choices are one step back."""
    held = record(TrainSession).held = [run.id for run in runs]
    link.choose({"runs": _BETWEEN.join(held), **choices})


def run_name(place: int) -> str:
    """What the visitor's run at that place, from 0 on, is called."""
    return f"Run {place + 1}"


def run_weights() -> dict[str, tuple[str, TrainingRun]]:
    """Titles and runs whose weights can be used, by their name in links: the visitor's, and one that the link names."""
    held = {run: run_name(place) for place, run in enumerate(held_runs())}
    linked = RUNS.with_weights(link.said("weights").removeprefix(RUN_WEIGHTS))
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
