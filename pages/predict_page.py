"""Predict: people's own photos through trained weights, with the crop that the network gets and how long it took."""

import streamlit as st

from resnext_viz.ui import batch, beside, cardinality, photos, quality, weights, why
from resnext_viz.ui.parts import foot, page_title

title = st.container()
predictor = weights.choose_predictor()
with title:
    page_title("Predict", weights.about(predictor) if predictor else "Choose weights in the sidebar.")

if predictor:
    engine = weights.choose_engine(predictor)
    other = weights.choose_beside()
    with st.session_state.page_controls:
        most = min(10, len(predictor.classes))
        top_k = st.slider("Answers shown", 1, most, min(5, most), key="top_k") if most > 1 else 1
    answers = batch.answered(predictor, photos.take_photos(), engine)
    batch.show_progress(answers)
    shown = batch.shown(answers, top_k)
    if shown:
        reasons = why.explain(predictor, *shown)
        photos.show_one(predictor, *shown, *(reasons.without if reasons else ()))
        if other:
            beside.show_beside(predictor, other, *shown, top_k, engine)
        cardinality.show_cardinality(predictor, st.session_state.device, *shown, top_k, engine)
        if reasons:
            reasons.show()
    batch.show_all(answers)
    quality.show_quality()

foot(
    "Probabilities are the network’s softmax, at its fitted temperature if it has one, not a promise: it knows its "
    "classes only, and whether a photo shows none of them it can only guess. Photos stay in memory and are dropped "
    "when you leave."
)
