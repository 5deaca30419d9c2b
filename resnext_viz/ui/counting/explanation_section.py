"""The box on the Counting page: a number that somebody got, and the reason for it. The link holds both."""

from __future__ import annotations

import re
from typing import NamedTuple

import streamlit as st

from resnext_viz.errors import UserError
from resnext_viz.explanations import explain_number
from resnext_viz.figures.counting.explanation_view import explanation_view
from resnext_viz.figures.counting.setting_fields import examples_row
from resnext_viz.figures.kit.svg import Markup, markup
from resnext_viz.names import PRESETS, listed_titles, parse
from resnext_viz.spec import ResNeXtSpec
from resnext_viz.ui.kit import link
from resnext_viz.ui.kit.components import drawn, newly_chosen
from resnext_viz.ui.kit.dialled import Dialled
from resnext_viz.ui.kit.parts import failure

ANY, DIALLED = "", "dialled"
_TITLES = {ANY: "any network", DIALLED: "the dialled network"}
_KEYS = {title: of for of, title in _TITLES.items()}  # typed in full, a title is the choice it names


class AskedNumber(NamedTuple):
    """What is in the box."""

    number: str
    of: str  # ANY, DIALLED or a network's name


_EXAMPLES = (AskedNumber("22.84 GFLOPs", ANY), AskedNumber("89,700,288 params", ANY), AskedNumber("3.86 G", ANY),
             AskedNumber("4.12 GMac", "resnet50"), AskedNumber("22.6 M params", "resnet50"))  # fmt: skip
_EXPLANATION = "explanation"
_NOTHING = ("", None, None)


def show_explanation(dialled: Dialled) -> None:
    """The box, examples to try, and the answer."""
    _take_example()
    asked = _ask()
    try:
        meant = (asked.number, *_meant(asked.of, dialled)) if asked.number.strip() else _NOTHING
        drawn(_explanation, *meant, key=_EXPLANATION, sheet="explanation")
    except UserError as error:
        drawn(_explanation, *_NOTHING, key=_EXPLANATION, sheet="explanation")
        failure("That cannot be explained.", str(error))


def _take_example() -> None:
    with newly_chosen(_EXPLANATION) as sent:
        chosen = re.fullmatch(r"example:([0-9])", sent or "")
        for example in _EXAMPLES[int(chosen[1]) :][:1] if chosen else ():
            link.choose(example._asdict())


def _explanation(number: str, network: ResNeXtSpec | None, image_size: int | None) -> str:
    examples = examples_row([example.number for example in _EXAMPLES])
    answer = explanation_view(explain_number(number, network, image_size)) if number else ""
    return markup(examples, Markup(answer))


def _meant(of: str, dialled: Dialled) -> tuple[ResNeXtSpec | None, int | None]:
    if of == DIALLED:
        return dialled.spec, dialled.side
    return (parse(of) if of else None), None


def _ask() -> AskedNumber:
    choices = list(dict.fromkeys((ANY, DIALLED, *PRESETS, link.chosen("of"))))
    box = st.grid(2, key="explanation-box")
    number = box.text_input("A number you got", placeholder="22.84 GFLOPs", **link.bound("number"))
    of = box.selectbox("Network meant", choices, format_func=_title, accept_new_options=True, **link.bound("of"))
    return AskedNumber(number, _KEYS.get(of, of) or ANY)


def _title(of: str) -> str:
    """Of a network that may be meant; the browser sends it back, so the dialled one's must not follow the dials."""
    return _TITLES.get(of) or listed_titles().get(of, of)
