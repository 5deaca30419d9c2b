"""Two networks on one photo: both titles, views and answers, and nothing of a stranger's text as markup."""

from resnext_viz.figures.predict.two_answers import AnswerSide, two_answers
from resnext_viz.inference.predictor.prediction import Answer
from tests.figures.drawings import parsed


def side(title: str, label: str, probability: float) -> AnswerSide:
    answers = [Answer(label, probability, 0), Answer("rest", 0.1, 1)]
    return AnswerSide(title, "data:image/png;base64,AA==", "32×32 px.", answers, 10)


def test_both_networks_are_named_and_answer() -> None:
    page = parsed(two_answers(side("V1", "cat", 0.9), side("V2", "cat", 0.4)))
    sections = page.findall(".//section")
    assert [section.get("aria-label") for section in sections] == ["V1", "V2"]
    texts = ["".join(section.itertext()) for section in sections]
    assert "cat90.0 %" in texts[0]
    assert "cat unsure: below 50 %40.0 %" in texts[1]
    assert all("Top 2 of 10 classes" in text and "32×32 px." in text for text in texts)


def test_a_strangers_words_are_text() -> None:
    html = two_answers(side("<b>bold</b>", "<script>", 0.5), side("b", "c", 0.5))
    assert "<script>" not in html
    assert "&lt;b&gt;bold&lt;/b&gt;" in html
