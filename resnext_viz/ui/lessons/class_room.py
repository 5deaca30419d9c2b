"""A class on the Lessons page: the room that its teacher opens, the sign that leads there, what is asked in it."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any

import streamlit as st

from resnext_viz.figures.rooms.sign import remote_address, room_sign
from resnext_viz.lessons import AnswerState, LessonAnswer
from resnext_viz.rooms import question_of
from resnext_viz.ui.kit.acts import whole
from resnext_viz.ui.kit.jobs.refreshing import part
from resnext_viz.ui.kit.parts import complaint
from resnext_viz.ui.kit.record import forget, record
from resnext_viz.ui.lessons.words import PHASES, WORDS, said
from resnext_viz.ui.rooms.reach import class_address, own_address
from resnext_viz.ui.rooms.routes import ROOMS

_LOOK_S = 2.0  # between two looks at who is there


@dataclass
class HeldRoom:
    """The room that a session opened.

    Attributes:
        code: its letters; empty where none is open.
        driver: the secret that drives it.
        problem: why the last act was refused, in words.
    """

    code: str = ""
    driver: str = ""
    problem: str = ""


def offer_room() -> None:
    """The button that opens a room, while this session holds none."""
    if not record(HeldRoom).code:
        st.button(WORDS["start_class"], key="start_class", type="primary", on_click=whole(_open))


def show_room() -> None:
    """The room's sign, how it stands, the teacher's remote, and what ends it; or why there is none."""
    held = record(HeldRoom)
    if held.code and _state(held) is None:
        forget(HeldRoom)
        complaint(WORDS["room_gone"], WORDS["room_gone_why"])
        return
    if held.problem:
        complaint(WORDS["room_refused"], held.problem)
        held.problem = ""
    if not held.code:
        return
    address = class_address(st.context.url)
    remote = remote_address(address or own_address(st.context.url), held.code, held.driver)
    with st.container(key="class-room"):
        sign, beside = st.columns([3, 4], gap="large")
        sign.html(room_sign(address, held.code))
        with beside:
            part(_show_standing, _LOOK_S)
            st.html(
                f'<p><a class="rx-remote" href="{escape(remote)}" target="_blank" rel="noopener">{WORDS["remote"]}</a>'
                f'</p><p class="rx-caption">{WORDS["remote_secret"]}</p>'
            )
            st.button(WORDS["end_room"], key="end_room", on_click=whole(_end))


def offer_question(found: LessonAnswer) -> None:
    """The button that asks the class this lesson's question, where a room is open and the answer is known."""
    if record(HeldRoom).code and found.state is AnswerState.READY:
        st.button(WORDS["ask_class"], key=f"ask_lesson_{found.lesson.number}", on_click=whole(_ask), args=(found,))


def _show_standing() -> None:
    state = _state(record(HeldRoom))
    if state is None:
        return
    title = state["question"]["title"] if state["question"] else ""
    words = said("standing", phase=PHASES[state["phase"]], phones=state["phones"], voted=state["voted"])
    st.html(f'<p class="rx-standing" role="status"><b>{escape(title)}</b> {escape(words)}</p>')


def _state(held: HeldRoom) -> dict[str, Any] | None:
    state: dict[str, Any] | None = ROOMS.answer({"do": "state", "code": held.code}).get("state")
    return state


def _open() -> None:
    answer = ROOMS.answer({"do": "open", "client": st.context.ip_address or "this machine"})
    held = record(HeldRoom)
    held.code, held.driver = answer.get("code", ""), answer.get("driver", "")
    held.problem = answer.get("words", "")


def _ask(found: LessonAnswer) -> None:
    held = record(HeldRoom)
    answer = ROOMS.answer({"do": "drive", "code": held.code, "driver": held.driver, "act": "ask",
                           "question": question_of(found)})  # fmt: skip
    held.problem = answer.get("words", "")


def _end() -> None:
    held = record(HeldRoom)
    ROOMS.answer({"do": "end", "code": held.code, "driver": held.driver})
    forget(HeldRoom)
