"""What the answers to many photos come to: how sure they are and, where folders tell, how often they are right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import streamlit as st

from resnext_viz.figures.predict.batch_view import accuracy_line, confidence_histogram, confusion_matrix
from resnext_viz.ui.kit.components import drawn
from resnext_viz.ui.kit.parts import heading
from resnext_viz.ui.predict.answer_job import Answers
from resnext_viz.ui.predict.folder_labels import Truth

LEAST_PHOTOS = 10  # fewer have no distribution worth drawing
_NAMED = 5


def show_confidence(answers: Answers, truth: Truth) -> None:
    """How sure the first answers are, of enough photos."""
    first = first_answers(answers)
    if len(first) < LEAST_PHOTOS:
        return
    known = all(key in truth.labels for key in first)
    right = tuple(label == truth.labels[key] for key, (label, _) in first.items()) if known else ()
    heading("How sure it is")
    shares = tuple(share for _, share in first.values())
    drawn(confidence_histogram, shares, right, key="confidence", sheet="batch")


def show_accuracy(answers: Answers, truth: Truth) -> None:
    """How many photos are right, and which classes are taken for which, where folders say what is right."""
    pairs = judged(answers, truth)
    if words := unknown_words(truth):
        st.caption(words)
    if not pairs:
        return
    heading("How often it is right", "The folders’ names are taken for the truth.")
    classes, counts = tuple(answers.predictor.classes), tuple(sorted(pairs.items()))
    drawn(_accuracy, classes, counts, key="accuracy", sheet="batch")


def first_answers(answers: Answers) -> dict[str, tuple[str, float]]:
    """Label and probability of each answered photo's first answer, by the photo's identity."""
    tops = {
        photo.id: answers.answered[photo.id].prediction.top for photo in answers.photos if photo.id in answers.answered
    }
    return {key: (top[0].label, top[0].probability) for key, top in tops.items() if top}


def judged(answers: Answers, truth: Truth) -> Counter[tuple[str, str]]:
    """How many photos have this right class and this first answer."""
    return Counter(
        (truth.labels[key], label) for key, (label, _) in first_answers(answers).items() if key in truth.labels
    )


def unknown_words(truth: Truth) -> str:
    """Which folders are called like no class; that the only folder of plain photos is none is not worth a word."""
    if not truth.unknown or (not truth.labels and len(truth.unknown) == 1):
        return ""
    named = ", ".join(truth.unknown[:_NAMED])
    others = len(truth.unknown) - _NAMED
    these = f"{named} and {others} more" if others > 0 else named
    if truth.labels:
        return f"No class of this network is called like these folders, so their photos do not count: {these}."
    return f"No class of this network is called like any of the folders, so no accuracy can be said: {these}."


def _accuracy(classes: tuple[str, ...], pairs: Sequence[tuple[tuple[str, str], int]]) -> str:
    counted = dict(pairs)
    occurring = {label for pair in counted for label in pair}
    labels = [label for label in dict.fromkeys(classes) if label in occurring]
    table = [[counted.get((truth, answer), 0) for answer in labels] for truth in labels]
    right = sum(count for (truth, answer), count in pairs if truth == answer)
    return accuracy_line(right, sum(counted.values())) + confusion_matrix(labels, table)
