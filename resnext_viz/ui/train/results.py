"""What came of a training run so far: its figures, its curves, its classes, and another run beside it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from resnext_viz.figures.kit.palette import Theme
from resnext_viz.figures.train.curves import Curve, Measure, curves_chart, curves_text
from resnext_viz.figures.train.run_figures import (
    Figure,
    RunSide,
    class_bars,
    difference_words,
    run_figures,
    runs_table,
)
from resnext_viz.kit.intervals import accuracy_difference
from resnext_viz.kit.number_format import duration, exact, percent
from resnext_viz.training.run.run_folder import Epoch, EpochProgress
from resnext_viz.ui.kit.charts import chart_theme, finished, still_chart
from resnext_viz.ui.kit.components import REMEMBERED, drawing, drawn
from resnext_viz.ui.kit.parts import heading
from resnext_viz.ui.train.runs import State, TrainingRun

if TYPE_CHECKING:
    import plotly.graph_objects as go

_MEASURES = (Measure("Accuracy", "%", " %", 1, 100.0), Measure("Loss", "nats", "", 2))
_ALONE = "solid: test pictures, dashed: training pictures"
_BESIDE = "of the test pictures, after each epoch"


@dataclass(frozen=True)
class Shown:
    """A run under the name that the visitor knows it by, as it stands at this moment.

    Attributes:
        step: within the epoch that follows `epochs`; None where nothing is told of that one yet.
    """

    name: str
    run: TrainingRun
    epochs: tuple[Epoch, ...]
    step: EpochProgress | None

    @property
    def last(self) -> Epoch | None:
        return self.epochs[-1] if self.epochs else None

    @property
    def left_s(self) -> float:
        """Seconds until its end, by the last thing that was told."""
        if self.step:
            return self.step.left_s
        return self.last.left_s if self.last else 0.0


def shown_as(name: str, run: TrainingRun) -> Shown:
    """The run as it stands now."""
    step, epochs = run.turn.step, run.epochs  # in this order: an epoch that ends between is not begun again
    return Shown(name, run, epochs, step if step and step.epoch > len(epochs) else None)


def show_results(shown: Shown, beside: Shown | None) -> None:
    """All that the epochs so far tell; `beside` is drawn into the same charts."""
    last, settings = shown.last, shown.run.settings
    if not last:
        return
    left = duration(shown.left_s) if shown.run.state is State.RUNNING else None
    drawn(_figures, last, settings.epochs, settings.data.test_count, left, key="run-figures", sheet="training")
    other = (beside.name, beside.epochs) if beside else None
    planned = max(settings.epochs, beside.run.settings.epochs if beside else 0)
    charts = _charts(shown.name, shown.epochs, planned, other, chart_theme())
    with st.container(key="training-curves"):
        for place, (column, (figure, words)) in enumerate(zip(st.columns(2, gap="medium"), charts, strict=True)):
            with column:
                still_chart(figure, f"curve-{place}", words)
    _show_classes(shown, beside)
    if beside:
        _show_beside(shown, beside)


def _figures(last: Epoch, epochs: int, pictures: int, left: str | None) -> str:
    right = round(last.test_accuracy * pictures)
    trained = f", {percent(last.train_accuracy)} while training" if last.train_accuracy is not None else ""
    done = f"{last.number} of {epochs} epochs done"
    time = Figure("Time left", left, done) if left else Figure("Time of training", duration(last.elapsed_s), done)
    return run_figures(
        (
            Figure(
                "Test accuracy", percent(last.test_accuracy), f"{exact(right)} of {exact(pictures)} pictures{trained}"
            ),
            Figure(
                "Test loss" if last.test_loss is not None else "Training loss",
                f"{last.test_loss if last.test_loss is not None else last.loss or 0.0:.3f} nats",
                f"after epoch {last.number} of {epochs}",
            ),
            Figure("Speed", f"{exact(last.images_per_s)} pictures/s", "in the last epoch, one thread"),
            time,
        )
    )


@lru_cache(maxsize=REMEMBERED)
def _charts(
    name: str, epochs: tuple[Epoch, ...], planned: int, other: tuple[str, tuple[Epoch, ...]] | None, theme: Theme
) -> tuple[tuple[go.Figure, str], ...]:
    charts = []
    for measure, read in zip(_MEASURES, (_accuracies, _losses), strict=True):
        tested, trained = read(epochs)
        if other:
            curves = [Curve(name, tested, is_main=True), Curve(other[0], read(other[1])[0], is_other=True)]
        else:
            curves = [Curve("test", tested, is_main=True), Curve("training", trained)]
        told = measure._replace(below=f"{measure.below}, {_BESIDE if other else _ALONE}")
        charts.append((finished(curves_chart(told, curves, planned, theme)), curves_text(told, curves)))
    return tuple(charts)


def _accuracies(epochs: tuple[Epoch, ...]) -> tuple[tuple[float | None, ...], tuple[float | None, ...]]:
    return (
        tuple(100 * epoch.test_accuracy for epoch in epochs),
        tuple(None if epoch.train_accuracy is None else 100 * epoch.train_accuracy for epoch in epochs),
    )


def _losses(epochs: tuple[Epoch, ...]) -> tuple[tuple[float | None, ...], tuple[float | None, ...]]:
    return tuple(epoch.test_loss for epoch in epochs), tuple(epoch.loss for epoch in epochs)


def _show_classes(shown: Shown, beside: Shown | None) -> None:
    last, classes = shown.last, shown.run.settings.data.classes
    if not last or len(last.class_accuracy) != len(classes):
        return
    heading("By class", f"Of the test pictures, after epoch {last.number}.")
    same = beside and beside.last and beside.run.settings.data == shown.run.settings.data
    other = beside.last.class_accuracy if same and beside and beside.last else ()
    names = shown.name, beside.name if beside else ""
    drawn(class_bars, classes, last.class_accuracy, other, names, key="run-classes", sheet="training")


def _show_beside(shown: Shown, beside: Shown) -> None:
    heading("Side by side", "What differs in the settings, and what came of it.")
    if not shown.last or not beside.last:
        st.html(f'<p class="rx-prose">{escape(beside.name)} has not ended its first epoch yet.</p>')
        return
    drawing(_table(_side(shown), _side(beside), _difference(shown, beside)), "run-table", "training")


def _side(shown: Shown) -> RunSide:
    return RunSide(shown.name, shown.run.settings.in_words(), _results(shown.epochs[-1], shown.run.settings.epochs))


def _results(last: Epoch, epochs: int) -> dict[str, str]:
    return {
        "Test accuracy": percent(last.test_accuracy),
        "Test loss": "–" if last.test_loss is None else f"{last.test_loss:.3f} nats",
        "Training loss": "–" if last.loss is None else f"{last.loss:.3f} nats",
        "Epochs done": f"{last.number} of {epochs}",
        "Time of training": duration(last.elapsed_s),
        "Speed": f"{exact(last.images_per_s)} pictures/s",
    }


def _difference(shown: Shown, beside: Shown) -> str:
    data = shown.run.settings.data
    if beside.run.settings.data != data:
        return "The two were tested on different pictures, so their accuracies are not to be compared."
    found = accuracy_difference(shown.epochs[-1].test_accuracy, beside.epochs[-1].test_accuracy, data.test_count)
    return difference_words((shown.name, beside.name), found, data.test_count)


def _table(first: RunSide, second: RunSide, difference: str) -> bytes:
    return runs_table(first, second, difference).encode()
