"""Two networks' answers to one photo, side by side on one scale."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from resnext_viz.figures.predictions import Answer, network_view, top_answers
from resnext_viz.figures.svg import Markup, tag


class Side(NamedTuple):
    """One network: its title, what it sees as a data URI with words on it, its best answers, of how many classes."""

    title: str
    view: str
    words: str
    answers: Sequence[Answer]
    classes: int


def two_answers(first: Side, second: Side) -> str:
    """HTML of both sides: title, what that network sees, its best answers; below one another where it is narrow."""
    columns = [
        tag(
            "section",
            tag("h3", side.title, class_="rx-p-side-title"),
            tag("div", Markup(network_view(side.view, side.words)), class_="rx-p-view"),
            tag("div", Markup(top_answers(side.answers, side.classes)), class_="rx-p-answers"),
            class_="rx-p-side",
            aria_label=side.title,
        )
        for side in (first, second)
    ]
    return tag("div", tag("div", *columns, class_="rx-p-sides"), class_="rx-p-frame")
