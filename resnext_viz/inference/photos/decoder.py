"""A few worker processes that decode pictures, so that a file which breaks a decoder breaks nothing else."""

from __future__ import annotations

import atexit
import os
import queue
import threading
from collections.abc import Sequence
from functools import partial

from resnext_viz.inference.errors import DecoderBusyError
from resnext_viz.inference.gate import aside
from resnext_viz.inference.photos.decode_process import COMMAND, DecodeProcess, Picture

WORKERS = min(2, os.cpu_count() or 1)
WALL_S = 15.0  # the worker gives itself 5 s of processor; on a busy machine these take longer
WAIT_S = 30.0
MAX_WAITING = 128
PICTURES_EACH = 500
_BUSY = "Too many pictures wait to be decoded. Try again in a moment."


class Decoder:
    """At most `workers` processes, started when they are first needed; any number of threads may ask at once.

    Args:
        max_pixels: what an answer may hold.
        workers: processes at most.
        wall_s: seconds that one picture may take.
        wait_s: seconds that a picture waits for its turn.
        pictures_each: pictures after which a process gives way to a fresh one, so that none grows.
        command: what starts a process.
    """

    def __init__(
        self,
        max_pixels: int,
        workers: int = WORKERS,
        wall_s: float = WALL_S,
        wait_s: float = WAIT_S,
        pictures_each: int = PICTURES_EACH,
        command: Sequence[str] = COMMAND,
    ) -> None:
        self._make_worker = partial(DecodeProcess, max_pixels, wall_s, pictures_each, command)
        self._number, self._wait_s = workers, wait_s
        self.begin_anew()
        atexit.register(self.close)

    def begin_anew(self) -> None:
        """Forgets all processes without ending them: what a fork inherits is its parent's."""
        self._workers = tuple(self._make_worker() for _ in range(self._number))
        # Last in, first out: the second process starts only when two pictures come at once.
        self._free: queue.LifoQueue[DecodeProcess] = queue.LifoQueue()
        for worker in self._workers:
            self._free.put(worker)
        self._places = threading.BoundedSemaphore(self._number + MAX_WAITING)

    def decode(self, data: bytes, crop: int = 0) -> Picture:
        """The picture in `data` in RGB, for a network that sees a crop of so many pixels, its full size, and notes.

        Raises:
            ImageError: refused by the worker, or the worker had to be replaced.
            DecoderBusyError: too many wait; an `ImageError` too.
        """
        if not self._places.acquire(blocking=False):
            raise DecoderBusyError(_BUSY)
        try:
            with aside():
                worker = self._free.get(timeout=self._wait_s)
                try:
                    return worker.decode(data, crop)
                finally:
                    self._free.put(worker)
        except queue.Empty:
            raise DecoderBusyError(_BUSY) from None
        finally:
            self._places.release()

    @property
    def process_ids(self) -> tuple[int, ...]:
        """The processes that run now."""
        return tuple(worker.process_id for worker in self._workers if worker.process_id is not None)

    @property
    def has_room(self) -> bool:
        """Whether a picture that came now would not wait."""
        return not self._free.empty()

    @property
    def replaced(self) -> int:
        """Processes that had to be replaced, because a picture ended them or took too long."""
        return sum(worker.replaced for worker in self._workers)

    def close(self) -> None:
        """Ends all processes, for good; pictures under way are refused."""
        atexit.unregister(self.close)
        for worker in self._workers:
            worker.close()
