"""Admission control: how many visitors wait at this moment, for answers or explanations, and who may run the page.

Explanations cost more than answers, so that in a crowd no further ones are begun.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from resnext_viz.inference.gate import Gate

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


PREDICT = Gate(1)  # for runs of the Predict page
