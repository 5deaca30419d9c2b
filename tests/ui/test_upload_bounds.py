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


async def unread() -> Any:
    raise AssertionError("nothing is read of what is refused")


def bounded(held: MemoryUploadedFileManager) -> UploadBounds:
    """In front of a Streamlit that takes every upload, after a moment."""

    async def streamlit(scope: Any, _receive: Any, answer: Any) -> None:
        await asyncio.sleep(0.01)
        if scope["method"] == "PUT":
            visitor, name = scope["path"].split("/")[-2:]
            held.add_file(visitor, UploadedFileRec(name, name, "image/png", bytes(scope["sent"])))
        await answer({"type": "http.response.start", "status": 204, "headers": []})
        await answer({"type": "http.response.body", "body": b""})

    return UploadBounds(streamlit, lambda: held)


async def asked(
    bounds: UploadBounds, visitor: str, name: str, sent: int, method: str = "PUT", said: str | None = None
) -> int:
    """Status of an upload of so many bytes, of which it says what it says."""
    answers: list[Any] = []

    async def answer(message: Any) -> None:
        answers.append(message)

    path = f"/base/_stcore/upload_file/{visitor}/{name}"
    headers = [(b"content-length", (str(sent) if said is None else said).encode())]
    await bounds({"type": "http", "method": method, "path": path, "headers": headers, "sent": sent}, unread, answer)
    return int(answers[0]["status"])


def send(held: MemoryUploadedFileManager, visitor: str, name: str, sent: int, method: str = "PUT") -> int:
    return asyncio.run(asked(bounded(held), visitor, name, sent, method))


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


def test_what_is_on_its_way_counts_and_no_longer_when_it_is_there(held: MemoryUploadedFileManager) -> None:
    bounds = bounded(held)

    async def at_once(name: str) -> list[int]:
        return list(await asyncio.gather(*(asked(bounds, "one", f"{name}{i}", 30) for i in range(6))))

    assert asyncio.run(at_once("a")) == [204, 204, 204, 413, 413, 413]
    held.remove_session_files("one")
    assert asyncio.run(at_once("b")) == [204, 204, 204, 413, 413, 413]


def test_a_length_that_is_none_counts_as_the_longest(
    held: MemoryUploadedFileManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert asyncio.run(asked(bounded(held), "one", "a", 5, said="-5")) == 413  # up to 8 MB of 100 bytes
    monkeypatch.setattr(upload_bounds, "MAX_VISITOR_BYTES", 8 * 2**20)
    monkeypatch.setattr(upload_bounds, "MAX_BYTES", 8 * 2**20)
    assert asyncio.run(asked(bounded(held), "one", "a", 5, said="")) == 204
