"""One process that decodes pictures, seen from its parent: it is killed when it is late and replaced when it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, cast

from PIL import Image

from resnext_viz.inference.errors import ImageError
from resnext_viz.inference.photos.decode_frames import read_frame, write_frame
from resnext_viz.kit.operator_log import LOG, logged

COMMAND = (sys.executable, "-P", "-m", "resnext_viz.inference.photos.decode_worker")
SAVE_SIMPLER = "Save it anew, smaller or as a plain JPEG or PNG, and try again."
_START_S = 60.0

# In RGB, the size that it has in its file, and notes.
Picture = tuple[Image.Image, tuple[int, int], tuple[str, ...]]


class DecodeProcess:
    """One process and its successors, started at the first picture; one thread asks at a time.

    Args:
        max_pixels: what a reply may hold.
        wall_s: seconds that one picture may take.
        pictures_each: pictures after which a process gives way to a fresh one.
        command: what starts a process.
    """

    def __init__(self, max_pixels: int, wall_s: float, pictures_each: int, command: Sequence[str]) -> None:
        self._max_pixels, self._wall_s, self._pictures_each, self._command = max_pixels, wall_s, pictures_each, command
        self._process: subprocess.Popen[bytes] | None = None
        self._pictures = 0
        self._ready = self._closed = False
        self._changing = threading.Lock()
        self.replaced = 0

    @property
    def process_id(self) -> int | None:
        """The process that runs now, if any."""
        return self._process.pid if self._process is not None else None

    def decode(self, data: bytes, crop: int = 0) -> Picture:
        """The picture in `data`, for a network that sees a crop of so many pixels of it.

        Raises:
            ImageError: refused, or the process had to be replaced, or none starts.
        """
        process = self._running()
        began = time.monotonic()
        try:
            with _killed_after(process, self._wall_s):
                write_frame(_requests(process), {"crop": crop}, data)
                answer = _understood(*read_frame(_replies(process), 3 * self._max_pixels))
        except (OSError, EOFError, ValueError, KeyError, TypeError) as error:
            what = "ended the process that decodes it"
            if time.monotonic() - began >= self._wall_s:
                what = f"takes longer than {self._wall_s:g} seconds to decode"
            elif _used_its_time(process):
                what = "takes too long to decode"
            self.replaced += 1
            self._restart()
            LOG.warning("a process that decodes was replaced (%r): the picture %s", error, what)
            raise ImageError(f"The picture {what}. {SAVE_SIMPLER}") from None
        self._pictures += 1
        if self._pictures >= self._pictures_each:
            self._restart()
        if isinstance(answer, str):
            raise ImageError(answer)
        return answer

    def close(self) -> None:
        """Ends the process, for good; a picture under way is refused."""
        self._closed = True
        with self._changing:
            self._end()

    def _running(self) -> subprocess.Popen[bytes]:
        """The process, which has said that it is ready.

        Raises:
            ImageError: it does not start.
        """
        if self._process is None or self._process.poll() is not None:
            self._restart()
        process = self._process
        if process is None or not self._says_ready(process):
            raise ImageError(
                "The process that decodes pictures does not start. Free some memory, start the program again and retry."
            )
        return process

    def _says_ready(self, process: subprocess.Popen[bytes]) -> bool:
        if not self._ready:
            with suppress(OSError, EOFError, ValueError), _killed_after(process, _START_S):
                read_frame(_replies(process), 0)
                self._ready = True
        return self._ready

    def _restart(self) -> None:
        """Ends the process and starts the next, which gets ready while nobody waits for it."""
        with self._changing:
            self._end()
            self._ready, self._pictures = False, 0
            if not self._closed:
                try:
                    self._process = _start(self._command)
                except OSError as error:  # no memory for a process; the one who asks next is told
                    logged(error, "starting a process that decodes")

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            for pipe in (_requests(process), _replies(process)):
                with suppress(OSError):  # bytes that it never read are lost with it
                    pipe.close()


def _start(command: Sequence[str]) -> subprocess.Popen[bytes]:
    """A process that finds modules where this one does."""
    root = str(Path(__file__).parents[3])
    # One thread and one arena: each further one reserves address space, which the worker bounds.
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join([root, *(place for place in sys.path if place)]),
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "MALLOC_ARENA_MAX": "1",
    }
    # Its standard error is ours until it is ready: why one does not start is seen there.
    return subprocess.Popen(  # noqa: S603  The command is ours.
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
    )


def _used_its_time(process: subprocess.Popen[bytes]) -> bool:
    """Whether the system ended it, because it took more of the processor than it had given itself."""
    with suppress(subprocess.TimeoutExpired):
        return process.wait(1.0) == -getattr(signal, "SIGXCPU", 0)
    return False


def _requests(process: subprocess.Popen[bytes]) -> IO[bytes]:
    return cast("IO[bytes]", process.stdin)


def _replies(process: subprocess.Popen[bytes]) -> IO[bytes]:
    return cast("IO[bytes]", process.stdout)


@contextmanager
def _killed_after(process: subprocess.Popen[bytes], seconds: float) -> Iterator[None]:
    """Reading and writing inside end after so many seconds, because the process at the other end is killed."""
    timer = threading.Timer(seconds, process.kill)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()


def _understood(header: dict[str, Any], body: bytes) -> Picture | str:
    """A reply as a picture, or as a refusal in words.

    Raises:
        ValueError: it does not add up. Also KeyError and TypeError.
    """
    if "refusal" in header:
        return str(header["refusal"])
    width, height = map(int, header["size"])
    full_width, full_height = map(int, header["full_size"])
    if width < 1 or height < 1 or 3 * width * height != len(body) or full_width < width or full_height < height:
        raise ValueError(f"{len(body)} bytes for {width} × {height} pixels of {full_width} × {full_height}")
    picture = Image.frombytes("RGB", (width, height), body)
    return picture, (full_width, full_height), tuple(map(str, header["notes"]))
