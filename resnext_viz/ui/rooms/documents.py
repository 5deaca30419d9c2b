"""The pages of a room, each one document with its style and script inside, and the policy that allows only these."""

from __future__ import annotations

import base64
import hashlib
import html
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import NamedTuple

_FRONTEND = files(__package__).joinpath("frontend")
_SCRIPTS: Mapping[str, tuple[str, ...]] = {"phone": ("asking", "phone"), "remote": ("asking", "remote"), "door": ()}


class RoomDocument(NamedTuple):
    """A page with places for words, and its content security policy."""

    template: str
    policy: str

    def filled(self, **words: str) -> bytes:
        """The page with its words, written as text."""
        page = self.template
        for place, text in words.items():
            page = page.replace(f"%{place}%", html.escape(text))
        return page.encode()


@cache
def room_document(name: str) -> RoomDocument:
    """The page of that name: `phone`, `remote`, or `door`, where a code is typed."""
    style = _text("room.css").strip()
    script = "".join(_text(f"{each}.js") for each in _SCRIPTS[name])
    page = _text(f"{name}.html")
    policy = "; ".join(
        (
            "default-src 'none'",
            f"script-src '{_hash(script)}'" if script else "script-src 'none'",
            f"style-src '{_hash(style)}'",
            "connect-src 'self'",
            "img-src data:",
            "form-action 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        )
    )
    return RoomDocument(page.replace("%STYLE%", style).replace("%SCRIPT%", script), policy)


def _text(name: str) -> str:
    return _FRONTEND.joinpath(name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
