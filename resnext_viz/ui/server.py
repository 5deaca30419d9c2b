"""What the server adds around the pages: security headers, a readiness route, a warm-up that no visitor waits for.

And what becomes of an error that no page expected: general words for the visitor, all of it in the operator's log.
"""

from __future__ import annotations

import asyncio
import base64
import gc
import hashlib
import logging
import re
import sys
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from importlib.resources import files
from typing import Any
from urllib.parse import urlparse

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route
from starlette.status import WS_1003_UNSUPPORTED_DATA, WS_1008_POLICY_VIOLATION, WS_1011_INTERNAL_ERROR
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.web.server.starlette import starlette_websocket

from resnext_viz.errors import UserError
from resnext_viz.explanations import remember_networks
from resnext_viz.kit.child import end_all
from resnext_viz.kit.operator_log import LOG, PAGE_FAILED, guarded, log_threads, logged, open_log, reported
from resnext_viz.ui.addresses import with_base
from resnext_viz.ui.kit import assets
from resnext_viz.ui.kit.parts import failure, sentence
from resnext_viz.ui.rooms import routes as room_routes
from resnext_viz.ui.train.runs import RUNS
from resnext_viz.ui.train.server_folder import remove_deserted

WARM_UP_AFTER_S = 5.0  # loading torch would slow down the first page, which does without
TIDY_EVERY_S = 600.0
# For how long a busy thread keeps Python from the others. A run of a page hands over dozens of times, and would wait
# for Python's usual 5 ms at each while somebody's network is being built.
SWITCH_S = 0.0001
# After how many new objects Python looks for circles among them. A run of a page makes thousands and leaves hardly any:
# with Python's usual 700 it would look dozens of times meanwhile.
YOUNG_OBJECTS = 20_000

_warm = threading.Event()


@asynccontextmanager
async def lifespan(_app: Any) -> AsyncIterator[dict[str, Any]]:
    """Opens the log, starts warm-up and tidying beside the server; at its end nothing of visitors' commands is left."""
    open_log()
    log_threads()
    sys.setswitchinterval(SWITCH_S)
    gc.set_threshold(YOUNG_OBJECTS, *gc.get_threshold()[1:])
    logging.getLogger("streamlit.error_util").addFilter(is_told_here_only)
    logging.getLogger(starlette_websocket.__name__).addFilter(tells_in_a_line)
    threading.Thread(target=remove_deserted, name="clean-up", daemon=True).start()
    threading.Thread(target=_warm_up, name="warm-up", daemon=True).start()
    tidying = asyncio.create_task(_tidy())
    yield {}
    tidying.cancel()
    guarded(end_all, "ending commands")()  # the runs end whatever became of the commands
    RUNS.end_all()


async def _tidy() -> None:
    """What visitors left goes in time, whether or not somebody comes who needs the room."""
    while True:
        await asyncio.sleep(TIDY_EVERY_S)
        await asyncio.to_thread(guarded(RUNS.forget_old, "tidying"))


def _warm_up() -> None:
    time.sleep(WARM_UP_AFTER_S)
    remember_networks()
    import resnext_viz.nn.proof.equivalence  # noqa: F401  # torch with it: three seconds that no visitor waits for
    from resnext_viz.ui.predict.weights import load_usual

    load_usual()  # and with it all that a first load imports
    gc.collect()
    gc.freeze()  # what was loaded stays: Python need not look through all of it again, 150 ms while some page runs
    _warm.set()
    LOG.info("warmed up: predictions and checks start at once")


async def ready(_request: Request) -> JSONResponse:
    """Whether predictions and checks would start at once; pages work before."""
    return JSONResponse({"ready": _warm.is_set()}, status_code=200 if _warm.is_set() else 503)


ROUTES = [Route("/readyz", ready), *assets.ROUTES, *room_routes.ROUTES]


def show_unexpected(error: Exception) -> bool:
    """Ends a page that failed with words in place of Streamlit's own; True, so that these are not shown as well."""
    if isinstance(error, UserError):  # its words are for the visitor, wherever it was missed
        logged(error, "a page that should have caught this", logging.WARNING)
        failure("This cannot be shown.", str(error))
    else:
        failure(PAGE_FAILED, reported(error, "a page"))
    return True


def is_told_here_only(record: logging.LogRecord) -> bool:
    """False for Streamlit's own record of what `show_unexpected` is about to log, as a filter of its logger."""
    return record.msg != "Uncaught app execution"


def tells_in_a_line(record: logging.LogRecord) -> bool:
    """True, as a filter of the logger of connections; what a stranger's nonsense brings about gets no traceback."""
    if record.msg == "Error deserializing back message":
        record.exc_info = None
    return True


async def answer_unexpected(_request: Request, error: Exception) -> PlainTextResponse:
    """The same for a request that is no page's: an upload, say."""
    return PlainTextResponse(sentence(reported(error, "a request")), 500)


class SecurityHeaders:
    """ASGI middleware: nothing from elsewhere is loaded, nothing is guessed, no other site may frame the app.

    What answers with a stricter policy of its own keeps that.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.headers = [
            (b"content-security-policy", content_security_policy().encode()),
            (b"x-content-type-options", b"nosniff"),
            (b"referrer-policy", b"same-origin"),
            (b"permissions-policy", b"camera=(self), clipboard-write=(self), geolocation=(), microphone=()"),
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = [*message.get("headers", ())]
                named = {name.lower() for name, _ in own}
                message = {**message, "headers": [*own, *(each for each in self.headers if each[0] not in named)]}
            await send(message)

        await self.app(scope, receive, send_with_headers if scope["type"] == "http" else send)


class OrderlyConnections:
    """ASGI middleware: nothing that a stranger sends through a connection ends it with a traceback of the server's.

    Streamlit fails on a text frame, which no page sends, and on an Origin that is no address. What else fails is no
    stranger's doing as far as we know, and stands in the log once.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket":
            await self.app(scope, receive, send)
            return
        ended = False

        async def send_before_the_end(message: Message) -> None:
            nonlocal ended
            if not ended:
                ended = message["type"] == "websocket.close"
                await send(message)

        async def end(code: int) -> Message:
            with suppress(OSError):  # the other side has gone
                await send_before_the_end({"type": "websocket.close", "code": code})
            return {"type": "websocket.disconnect", "code": code}

        async def receive_bytes() -> Message:
            message = await receive()
            is_text = message["type"] == "websocket.receive" and message.get("bytes") is None
            return await end(WS_1003_UNSUPPORTED_DATA) if is_text else message

        if not _is_address(Headers(scope=scope).get("origin", "")):
            await end(WS_1008_POLICY_VIOLATION)
            return
        try:
            await self.app(scope, receive_bytes, send_before_the_end)
        except Exception as error:
            logged(error, "a connection")
            await end(WS_1011_INTERNAL_ERROR)


def _is_address(origin: str) -> bool:
    try:
        urlparse(origin)
    except ValueError:
        return False
    return True


def content_security_policy() -> str:
    """The policy; the document's two inline scripts, Streamlit's and ours, are allowed by their hashes."""
    page = with_base(files("streamlit").joinpath("static/index.html").read_text(encoding="utf-8"))
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    hashes = (base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts)
    allowed = " ".join(f"'sha256-{value}'" for value in hashes)
    return "; ".join(
        (
            "default-src 'self'",
            # blob: browser components are loaded as blobs. wasm-unsafe-eval: the protobuf in Streamlit's bundle
            # multiplies 64-bit integers in WebAssembly. It does without where it must, but then Firefox complains on
            # each page. This allows no eval and no script from elsewhere; without one WebAssembly does nothing.
            f"script-src 'self' blob: 'wasm-unsafe-eval' {allowed}",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "media-src 'self' blob:",
            "font-src 'self' data:",
            "connect-src 'self' ws: wss: data: blob:",
            "worker-src 'self' blob:",
            "frame-ancestors 'self'",
            "object-src 'none'",
            "base-uri 'self'",
        )
    )
