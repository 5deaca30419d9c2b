"""Routes of the rooms, before Streamlit's: a vote costs a phone some kilobytes, and the server no session.

Pages that run in this process ask `ROOMS` itself.
"""

from __future__ import annotations

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from resnext_viz.rooms import Rooms, read_code
from resnext_viz.rooms.refusal import RoomRefusalError
from resnext_viz.ui.rooms.asked import MOST_DRIVE_BYTES, MOST_VOTE_BYTES, read_object
from resnext_viz.ui.rooms.documents import room_document

ROOMS = Rooms()
_NO_STORE = {"cache-control": "no-store"}
_NOTHING = {"content-security-policy": "default-src 'none'; frame-ancestors 'none'"}
_NO_ROOM = "There is no such room"
_ASK_FOR_CODE = "Join a class"
_TYPE_IT = "Your teacher’s screen shows a code. Type it here."
_LOOK_AGAIN = "Either it has ended, or a letter is wrong. Look at the screen and type it again."


def room_routes(rooms: Rooms) -> list[BaseRoute]:
    """The routes of these rooms."""
    asks = _RoomRoutes(rooms)
    routes = [
        ("/c/{code}/state", asks.state, "GET"),  # asked most, so looked at first
        ("/c", asks.door, "GET"),
        ("/c/", asks.door, "GET"),
        ("/c", asks.open, "POST"),
        ("/c/{code}", asks.phone, "GET"),
        ("/c/{code}/remote", asks.remote, "GET"),
        ("/c/{code}/vote", asks.vote, "POST"),
        ("/c/{code}/drive", asks.drive, "POST"),
    ]
    # The second of each for `server.baseUrlPath`, which Streamlit puts before its own routes only.
    found = [Route(at + path, act, methods=[verb]) for at in ("", "/{base:path}") for path, act, verb in routes]
    return [*found, Route("/c/{rest:path}", asks.nothing, methods=["GET", "POST"])]


class _RoomRoutes:
    def __init__(self, rooms: Rooms) -> None:
        self.rooms = rooms

    async def door(self, request: Request) -> Response:
        """Where a code is typed, and what leads from there to the room."""
        up = "" if request.url.path.endswith("/") else "c/"
        if code := read_code(request.query_params.get("code", "").strip()):
            return RedirectResponse(f"{up}{code}", 303, headers=_NO_STORE)
        return _door(_ASK_FOR_CODE, _TYPE_IT, "../c" if not up else "c", 200)

    async def nothing(self, request: Request) -> Response:
        """No room's address."""
        depth = request.path_params["rest"].count("/") + 1
        return _door(_NO_ROOM, _LOOK_AGAIN, f"{'../' * min(depth, 50)}c", 404)

    async def phone(self, request: Request) -> Response:
        return self._page(request, "phone", "../c")

    async def remote(self, request: Request) -> Response:
        return self._page(request, "remote", "../../c")

    def _page(self, request: Request, name: str, action: str) -> Response:
        code = request.path_params["code"]
        found = self.rooms.answer({"do": "state", "code": code, "client": _client(request)})
        if found["status"] == 404:
            return _door(_NO_ROOM, _LOOK_AGAIN, action, 404)
        if found["status"] != 200:
            return _door("Wait a moment", found["words"], action, found["status"])
        document = room_document(name)
        return _document(document.filled(CODE=found["state"]["code"]), document.policy, 200)

    async def state(self, request: Request) -> Response:
        """What phone, remote or screen shows; 304 where that is known."""
        known = request.headers.get("if-none-match", "").removeprefix("W/").strip('"')
        return self._answer({**_of(request), "do": "state", "known": known})

    async def open(self, request: Request) -> Response:
        """A new room for whoever reaches the app, as everything else in it is."""
        return await self._posted(request, MOST_VOTE_BYTES, {"do": "open", "client": _client(request)}, ())

    async def vote(self, request: Request) -> Response:
        fields = ("asked", "round", "choice")
        return await self._posted(request, MOST_VOTE_BYTES, {**_of(request), "do": "vote"}, fields)

    async def drive(self, request: Request) -> Response:
        fields = ("act", "at", "question", "blank")
        return await self._posted(request, MOST_DRIVE_BYTES, {**_of(request), "do": "drive"}, fields)

    async def _posted(self, request: Request, most: int, message: dict[str, Any], fields: tuple[str, ...]) -> Response:
        """The answer to a message with those fields of the body that it has."""
        try:
            given = await read_object(request, most)
        except RoomRefusalError as refusal:
            words = {"refused": refusal.reason, "words": str(refusal)}
            return _json(words, refusal.status, {"connection": "close"})
        return self._answer({**message, **{name: given[name] for name in fields if name in given}})

    def _answer(self, message: dict[str, Any]) -> Response:
        answer = self.rooms.answer(message)
        status, tag = answer.pop("status"), answer.pop("tag", None)
        headers = {} if tag is None else {"etag": f'"{tag}"'}
        if status == 304:
            return Response(status_code=304, headers={**_NO_STORE, **headers})
        return _json(answer, status, headers)


def _of(request: Request) -> dict[str, Any]:
    """The room that a request is about, and who asks."""
    who = {"person": request.headers.get("room-person"), "driver": request.headers.get("room-driver")}
    return {"code": request.path_params["code"], "client": _client(request), **who}


def _client(request: Request) -> str:
    return request.client.host if request.client else ""


def _json(answer: dict[str, Any], status: int, headers: dict[str, str]) -> Response:
    body = json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode()
    wait = {"retry-after": "2"} if status in {429, 503} else {}
    return Response(body, status, {**_NO_STORE, **_NOTHING, **wait, **headers}, "application/json")


def _door(title: str, words: str, action: str, status: int) -> Response:
    document = room_document("door")
    return _document(document.filled(TITLE=title, WORDS=words, ACTION=action), document.policy, status)


def _document(page: bytes, policy: str, status: int) -> Response:
    headers = {**_NO_STORE, "content-security-policy": policy}
    return Response(page, status, headers, "text/html")


ROUTES = room_routes(ROOMS)
