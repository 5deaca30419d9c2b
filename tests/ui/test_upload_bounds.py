"""Uploads beyond what the server holds are refused before they are read; all else passes."""

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from streamlit.proto.Common_pb2 import FileURLs as FileURLsProto
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import DeletedFile, UploadedFile, UploadedFileRec

from resnext_viz.errors import UserError
from resnext_viz.ui import upload_bounds
from resnext_viz.ui.kit.weights.own_checkpoint import OwnCheckpoint
from resnext_viz.ui.upload_bounds import UploadBounds
from tests.inference.conftest import tiny_file, tiny_model, tiny_spec

__all__ = ["tiny_file", "tiny_model", "tiny_spec"]


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
    assert asyncio.run(asked(bounded(held), "one", "a", 5, said="-5")) == 413  # up to 400 MB of 100 bytes
    monkeypatch.setattr(upload_bounds, "MAX_VISITOR_BYTES", 400 * 2**20)
    monkeypatch.setattr(upload_bounds, "MAX_BYTES", 400 * 2**20)
    assert asyncio.run(asked(bounded(held), "one", "a", 5, said="")) == 204


def test_a_refusal_names_how_large_the_file_is(
    held: MemoryUploadedFileManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upload_bounds, "MAX_VISITOR_BYTES", 300 * 2**20)
    monkeypatch.setattr(upload_bounds, "MAX_BYTES", 320 * 2**20)
    held.add_file("one", UploadedFileRec("a", "a", "", bytes(2**20)))
    bounds = bounded(held)
    assert "This file has 356.5 MB, and the server holds 1.0 MB of yours; it holds up to 300.0 MB" in bounds._refusal(
        "one", int(356.5 * 2**20)
    )
    assert bounds._refusal("two", 299 * 2**20) == ""
    held.add_file("one", UploadedFileRec("b", "b", "", bytes(30 * 2**20)))
    assert bounds._refusal("two", 299 * 2**20).startswith("This file has 299.0 MB, and the server holds as many")


def test_an_uploader_lets_no_more_through_than_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    for most, expected in ((400, 50), (8, 8)):
        monkeypatch.setattr(upload_bounds, "get_option", lambda _, most=most: most)
        assert upload_bounds.most_mb(50 * 2**20) == expected


def test_an_uploaders_own_bound_is_kept_by_the_server_too() -> None:
    file = uploaded(bytes(3 * 2**20))
    upload_bounds.check_upload(file, 3 * 2**20)
    with pytest.raises(UserError, match=r"names\.json has 3\.0 MB; up to 2\.0 MB are read"):
        upload_bounds.check_upload(file, 2 * 2**20)


def test_the_bytes_of_an_upload_are_let_go_and_its_name_is_still_known(
    held: MemoryUploadedFileManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = uploaded(b"weights")
    held.add_file("one", UploadedFileRec(file.file_id, file.name, "", b"weights"))
    context = SimpleNamespace(session_id="one", uploaded_file_mgr=held)
    monkeypatch.setattr(upload_bounds, "get_script_run_ctx", lambda: context)
    upload_bounds.let_go(file)
    assert held.get_files("one", [file.file_id]) == []
    assert (file.getvalue(), file.name, file.file_id) == (b"", "names.json", "id")
    monkeypatch.setattr(upload_bounds.st, "session_state", {"taken": None, "there": file, "gone": DeletedFile("id")})
    assert [upload_bounds.gone_upload(key) for key in ("none", "taken", "there", "gone")] == ["", "", "", "id"]


def test_class_names_that_come_later_find_the_weights_that_were_read(tiny_file: Path) -> None:
    own = OwnCheckpoint("id", tiny_file.read_bytes())
    first = own.predictor(None, "cpu")
    assert own._data == b""
    named = own.predictor(b'["ant", "bee", "cow", "doe", "elk"]', "cpu")
    assert named.classes == ("ant", "bee", "cow", "doe", "elk") != first.classes
    assert named.identity != first.identity
    assert own.predictor(None, "cpu").identity == first.identity
    shared = zip(first.model.parameters(), named.model.parameters(), strict=True)
    assert all(one.data_ptr() == other.data_ptr() for one, other in shared)


def uploaded(data: bytes) -> UploadedFile:
    return UploadedFile(UploadedFileRec("id", "names.json", "", data), FileURLsProto())
