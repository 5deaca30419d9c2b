"""Many photos on the Predict page: how far answering is, the table of all, and what can be taken along."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from resnext_viz.figures.predict.files_table import COLUMNS, ROWS_AT_ONCE, FileRow, Order, files_table, files_text
from resnext_viz.figures.predict.predictions import short_name
from resnext_viz.kit.csv_file import csv_text
from resnext_viz.kit.number_format import estimated_duration
from resnext_viz.ui.kit.acts import pressed, uncut
from resnext_viz.ui.kit.components import chosen, drawing
from resnext_viz.ui.kit.jobs.refreshing import part
from resnext_viz.ui.kit.jobs.shown_job import Standing, stop_button
from resnext_viz.ui.kit.link import run_again
from resnext_viz.ui.kit.parts import complaint, heading_text
from resnext_viz.ui.kit.record import record
from resnext_viz.ui.predict.answer_job import KEPT_TOP, Answers
from resnext_viz.ui.predict.batch_summary import show_accuracy, show_confidence
from resnext_viz.ui.predict.folder_labels import Truth, truth_of
from resnext_viz.ui.predict.shown_picture import choose_by_hand, chosen_photo, shown_picture

if TYPE_CHECKING:
    from resnext_viz.inference.engines.engine import EngineChoice
    from resnext_viz.inference.predictor.prediction import Prediction
    from resnext_viz.inference.predictor.predictor import Predictor
    from resnext_viz.ui.predict.shown_picture import Photo

FILES = "files"
_AT_ONCE_S = 1.0  # what is answered within it is simply there
_REFRESH_S = 0.3
_NAMED = 6  # files that are named where several have no answer


@dataclass(frozen=True)
class Looked:
    """How a session looks at its table: the order, how many rows."""

    order: Order | None = None
    rows: int = ROWS_AT_ONCE
    turn: int = 0
    seen: str = ""

    def after(self, value: str | None) -> Looked:
        """The same after a choice in the table, unless that was taken before."""
        if value is None or value == self.seen:
            return self
        taken = replace(self, turn=self.turn + 1, seen=value)
        what, _, rest = value.partition(":")
        name = rest.partition("=")[0]
        if what == "sort" and name in COLUMNS:
            return replace(taken, order=self.order.clicked(name) if self.order else Order(name))
        return replace(taken, rows=self.rows + ROWS_AT_ONCE) if value.startswith("more=") else taken


@dataclass
class TableSession:
    """How a session looks at its table."""

    looked: Looked = Looked()


@dataclass
class BatchSession:
    """What the network said to the photos of a session, which go with the page."""

    answers: Answers | None = None


def _looked() -> Looked:
    """How the table is looked at, with what was chosen in it since; a photo that was, is shown."""
    session, value = record(TableSession), chosen(FILES)
    before = session.looked
    with uncut():
        looked = session.looked = before.after(value)
        if looked != before and value and value.startswith("show:"):
            choose_by_hand(value.removeprefix("show:").partition("=")[0])
    return looked


def answered(predictor: Predictor, photos: list[Photo], engine: EngineChoice | None = None) -> Answers:
    """What the network says to the photos; a few are answered when this returns, many go on being answered."""
    session = record(BatchSession)
    answers = session.answers
    if answers is None or not answers.are_of(predictor, engine):
        if answers:
            answers.stop()
        answers = session.answers = Answers(predictor, engine, shown_picture())
    answers.predictor = predictor
    if answers.want(photos) and answers.job:
        answers.job.wait(_AT_ONCE_S)
    return answers


def shown(answers: Answers, top_k: int) -> tuple[Photo, Prediction] | None:
    """The photo that is shown large: the chosen one, or where that has no answer the next one that has."""
    _looked()
    ids = [photo.id for photo in answers.photos]
    place = ids.index(chosen_photo()) if chosen_photo() in ids else 0
    for photo in (*answers.photos[place:], *answers.photos[:place]):
        made = answers.answered.get(photo.id)
        if made and not made.prediction.error:
            return photo, replace(made.prediction, top=made.prediction.top[:top_k])
    return None


def show_progress(answers: Answers) -> None:
    """How far answering is, with Stop; where it was stopped, how to go on; why the chosen photo has no answer."""
    running, above = answers.running, _shown_id(answers)
    part(partial(_progress, answers, running, above), _REFRESH_S if running else None)
    refused = [photo for photo in answers.photos if _problem(answers, photo)]
    if chosen_photo() in {photo.id for photo in refused}:
        complaint(*_refusal(answers, refused, next((each.name for each in answers.photos if each.id == above), "")))


def _problem(answers: Answers, photo: Photo) -> str | None:
    made = answers.answered.get(photo.id)
    return made.prediction.error if made else None


def _refusal(answers: Answers, refused: Sequence[Photo], shown_name: str) -> tuple[str, str]:
    """What to say of photos that have no answer: all of them, for they came together; and which one is shown."""
    below = f" Below is {short_name(shown_name)}." if shown_name else ""
    if len(refused) == 1:
        return f"{short_name(refused[0].name)} has no answer.", f"{_problem(answers, refused[0])}{below}"
    named = ", ".join(short_name(photo.name) for photo in refused[:_NAMED])
    more = f" and {len(refused) - _NAMED} more" * (len(refused) > _NAMED)
    return f"{len(refused)} files have no answer:", f"{named}{more}. All files below says why of each.{below}"


def _shown_id(answers: Answers) -> str:
    above = shown(answers, 1)
    return above[0].id if above else ""


def _progress(answers: Answers, was_running: bool, above: str) -> None:
    job = answers.job
    if job is None or not answers.photos:
        return
    job.watch()
    if was_running and (not answers.running or _shown_id(answers) != above):
        run_again()  # once: the refreshing ends, or the photo that is wanted can be shown
    if answers.running:
        with st.container(horizontal=True, vertical_alignment="center", key="answering"):
            _ANSWERING.show(answers)
            stop_button(job, "stop_answering")
    elif answers.problem:
        _ANSWERING.show(answers)
        _go_on(answers, "Try again")
    elif answers.stopped_early:
        with st.container(horizontal=True, vertical_alignment="center", key="answering"):
            _ANSWERING.show(answers)
            _go_on(answers, "Go on")


def _doing(answers: Answers) -> str:
    job = answers.job
    rate, stopping = (job.a_second, job.stopping) if job else (0.0, False)
    return progress_words(answers.done, len(answers.photos), rate, stopping)


_ANSWERING = Standing[Answers](
    failed="The photos could not be answered.",
    doing=_doing,
    stopped=lambda answers: (
        f"Stopped after {answers.done} of {len(answers.photos)} photos; the others were not answered."
    ),
)


def _go_on(answers: Answers, words: str) -> None:
    if pressed(words, "go_on_answering"):
        answers.go_on()
        st.rerun()


def progress_words(done: int, total: int, a_second: float, stopping: bool = False) -> str:
    """`37 of 500 photos, 12 a second, about 40 s left`."""
    words = [f"{done} of {total} photos"]
    if stopping:
        words.append("stopping")
    elif done and a_second:
        left_s = (total - done) / a_second
        words.append(f"{a_second:.0f} a second" if a_second >= 1.5 else f"{1 / a_second:.1f} s each")
        words.append(f"about {estimated_duration(left_s)} left")
    return ", ".join(words)


def show_all(answers: Answers) -> None:
    """All photos as a table, if there are several or one was refused; when it is done also what they come to."""
    above = _shown_id(answers)
    if len(answers.photos) < 2 and (above or not answers.done):
        return
    truth = truth_of(answers.photos, answers.predictor.classes)
    running = answers.running
    if not running:
        show_accuracy(answers, truth)
        show_confidence(answers, truth)
    part(partial(_table, answers, truth, above, chosen_photo()), 2 * _REFRESH_S if running else None)


def _table(answers: Answers, truth: Truth, shown_above: str, asked: str) -> None:
    looked = _looked()
    if chosen_photo() != asked:
        st.rerun()  # the whole page: another photo is shown above
    rows = _rows(answers, truth)
    with st.container(horizontal=True, vertical_alignment="center", key="heading-all-files"):
        heading_text("All files", files_text(rows))
        _download("Download CSV", "predictions.csv", "text/csv", lambda: csv_text(csv_rows(answers, truth)))
        _download("Download JSON", "predictions.json", "application/json", lambda: json_text(answers, truth))
    drawing(files_table(rows, shown_above, looked.order, looked.turn, looked.rows), key=FILES, sheet="predict")


def _download(label: str, file_name: str, mime: str, content: Callable[[], str]) -> None:
    st.download_button(label, content, file_name, mime, on_click="ignore", width="content")


def _rows(answers: Answers, truth: Truth) -> list[FileRow]:
    rows = []
    for photo in answers.photos:
        if photo.id not in answers.answered:
            continue
        each = answers.answered[photo.id]
        made, right = each.prediction, truth.labels.get(photo.id)
        if made.error:
            rows.append(FileRow(photo.name, error=made.error, key=photo.id, truth=right))
        else:
            size = (made.width, made.height)
            rows.append(
                FileRow(
                    photo.name,
                    each.thumbnail,
                    size,
                    made.top,
                    made.latency_ms,
                    key=photo.id,
                    truth=right,
                    none=bool(made.none_of_these),
                )
            )
    return rows


def csv_rows(answers: Answers, truth: Truth) -> list[dict[str, Any]]:
    """One row for each photo that was answered or refused, with up to ten answers."""
    rows = []
    for photo in answers.photos:
        if photo.id not in answers.answered:
            continue
        made = answers.answered[photo.id].prediction
        row: dict[str, Any] = {"file": photo.name, "weights": answers.predictor.name}
        row |= {"network_sha256": answers.predictor.identity, "error": made.error or ""}
        if answers.predictor.none_of_these:
            row |= {name: "" if made.error else getattr(made, name) for name in ("none_of_these", "score")}
        row |= {name: "" if made.error else getattr(made, name) for name in ("width", "height", "latency_ms")}
        row |= {"device": made.device, "engine": made.engine}
        row |= {"truth": truth.labels.get(photo.id, "")} if truth.labels else {}
        for place in range(min(len(answers.predictor.classes), KEPT_TOP)):
            answer = made.top[place] if place < len(made.top) else None
            row[f"label_{place + 1}"] = answer.label if answer else ""
            row[f"probability_{place + 1}"] = answer.probability if answer else ""
        rows.append(row)
    return rows


def json_text(answers: Answers, truth: Truth) -> str:
    """As `predict --json` prints it, with the right class where that is known."""
    results = []
    for photo in answers.photos:
        if photo.id in answers.answered:
            right = {"truth": truth.labels[photo.id]} if photo.id in truth.labels else {}
            results.append(answers.answered[photo.id].prediction.to_dict() | right)
    return json.dumps({"results": results}, ensure_ascii=False, indent=2)
