"""How good the chosen network is, at the end of the Predict page: what was measured of these very weights."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import streamlit as st

from resnext_viz.figures.predict.batch_view import accuracy_line, confusion_matrix
from resnext_viz.figures.predict.quality_view import Fact, quality_view, reliability_diagram
from resnext_viz.inference.none_of_these import WORDS
from resnext_viz.inference.predictor.measured import Measured, measured_file, read_measured
from resnext_viz.kit.number_format import exact, percent
from resnext_viz.ui.kit import link
from resnext_viz.ui.kit.components import drawn
from resnext_viz.ui.predict.weights import chosen_file


def show_quality() -> None:
    """The section; nothing where the chosen weights have not been measured."""
    path = chosen_file()
    measured = _measured(path, *map(_changed_ns, (path, measured_file(path)))) if path and path.is_file() else None
    if measured is None:
        return
    section = st.expander("How good is this network?", **link.bound("quality"))
    if section.open:
        with section:
            st.caption(f"On {exact(measured.pictures)} test pictures: {measured.data}.")
            drawn(_quality, measured, key="quality-drawing", sheet="quality")
            st.download_button(
                "Download measurements",
                measured.to_json,
                f"{measured.weights[:8]}.json",
                "application/json",
                on_click="ignore",
            )


def facts_of(measured: Measured) -> list[Fact]:
    """The rows of the table."""
    before, after, rule = measured.before, measured.after, measured.rule
    rows = [
        Fact("Calibration error", percent(after.ece, 2), f"with, {percent(before.ece, 2)} without the temperature"),
        Fact("Negative log-likelihood", f"{after.nll:.4f} nats", f"with, {before.nll:.4f} without it"),
        Fact("Temperature", f"{measured.temperature:.3f}", f"fitted on {exact(measured.fitted_on)} held-out pictures"),
        *(Fact(f"As photos {each.words}", f"{percent(each.right / each.pictures, 2)} right",
               f"the same answer for {percent(each.same / each.pictures)}") for each in measured.larger),
    ]  # fmt: skip
    if rule:
        rows += [
            Fact(f"“{WORDS}”, rightly", percent(rule.rightly), f"of {exact(rule.other_pictures)} of other things"),
            Fact(f"“{WORDS}”, wrongly", percent(rule.wrongly), f"of {exact(rule.class_pictures)} of its classes"),
            *(Fact(f"from {each.name}", percent(each.called_none / each.pictures, 0), f"of {exact(each.pictures)}")
              for each in measured.sources),
        ]  # fmt: skip
    return rows


def _changed_ns(file: Path) -> int:
    """When a file was last changed; 0 where there is none."""
    return file.stat().st_mtime_ns if file.is_file() else 0


@lru_cache(maxsize=8)
def _measured(path: Path, _weights_ns: int, _measured_ns: int) -> Measured | None:
    return read_measured(path)


def _quality(measured: Measured) -> str:
    before, after = measured.before, measured.after
    diagram = reliability_diagram(before.bins, after.bins, before.ece, after.ece)
    parts = (accuracy_line(measured.right, measured.pictures), quality_view(diagram, facts_of(measured)),
             confusion_matrix(measured.classes, measured.confusion))  # fmt: skip
    return "".join(parts)
