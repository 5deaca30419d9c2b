"""All rooms of this process, behind plain JSON messages: one in, one out, so that another process could hold them.

`open`, `state`, `vote`, `drive` and `end` are what a message may do. Nothing is written to disk, nobody has a name: a
person is a token that a phone made up. One phone that forgets its token can vote twice; this is no exam.
"""

from __future__ import annotations

import re
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from resnext_viz.rooms.rates import Buckets
from resnext_viz.rooms.refusal import RoomRefusalError
from resnext_viz.rooms.room import Room
from resnext_viz.rooms.room_code import new_code, read_code

MOST_ROOMS = 64
LASTS_S = 4 * 3600.0
GIVES_WAY_S = 15 * 60.0  # a room that nobody asks for gives way to a new one when all are taken
_PERSON = re.compile(r"[A-Za-z0-9_-]{16,64}")
_MOST_CLIENT = 64  # characters of an address


class Rooms:
    """The rooms, each behind a code; safe to ask from any thread.

    `answer` takes a message and gives one. A message may say which `client` asks (an address): then its rate is
    bounded. A school's phones may share one address, so that bound is wide; each person's own is narrow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic, draw_code: Callable[[], str] = new_code) -> None:
        self._clock = clock
        self._draw_code = draw_code
        self._lock = threading.Lock()
        self._rooms: dict[str, Room] = {}
        self._asking = Buckets(per_second=600, burst=1500)
        self._joining = Buckets(per_second=10, burst=300)
        self._opening = Buckets(per_second=1 / 60, burst=24)
        self._guessing = Buckets(per_second=1, burst=60)
        self._voting = Buckets(per_second=4, burst=16)

    def answer(self, message: Mapping[str, Any]) -> dict[str, Any]:
        """What becomes of a message: `status` as HTTP counts, and either what was asked for or `refused` and `words`.

        - `{"do": "open"}` gives `code` and `driver`, the secret of whoever drives.
        - `{"do": "state", "code", "person" | "driver", "known"}` gives `tag` and `state`, or status 304 if `known` is
          the tag; with neither person nor driver what the projector shows.
        - `{"do": "vote", "code", "person", "asked", "round", "choice"}` gives the phone's `state`.
        - `{"do": "drive", "code", "driver", "act"}` gives the teacher's `state`. With `at`, a revision, it is refused
          if somebody has driven since. `ask` and `settle` take a `question`, `blank` takes `blank`.
        - `{"do": "end", "code", "driver"}` ends the room.
        """
        acts = {"open": self._open, "state": self._state, "vote": self._vote, "drive": self._drive, "end": self._end}
        act = acts.get(str(message.get("do")), _not_known)
        try:
            with self._lock:
                now = self._clock()
                self._bound(self._asking, message, now)
                return {"status": 200, **act(message, now)}
        except RoomRefusalError as refusal:
            return {"status": refusal.status, "refused": refusal.reason, "words": str(refusal)}

    def _open(self, message: Mapping[str, Any], now: float) -> dict[str, Any]:
        self._bound(self._opening, message, now)
        self._forget_old(now)
        if len(self._rooms) >= MOST_ROOMS:
            quiet = min(self._rooms.values(), key=lambda room: room.heard)
            if now - quiet.heard < GIVES_WAY_S:
                raise RoomRefusalError(503, "full", f"All {MOST_ROOMS} rooms here are taken. Try again later.")
            del self._rooms[quiet.code]
        code = next(code for code in iter(self._draw_code, None) if code not in self._rooms)
        self._rooms[code] = room = Room(code, now)
        return {"code": code, "driver": room.driver}

    def _state(self, message: Mapping[str, Any], now: float) -> dict[str, Any]:
        room = self._room(message, now)
        if message.get("driver") is not None:
            self._check_driver(room, message, now)
            tag, state = room.for_driver(now)
        elif message.get("person") is not None:
            tag, state = room.for_phone(self._person(room, message, now))
        else:
            tag, state = room.for_screen(now)
        return {"status": 304, "tag": tag} if message.get("known") == tag else {"tag": tag, "state": state}

    def _vote(self, message: Mapping[str, Any], now: float) -> dict[str, Any]:
        room = self._room(message, now)
        person = self._person(room, message, now)
        if not self._voting.take(person, now):
            raise _too_often()
        room.take(person, message)
        tag, state = room.for_phone(person)
        return {"tag": tag, "state": state}

    def _drive(self, message: Mapping[str, Any], now: float) -> dict[str, Any]:
        room = self._room(message, now)
        self._check_driver(room, message, now)
        if message.get("at") is not None and message["at"] != room.revision:
            raise RoomRefusalError(409, "moved on", "The room has moved on meanwhile. Look, then press again.")
        room.drive(str(message.get("act")), message)
        tag, state = room.for_driver(now)
        return {"tag": tag, "state": state}

    def _end(self, message: Mapping[str, Any], now: float) -> dict[str, Any]:
        room = self._room(message, now)
        self._check_driver(room, message, now)
        del self._rooms[room.code]
        return {}

    def _room(self, message: Mapping[str, Any], now: float) -> Room:
        """The room of a message's code.

        Raises:
            RoomRefusalError: there is none, or the client has asked for too many that are none.
        """
        self._forget_old(now)
        code = read_code(message.get("code"))
        room = self._rooms.get(code) if code else None
        if room is None:
            self._bound(self._guessing, message, now)
            name = f"There is no room {code}" if code else "There is no such room"
            raise RoomRefusalError(404, "no room", f"{name}: it has ended, or a letter is wrong.")
        return room

    def _person(self, room: Room, message: Mapping[str, Any], now: float) -> str:
        person = message.get("person")
        if not isinstance(person, str) or not _PERSON.fullmatch(person):
            raise RoomRefusalError(400, "person", "This phone has no token; reload the page.")
        if person not in room.people:
            self._bound(self._joining, message, now)
        room.joins(person, now)
        room.heard = now
        return person

    def _check_driver(self, room: Room, message: Mapping[str, Any], now: float) -> None:
        given = str(message.get("driver")).encode("utf-8", "replace")
        if not secrets.compare_digest(given, room.driver.encode()):
            self._bound(self._guessing, message, now)
            raise RoomRefusalError(403, "driver", "Only whoever opened this room drives it.")
        room.heard = now

    def _forget_old(self, now: float) -> None:
        for code in [code for code, room in self._rooms.items() if now - room.opened >= LASTS_S]:
            del self._rooms[code]

    def _bound(self, buckets: Buckets, message: Mapping[str, Any], now: float) -> None:
        client = message.get("client")
        if client is not None and not buckets.take(str(client)[:_MOST_CLIENT], now):
            raise _too_often()


def _not_known(_message: Mapping[str, Any], _now: float) -> dict[str, Any]:
    raise RoomRefusalError(400, "message", "A room does not know what to do with this message.")


def _too_often() -> RoomRefusalError:
    return RoomRefusalError(429, "too often", "Too many requests came from here. Wait a moment.")
