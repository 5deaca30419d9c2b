"""What cardinality changes, on the Predict page: one photo through two bundled networks of equal cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from resnext_viz.complexity import complexity
from resnext_viz.errors import UserError
from resnext_viz.figures.predict.predictions import latency_pill
from resnext_viz.figures.predict.two_answers import AnswerSide, agreement, two_answers
from resnext_viz.inference.weights.catalogue import BUNDLED_NAME, ONE_PATH_NAME, bundled_file
from resnext_viz.kit.number_format import percent, signed_percent
from resnext_viz.ui.kit import link
from resnext_viz.ui.kit.components import drawing
from resnext_viz.ui.kit.parts import complaint, prose
from resnext_viz.ui.predict.beside_section import answer_beside
from resnext_viz.ui.predict.photos import doubt_of
from resnext_viz.ui.predict.weights import published

if TYPE_CHECKING:
    from resnext_viz.inference.engines.engine import EngineChoice
    from resnext_viz.inference.predictor.prediction import Prediction
    from resnext_viz.inference.predictor.predictor import Predictor
    from resnext_viz.ui.predict.shown_picture import Photo

_PAIR = (BUNDLED_NAME, ONE_PATH_NAME)


def show_cardinality(
    chosen: Predictor, device: str, photo: Photo, made: Prediction, top_k: int, engine: EngineChoice
) -> None:
    """Both networks' answers; nothing for other weights, or where the second network did not come along."""
    if chosen.name not in _PAIR or not all(bundled_file(name).is_file() for name in _PAIR):
        return
    section = st.expander("What cardinality changes", **link.bound("cardinality"))
    if section.open:
        with section:
            _show(chosen, device, photo, made, top_k, engine)


def _show(chosen: Predictor, device: str, photo: Photo, made: Prediction, top_k: int, engine: EngineChoice) -> None:
    try:
        other = published(next(name for name in _PAIR if name != chosen.name), device)
        views, found = answer_beside(chosen, other, photo, top_k, engine, "cardinality_answer")
    except UserError as error:
        complaint("The network beside it gives no answer now.", str(error))
        return
    answered = sorted(((chosen, views[0], made), (other, views[1], found)), key=lambda each: _PAIR.index(each[0].name))
    prose(cost_words(answered[0][0], answered[1][0]))
    sides = [
        AnswerSide(
            f"{_paths(network)}, {network.title}",
            view,
            network.preprocess.in_words(),
            each.top,
            len(network.classes),
            latency_pill(each.latency_ms or 0.0, 1, each.batch, each.device, each.engine),
            doubt_of(network, each),
        )
        for network, view, each in answered
    ]
    words = agreement(*((_paths(network), each.top[0]) for network, _, each in answered))
    drawing(words + two_answers(*sides), key="cardinality-answers", sheet="predict")


def cost_words(many: Predictor, one: Predictor) -> str:
    """What both cost and how often both are right, in sentences."""
    counts = [complexity(network.spec, network.image_size) for network in (many, one)]
    params, macs = (getattr(counts[1], name) / getattr(counts[0], name) - 1 for name in ("params", "macs"))
    words = (
        "The same photo through two networks of about the same cost, trained alike. "
        f"{_paths(one)} has {signed_percent(params)} params and {signed_percent(macs)} MACs against {_paths(many)}."
    )
    rights = [network.test_accuracy for network in (many, one)]
    if None not in rights:
        shares = " and ".join(percent(right, 2) for right in rights if right is not None)
        words += f" On the test pictures they are right on {shares}, in one run of each: Study says what several show."
    return words


def _paths(network: Predictor) -> str:
    return f"C = {network.spec.cardinality}"
