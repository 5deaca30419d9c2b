"""The visitor's training runs: which one is shown, where it stands, and what can be done with it."""

from __future__ import annotations

from functools import partial
from html import escape

import streamlit as st

from resnext_viz.app_files import PAGES
from resnext_viz.errors import UserError
from resnext_viz.figures.numbers import exact
from resnext_viz.figures.training import time_words
from resnext_viz.training.run_folder import CHECKPOINT, METRICS
from resnext_viz.ui.held_runs import RUN_WEIGHTS, drop, held_runs, run_name
from resnext_viz.ui.parts import failure, heading_text
from resnext_viz.ui.refreshing import refreshed
from resnext_viz.ui.train_results import Shown, show_results, shown_as
from resnext_viz.ui.training_line import place_in_words
from resnext_viz.ui.training_runs import FRESH_S, State, TrainingRun
from resnext_viz.ui.training_turn import LIMIT_S

_REFRESH_S = 1.0
_CHOICE = "run_choice"
_PREDICT = PAGES / "predict_page.py"


def show_runs(held: list[TrainingRun]) -> None:
    """The chosen one of the visitor's runs, another beside it if wanted."""
    if st.session_state.get("lost_runs"):
        failure("A run that this link names is not kept any more.",
                f"runs go when they are removed, when the server starts anew, or when nobody has looked at them for a "
                f"day; {FRESH_S / 60:.0f} minutes after their end if others need the room")
    if not held:
        return
    names = {run.id: run_name(place) for place, run in enumerate(held)}
    with st.container(horizontal=True, vertical_alignment="center", key="heading-runs"):
        heading_text("Your runs", "They go on when you leave; the address of this page leads back to them.")
        run = _choose(held, names)
        other = _choose_other(held, run, names)
    refreshed(partial(_show, names, run, other), *(each.turn for each in (run, other) if each), every_s=_REFRESH_S)


def _choose(held: list[TrainingRun], names: dict[str, str]) -> TrainingRun:
    """The run that is shown: the one chosen last, at first the newest."""
    session = st.session_state
    shown = next((run for run in held if run.id == session.get("shown_run")), held[-1])
    session.shown_run = session[_CHOICE] = shown.id  # before it is mounted: its options change with every new run
    if len(held) > 1:
        st.segmented_control("Run", [run.id for run in held], required=True, width="content", key=_CHOICE,
                             format_func=names.__getitem__, label_visibility="collapsed", on_change=_take_choice)
    return shown


def _take_choice() -> None:
    st.session_state.shown_run = st.session_state[_CHOICE]


def _choose_other(held: list[TrainingRun], run: TrainingRun, names: dict[str, str]) -> TrainingRun | None:
    others = {other.id: other for other in held if other is not run}
    if not others:
        return None
    chosen = st.selectbox("Second run", list(others), None, lambda other: f"with {names[other]}", width=180,
                          key=f"beside_{run.id}", placeholder="Compare with run", label_visibility="collapsed")
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
        if problem := st.session_state.pop("resume_problem", None):
            failure("The run was not resumed.", problem)


def _state_words(shown: Shown, state: State) -> str:
    run, done, of = shown.run, len(shown.epochs), shown.run.settings.epochs
    kept = f"after epoch {done} of {of}" if done else "before its first epoch ended"
    if state is State.WAITING:
        return f"{place_in_words(run.turn.place or 1)}. One run trains at a time; yours starts by itself."
    if state is State.RUNNING:
        return _doing(shown)
    if state is State.FINISHED and shown.last:
        return f"Finished: {of} epoch{'s' if of > 1 else ''}, {time_words(shown.last.elapsed_s)} of training."
    if state is State.STOPPED and run.turn.out_of_time:
        return f"Stopped {kept}, after {time_words(LIMIT_S)}, so that others get their turn. Resume goes on."
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
        return f"Loading torch, reading the pictures, then epoch {done + 1} of {of}."
    within = f"{100 * step.share:.0f} % of it at {exact(round(step.images_per_s))} pictures/s, " if step else ""
    return f"Epoch {done + 1} of {of}, {within}about {time_words(shown.left_s)} left."


def _resume_words(shown: Shown) -> str:
    done = len(shown.epochs)
    return f"Resume goes on after epoch {done}" if done else "Resume begins it again"


def _buttons(shown: Shown, state: State) -> None:
    """What can be done, the least often wanted first: where Stop was, nothing is removed by a second click."""
    run = shown.run
    if run.active:
        if st.button("Stop", key="stop_run", disabled=run.turn.stopping):
            run.turn.stop()
            st.rerun()
        return
    with st.popover("Remove"):
        if st.button(f"Remove {shown.name} and its weights", key="remove_run"):
            drop(run)
            st.rerun()
    if shown.last:
        _downloads(shown)
    if run.weights and st.button("Try it in Predict", key="try_run", type="primary"):
        name = RUN_WEIGHTS + run.weights_name
        st.session_state.weights_name = name
        st.switch_page(_PREDICT, query_params={"weights": name})
    if state in {State.STOPPED, State.FAILED} and st.button("Resume", key="resume_run"):
        _resume(run)


def _resume(run: TrainingRun) -> None:
    try:
        run.resume(held_runs())
    except UserError as error:
        st.session_state.resume_problem = str(error)
    st.rerun()


def _downloads(shown: Shown) -> None:
    """The weights, the checkpoint and the figures of each epoch, in a menu of their own."""
    run, stem = shown.run, shown.name.lower().replace(" ", "-")
    with st.popover("Download"):
        if run.weights:
            st.download_button("Weights, .safetensors", run.weights.read_bytes, f"{stem}.safetensors",
                               "application/octet-stream", on_click="ignore", width="stretch")
        for name, label, mime in ((CHECKPOINT, "Checkpoint, .pt", "application/octet-stream"),
                                  (METRICS, "Figures, .csv", "text/csv")):
            if (run.folder / name).exists():
                st.download_button(label, (run.folder / name).read_bytes, f"{stem}{name[name.index('.'):]}", mime,
                                   on_click="ignore", width="stretch")
