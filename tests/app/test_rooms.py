"""A whole vote of 200 phones through the app's own server, as it is served."""

from __future__ import annotations

import asyncio
import json
import urllib.error
import urllib.request

import pytest

from resnext_viz.bench.app.phones import whole_vote
from resnext_viz.bench.app.served_apps import our_app
from resnext_viz.lessons import DialledNetwork, answer, lesson_of
from resnext_viz.rooms import question_of

PHONES = 200
CLASS_S = 12.0


def test_200_phones_poll_and_vote_twice_and_nobody_is_lost() -> None:
    question = question_of(answer(lesson_of(2), DialledNetwork()))
    with our_app() as address:
        load = asyncio.run(whole_vote(address, PHONES, CLASS_S, question))
        with urllib.request.urlopen(f"{address}/c") as door:
            assert b"four letters" in door.read()
        with pytest.raises(urllib.error.HTTPError) as missing:
            urllib.request.urlopen(f"{address}/c/ZZZZ")
        with missing.value as page:
            assert page.code == 404
            assert b"There is no such room" in page.read()
    assert load.refused == 0
    assert len(load.shown) == PHONES
    assert {state["phase"] for state in load.shown} == {"shown"}
    (votes,) = {json.dumps(state["shown"]["votes"]) for state in load.shown}
    first, second = json.loads(votes)
    assert (sum(first.values()), sum(second.values())) == (PHONES, PHONES)
    assert len(load.votes_s) == 2 * PHONES
    assert load.unchanged > PHONES
    own = [state["mine"] for state in load.shown]
    assert {key: sum(mine[0] == key for mine in own) for key in first} == first
    assert {key: sum(mine[1] == key for mine in own) for key in second} == second
    assert load.shown[0]["shown"]["right"] == ["B"]
