"""Uploads beyond what the server holds are refused before they are read; all else passes."""

import asyncio
from typing import Any

import pytest
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFileRec

from resnext_viz.ui import upload_bounds
from resnext_viz.ui.upload_bounds import UploadBounds


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> MemoryUploadedFileManager:
    """A server that takes 100 bytes of a visitor and 150 in all."""
    monkeypatch.setattr(upload_bounds, "MAX_VISITOR_BYTES", 100)
    monkeypatch.setattr(upload_bounds, "MAX_BYTES", 150)
    return MemoryUploadedFileManager("/_stcore/upload_file")


def send(held: MemoryUploadedFileManager, visitor: str, name: str, length: int, method: str = "PUT") -> int:
    """Status of an upload of so many bytes, which Streamlit takes if it is asked."""

    async def streamlit(scope: Any, _receive: Any, answer: Any) -> None:
        if scope["method"] == "PUT":
            held.add_file(visitor, UploadedFileRec(name, name, "image/png", bytes(max(0, length))))
        await answer({"type": "http.response.start", "status": 204, "headers": []})
        await answer({"type": "http.response.body", "body": b""})

    async def unread() -> Any:
        raise AssertionError("nothing is read of what is refused")

    said: list[Any] = []

    async def answer(message: Any) -> None:
        said.append(message)

    path = f"/base/_stcore/upload_file/{visitor}/{name}"
    headers = [(b"content-length", str(length).encode())]
    scope = {"type": "http", "method": method, "path": path, "headers": headers}
    asyncio.run(UploadBounds(streamlit, lambda: held)(scope, unread, answer))
    return int(said[0]["status"])


def test_a_visitor_sends_as_much_as_fits_and_again_when_something_was_taken_away(
    held: MemoryUploadedFileManager,
) -> None:
    assert send(held, "one", "a", 60) == 204
    assert send(held, "one", "b", 40) == 204
    assert send(held, "one", "c", 1) == 413
    assert send(held, "one", "c", 1, "DELETE") == 204
    held.remove_file("one", "a")
    assert send(held, "one", "c", 60) == 204


def test_all_visitors_together_send_no_more_than_the_server_holds(held: MemoryUploadedFileManager) -> None:
    assert send(held, "one", "a", 100) == 204
    assert send(held, "two", "b", 51) == 413
    assert send(held, "two", "b", 50) == 204
    held.remove_session_files("one")
    assert send(held, "three", "c", 100) == 204


def test_a_length_that_is_none_is_streamlits_to_judge(held: MemoryUploadedFileManager) -> None:
    assert send(held, "one", "a", -5) == 204
