"""Two networks' answers to one photo, side by side on one scale."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from resnext_viz.figures.kit.svg import Markup, tag
from resnext_viz.figures.predict.predictions import ShownAnswer, network_view, top_answers
from resnext_viz.kit.number_format import percent


class AnswerSide(NamedTuple):
    """One network: its title, what it sees as a data URI with words on it, its best answers, of how many classes.

    `pill` is HTML of its latency, where each network has one of its own; `doubt` of what is told before its answers.
    """

    title: str
    view: str
    words: str
    answers: Sequence[ShownAnswer]
    classes: int
    pill: str = ""
    doubt: str = ""


def two_answers(first: AnswerSide, second: AnswerSide) -> str:
    """HTML of both sides: title, what that network sees, its best answers; below one another where it is narrow."""
    columns = [
        tag(
            "section",
            tag("h3", side.title, class_="rx-p-side-title"),
            Markup(side.pill),
            tag("div", Markup(network_view(side.view, side.words)), class_="rx-p-view"),
            tag("div", Markup(top_answers(side.answers, side.classes, doubt=side.doubt)), class_="rx-p-answers"),
            class_="rx-p-side",
            aria_label=side.title,
        )
        for side in (first, second)
    ]
    return tag("div", tag("div", *columns, class_="rx-p-sides"), class_="rx-p-frame")


def agreement(first: tuple[str, ShownAnswer], second: tuple[str, ShownAnswer]) -> Markup:
    """HTML of one sentence on whether two networks, each by its name, give the same first answer."""
    (one, answer), (other, another) = first, second
    if answer.label == another.label:
        words = f", {percent(answer.probability)} with {one} and {percent(another.probability)} with {other}."
        return tag("p", "Both say ", tag("b", answer.label), words, class_="rx-p-agreement")
    return tag(
        "p",
        f"They disagree: {one} says ",
        tag("b", answer.label),
        f" ({percent(answer.probability)}), {other} says ",
        tag("b", another.label),
        f" ({percent(another.probability)}).",
        class_="rx-p-agreement",
    )
