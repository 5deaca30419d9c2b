"""What a request to a room may be: from our own page, JSON, small, and whole within seconds."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from urllib.parse import urlparse

from starlette.requests import ClientDisconnect, Request

from resnext_viz.rooms.refusal import RoomRefusalError

MOST_VOTE_BYTES = 1_000
MOST_DRIVE_BYTES = 64_000  # a question with all that is said about its choices
PATIENCE_S = 10.0


async def read_object(request: Request, most_bytes: int) -> dict[str, Any]:
    """The JSON object that a POST of our own page sends.

    Raises:
        RoomRefusalError: it comes from another site, or is none, or too large, or too slow.
    """
    if not is_from_here(request):
        raise RoomRefusalError(403, "elsewhere", "Only this app's own pages may ask that.")
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise RoomRefusalError(415, "type", "A room takes JSON only.")
    try:
        async with asyncio.timeout(PATIENCE_S):
            found = json.loads(await _body(request, most_bytes))
    except TimeoutError:
        raise RoomRefusalError(408, "slow", "The request took too long to arrive.") from None
    except (ValueError, RecursionError, ClientDisconnect):
        raise RoomRefusalError(400, "json", "That is no JSON.") from None
    if not isinstance(found, dict):
        raise RoomRefusalError(400, "json", "A room takes a JSON object.")
    return found


async def _body(request: Request, most_bytes: int) -> bytes:
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > most_bytes:
            raise RoomRefusalError(413, "large", f"That is more than {most_bytes:,} bytes.")
    return body


def is_from_here(request: Request) -> bool:
    """Whether no other site's page sends the request; what is no browser says nothing, and has no one's rights to use.

    `Sec-Fetch-Site` comes first: a proxy may have put another name into `Host`.
    """
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None:
        return site in {"same-origin", "none"}
    if origin is None:
        return True
    try:
        return urlparse(origin).netloc == request.headers.get("host", "")
    except ValueError:
        return False
