"""Photos on the Predict page: taking them in, answering each once, and showing the chosen one and all of them."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

from resnext_viz.figures.predictions import (
    Box,
    FileRow,
    files_table,
    files_text,
    latency_pill,
    network_view,
    photo_with_crop,
    prediction,
    sample_buttons,
    top_answers,
)
from resnext_viz.inference.decode import FORMATS_IN_WORDS, MAX_BYTES, decode_image
from resnext_viz.inference.errors import ImageError
from resnext_viz.inference.samples import samples
from resnext_viz.ui.components import chosen, drawing
from resnext_viz.ui.parts import Download, csv_text, heading

if TYPE_CHECKING:
    from PIL import Image

    from resnext_viz.inference.prediction import Prediction
    from resnext_viz.inference.predictor import Predictor

TYPES = ["jpg", "jpeg", "png", "webp", "gif", "bmp", "tif", "tiff", "avif"]
MAX_FILES = 64  # answered at once; more are said to be left out
_SHOWN_SIDE, _THUMBNAIL_SIDE = 900, 112
_SAMPLES, _FILES = "samples", "files"


@dataclass(frozen=True)
class Photo:
    """One file as it came: an identity that changes with its content, its name, its bytes."""

    id: str
    name: str
    data: bytes


@dataclass(frozen=True)
class Answered:
    """One file and what became of it; pictures as data URIs."""

    name: str
    prediction: Prediction | None = None
    crop_box: tuple[int, int, int, int] = (0, 0, 0, 0)
    shown: str = ""
    view: str = ""
    thumbnail: str = ""
    batch: int = 1
    error: str | None = None


def take_photos() -> list[Photo]:
    """What the user dropped, pasted, photographed, or chose of the samples."""
    words = f"Photos: choose, drop or paste. {FORMATS_IN_WORDS}, up to {MAX_BYTES // 2**20} MB each"
    uploads = st.file_uploader(words, type=TYPES, accept_multiple_files=True, key="photos")
    photos = [Photo(upload.file_id, upload.name, upload.getvalue()) for upload in uploads]
    if st.toggle("Use the camera", key="use_camera"):
        taken = st.camera_input("Camera", label_visibility="collapsed", key="camera")
        photos += [Photo(taken.file_id, "camera.jpg", taken.getvalue())] if taken else []
    if not photos:
        photos = _sample()
    if len(photos) > MAX_FILES:
        st.caption(f"The first {MAX_FILES} of {len(photos)} photos are answered; drop fewer at a time for the others.")
    return photos[:MAX_FILES]


def _sample() -> list[Photo]:
    here = {sample.name: sample for sample in samples()}
    if not here:
        return []
    shown = [(name, sample.title, _sample_thumbnail(sample.path)) for name, sample in here.items()]
    drawing(sample_buttons(shown), key=_SAMPLES, sheet="predict")
    sample = here.get(chosen(_SAMPLES) or "")
    return [Photo(sample.name, sample.name, sample.path.read_bytes())] if sample else []


@lru_cache(maxsize=8)
def _sample_thumbnail(path: Path) -> str:
    return _jpeg(decode_image(path.read_bytes()).image, 2 * _THUMBNAIL_SIDE)


def answer(predictor: Predictor, photos: list[Photo], top_k: int) -> list[Answered]:
    """What the network says to each photo; each is computed once for each network while it stays on the page."""
    asked = (predictor.name, predictor.device, top_k)
    known: dict[str, Answered] = st.session_state.get("answered", {}).get(asked, {})
    new = [photo for photo in photos if photo.id not in known]
    if new:
        with st.spinner(f"Answering {len(new)} photo{'s' if len(new) > 1 else ''}"):
            known = known | {photo.id: each for photo, each in zip(new, _answer(predictor, new, top_k), strict=True)}
    st.session_state.answered = {asked: {photo.id: known[photo.id] for photo in photos}}
    return [known[photo.id] for photo in photos]


def _answer(predictor: Predictor, photos: list[Photo], top_k: int) -> list[Answered]:
    decoded, answered = [], {}
    for number, photo in enumerate(photos):
        try:
            decoded.append((number, decode_image(photo.data, photo.name)))
        except ImageError as error:
            answered[number] = Answered(photo.name, error=str(error))
    predictions = predictor.predict([image for _, image in decoded], top_k)
    for (number, image), made in zip(decoded, predictions, strict=True):
        answered[number] = Answered(
            photos[number].name, made, predictor.preprocess.crop_box(image.width, image.height),
            _jpeg(image.image, _SHOWN_SIDE), _png(predictor.preprocess.view(image.image)),
            _jpeg(image.image, _THUMBNAIL_SIDE), len(decoded), made.error,
        )
    return [answered[number] for number in range(len(photos))]


def show(predictor: Predictor, answers: list[Answered]) -> None:
    """The chosen photo with its crop, what the network sees, its answers; and all files, if there are several."""
    picked = chosen(_FILES)
    number = int(picked) if picked and picked.isdecimal() and int(picked) < len(answers) else 0
    if answers[number].error is not None:
        number = next((i for i, each in enumerate(answers) if each.error is None), number)
    _show_one(predictor, answers[number])
    rows = [_row(each) for each in answers]
    if len(answers) > 1 or answers[0].error is not None:
        table = [_csv_row(each, predictor) for each in answers]
        heading("All files", files_text(rows),
                Download("Download CSV", "predictions.csv", "text/csv", lambda: csv_text(table)))
        drawing(files_table(rows, number), key=_FILES, sheet="predict")


def _show_one(predictor: Predictor, shown: Answered) -> None:
    made = shown.prediction
    if made is None or made.latency_ms is None:
        return
    words = " ".join((predictor.preprocess.in_words(), *(note[:1].upper() + note[1:] + "." for note in made.notes)))
    drawing(
        latency_pill(made.latency_ms, 1, shown.batch, made.device, made.engine)
        + prediction(
            photo_with_crop(shown.shown, made.width, made.height, Box(*shown.crop_box), shown.name),
            network_view(shown.view, words),
            top_answers(made.top, len(predictor.classes)),
        ),
        key="prediction", sheet="predict",
    )


def _row(each: Answered) -> FileRow:
    made = each.prediction
    if made is None or each.error is not None:
        return FileRow(each.name, error=each.error)
    return FileRow(each.name, each.thumbnail, (made.width, made.height), made.top, made.latency_ms)


def _csv_row(each: Answered, predictor: Predictor) -> dict[str, Any]:
    made = each.prediction
    row: dict[str, Any] = {"file": each.name, "weights": predictor.name, "error": each.error or ""}
    row |= {name: getattr(made, name, "") for name in ("width", "height", "latency_ms", "device", "engine")}
    for place in range(min(len(predictor.classes), 10)):
        answer = made.top[place] if made and place < len(made.top) else None
        row[f"label_{place + 1}"] = answer.label if answer else ""
        row[f"probability_{place + 1}"] = answer.probability if answer else ""
    return row


def _jpeg(image: Image.Image, side: int) -> str:
    small = image.copy()
    small.thumbnail((side, side))
    out = io.BytesIO()
    small.save(out, "JPEG", quality=85)
    return f"data:image/jpeg;base64,{base64.b64encode(out.getvalue()).decode()}"


def _png(image: Image.Image) -> str:
    out = io.BytesIO()
    image.save(out, "PNG")
    return f"data:image/png;base64,{base64.b64encode(out.getvalue()).decode()}"
