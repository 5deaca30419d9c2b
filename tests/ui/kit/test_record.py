"""A session's records: one of each kind, and another visitor has others."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
import streamlit as st

from resnext_viz.ui.kit.record import record
from tests.ui.conftest import Session


@dataclass
class Room:
    """What a session keeps of a room."""

    chosen: list[int] = field(default_factory=list)


@dataclass
class Other(Room):
    """What it keeps of another."""


@pytest.mark.usefixtures("session")
def test_a_session_has_one_record_of_each_kind_and_shares_none(monkeypatch: pytest.MonkeyPatch) -> None:
    record(Room).chosen.append(3)
    assert record(Room).chosen == [3]
    assert record(Other).chosen == []
    monkeypatch.setattr(st, "session_state", Session())
    assert record(Room).chosen == []
