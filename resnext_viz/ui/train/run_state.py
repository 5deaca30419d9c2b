"""The visitor's training runs: which one is shown, where it stands, and what can be done with it."""

from __future__ import annotations

from functools import partial
from html import escape

import streamlit as st

from resnext_viz.errors import UserError
from resnext_viz.kit.app_files import PAGES
from resnext_viz.kit.number_format import duration, exact
from resnext_viz.training.run.run_folder import CHECKPOINT, METRICS
from resnext_viz.ui.kit import link
from resnext_viz.ui.kit.acts import pressed, uncut
from resnext_viz.ui.kit.jobs.refreshing import refreshed
from resnext_viz.ui.kit.jobs.shown_job import stop_button
from resnext_viz.ui.kit.parts import failure, heading_text
from resnext_viz.ui.kit.record import record
from resnext_viz.ui.train.held_runs import RUN_WEIGHTS, TrainSession, drop, held_runs, run_name
from resnext_viz.ui.train.queue import place_in_words
from resnext_viz.ui.train.results import Shown, show_results, shown_as
from resnext_viz.ui.train.runs import FRESH_S, State, TrainingRun
from resnext_viz.ui.train.turn import LIMIT_S

_REFRESH_S = 1.0
_PREDICT = PAGES / "predict_page.py"


def show_runs(held: list[TrainingRun]) -> None:
    """The chosen one of the visitor's runs, another beside it if wanted."""
    if record(TrainSession).lost:
        failure(
            "A run that this link names is not kept any more.",
            f"runs go when they are removed, when the server starts anew, or when nobody has looked at them for a "
            f"day; {FRESH_S / 60:.0f} minutes after their end if others need the room",
        )
    if not held:
        return
    names = {run.id: run_name(place) for place, run in enumerate(held)}
    with st.container(horizontal=True, vertical_alignment="center", key="heading-runs"):
        heading_text("Your runs", "They go on when you leave; the address of this page leads back to them.")
        run = _choose(held, names)
        other = _choose_other(held, run, names)
    turns = (each.turn for each in (run, other) if each)
    refreshed(partial(_show, names, run, other), *turns, every_s=_REFRESH_S, apart=True)


def _choose(held: list[TrainingRun], names: dict[str, str]) -> TrainingRun:
    """The run that is shown: the one chosen last, at first the newest."""
    places = range(1, len(held) + 1)
    if len(held) > 1:
        st.segmented_control(
            "Run",
            places,
            required=True,
            width="content",
            format_func=lambda place: names[held[place - 1].id],
            label_visibility="collapsed",
            **link.bound("run", "run_choice", len(held), among=places),
        )
    place: int = link.chosen("run", len(held), among=places)
    return held[place - 1]


def _choose_other(held: list[TrainingRun], run: TrainingRun, names: dict[str, str]) -> TrainingRun | None:
    others = {place: other for place, other in enumerate(held, start=1) if other is not run}
    if not others:
        return None
    chosen = st.selectbox(
        "Second run",
        list(others),
        None,
        lambda other: f"with {names[others[other].id]}",
        width=180,
        placeholder="Compare with run",
        label_visibility="collapsed",
        **link.bound("against", f"beside_{run.id}", among=others),
    )
    return others.get(chosen) if chosen else None


def _show(names: dict[str, str], run: TrainingRun, other: TrainingRun | None) -> None:
    shown = shown_as(names[run.id], run)
    beside = shown_as(names[other.id], other) if other else None
    _show_state(shown)
    show_results(shown, beside)


def _show_state(shown: Shown) -> None:
    """Where the run stands in words, with what can be done."""
    run, state = shown.run, shown.run.state
    with st.container(key="run-state", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.html(f'<p class="rx-run-state"><b>{escape(shown.name)}</b> {escape(_state_words(shown, state))}</p>')
            _buttons(shown, state)
        if state is State.RUNNING:
            st.progress(_done(shown))
        if state is State.FAILED:
            failure("The run did not get to its end.", f"{run.turn.problem}. {_resume_words(shown)}")
        session = record(TrainSession)
        if session.resume_problem:
            failure("The run was not resumed.", session.resume_problem)
            session.resume_problem = None


def _state_words(shown: Shown, state: State) -> str:
    run, done, of = shown.run, len(shown.epochs), shown.run.settings.epochs
    kept = f"after epoch {done} of {of}" if done else "before its first epoch ended"
    if state is State.WAITING:
        return f"{place_in_words(run.turn.place or 1)}. One run trains at a time; yours starts by itself."
    if state is State.RUNNING:
        return _doing(shown)
    if state is State.FINISHED and shown.last:
        return f"Finished: {of} epoch{'s' if of > 1 else ''}, {duration(shown.last.elapsed_s)} of training."
    if state is State.STOPPED and run.turn.out_of_time:
        return f"Stopped {kept}, after {duration(LIMIT_S)}, so that others get their turn. Resume goes on."
    return f"{'Failed' if state is State.FAILED else 'Stopped'} {kept}."


def _done(shown: Shown) -> float:
    """Share of the run that is done, to the last step that was told."""
    of = shown.run.settings.epochs
    within = shown.step.share if shown.step else 0.0
    return min(1.0, (len(shown.epochs) + within) / of)


def _doing(shown: Shown) -> str:
    """What a running run does at this moment."""
    turn, done, of, step = shown.run.turn, len(shown.epochs), shown.run.settings.epochs, shown.step
    if turn.writes:
        return f"Writing the weights of epoch {done}."
    if turn.stopping:
        return "Stopping."
    if shown.last and shown.last.finished:
        return "Writing the weights."
    if not turn.step:
        return f"{turn.preparation}, {turn.seconds:.0f} s so far. Epoch {done + 1} of {of} follows."
    within = f"{100 * step.share:.0f} % of it at {exact(round(step.images_per_s))} pictures/s, " if step else ""
    return f"Epoch {done + 1} of {of}, {within}about {duration(shown.left_s)} left."


def _resume_words(shown: Shown) -> str:
    done = len(shown.epochs)
    return f"Resume goes on after epoch {done}" if done else "Resume begins it again"


def _resume_label(shown: Shown) -> str:
    return f"Resume from epoch {len(shown.epochs) + 1} of {shown.run.settings.epochs}"


def _buttons(shown: Shown, state: State) -> None:
    """What can be done, the least often wanted first: where Stop was, nothing is removed by a second click."""
    run = shown.run
    if run.active:
        stop_button(run.turn, "stop_run")
        return
    with st.popover("Remove"):
        if pressed(f"Remove {shown.name} and its weights", "remove_run"):
            with uncut():
                drop(run)
            st.rerun()
    if shown.last:
        _downloads(shown)
    if run.weights and pressed("Try it in Predict", "try_run", type="primary"):
        name = RUN_WEIGHTS + run.weights_name
        st.switch_page(_PREDICT, query_params={"weights": name})
    if state in {State.STOPPED, State.FAILED} and pressed(_resume_label(shown), "resume_run"):
        _resume(run)


def _resume(run: TrainingRun) -> None:
    with uncut():
        try:
            run.resume(held_runs())
        except UserError as error:
            record(TrainSession).resume_problem = str(error)
    st.rerun()


def _downloads(shown: Shown) -> None:
    """The weights, the checkpoint and the figures of each epoch, in a menu of their own."""
    run, stem = shown.run, shown.name.lower().replace(" ", "-")
    with st.popover("Download"):
        if run.weights:
            st.download_button(
                "Weights, .safetensors",
                run.weights.read_bytes,
                f"{stem}.safetensors",
                "application/octet-stream",
                on_click="ignore",
                width="stretch",
            )
        for name, label, mime in (
            (CHECKPOINT, "Checkpoint, .pt", "application/octet-stream"),
            (METRICS, "Figures, .csv", "text/csv"),
        ):
            if (run.folder / name).exists():
                st.download_button(
                    label,
                    (run.folder / name).read_bytes,
                    f"{stem}{name[name.index('.') :]}",
                    mime,
                    on_click="ignore",
                    width="stretch",
                )
