"""What a class of 200 phones costs: polls once a second and votes in the app's own server, alone and beside a teacher.

1. A route of Streamlit's that says no more than "ok" (`/_stcore/health`), asked as often; what a poll is a ratio to.
2. A whole vote: asked, closed, asked again, closed, shown. Polls with an ETag, votes, memory before and after.
3. Reruns of Anatomy of one who dials, alone and while the class votes again.

Phones and server share one machine, so what the phones cost is in the figures.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from statistics import median
from typing import Any

from resnext_viz.bench.app.load import memory_reader
from resnext_viz.bench.app.phones import Wire, poll_path, whole_vote
from resnext_viz.bench.app.served_apps import our_app
from resnext_viz.bench.app.session import Session, visit
from resnext_viz.bench.result import BenchError, BenchRow, four_digits
from resnext_viz.kit.timing import percentile
from resnext_viz.lessons import DialledNetwork, answer, lesson_of
from resnext_viz.rooms import question_of

PHONES = 200
PEER_S = 10.0
CLASS_S = 30.0
RERUNS = 40
WARM_LIMIT_S = 120.0
PAUSE_S = 0.1  # a rerun asked for at once after the last answer waits 40 ms in Streamlit
_LEAST = "Streamlit’s least route"
_ALONE = "a rerun of Anatomy, nobody else there"
_LESSON = 2  # needs no measurement


def measure() -> list[BenchRow]:
    """A row for each part.

    Raises:
        UserError: psutil is not installed, or the app could not be started.
    """
    memory_mb = _served_memory_reader()
    question = question_of(answer(lesson_of(_LESSON), DialledNetwork()))
    with ExitStack() as stack:
        address = stack.enter_context(our_app())
        asyncio.run(_wait_until_warm(address))
        asyncio.run(poll_path(address, "/_stcore/health", PHONES, 2.0))  # what a first connection brings about
        least_s = asyncio.run(poll_path(address, "/_stcore/health", PHONES, PEER_S))
        before = memory_mb()
        alone = asyncio.run(whole_vote(address, PHONES, CLASS_S, question))
        after = memory_mb()
        dialling = stack.enter_context(visit(address))
        idle_s = _reruns(dialling, most=RERUNS)
        busy_s, over = list[float](), threading.Event()
        teacher = threading.Thread(target=lambda: busy_s.extend(_reruns(dialling, over)))
        teacher.start()
        try:
            beside = asyncio.run(whole_vote(address, PHONES, CLASS_S, question))
        finally:
            over.set()
            teacher.join()
    return [
        _row(f"{_LEAST}, {PHONES} clients", least_s, memory_mb=round(before)),
        _row(
            f"{PHONES} phones poll a room",
            alone.polls_s,
            least_s,
            _LEAST,
            refused=alone.refused,
            memory_mb=round(after),
        ),
        _row(f"{PHONES} phones vote", alone.votes_s, least_s, _LEAST),
        _row(
            f"{PHONES} phones poll beside a teacher who dials", beside.polls_s, least_s, _LEAST, refused=beside.refused
        ),
        _row(f"{PHONES} phones vote beside her", beside.votes_s, least_s, _LEAST),
        _row(_ALONE, idle_s),
        _row("a rerun of Anatomy beside the class", busy_s, idle_s, _ALONE),
    ]


async def _wait_until_warm(address: str) -> None:
    """Returns once the server has loaded torch, which takes both cores for seconds and more memory than any class."""
    wire = Wire(address)
    deadline = time.perf_counter() + WARM_LIMIT_S
    while (await wire.ask("/readyz")).status != 200:
        if time.perf_counter() > deadline:
            raise BenchError(f"the app did not get ready within {WARM_LIMIT_S:.0f} s")
        await asyncio.sleep(0.5)
    wire.close()


def _row(
    what: str, samples_s: Sequence[float], base_s: Sequence[float] = (), against: str | None = None, **more: Any
) -> BenchRow:
    if not samples_s:
        raise BenchError(f"{what}: nothing was answered")
    middle, high = 1000 * median(samples_s), 1000 * percentile(samples_s, 0.95)
    ratio = four_digits(median(base_s) / median(samples_s)) if base_s else None
    return BenchRow("room", what, 1, four_digits(middle), four_digits(high), ratio, against, **more)


def _reruns(visitor: Session, over: threading.Event | None = None, most: int | None = None) -> list[float]:
    """Seconds of reruns of the first page, until there are so many or the class is over."""
    found: list[float] = []
    while (most is None or len(found) < most) and not (over and over.is_set()):
        found.append(visitor.rerun() / 1000)
        time.sleep(PAUSE_S)
    return found


def _served_memory_reader() -> Callable[[], float]:
    """What reads the memory of the processes that this one started, in MB (10^6 bytes)."""
    memory_reader()  # says it if psutil is missing
    import psutil

    def read() -> float:
        return float(sum(child.memory_info().rss for child in psutil.Process().children(recursive=True))) / 1e6

    return read
