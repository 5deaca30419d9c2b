"""Codes, drivers, bounds and the end of rooms."""

from __future__ import annotations

import json
import threading
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resnext_viz.lessons import LESSONS, DialledNetwork, answer, lesson_of
from resnext_viz.names import parse
from resnext_viz.rooms import Rooms, question_of, read_code
from resnext_viz.rooms.room import MOST_PEOPLE
from resnext_viz.rooms.rooms import GIVES_WAY_S, LASTS_S, MOST_ROOMS
from tests.rooms.made import Class, name, question


def test_a_code_is_four_letters_that_no_one_takes_for_digits() -> None:
    codes = {Class().code for _ in range(50)}
    assert all(len(code) == 4 and code.isalpha() and not set(code) & set("IO01") for code in codes)
    assert len(codes) > 45


@pytest.mark.parametrize(
    "typed", ["", "KRT", "KRTMM", "KRTI", "KRTO", "KR1M", "ſſſſ", "ＫＲＴＭ", "K TM", None, 7, ["K"], "krt\n"]
)
def test_what_is_no_code_is_none(typed: object) -> None:
    assert read_code(typed) is None


def test_a_code_may_be_typed_small() -> None:
    assert read_code("krtm") == "KRTM"


def test_rooms_do_not_share_a_code() -> None:
    drawn = iter(["BBBB", "BBBB", "BBBB", "CCCC"])
    rooms = Rooms(draw_code=lambda: next(drawn))
    assert [rooms.answer({"do": "open"})["code"] for _ in range(2)] == ["BBBB", "CCCC"]


def test_a_second_driver_is_refused_and_changes_nothing() -> None:
    room = Class()
    room.ask()
    before = room.remote()
    for driver in ("", "x", room.driver[:-1], None, 7, "é" * 32, [room.driver], "\ud800"):
        for message in ({"do": "drive", "act": "close"}, {"do": "end"}):
            refused = room.rooms.answer({**message, "code": room.code, "driver": driver})
            assert (refused["status"], refused["refused"]) == (403, "driver")
    assert room.remote() == before
    stranger = room.rooms.answer({"do": "state", "code": room.code, "driver": "x"})
    assert "state" not in stranger


def test_a_wrong_code_is_told_in_words() -> None:
    room = Class()
    for do in ("state", "vote", "drive", "end"):
        refused = room.rooms.answer({"do": do, "code": "ZZZZ" if room.code != "ZZZZ" else "BBBB"})
        assert refused["status"] == 404
        assert "letter is wrong" in refused["words"]


def test_a_room_ends_after_four_hours_or_when_its_driver_ends_it() -> None:
    room = Class()
    room.now = LASTS_S - 1
    assert room.phone(1)["status"] == 200
    room.now = LASTS_S
    assert room.phone(1)["status"] == 404
    other = Class()
    assert other.rooms.answer({"do": "end", "code": other.code, "driver": other.driver}) == {"status": 200}
    assert other.phone(1)["status"] == 404


def test_there_are_so_many_rooms_and_a_quiet_one_gives_way() -> None:
    room = Class()
    for _ in range(MOST_ROOMS - 1):
        assert room.rooms.answer({"do": "open"})["status"] == 200
    assert room.rooms.answer({"do": "open"})["status"] == 503
    room.now = GIVES_WAY_S + 1
    room.phone(1)  # somebody is here, so this one stays
    assert room.rooms.answer({"do": "open"})["status"] == 200
    assert room.phone(1)["status"] == 200


def test_a_room_holds_so_many_people_and_who_left_without_a_vote_makes_room() -> None:
    room = Class()
    room.ask()
    room.vote(0, "A")
    for person in range(1, MOST_PEOPLE):
        assert room.phone(person)["status"] == 200
    assert room.phone(MOST_PEOPLE)["status"] == 503
    room.now += 30
    assert room.phone(MOST_PEOPLE)["status"] == 200
    assert room.phone(0)["state"]["mine"] == ["A", None]
    assert room.screen()["phones"] == 2


def test_one_address_opens_few_rooms_and_guesses_few_codes() -> None:
    room = Class()
    opened = [room.rooms.answer({"do": "open", "client": "10.0.0.9"})["status"] for _ in range(28)]
    assert opened == [200] * 24 + [429] * 4
    assert room.rooms.answer({"do": "open", "client": "10.0.0.8"})["status"] == 200
    guesses = [room.rooms.answer({"do": "state", "code": "ZZZZ", "client": "10.0.0.9"})["status"] for _ in range(80)]
    assert (guesses[0], guesses[-1]) == (404, 429)
    assert (
        room.rooms.answer({"do": "state", "code": room.code, "client": "10.0.0.9", "person": name(1)})["status"] == 200
    )
    room.now += 120
    assert room.rooms.answer({"do": "open", "client": "10.0.0.9"})["status"] == 200


def test_a_flood_of_votes_or_requests_is_refused_and_others_are_not() -> None:
    room = Class()
    room.ask()
    votes = [room.vote(1, "A")["status"] for _ in range(40)]
    assert (votes[0], votes[-1]) == (200, 429)
    assert room.vote(2, "A")["status"] == 200
    message = {"do": "state", "code": room.code, "client": "10.0.0.9"}
    assert {room.rooms.answer(message)["status"] for _ in range(3000)} == {200, 429}
    assert room.rooms.answer({**message, "client": "10.0.0.8"})["status"] == 200


def test_addresses_are_not_kept_for_ever() -> None:
    room = Class()
    for number in range(10_000):
        room.rooms.answer({"do": "state", "code": room.code, "client": str(number) * 100})
    kept = room.rooms._asking._left
    assert len(kept) <= 4096
    assert max(map(len, kept)) <= 64


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.data())
def test_no_message_fails_and_no_answer_is_no_json(data: st.DataObject) -> None:
    room = Class()
    room.ask()
    fields = ("act", "asked", "round", "choice", "question", "blank", "at", "known")
    message: dict[str, Any] = {"do": data.draw(st.sampled_from(["open", "state", "vote", "drive", "end"]) | JSON)}
    message["code"] = data.draw(st.just(room.code) | JSON)
    message["person"] = data.draw(st.just(name(1)) | JSON)
    message["driver"] = data.draw(st.just(room.driver) | JSON)
    message |= {field: data.draw(JSON) for field in data.draw(st.lists(st.sampled_from(fields)))}
    if data.draw(st.booleans()):
        message["act"] = data.draw(st.sampled_from(["ask", "settle", "blank", "next"]))
    found = room.rooms.answer(message)
    assert found["status"] in {200, 304, 400, 403, 404, 409}
    json.dumps(found, ensure_ascii=False).encode()


@pytest.mark.parametrize(
    "faulty",
    [
        None, [], "q", {}, {"text": ""}, {"text": "x" * 901}, {"text": "a\u202eb"}, {"text": "\ud800"}, {"text": 7},
        {"choices": []}, {"choices": [{"key": "A", "text": "a"}]}, {"choices": "AB"}, {"lesson": True}, {"lesson": -1},
        {"choices": [{"key": "A", "text": "a"}] * 2}, {"link": {"page": "//evil.example"}}, {"link": {"page": "../x"}},
        {"link": {"page": "javascript:x"}}, {"link": {"query": {"a&b": "c"}}}, {"link": {"query": {"a": "x" * 999}}},
        {"choices": [{"key": "<b>", "text": "a"}, {"key": "B", "text": "b"}]}, {"title": "x" * 241},
        {"choices": [{"key": "A", "text": "a", "right": [1]}, {"key": "B", "text": "b"}]},
        {"choices": [{"key": "A", "text": "a", "right": True}, {"key": "B", "text": "b"}]},
        {"choices": [{"key": "A", "text": "a", "right": False}, {"key": "B", "text": "b", "right": False}]},
    ],
)  # fmt: skip
def test_what_is_no_question_is_refused_in_words(faulty: object) -> None:
    room = Class()
    given = {**question(), **faulty} if faulty and isinstance(faulty, dict) else faulty
    refused = room.drive("ask", question=given)
    assert (refused["status"], refused["refused"]) == (400, "question")
    assert room.screen()["phase"] == "waiting"


def test_a_question_is_copied() -> None:
    room = Class()
    asked = question()
    room.drive("ask", question=asked)
    asked["choices"][0]["text"] = "moved"
    asked["text"] = "moved"
    assert "moved" not in str(room.phone(1))


@pytest.mark.parametrize("number", [lesson.number for lesson in LESSONS])
@pytest.mark.parametrize("net", ["resnext50_32x4d", "resnext29_32x4d_cifar10", "resnext101_64x4d"])
def test_each_lesson_is_a_question_that_a_room_takes(number: int, net: str) -> None:
    found = answer(lesson_of(number), DialledNetwork(parse(net)))
    if found.question is None:
        pytest.skip("it has nothing to ask about this network")
    room = Class()
    assert room.drive("ask", question=json.loads(json.dumps(question_of(found))))["status"] == 200
    asked = room.phone(1)["state"]["question"]
    assert asked["text"] == found.question.text
    assert [choice["key"] for choice in asked["choices"]] == [choice.key for choice in found.choices]
    assert [choice["key"] for choice in asked["choices"] if choice["unsure"]] == ["N"]


def test_many_threads_lose_no_vote() -> None:
    room = Class()
    room.ask()
    numbers, problems = count(), list[Any]()

    def people() -> None:
        for _ in range(40):
            person = next(numbers)
            found = room.vote(person, "AB"[person % 2])
            if found["status"] != 200:
                problems.append(found)

    threads = [threading.Thread(target=people) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not problems
    room.drive("close")
    assert room.remote()["votes"][0] == {"A": 160, "B": 160, "N": 0}
