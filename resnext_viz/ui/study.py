"""The Study page: a shipped study's statement, curves, errors with intervals, costs, every run, and how it was made."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import streamlit as st

from resnext_viz.figures.kit.chart_template import DIALS
from resnext_viz.figures.kit.palette import Theme
from resnext_viz.figures.paper.paper_charts import Paths, table3_chart, table3_text, table4_chart, table4_text
from resnext_viz.figures.study.study_charts import (
    MACS,
    PARAMS,
    cost_chart,
    ladder_chart,
    settings_text,
    twice_chart,
)
from resnext_viz.figures.study.study_curves import study_curves
from resnext_viz.figures.study.tables import facts_of, study_facts, study_statement, study_table
from resnext_viz.kit.number_format import exact
from resnext_viz.names import name_of
from resnext_viz.study.shipped_studies import shipped_runs, study_names
from resnext_viz.study.study_files import csv_text, json_text
from resnext_viz.study.summary import Summary, summarise
from resnext_viz.study.verdict import label_of, verdict
from resnext_viz.ui.kit import controls, link
from resnext_viz.ui.kit.charts import WordedChart, chart_theme, dialling_charts, finished
from resnext_viz.ui.kit.components import REMEMBERED, drawn
from resnext_viz.ui.kit.dialled import Dialled
from resnext_viz.ui.kit.parts import OfferedFile, heading
from resnext_viz.ui.paper import papers_paths

RUNS = "study-runs"


def choose_study() -> str:
    """The shipped study asked for, which the link holds; asked only where there are several."""
    names = study_names()
    if len(names) == 1:
        return str(link.chosen("study", names[0], among=names))
    chosen = st.segmented_control("Study", names, required=True, width="content",
                                  **link.bound("study", usual=names[0], among=names))  # fmt: skip
    return chosen or names[0]


@lru_cache(maxsize=16)
def _summary(name: str) -> Summary:
    return summarise(shipped_runs(name))


def show_statement(name: str) -> None:
    """What the study says, first of all."""
    drawn(_statement, name, key="study-statement", sheet="study")


def _statement(name: str) -> str:
    summary = _summary(name)
    return study_statement(verdict(summary), label_of(summary))


def show_errors(name: str, dialled: Dialled) -> None:
    """Final errors with their intervals, at equal MACs and at twice as many."""
    heading("Error at the end", f"Each setting when its runs end, with the interval of its mean. {DIALS}")
    dialling_charts(_errors(name, name_of(dialled.spec), chart_theme()), "study-errors", controls.dial_name,
                  "" if _summary(name).twice else _NONE_AT_TWICE)  # fmt: skip


_NONE_AT_TWICE = ("This study has no runs at twice the MACs: no deeper network, no wider path, no more paths of the "
                  "same width.")  # fmt: skip


@lru_cache(maxsize=REMEMBERED)
def _errors(name: str, current: str, theme: Theme) -> tuple[WordedChart, ...]:
    summary = _summary(name)
    charts = []
    if summary.ladder:
        charts.append(WordedChart(finished(ladder_chart(summary, current, theme)), settings_text(summary.ladder)))
    if summary.twice:
        charts.append(WordedChart(finished(twice_chart(summary, current, theme)), settings_text(summary.twice)))
    return tuple(charts)


def show_curves(name: str, dialled: Dialled) -> None:
    """Test error over the epochs, a panel for each setting."""
    heading("Epoch by epoch", "Test error in %, not from 0. Strong: the mean; thin: the runs; faint: other settings.")
    drawn(_curves, name, name_of(dialled.spec), key="study-curves", sheet="study")


def _curves(name: str, current: str) -> str:
    return study_curves(_summary(name), current)


def show_costs(name: str, dialled: Dialled) -> None:
    """Error against params and against MACs."""
    aside = "; those at twice the MACs stand to the right." if _summary(name).twice else "."
    heading("Error against cost", f"Exact params and MACs of one picture{aside} {DIALS}")
    dialling_charts(_costs(name, name_of(dialled.spec), chart_theme()), "study-costs", controls.dial_name)


@lru_cache(maxsize=REMEMBERED)
def _costs(name: str, current: str, theme: Theme) -> tuple[WordedChart, ...]:
    summary = _summary(name)
    return tuple(WordedChart(finished(cost_chart(summary, measure, current, theme)), settings_text(summary.settings))
                 for measure in (PARAMS, MACS))  # fmt: skip


def show_runs(name: str, dialled: Dialled) -> None:
    """Every run, and the files of them."""

    def file(write: Callable[[Summary], str]) -> Callable[[], str]:
        return lambda: write(_summary(name))

    heading("Every run", "Choose a row, and the dials take its network for all pages.",
            OfferedFile("Download CSV", f"study-{name}.csv", "text/csv", file(csv_text)),
            OfferedFile("Download JSON", f"study-{name}.json", "application/json", file(json_text)))  # fmt: skip
    drawn(_runs, name, name_of(dialled.spec), controls.epoch(), key=RUNS, sheet="study")


def _runs(name: str, current: str, turn: int) -> str:
    return study_table(_summary(name), current, turn)


def show_making(name: str) -> None:
    """How the study was made, and the command that makes one or goes on with this one."""
    heading("How it was made", "And how to go on with it: a finished run is never done twice.")
    drawn(_facts, name, key="study-facts", sheet="study")
    summary = _summary(name)
    settings, run = ",".join(row.setting.key for row in summary.settings), summary.runs[0]
    st.code("python -m resnext_viz study --plan\n"
            f"python -m resnext_viz study --extend {name} --seeds {summary.seeds + 1} --settings {settings} --data DIR "
            f"--out runs/{name}\n"
            "python -m resnext_viz study --data cifar10 --out runs/study", language=None, wrap_lines=True)  # fmt: skip
    st.html(
        '<p class="rx-caption">The first line says what would be run and how long it takes here. The second adds a '
        f"seed to the study above, from its own pictures in DIR, {exact(run.train_pictures)} in train/CLASS/ and "
        f"{exact(run.test_pictures)} in test/CLASS/; more settings go on in the same way. The third begins a study "
        "of your own, on cifar10 or any such folder.</p>"
    )


def _facts(name: str) -> str:
    return study_facts(facts_of(_summary(name)))


def show_papers_numbers(dialled: Dialled) -> None:
    """Tables 3 and 4, as what they are: other networks on other pictures."""
    words = f"Cited: ImageNet, larger networks. Not to be compared with the errors above. {DIALS}"
    heading("The paper’s own numbers", words)
    dialling_charts(_papers(papers_paths(dialled), chart_theme()), "study-paper", controls.dial_name)


@lru_cache(maxsize=REMEMBERED)
def _papers(current: Paths | None, theme: Theme) -> tuple[WordedChart, ...]:
    return (WordedChart(finished(table3_chart(current, theme)), table3_text()),
            WordedChart(finished(table4_chart(current, theme)), table4_text()))  # fmt: skip
