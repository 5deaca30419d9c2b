"""The words and tables of a study: its verdict, every run, and how it was made. Choosing a run gives its network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from resnext_viz.figures.kit.svg import Markup, tag
from resnext_viz.kit.number_format import exact, percent
from resnext_viz.study.finished_runs import StudyRun
from resnext_viz.study.summary import Summary
from resnext_viz.study.verdict import Verdict, counted

_COLUMNS = ("Run", "Params", "MACs", "Test error, end", "Best accuracy", "Training time", "Machine")


def study_statement(said: Verdict, label: str) -> str:
    """The plain statement with what kind of study it is from, then what does and does not follow."""
    titled = {"What the data shows": said.comparisons, "What it does not show": said.limits}
    lists = tag("div", *(_listed(title, sentences) for title, sentences in titled.items() if sentences),
                class_="rx-study-lists")  # fmt: skip
    return tag("div", tag("p", said.headline, class_="rx-verdict rx-study-headline"),
               tag("p", label, class_="rx-study-label"), lists, class_="rx-study")  # fmt: skip


def _listed(title: str, sentences: Sequence[str]) -> Markup:
    return tag("section", tag("h3", title), tag("ul", *(tag("li", sentence) for sentence in sentences)))


def study_table(summary: Summary, current: str, turn: int) -> str:
    """Every run, by setting and seed.

    Args:
        summary: of the study.
        current: name of the dialled network, whose runs are marked.
        turn: sent behind the name of a chosen network, so that one can be chosen again.
    """
    head = tag("tr", *(tag("th", name, scope="col", class_="rx-left" if name in {"Run", "Machine"} else None)
                       for name in _COLUMNS))  # fmt: skip
    body = [_row(run, row.title, current, turn) for row in summary.settings for run in row.runs]
    caption = tag("caption", "Every run of the study")
    whole = tag("table", caption, tag("thead", head), tag("tbody", *body, data_group="runs"),
                class_="rx-table2 rx-study-table")  # fmt: skip
    note = ("Best accuracy was chosen by the test pictures, the error at the end by nothing. "
            "Choose a row to dial its network.")  # fmt: skip
    return tag("div", tag("div", whole, class_="rx-study-scroll"), tag("p", note, class_="rx-table2-note"),
               class_="rx-table2-frame")  # fmt: skip


def _row(run: StudyRun, title: str, current: str, turn: int) -> Markup:
    is_current = run.network == current
    network = f"{run.cardinality}×{run.base_width}d{', this network' if is_current else ''}"
    cells = (exact(run.params), exact(run.macs), f"{run.error:.2f} %", percent(run.best_accuracy, 2),
             f"{exact(round(run.seconds))} s")  # fmt: skip
    return tag(
        "tr", tag("th", tag("b", f"{title}, seed {run.seed}"), " ", tag("small", network),
                  scope="row", class_="rx-left"),
        *(tag("td", cell) for cell in cells), tag("td", run.machine, class_="rx-left"),
        class_="rx-table2-current" if is_current else None, aria_current="true" if is_current else None,
        data_choose=f"{run.network}={turn}",
    )  # fmt: skip


def study_facts(facts: Mapping[str, str]) -> str:
    """How a study was made, a line for each fact."""
    rows = [tag("div", tag("dt", name), tag("dd", value)) for name, value in facts.items()]
    return tag("dl", *rows, class_="rx-study-facts")


def facts_of(summary: Summary) -> dict[str, str]:
    """The facts of a study's runs."""
    run, kinds = summary.runs[0], {}
    for each in summary.runs:
        kinds[f"{each.machine}; torch {each.torch}, {counted(each.threads, 'thread')}, {each.arithmetic}"] = True
    return {
        "Machine": "; ".join(kinds),
        "Pictures": f"{run.data}: {exact(run.train_pictures)} to train on, {exact(run.test_pictures)} to test on, "
                    f"{len(run.classes)} classes, {run.image_size}×{run.image_size} pixels",
        "Runs": f"{len(summary.runs)}, of {run.epochs} epochs: {exact(run.pictures)} pictures seen in each",
        "Recipe, the same for all": ", ".join(_recipe(run.recipe)),
        "Time": f"{exact(round(sum(each.seconds for each in summary.runs) / 60))} minutes of training in all",
    }  # fmt: skip


def _recipe(recipe: Mapping[str, Any]) -> list[str]:
    """SGD in words: what is switched off is left out."""
    named = {name.replace("_", " "): value for name, value in recipe.items() if name not in {"seed", "epochs"}}
    switched = (f"{name} {value}" if value is not True else name for name, value in named.items() if value)
    return ["SGD with Nesterov momentum, rate falling to zero", *switched]
