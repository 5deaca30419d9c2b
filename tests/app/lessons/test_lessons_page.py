"""The Lessons page on the server: what is asked about the dialled network, the dial that helps, a teacher's own."""

import re
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from resnext_viz.ui.kit.controls import DialSession
from resnext_viz.ui.lessons.class_room import HeldRoom
from resnext_viz.ui.rooms.routes import ROOMS
from tests.app.test_pages import drawn, kept, link_of, opened

PAGE = "pages/lessons_page.py"
OWN = """
title = "Where <b>weights</b> are"
question = "Which convolutions of a {cardinality}×{base_width}d block have most weights?"
reveal = "The 1×1 have {share_of_1x1} of them."
takeaway = "Look at thin layers too."
minutes = 4
page = "anatomy"
author = "A teacher"
[[choices]]
text = "The two *1×1*"
rule = "share_of_1x1"
from = 0.5
[[choices]]
text = "The 3×3"
rule = "share_of_1x1"
below = 0.5
misconception = "There are few pairs."
"""


def rows(app: AppTest) -> list[str]:
    return [
        part.proto.body
        for part in app.get("html")
        if "rx-lesson-row" in part.proto.body and "<style" not in part.proto.body
    ]


def test_it_asks_six_questions_about_what_is_dialled_and_answers_none() -> None:
    app = opened(PAGE, net="resnext50_8x14d")
    asked = rows(app)
    assert [re.search("<h2[^>]*>(.*?)</h2>", row)[1] for row in asked] == [  # type: ignore[index]
        "What a block costs", "Same cost, other shapes", "Three drawings, one function", "Cheap, not fast",
        "What does one path see?", "Does cardinality help?",
    ]  # fmt: skip
    assert "One block of 8×14d has 71,456 weights" in asked[0]  # the paper's Table 2 rounds it to 71 k here
    assert "C goes from 1 to 8. At which d" in asked[1]
    assert "d = 14" not in drawn(app)
    assert "Block forms · 5 min · measured on this machine" in asked[2]
    assert [button.label for button in app.button] == ["Start with a class", *["Start"] * 6]
    assert drawn(app).count("question mark") == 6


def test_where_nothing_can_be_asked_a_button_moves_the_dial_after_which_it_can() -> None:
    app = opened(PAGE, net="resnet50", vs="resnet50")
    assert "With a single path there is nothing to compare" in rows(app)[1]
    assert "Move C to 2, and the lesson works." in rows(app)[1]
    app.button(key="move_lesson_2").click().run()
    assert not app.exception
    assert kept(app, DialSession).dialled.spec.cardinality == 2  # type: ignore[union-attr]
    assert link_of(app)["net"] == "resnext50_2x64d"
    assert "C goes from 1 to 2." in rows(app)[1]


def test_a_button_begins_the_lesson_on_its_page() -> None:
    app = opened(PAGE)
    app.button(key="begin_lesson_2").click().run()
    assert not app.exception
    assert {"lesson": "2", "step": "vote"}.items() <= link_of(app).items()
    assert len(app.radio(key="lesson_choice_2").options) == 5
    assert "Table 2, recomputed" in drawn(app)


def test_a_teachers_lesson_stands_behind_the_six_and_a_file_that_is_none_is_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "1.toml").write_text(OWN, encoding="utf-8")
    (tmp_path / "2.toml").write_text('title = "<i>alone</i>"', encoding="utf-8")
    monkeypatch.setenv("RESNEXT_VIZ_LESSONS", str(tmp_path))
    app = opened(PAGE)
    assert "Where &lt;b&gt;weights&lt;/b&gt; are" in rows(app)[6]
    assert "Anatomy · 4 min · by A teacher" in rows(app)[6]
    assert "2.toml: question is missing" in drawn(app)
    assert app.button(key="begin_lesson_7").label == "Start"
    app = opened(lesson="7", step="vote")
    assert app.radio(key="lesson_choice_7").options[0] == r"`A` The two \*1×1\*"
    app.radio(key="lesson_choice_7").set_value("B").run()
    app.button(key="lesson_answer").click().run()
    assert not app.exception
    assert "There are few pairs." in drawn(app)
    app.button(key="lesson_take").click().run()
    assert "Look at thin layers too." in drawn(app)
    assert "What you thought before" in drawn(app)  # a lesson without a harder question ends here
    assert [button.key for button in app.button if str(button.key).startswith("lesson_")] == [
        "lesson_again", "lesson_leave", "lesson_next"]  # fmt: skip


def test_what_was_answered_is_told_beside_what_was_computed() -> None:
    app = opened("pages/design_space_page.py", lesson="2", step="vote")
    app.radio(key="lesson_choice_2").set_value("A").run()
    app.button(key="lesson_answer").click().run()
    app.switch_page(f"../../{PAGE}").run()
    assert "You said d = 2. Computed: d = 4." in rows(app)[1]
    assert app.button(key="begin_lesson_2").label == "Again"
    assert app.button(key="begin_lesson_1").label == "Start"


def room_button(app: AppTest, label: str) -> list[Any]:
    return [button for button in app.button if button.label == label]


def test_a_teacher_opens_a_room_asks_the_class_and_ends_it() -> None:
    app = opened(PAGE)
    assert not room_button(app, "Ask the class")
    app.button(key="start_class").click().run()
    assert not app.exception
    room = kept(app, HeldRoom)
    assert room
    words = drawn(app)
    assert f">{room.code}<" in words
    assert f"/c/{room.code}/remote#driver={room.driver}" in words
    assert "Nothing is asked yet · phones here: 0 · voted: 0" in words
    assert "start_class" not in {button.key for button in app.button}
    assert [button.key for button in room_button(app, "Ask the class")] == [f"ask_lesson_{n}" for n in (1, 2, 6)]
    app.button(key="ask_lesson_2").click().run()
    state = ROOMS.answer({"do": "state", "code": room.code})["state"]
    assert state["question"]["title"] == "Same cost, other shapes"
    assert "First vote · phones here: 0 · voted: 0" in drawn(app)
    vote = {"do": "vote", "code": room.code, "person": "p" * 20, "asked": 1, "round": 1, "choice": "A"}
    assert ROOMS.answer(vote)["status"] == 200
    app.button(key="ask_lesson_1").click().run()
    assert "A vote is open; close it before another question is asked." in drawn(app)
    app.button(key="end_room").click().run()
    assert ROOMS.answer({"do": "state", "code": room.code})["status"] == 404
    assert "start_class" in {button.key for button in app.button}


def test_a_room_that_has_ended_elsewhere_is_told_of_once() -> None:
    app = opened(PAGE)
    app.button(key="start_class").click().run()
    room = kept(app, HeldRoom)
    assert room
    ROOMS.answer({"do": "end", "code": room.code, "driver": room.driver})
    app.run()
    assert "The room has ended." in drawn(app)
    app.run()
    assert "The room has ended." not in drawn(app)
    assert "start_class" in {button.key for button in app.button}


def test_two_teachers_have_a_room_each() -> None:
    codes = set()
    for _ in range(2):
        app = opened(PAGE)
        app.button(key="start_class").click().run()
        codes.add(kept(app, HeldRoom).code)  # type: ignore[union-attr]
    assert len(codes) == 2
