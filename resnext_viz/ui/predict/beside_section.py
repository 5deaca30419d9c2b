"""The same photo through other weights, beside the first answers: another recipe, another C, one's own network.

And under the answers of the bundled networks, which know ten classes, the offer of weights that know a thousand.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from resnext_viz.errors import UserError
from resnext_viz.figures.predict.predictions import latency_pill, more_classes
from resnext_viz.figures.predict.two_answers import AnswerSide, two_answers
from resnext_viz.inference.weights.catalogue import BUNDLED_NAMES, WeightsInfo, thousand_classes
from resnext_viz.kit.number_format import exact
from resnext_viz.ui.kit import link
from resnext_viz.ui.kit.acts import whole
from resnext_viz.ui.kit.components import drawing
from resnext_viz.ui.kit.jobs.refreshing import refreshed
from resnext_viz.ui.kit.parts import complaint, heading
from resnext_viz.ui.kit.record import record
from resnext_viz.ui.predict.download_job import DOWNLOAD, DownloadJob, megabytes
from resnext_viz.ui.predict.photos import doubt_of, png_uri
from resnext_viz.ui.predict.shown_picture import shown_picture

if TYPE_CHECKING:
    from resnext_viz.inference.engines.engine import EngineChoice
    from resnext_viz.inference.predictor.prediction import Prediction
    from resnext_viz.inference.predictor.predictor import Predictor
    from resnext_viz.ui.predict.shown_picture import Photo

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
        AnswerSide(
            network.title,
            view,
            network.preprocess.in_words(),
            made.top,
            len(network.classes),
            doubt=doubt_of(network, made),
        )
        for network, view, made in zip((first, other), views, (prediction, found), strict=True)
    ]
    drawing(pill + two_answers(*sides), key="beside-answers", sheet="predict")
    if any(network.name.endswith(_V2) for network in (first, other)):
        st.caption(_V2_NOTE)


@dataclass
class AnswersBeside:
    """What other networks said to the photo that a session is shown.

    Attributes:
        by_place: by where it stands on the page: what was asked, what both networks see, and the other's answer.
    """

    by_place: dict[str, tuple[object, tuple[tuple[str, ...], Prediction]]] = field(default_factory=dict)


def answer_beside(
    first: Predictor, other: Predictor, photo: Photo, top_k: int, engine: EngineChoice, key: str
) -> tuple[tuple[str, ...], Prediction]:
    """What both networks see, and the other's answer; kept under `key` for the photo that is shown."""
    from resnext_viz.inference.engines.engine import EngineChoice

    usable = engine if engine is not EngineChoice.INT8 or other.int8 else EngineChoice.AUTO
    asked = (photo.id, first.identity, other.identity, other.device, top_k, usable)
    kept = record(AnswersBeside).by_place
    if key in kept and kept[key][0] == asked:
        return kept[key][1]
    picture = shown_picture().of(photo, max(first.preprocess.seen_side, other.preprocess.seen_side))
    views = tuple(png_uri(network.preprocess.view(picture.image)) for network in (first, other))
    answer = (views, other.predict([picture], top_k, usable)[0])
    kept[key] = (asked, answer)
    return answer


def show_more_classes(chosen: Predictor, beside: Predictor | None) -> None:
    """Offers the weights where they are not here, and to answer with them where they are; says how to read theirs.

    Whoever downloads them gets the same photo answered by them beside the first answers, and by those alone where asked
    for: no page changes its weights by itself.
    """
    if beside is None and chosen.name.endswith(_V2):
        st.caption(_V2_NOTE)  # else it stands under both answers
    if chosen.name not in BUNDLED_NAMES:
        return
    info, is_here = thousand_classes()
    job = None if is_here else DOWNLOAD.current(info.name)
    refreshed(partial(_show, info, is_here, job, beside), job)


def _show(info: WeightsInfo, is_here: bool, job: DownloadJob | None, beside: Predictor | None) -> None:
    who = f"{info.family} with ImageNet’s weights"
    with st.container(horizontal=True, vertical_alignment="center", key="more-classes"):
        if is_here:
            below = beside is not None and beside.name == info.name
            says, button = ("answers below", "Use it alone") if below else ("is on this machine", "Answer with it")
            st.html(more_classes(f"{who} {says}: it knows {exact(info.classes_count)} classes."))
            choices = {"weights": info.name, "beside": None}
            st.button(button, key="use_more_classes", on_click=whole(link.choose), args=(choices,))
            return
        if job:
            DOWNLOAD.show(job)
        else:
            size = f"about {megabytes(info.name)} MB from torchvision, once for this machine"
            st.html(more_classes(f"{who} knows {exact(info.classes_count)} classes: {size}."))
        DOWNLOAD.button(job, partial(_begun, info.name))


def _begun(name: str) -> DownloadJob:
    """The download; its weights answer beside the first ones when they are there."""
    link.choose({"beside": name})
    return DownloadJob(name)
