"""A doubt governs what follows on Predict: told first; what explains the nearest class stands behind a press."""

from resnext_viz.figures.predict.predictions import doubt_words
from resnext_viz.inference.weights.catalogue import bundled_metadata
from tests.app.predict.test_chosen_photo import settled
from tests.app.test_pages import PREDICT, drawn, opened

DOUBTED = {"weights": "cifar10", "photo": "coffee.png"}
ASKS = "Which paths say"


def test_a_doubted_answer_is_explained_only_when_asked() -> None:
    app = settled(opened(PREDICT, **DOUBTED))
    page, rule = drawn(app), bundled_metadata("cifar10").none_of_these
    assert rule
    assert page.index("None of these, probably.") < page.index(doubt_words(rule.rightly, rule.wrongly))
    assert ASKS not in page
    assert "Explain the nearest class all the same" in [each.label for each in app.expander]
    assert ASKS in drawn(settled(opened(PREDICT, **DOUBTED, why="true")))


def test_a_link_that_asks_for_an_explanation_gets_it() -> None:
    assert ASKS in drawn(settled(opened(PREDICT, **DOUBTED, off="3.2-1")))


def test_an_answer_without_a_doubt_is_explained() -> None:
    app = settled(opened(PREDICT, weights="cifar10", photo="chelsea.png"))
    assert ASKS in drawn(app)
    assert "rx-p-doubted" not in drawn(app).partition("<style")[0]
