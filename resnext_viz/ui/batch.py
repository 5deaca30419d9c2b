"""Many photos on the Predict page: how far answering is, the table of all, and what can be taken along."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import streamlit as st

from resnext_viz.csv_file import csv_text
from resnext_viz.figures.files_table import COLUMNS, ROWS_AT_ONCE, FileRow, Order, files_table, files_text
from resnext_viz.ui.answer_job import KEPT_TOP, Answers
from resnext_viz.ui.batch_summary import show_accuracy, show_confidence
from resnext_viz.ui.components import chosen, drawing
from resnext_viz.ui.parts import failure, heading_text
from resnext_viz.ui.shown_picture import shown_picture
from resnext_viz.ui.truth import Truth, truth_of

if TYPE_CHECKING:
    from resnext_viz.inference.engine import EngineChoice
    from resnext_viz.inference.prediction import Prediction
    from resnext_viz.inference.predictor import Predictor
    from resnext_viz.ui.photos import Photo

FILES = "files"
_AT_ONCE_S = 1.0  # what is answered within it is simply there
_REFRESH_S = 0.3


@dataclass(frozen=True)
class Looked:
    """How a session looks at its table: which photo is shown above, the order, how many rows."""

    photo: str = ""
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
        if what == "show":
            return replace(taken, photo=rest)
        if what == "sort" and name in COLUMNS:
            return replace(taken, order=self.order.clicked(name) if self.order else Order(name))
        return replace(taken, rows=self.rows + ROWS_AT_ONCE) if value.startswith("more=") else taken


def _looked() -> Looked:
    looked: Looked = st.session_state.get("looked", Looked()).after(chosen(FILES))
    st.session_state.looked = looked
    return looked


def answered(predictor: Predictor, photos: list[Photo], engine: EngineChoice | None = None) -> Answers:
    """What the network says to the photos; a few are answered when this returns, many go on being answered."""
    answers: Answers | None = st.session_state.get("answers")
    if answers is None or not answers.are_of(predictor, engine):
        if answers:
            answers.stop()
        answers = st.session_state.answers = Answers(predictor, engine, shown_picture())
    answers.predictor = predictor
    if answers.want(photos) and answers.job:
        answers.job.finish_soon(_AT_ONCE_S)
    return answers


def shown(answers: Answers, top_k: int) -> tuple[Photo, Prediction] | None:
    """The photo that is shown large: the one chosen in the table, or the first that was answered."""
    made = {photo.id: (photo, answers.answered[photo.id].prediction) for photo in answers.photos
            if photo.id in answers.answered and not answers.answered[photo.id].prediction.error}
    if not made:
        return None
    photo, prediction = made.get(_looked().photo) or next(iter(made.values()))
    return photo, replace(prediction, top=prediction.top[:top_k])


def show_progress(answers: Answers) -> None:
    """How far answering is, with Stop; where it was stopped, how to go on."""
    running, some = answers.running, answers.done > 0
    st.fragment(_progress, run_every=_REFRESH_S if running else None)(answers, running, some)


def _progress(answers: Answers, was_running: bool, had_some: bool) -> None:
    job, total = answers.job, len(answers.photos)
    if job is None or not total:
        return
    job.watched = time.monotonic()
    if was_running and (not answers.running or (answers.done and not had_some)):
        st.rerun()  # once: the refreshing ends, or the first photo can be shown
    if answers.running:
        with st.container(horizontal=True, vertical_alignment="center", key="answering"):
            st.progress(answers.done / total, progress_words(answers.done, total, job.a_second, job.stopping))
            st.button("Stop", key="stop_answering", on_click=answers.stop, disabled=job.stopping)
    elif answers.problem:
        failure("The photos could not be answered.", answers.problem)
        _go_on(answers, "Try again")
    elif answers.stopped_early:
        words = f"Stopped after {answers.done} of {total} photos; the others were not answered."
        with st.container(horizontal=True, vertical_alignment="center", key="answering"):
            st.caption(words, width="content")
            _go_on(answers, "Go on")


def _go_on(answers: Answers, words: str) -> None:
    if st.button(words, key="go_on_answering"):
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
        words.append(f"about {left_s:.0f} s left" if left_s < 90 else f"about {left_s / 60:.0f} min left")
    return ", ".join(words)


def show_all(answers: Answers) -> None:
    """All photos as a table, if there are several or one was refused; when it is done also what they come to."""
    above = shown(answers, 1)
    if len(answers.photos) < 2 and (above or not answers.done):
        return
    truth = truth_of(answers.photos, answers.predictor.classes)
    key = above[0].id if above else None
    running = answers.running
    if not running:
        show_accuracy(answers, truth)
        show_confidence(answers, truth)
    st.fragment(_table, run_every=2 * _REFRESH_S if running else None)(answers, truth, key, _looked().photo)


def _table(answers: Answers, truth: Truth, shown_above: str | None, asked: str) -> None:
    looked = _looked()
    if looked.photo != asked:
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
            rows.append(FileRow(photo.name, each.thumbnail, size, made.top, made.latency_ms, key=photo.id, truth=right,
                                none=bool(made.none_of_these)))
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
        row |= {name: "" if made.error else getattr(made, name) for name in ("width", "height", "latency_ms")}
        row |= {"device": made.device, "engine": made.engine}
        row |= {"truth": truth.labels.get(photo.id, "")} if truth.labels else {}
        if answers.predictor.none_of_these:
            row |= {name: "" if made.error else getattr(made, name) for name in ("none_of_these", "score")}
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
