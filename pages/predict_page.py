"""Predict: people's own photos through trained weights, with the crop that the network gets and how long it took."""

import streamlit as st

from resnext_viz.ui.kit import controls, link
from resnext_viz.ui.kit.parts import foot, page_title
from resnext_viz.ui.predict import (
    batch_section,
    beside_section,
    one_path_twin,
    photos,
    quality_section,
    weights,
)
from resnext_viz.ui.predict.why import why_section

title = st.container()
predictor = weights.choose_predictor()
with title:
    page_title("Predict", weights.about(predictor) if predictor else weights.about_missing())

if predictor:
    why_section.read_link(predictor)
    engine = weights.sidebar_engine(predictor)
    other = weights.choose_beside()
    with controls.page_controls():
        most = min(10, len(predictor.classes))
        top = link.bound("top", "top_k", min(5, most), range(1, most + 1), anew=True)
        top_k = st.slider("Answers shown", 1, most, **top) if most > 1 else 1
taken = photos.take_photos(predictor.classes if predictor else ())
if predictor:
    answers = batch_section.answered(predictor, taken, engine)
    batch_section.show_progress(answers)
    shown = batch_section.shown(answers, top_k)
    if shown:
        reasons = why_section.explain(predictor, *shown)
        photos.show_one(predictor, *shown, reasons.without if reasons else None, answers.photos)
        beside_section.show_more_classes(predictor, other)
        if other:
            beside_section.show_beside(predictor, other, *shown, top_k, engine)
        one_path_twin.show_cardinality(predictor, st.session_state.device, *shown, top_k, engine)
        if reasons:
            reasons.show()
    batch_section.show_all(answers)
    quality_section.show_quality()
else:
    weights.offer_bundled(len(taken))

foot(
    "Probabilities are the network’s softmax, at its fitted temperature if it has one, not a promise: it knows its "
    "classes only, and whether a photo shows none of them it can only guess. Photos stay in memory and are dropped "
    "when you leave."
)
