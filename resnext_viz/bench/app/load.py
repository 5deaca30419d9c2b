"""Many clients at once: what they met, and how it becomes a row."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

import numpy as np
from PIL import Image

from resnext_viz.bench.result import BenchError, BenchRow, four_digits
from resnext_viz.kit.timing import percentile

SUBJECT = "serving"
_PHOTO_SIDE = 640  # px


@dataclass
class Load:
    """What clients met: seconds of each answer and of each refusal, and how many pictures got neither."""

    answers_s: list[float] = field(default_factory=list)
    refusals_s: list[float] = field(default_factory=list)
    lost: int = 0
    elapsed_s: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def answered(self, seconds: float, pictures: int = 1) -> None:
        with self._lock:
            self.answers_s += [seconds] * pictures

    def refused(self, seconds: float) -> None:
        with self._lock:
            self.refusals_s.append(seconds)

    def lose(self) -> None:
        with self._lock:
            self.lost += 1

    def row(self, engine: str, memory_mb: float) -> BenchRow:
        """Median and p95 of the answers, how many a second, how many refused and lost."""
        return row(
            engine,
            self.answers_s,
            per_second=four_digits(len(self.answers_s) / self.elapsed_s),
            refused=len(self.refusals_s),
            lost=self.lost,
            memory_mb=round(memory_mb),
        )


def row(engine: str, samples_s: Sequence[float], batch: int = 1, **more: Any) -> BenchRow:
    """A row from seconds.

    Raises:
        BenchError: there are none.
    """
    if not samples_s:
        raise BenchError(f"{engine}: nothing was answered")
    middle, high = 1000 * median(samples_s), 1000 * percentile(samples_s, 0.95)
    return BenchRow(SUBJECT, engine, batch, four_digits(middle), four_digits(high), **more)


def together(calls: Sequence[Callable[[], None]]) -> float:
    """Seconds until all calls are done, each on a thread of its own.

    Raises:
        BenchError: one failed.
    """
    problems: list[BaseException] = []

    def guarded(call: Callable[[], None]) -> None:
        try:
            call()
        except Exception as error:
            problems.append(error)

    threads = [threading.Thread(target=guarded, args=(call,)) for call in calls]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if problems:
        raise BenchError(f"a client failed: {type(problems[0]).__name__}: {problems[0]}") from problems[0]
    return time.perf_counter() - began


def photo(seed: int) -> bytes:
    """A JPEG file like a phone's small ones, another for each seed."""
    coarse = np.random.default_rng(seed).integers(0, 256, (12, 16, 3), dtype=np.uint8)
    out = io.BytesIO()
    Image.fromarray(coarse).resize((_PHOTO_SIDE, _PHOTO_SIDE * 3 // 4), Image.Resampling.BICUBIC).save(out, "JPEG")
    return out.getvalue()


def memory_reader() -> Callable[[], float]:
    """What reads the memory of this process and all that it started, in MB (10^6 bytes).

    Raises:
        BenchError: psutil is not installed.
    """
    try:
        import psutil
    except ImportError:
        raise BenchError("serving needs psutil; install it with `pip install -r requirements-dev.txt`") from None

    def read() -> float:
        own = psutil.Process()
        found = 0.0
        for process in (own, *own.children(recursive=True)):
            try:
                found += process.memory_info().rss / 1e6
            except psutil.NoSuchProcess:  # ended meanwhile
                continue
        return found

    return read
