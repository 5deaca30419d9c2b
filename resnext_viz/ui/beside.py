"""The same photo through other weights, beside the first answers: another recipe, another C, one's own network."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from resnext_viz.errors import UserError
from resnext_viz.figures.beside import Side, two_answers
from resnext_viz.figures.predictions import latency_pill
from resnext_viz.ui.components import drawing
from resnext_viz.ui.parts import complaint, heading
from resnext_viz.ui.photos import png_uri
from resnext_viz.ui.shown_picture import shown_picture

if TYPE_CHECKING:
    from resnext_viz.inference.engine import EngineChoice
    from resnext_viz.inference.prediction import Prediction
    from resnext_viz.inference.predictor import Predictor
    from resnext_viz.ui.photos import Photo

_V2 = ".IMAGENET1K_V2"
_V2_NOTE = (
    "torchvision’s V2 weights were trained with smoothed labels and mixed pictures, so their probabilities run low, "
    "though they are right more often: compare the order of the classes, not the lengths of the bars."
)


def show_beside(
    first: Predictor, other: Predictor, photo: Photo, prediction: Prediction, top_k: int, engine: EngineChoice
) -> None:
    """The answers of both to one photo, each with what its network sees."""
    heading("The same photo through other weights", other.title)
    try:
        views, found = answer_beside(first, other, photo, top_k, engine, "beside_answer")
    except UserError as error:
        complaint("The other weights give no answer now.", str(error))
        return
    pill = latency_pill(found.latency_ms or 0.0, 1, found.batch, found.device, found.engine)
    sides = [
        Side(network.title, view, network.preprocess.in_words(), made.top, len(network.classes))
        for network, view, made in zip((first, other), views, (prediction, found), strict=True)
    ]
    drawing(pill + two_answers(*sides), key="beside-answers", sheet="predict")
    if any(network.name.endswith(_V2) for network in (first, other)):
        st.caption(_V2_NOTE)


def answer_beside(
    first: Predictor, other: Predictor, photo: Photo, top_k: int, engine: EngineChoice, key: str
) -> tuple[tuple[str, ...], Prediction]:
    """What both networks see, and the other's answer; kept under `key` for the photo that is shown."""
    from resnext_viz.inference.engine import EngineChoice

    usable = engine if engine is not EngineChoice.INT8 or other.int8 else EngineChoice.AUTO
    asked = (photo.id, first.identity, other.identity, other.device, top_k, usable)
    kept: tuple[object, tuple[tuple[str, ...], Prediction]] | None = st.session_state.get(key)
    if kept and kept[0] == asked:
        return kept[1]
    picture = shown_picture().of(photo)
    views = tuple(png_uri(network.preprocess.view(picture.image)) for network in (first, other))
    answer = (views, other.predict([picture], top_k, usable)[0])
    st.session_state[key] = (asked, answer)
    return answer
