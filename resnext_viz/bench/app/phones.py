"""A class's phones without a browser: each asks for the room's state once a second and votes in both rounds."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from resnext_viz.bench.result import BenchError

POLL_S = 1.0
_PATIENCE_S = 20.0
_VOTES_WITHIN = 0.08  # of a class
_PERSON = "phone-of-the-bench-{:04}"


class RoomReply(NamedTuple):
    """What a server answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def document(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


class Wire:
    """One connection that stays open, as a browser's does; asks are answered one after the other."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        self._host, self._port = str(parts.hostname), parts.port or 80
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, path: str, headers: Mapping[str, str] | None = None, message: object = None) -> RoomReply:
        """GET, or with a message POST.

        Raises:
            BenchError: nobody answers.
        """
        body = b"" if message is None else json.dumps(message).encode()
        words = {"host": f"{self._host}:{self._port}", **(headers or {})}
        if message is not None:
            words |= {"content-type": "application/json", "content-length": str(len(body))}
        lines = [f"{'GET' if message is None else 'POST'} {path} HTTP/1.1", *(f"{n}: {v}" for n, v in words.items())]
        try:
            async with asyncio.timeout(_PATIENCE_S):
                if self._streams is not None and self._streams[0].at_eof():  # idle for longer than the server waits
                    self.close()
                if self._streams is None:
                    self._streams = await asyncio.open_connection(self._host, self._port)
                self._streams[1].write("\r\n".join([*lines, "", ""]).encode() + body)
                return await self._reply(self._streams[0])
        except (OSError, TimeoutError, asyncio.IncompleteReadError) as error:
            raise BenchError(f"{path} was not answered: {type(error).__name__}") from error

    async def _reply(self, reader: asyncio.StreamReader) -> RoomReply:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        pairs = (line.split(": ", 1) for line in head[1:] if line)
        headers = {name.lower(): value for name, value in pairs}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        if headers.get("connection") == "close":
            self.close()
        return RoomReply(int(head[0].split()[1]), headers, body)

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
        self._streams = None


@dataclass
class ClassLoad:
    """What a class met: seconds of polls and votes, how many polls brought nothing new, and what phones saw last."""

    polls_s: list[float] = field(default_factory=list)
    votes_s: list[float] = field(default_factory=list)
    unchanged: int = 0
    refused: int = 0
    answered: int = 0  # phones that were shown the answer
    shown: list[Any] = field(default_factory=list)


async def poll_path(address: str, path: str, clients: int, seconds: float) -> list[float]:
    """Seconds of each answer of one path that so many clients ask for once a second."""
    times_s: list[float] = []
    ends = time.perf_counter() + seconds

    async def client() -> None:
        wire = Wire(address)
        await asyncio.sleep(random.random() * POLL_S)
        while time.perf_counter() < ends:
            began = time.perf_counter()
            await wire.ask(path)
            times_s.append(time.perf_counter() - began)
            await asyncio.sleep(max(0.0, POLL_S - times_s[-1]))
        wire.close()

    await asyncio.gather(*(client() for _ in range(clients)))
    return times_s


async def whole_vote(address: str, phones: int, seconds: float, question: Mapping[str, Any]) -> ClassLoad:
    """A room opened, asked twice and shown its answer while that many phones poll and vote; then it is ended by itself.

    Raises:
        BenchError: the room was not opened or driven, or nobody answers.
    """
    load, over = ClassLoad(), asyncio.Event()
    teacher = Wire(address)
    opened = await teacher.ask("/c", message={})
    if opened.status != 200:
        raise BenchError(f"no room was opened: {opened.document.get('words')}")
    room = f"/c/{opened.document['code']}"
    driver = {"room-driver": opened.document["driver"]}
    every = [asyncio.create_task(_phone(address, room, number, load, over, seconds)) for number in range(phones)]
    voted = 0
    for share, is_open, message in (
        (0.1, False, {"act": "ask", "question": question}),
        (0.4, True, {"act": "next"}), (0.05, False, {"act": "next"}),
        (0.05, False, {"act": "next"}), (0.25, True, {"act": "next"}), (0.05, False, {"act": "next"}),
    ):  # fmt: skip
        await asyncio.sleep(share * seconds)
        if is_open:  # a teacher closes the vote when all have voted
            voted += phones
            await _until(partial(_have_voted, load, voted))
        driven = await teacher.ask(f"{room}/drive", driver, message)
        if driven.status != 200:
            raise BenchError(f"the room was not driven: {driven.document.get('words')}")
    await asyncio.sleep(max(0.1 * seconds, 3 * POLL_S))
    await _until(lambda: load.answered >= phones)
    over.set()
    await asyncio.gather(*every)
    teacher.close()
    return load


def _have_voted(load: ClassLoad, phones: int) -> bool:
    return len(load.votes_s) >= phones


async def _until(is_so: Callable[[], bool]) -> None:
    """Returns once it is so, or after as long as a client waits."""
    ends = time.perf_counter() + _PATIENCE_S
    while not is_so() and time.perf_counter() < ends:
        await asyncio.sleep(0.05)


async def _phone(address: str, room: str, number: int, load: ClassLoad, over: asyncio.Event, seconds: float) -> None:
    """One phone until the class is over; it votes some time after each question, as people do."""
    wire, person = Wire(address), {"room-person": _PERSON.format(number)}
    tag = ""
    state: dict[str, Any] = {"question": None}
    due = dict[tuple[int, int], float]()  # question and round -> when it votes
    await asyncio.sleep(random.random() * POLL_S)
    while not over.is_set():
        began = time.perf_counter()
        reply = await wire.ask(f"{room}/state", {**person, "if-none-match": tag} if tag else person)
        load.polls_s.append(time.perf_counter() - began)
        load.unchanged += reply.status == 304
        load.refused += reply.status >= 400
        if reply.status == 200:
            tag, state = reply.headers["etag"], reply.document["state"]
            load.answered += state["shown"] is not None
        vote = (state.get("asked", 0), state.get("round", 0))
        if state["question"] and "ask" in state["phase"]:
            due.setdefault(vote, began + random.random() * _VOTES_WITHIN * seconds)
        if 0 < due.get(vote, 0.0) < began + POLL_S:
            await asyncio.sleep(max(0.0, due[vote] - time.perf_counter()))
            asked = time.perf_counter()
            choice = random.choice(state["question"]["choices"])["key"]
            reply = await wire.ask(f"{room}/vote", person, {"asked": vote[0], "round": vote[1], "choice": choice})
            load.votes_s.append(time.perf_counter() - asked)
            load.refused += reply.status >= 400
            due[vote] = 0.0
        await asyncio.sleep(max(0.0, began + POLL_S - time.perf_counter()))
    load.shown.append(state)
    wire.close()
