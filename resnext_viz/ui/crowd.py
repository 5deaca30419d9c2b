"""How many visitors wait for answers at this moment: explanations, which cost more than answers, give way to them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

CROWD = 4  # waiting at once; fewer and explaining hardly delays anybody

_LOCK = threading.Lock()
_waiting = [0]


@contextmanager
def waiting() -> Iterator[None]:
    """Inside, one more visitor waits for answers."""
    with _LOCK:
        _waiting[0] += 1
    try:
        yield
    finally:
        with _LOCK:
            _waiting[0] -= 1


def is_crowded() -> bool:
    """Whether explanations should wait."""
    return _waiting[0] >= CROWD
