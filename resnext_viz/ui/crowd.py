"""How many visitors wait at this moment, for answers or explanations.

Explanations cost more than answers, so that in a crowd no further ones are begun.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

CROWD = 2  # waiting at once

_LOCK = threading.Lock()
_waiting = [0]


@contextmanager
def waiting() -> Iterator[None]:
    """Inside, one more visitor waits."""
    with _LOCK:
        _waiting[0] += 1
    try:
        yield
    finally:
        with _LOCK:
            _waiting[0] -= 1


def is_crowded() -> bool:
    """Whether further explanations should not begin now."""
    return _waiting[0] >= CROWD


class Gate:
    """Lets few runs of a page compute at once; whoever only waits for something steps aside meanwhile.

    Python runs one thread at a time: were sixty runs to take turns by milliseconds, each would take sixty times as
    long, and so would the run of somebody who only dials.
    """

    def __init__(self, width: int) -> None:
        self._free = threading.Semaphore(width)
        self._own = threading.local()

    @contextmanager
    def inside(self) -> Iterator[None]:
        """Waits until there is room, and takes it."""
        with self._free:
            self._own.inside = True
            try:
                yield
            finally:
                self._own.inside = False

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Gives the room to others while this thread waits; nothing for a thread that is not inside."""
        if not getattr(self._own, "inside", False):
            yield
            return
        self._free.release()
        self._own.inside = False
        try:
            yield
        finally:
            self._free.acquire()
            self._own.inside = True


PREDICT = Gate(1)  # for runs of the Predict page
