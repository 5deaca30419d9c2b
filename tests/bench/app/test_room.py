"""The bench of a room asks what phones ask, and has a row for each thing that it says."""

from __future__ import annotations

import asyncio

import pytest

from resnext_viz.bench.app import room
from resnext_viz.bench.app.phones import Wire, poll_path
from resnext_viz.bench.result import BenchError
from tests.app.served_here import served_here


def test_a_short_measurement_has_all_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "PHONES", 8)
    monkeypatch.setattr(room, "PEER_S", 1.5)
    monkeypatch.setattr(room, "CLASS_S", 8.0)
    monkeypatch.setattr(room, "RERUNS", 3)
    rows = room.measure()
    assert [row.subject for row in rows] == ["room"] * 7
    assert [row.refused for row in rows if row.refused is not None] == [0, 0]
    assert [row.against is None for row in rows] == [True, False, False, False, False, True, False]
    assert all(row.memory_mb and row.memory_mb > 50 for row in rows[:2])


def test_each_client_asks_once_a_second() -> None:
    with served_here() as address:
        times_s = asyncio.run(poll_path(address, "/_stcore/health", 5, 3.0))
    assert 10 <= len(times_s) <= 20


def test_who_does_not_answer_is_told_in_words() -> None:
    with pytest.raises(BenchError, match="/c was not answered: ConnectionRefusedError"):
        asyncio.run(Wire("http://127.0.0.1:9").ask("/c"))
