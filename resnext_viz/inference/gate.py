"""Gate: few threads compute at once, and whoever only waits steps aside meanwhile.

Stepping aside stands here, below all that waits (for a decoder, for a network's answer, for an engine to be built), so
that no caller need know in which gate it is, or that it is in one. It comes before any lock: who came back to a gate
with a lock in hand would wait for somebody inside who waits for that lock.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

_THREAD = threading.local()  # `.gate`: the one that this thread is inside


class Gate:
    """Lets few runs of a page compute at once.

    Python runs one thread at a time: were sixty runs to take turns by milliseconds, each would take sixty times as
    long, and so would the run of somebody who only dials.
    """

    def __init__(self, width: int) -> None:
        self._free = threading.Semaphore(width)

    @contextmanager
    def inside(self) -> Iterator[None]:
        """Waits until there is room, and takes it."""
        with self._free:
            _THREAD.gate = self
            try:
                yield
            finally:
                _THREAD.gate = None

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Gives the room to others while this thread waits; nothing for a thread that is not inside."""
        if getattr(_THREAD, "gate", None) is not self:
            yield
            return
        self._free.release()
        _THREAD.gate = None
        try:
            yield
        finally:
            self._free.acquire()
            _THREAD.gate = self


@contextmanager
def aside() -> Iterator[None]:
    """Gives its room, in whichever gate this thread is, to others while it waits."""
    gate: Gate | None = getattr(_THREAD, "gate", None)
    if gate is None:
        yield
        return
    with gate.aside():
        yield


class LongLock:
    """A lock for long work: who waits for it, or works under it, stands aside of every gate."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._holders: AbstractContextManager[None] | None = None

    def __enter__(self) -> None:
        left = aside()
        left.__enter__()
        self._lock.acquire()
        self._holders = left

    def __exit__(self, *_: object) -> None:
        left, self._holders = self._holders, None
        self._lock.release()
        if left:
            left.__exit__(None, None, None)
