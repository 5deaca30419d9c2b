"""Every sequence of acts and votes leaves a room as a small model of peer instruction says."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rooms.made import KEYS, RIGHT, Class, name

ACTS = ("next", "back", "close", "talk", "ask again", "show", "ask", "blank")
# What the words say, written out by hand: where each act leads from each phase; what is missing is refused.
TABLE = {
    "waiting": {"next": "waiting", "back": "waiting", "ask": "ask"},
    "ask": {"next": "closed", "back": "ask", "close": "closed"},
    "closed": {"next": "talk", "back": "ask", "talk": "talk", "show": "shown", "ask": "ask"},
    "talk": {"next": "ask again", "back": "closed", "ask again": "ask again", "show": "shown", "ask": "ask"},
    "ask again": {"next": "closed again", "back": "talk", "close": "closed again"},
    "closed again": {"next": "shown", "back": "ask again", "show": "shown", "ask": "ask"},
    "shown": {"next": "shown", "back": "shown", "ask": "ask"},
}


class Model:
    """The phase, and who voted for what in which round."""

    def __init__(self) -> None:
        self.phase = "waiting"
        self.asked = 0
        self.votes: dict[int, dict[int, str]] = {1: {}, 2: {}}

    def after(self, act: str) -> str | None:
        if act == "blank":
            return self.phase
        if act == "ask" and self.phase in {"ask", "ask again"}:
            return None if any(self.votes.values()) else "ask"
        return TABLE[self.phase].get(act)

    def drive(self, act: str) -> None:
        self.phase = self.after(act) or self.phase
        if act == "ask":
            self.asked += 1
            self.votes = {1: {}, 2: {}}

    @property
    def round(self) -> int:
        return 2 if self.phase in {"ask again", "closed again"} else 1

    def counts(self) -> list[dict[str, int]]:
        return [{key: list(self.votes[number].values()).count(key) for key in KEYS} for number in (1, 2)]


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("drive"), st.sampled_from(ACTS)),
        st.tuples(st.just("drive"), st.just("next")),
        st.tuples(st.just("vote"), st.integers(0, 3), st.sampled_from(KEYS), st.integers(1, 2), st.integers(0, 1)),
    ),
    max_size=30,
)


@given(STEPS)
def test_any_sequence_of_messages_does_what_the_model_says(steps: list[tuple[Any, ...]]) -> None:
    room, model = Class(), Model()
    for kind, *words in steps:
        room.now += 1
        if kind == "drive":
            (act,) = words
            answer = room.ask() if act == "ask" else room.drive(act, blank=True)
            assert (answer["status"] == 200) == (model.after(act) is not None), (model.phase, act)
            if answer["status"] == 200:
                model.drive(act)
            else:
                assert answer["status"] == 409
                assert answer["words"].endswith(".")
        else:
            person, choice, number, before = words
            is_open = model.phase in {"ask", "ask again"} and number == model.round and not before
            answer = room.vote(person, choice, model.asked - before, number)
            assert answer["status"] == (200 if is_open else 409)
            if is_open:
                model.votes[number][person] = choice
        agrees(room, model)


def agrees(room: Class, model: Model) -> None:
    phone, remote, screen = room.phone(0)["state"], room.remote(), room.screen()
    assert phone["phase"] == remote["phase"] == screen["phase"] == model.phase
    assert phone["mine"] == [model.votes[1].get(0), model.votes[2].get(0)]
    assert (phone["shown"] is not None) == (model.phase == "shown")
    assert not {"right", "votes", "voted"} & phone.keys()
    assert not {"right", "votes"} & screen.keys()
    if model.phase == "shown":
        assert phone["shown"]["votes"] == model.counts()
        assert phone["shown"]["right"] == [RIGHT]
    else:
        assert '"right"' not in str(phone).replace("'", '"')
        assert "why" not in str(phone)
        assert sum(vote == RIGHT for vote in model.votes[model.round].values()) == (remote["right"] or 0)


def test_each_act_leads_from_each_phase_where_the_table_says() -> None:
    ways = {"waiting": 0, "ask": 0, "closed": 1, "talk": 2, "ask again": 3, "closed again": 4, "shown": 5}
    for phase, presses in ways.items():
        for act in ACTS[:-2]:
            room = Class()
            if phase != "waiting":
                room.ask()
            for _ in range(presses):
                assert room.drive("next")["status"] == 200
            assert room.screen()["phase"] == phase
            answer = room.drive(act)
            assert room.screen()["phase"] == TABLE[phase].get(act, phase)
            assert answer["status"] == (200 if act in TABLE[phase] else 409)


def test_where_there_is_no_phase_to_go_to_the_screen_turns() -> None:
    room = Class()
    room.drive("next")
    assert room.screen()["turns"] == 1
    room.ask()
    room.drive("back")
    assert (room.screen()["turns"], room.screen()["phase"]) == (0, "ask")
    for _ in range(5):
        room.drive("next")
    assert (room.screen()["turns"], room.screen()["phase"]) == (0, "shown")
    room.drive("next")
    assert room.screen()["turns"] == 1


def test_a_press_that_saw_an_older_room_is_refused() -> None:
    room = Class()
    room.ask()
    seen = room.remote()["revision"]
    assert room.drive("next", at=seen)["status"] == 200
    again = room.drive("next", at=seen)
    assert (again["status"], again["refused"], room.screen()["phase"]) == (409, "moved on", "closed")


def test_what_is_not_measured_is_settled_before_it_is_shown() -> None:
    from tests.rooms.made import question

    room = Class()
    room.ask(right=None)
    room.vote(1, "A")
    room.drive("close")
    assert room.remote()["right"] is None
    assert "measured" in room.drive("show")["words"]
    assert room.drive("settle", question=question("A", text="Another?"))["status"] == 409
    assert room.drive("settle", question=question("A"))["status"] == 200
    assert room.remote()["right"] == 1
    room.drive("show")
    assert room.phone(1)["state"]["shown"]["right"] == ["A"]
    assert room.drive("settle", question=question("B"))["status"] == 409


def test_people_are_told_apart_by_their_token_only() -> None:
    room = Class()
    room.ask()
    room.vote(1, "A")
    room.vote(1, "B")
    room.vote(2, "A")
    assert (room.screen()["voted"], room.screen()["phones"], room.remote()["right"]) == (2, 2, 1)
    assert name(1) not in str(room.screen()) + str(room.remote()) + str(room.phone(2))


@pytest.mark.parametrize("changed", ["code", "person", "driver"])
def test_the_same_state_is_said_once(changed: str) -> None:
    room = Class()
    room.ask()
    tag = room.phone(1)["tag"]
    assert room.phone(1, known=tag) == {"status": 304, "tag": tag}
    room.vote(2, "A")
    assert room.phone(1, known=tag)["status"] == 304  # another's vote changes nothing here
    if changed == "person":
        room.vote(1, "A")
    elif changed == "driver":
        room.drive("close")
    else:
        room.ask()
        room.drive("close")
        room.drive("talk")
    assert room.phone(1, known=tag)["status"] == 200
