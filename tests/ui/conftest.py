"""A visitor's session without a page."""

from __future__ import annotations

from typing import Any

import pytest
import streamlit as st


class Session(dict[str, Any]):
    """What `st.session_state` is to the code of a page: items that are attributes too."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None

    __setattr__ = dict.__setitem__


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Session:
    """One visitor's; assigning `st.session_state` another makes it another visitor's."""
    session = Session()
    monkeypatch.setattr(st, "session_state", session)
    return session
