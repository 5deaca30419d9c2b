"""How much the server holds of what visitors send: refused at the door, for Streamlit keeps every upload in memory.

Streamlit itself bounds one file. A page that refuses too many files has them already: a photo library of 40 GB, say.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from typing import cast

import streamlit as st
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit import get_option
from streamlit.runtime import get_instance
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import DeletedFile, UploadedFile

from resnext_viz.errors import UserError

MAX_VISITOR_BYTES = 2**30  # as many photos as are answered at a time, and the largest checkpoint
MAX_BYTES = 4 * 2**30  # of all visitors

_UPLOAD = re.compile(r"/_stcore/upload_file/(?P<session>[^/]+)/[^/]+$")


def held_files() -> MemoryUploadedFileManager:
    """What Streamlit holds of all visitors: its app has no other kind of manager."""
    return cast("MemoryUploadedFileManager", get_instance().uploaded_file_mgr)


class UploadBounds:
    """ASGI middleware: answers 413 to an upload that is one too many."""

    def __init__(
        self,
        app: ASGIApp,
        held: Callable[[], MemoryUploadedFileManager] = held_files,
    ) -> None:
        self.app, self._held = app, held
        self._coming = Counter[str]()  # bytes on their way, by session

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        upload = _UPLOAD.search(scope["path"]) if scope["type"] == "http" and scope["method"] == "PUT" else None
        if upload is None:
            await self.app(scope, receive, send)
            return
        session, length = upload["session"], _length_of(Request(scope))
        if words := self._refusal(session, length):
            await PlainTextResponse(words, 413)(scope, receive, send)
            return
        self._coming[session] += length
        try:
            await self.app(scope, receive, send)
        finally:
            self._coming[session] -= length
            if not self._coming[session]:
                del self._coming[session]

    def _refusal(self, session: str, length: int) -> str:
        """Why so many bytes more of this visitor's are not taken, in words; empty if they are."""
        by_visitor = self._coming.copy()
        for name, files in list(self._held().file_storage.items()):
            by_visitor[name] += sum(len(file.data) for file in list(files.values()))
        if by_visitor[session] + length > MAX_VISITOR_BYTES:
            return (
                f"This file has {_mb(length)}, and the server holds {_mb(by_visitor[session])} of yours; "
                f"it holds up to {_mb(MAX_VISITOR_BYTES)} for each visitor. Take files away, or reload the page."
            )
        if by_visitor.total() + length > MAX_BYTES:
            return f"This file has {_mb(length)}, and the server holds as many files as it can; try again later."
        return ""


def most_mb(limit: int) -> int:
    """The most MB that a file may have in an uploader whose own limit is so many bytes; the browser refuses more.

    What is checked again on the server is checked by whoever reads the file, or by `check_upload`.
    """
    return min(limit // 2**20, int(get_option("server.maxUploadSize")))


def check_upload(upload: UploadedFile, limit: int) -> None:
    """Refuses a file that its uploader's browser let through.

    Raises:
        UserError: it has more than so many bytes.
    """
    if upload.size > limit:
        raise UserError(f"{upload.name[:80]} has {_mb(upload.size)}; up to {_mb(limit)} are read here")


def let_go(upload: UploadedFile) -> None:
    """Frees the bytes of an upload whose content is understood; its name stays in the uploader."""
    context = get_script_run_ctx()
    if context is not None:
        cast("MemoryUploadedFileManager", context.uploaded_file_mgr).remove_file(context.session_id, upload.file_id)
    upload.seek(0)
    upload.truncate()


def gone_upload(key: str) -> str:
    """The id of the upload that stands in an uploader though its bytes were let go; empty if there is none."""
    value = st.session_state.get(key)
    return value.file_id if isinstance(value, DeletedFile) else ""


def _mb(size: int) -> str:
    return f"{size / 2**20:,.1f} MB"


def _length_of(request: Request) -> int:
    """What the upload says it is long; where it does not, as long as Streamlit lets one be."""
    said = request.headers.get("content-length", "")
    return int(said) if said.isdecimal() else int(get_option("server.maxUploadSize")) * 2**20
