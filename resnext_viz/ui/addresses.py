"""URL routing around the pages: other spellings of a page lead to it, and a page knows at once where its server is."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import config

from resnext_viz.ui.pages import PATHS

# A page's path lies beside the server's other ones. Streamlit's script would look below the page first: two 404s each.
BASE_SCRIPT = 'window.__streamlit={BACKEND_BASE_URL:new URL(".",location.href).href}'


class PageAddresses:
    """ASGI middleware: redirects other spellings of a page's path, and puts `BASE_SCRIPT` into the page's document."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_read = scope["type"] == "http" and scope["method"] in {"GET", "HEAD"}
        path = _below_base(scope["path"]) if is_read else None
        meant = None if path is None else meant_path(path)
        if path is None or meant is None:
            await self.app(scope, receive, send)
        elif meant != path:
            query = scope["query_string"].decode("latin-1")
            up = "/".join([".."] * path.count("/")) or "."  # relative, for a proxy may have put more before it
            await RedirectResponse(f"{up}/{meant}{'?' if query else ''}{query}")(scope, receive, send)
        else:
            headers = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
            is_head = scope["method"] == "HEAD"
            await self.app({**scope, "headers": headers}, receive, send if is_head else _DocumentWithBase(send))


class _DocumentWithBase:
    """Sends a response on, an HTML document with `BASE_SCRIPT` first in its head."""

    def __init__(self, send: Send) -> None:
        self.send = send
        self.start: Message = {}
        self.body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.start = message
            return
        self.body += message.get("body", b"")
        if message.get("more_body"):
            return
        headers = MutableHeaders(raw=[*self.start["headers"]])
        if headers.get("content-type", "").startswith("text/html"):
            self.body = with_base(self.body.decode()).encode()
            headers["content-length"] = str(len(self.body))
        await self.send({**self.start, "headers": headers.raw})
        await self.send({"type": "http.response.body", "body": self.body})


def with_base(document: str) -> str:
    """Streamlit's document with our script before its own."""
    return document.replace("<head>", f"<head><script>{BASE_SCRIPT}</script>", 1)


def meant_path(path: str) -> str | None:
    """The path of the page that a path below the base means by its first segment; None where it means none."""
    if path in PATHS:
        return path
    path, *below = path.split("/")
    if any("." in segment or segment.startswith("_") for segment in below):  # what a page asks of its server
        return None
    words = _letters(path.removesuffix(".html"))
    return next((page for page, title in PATHS.items() if words and words in {_letters(page), _letters(title)}), None)


def _letters(words: str) -> str:
    return "".join(filter(str.isalnum, words)).casefold()


def _below_base(path: str) -> str | None:
    """The path behind the server's own base path; None where it is elsewhere."""
    base = f"/{config.get_option('server.baseUrlPath').strip('/')}/".replace("//", "/")
    return path.removeprefix(base) if path.startswith(base) else None
