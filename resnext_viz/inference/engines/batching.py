"""Micro-batching queue: one thread owns a network and answers all; requests wait in a bounded queue and share batches.

A batch is what has gathered while the last one ran, in the order of asking: nobody waits for company, and under load
batches fill by themselves. A request that would wait too long is refused at once, so that whoever is in the queue is
answered at full speed (the queue's bound follows from how fast the network answers here).

The thread's priority is everybody's: were it lower, it would be kept from running while it holds Python's lock, and all
others with it (measured: reruns of other pages took seven times as long).
"""

from __future__ import annotations

import threading
import time
import weakref
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import NamedTuple

import torch
from torch import Tensor

from resnext_viz.inference.errors import BusyError

MAX_WAITING = 256  # pictures
MAX_WAIT_S = 10.0
_SMOOTHING = 0.2  # weight of the newest batch in the time for one picture

_UNLOADED = "The network was unloaded. Ask again."

Run = Callable[[Tensor], Tensor]


class BatchAnswer(NamedTuple):
    """Logits `(N, classes)` of one request, milliseconds for each picture of its batch, pictures in that batch."""

    logits: Tensor
    latency_ms: float
    batch: int


@dataclass
class _Request:
    """Pictures that wait for `run`."""

    run: Run
    inputs: Tensor
    answer: Future[BatchAnswer] = field(default_factory=Future)


class BatchingQueue:
    """Micro-batching queue of one network, with its thread; ends when it is closed or nobody holds it any more."""

    def __init__(self, max_batch: int, turn: threading.Lock | None = None) -> None:
        """Starts the thread.

        Args:
            max_batch: pictures that are run at once.
            turn: held while something runs, for several networks on one device.
        """
        self._work = _Work(max_batch, turn or threading.Lock())
        threading.Thread(target=self._work.go, name="network", daemon=True).start()
        self._finalizer = weakref.finalize(self, self._work.close)

    def submit(self, run: Run, inputs: Tensor) -> Future[BatchAnswer]:
        """The coming answer of `run` to `inputs` `(N, C, H, W)`, N at most the largest batch.

        Raises:
            BusyError: too many pictures wait already.
        """
        return self._work.add(run, inputs)

    def close(self) -> None:
        """Ends the thread after what it is doing; what still waits is refused."""
        self._finalizer()


class _Work:
    """What the thread does; it does not know its `BatchingQueue`, so that the queue can go."""

    def __init__(self, max_batch: int, turn: threading.Lock) -> None:
        self._max_batch, self._turn = max_batch, turn
        self._waiting: deque[_Request] = deque()
        self._pictures = 0  # that wait or run
        self._picture_s = 0.0  # for one picture of a batch, lately
        self._closed = False
        self._changed = threading.Condition()

    def add(self, run: Run, inputs: Tensor) -> Future[BatchAnswer]:
        if not 0 < len(inputs) <= self._max_batch:
            raise ValueError(f"{len(inputs)} pictures at once; 1 to {self._max_batch} are run together")
        request = _Request(run, inputs)
        with self._changed:
            wait_s = self._pictures * self._picture_s
            full = self._pictures + len(inputs) > MAX_WAITING or (
                self._pictures >= self._max_batch and wait_s > MAX_WAIT_S
            )
            if self._closed:
                raise BusyError(_UNLOADED)
            if full:
                raise BusyError(_busy(self._pictures, wait_s))
            self._pictures += len(inputs)
            self._waiting.append(request)
            self._changed.notify()
        return request.answer

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify()

    def go(self) -> None:
        while (taken := self._next()) is not None:
            self._answer(taken)
            del taken  # pictures and answers belong to those who asked, not to a thread that waits

    def _next(self) -> list[_Request] | None:
        """The next batch: requests in order, as many as fit and want the same; None at the end."""
        with self._changed:
            while not self._waiting and not self._closed:
                self._changed.wait()
            if self._closed:
                self._refuse_all()
                return None
            first = self._waiting.popleft()
            batch, pictures = [first], len(first.inputs)
            while self._waiting:
                following = self._waiting[0]
                pictures += len(following.inputs)
                if pictures > self._max_batch or following.run != first.run:
                    break
                self._waiting.popleft()
                batch.append(following)
            return batch

    def _answer(self, batch: list[_Request]) -> None:
        sizes = [len(request.inputs) for request in batch]
        failed: Exception | None = None
        try:
            inputs = batch[0].inputs if len(batch) == 1 else torch.cat([request.inputs for request in batch])
            with self._turn:
                began = time.perf_counter()
                logits = batch[0].run(inputs)
                elapsed_s = time.perf_counter() - began
            answers = logits.split(sizes)  # here: were they too few, the thread would end and nobody be answered
        except Exception as error:  # it belongs to those who asked
            failed = error
        with self._changed:  # first: whoever has an answer finds its place in the queue free again
            self._pictures -= sum(sizes)
        if failed is not None:
            for request in batch:
                request.answer.set_exception(failed)
            return
        self._remember(elapsed_s / sum(sizes))
        for request, rows in zip(batch, answers, strict=True):
            request.answer.set_result(BatchAnswer(rows, 1000 * elapsed_s / sum(sizes), sum(sizes)))

    def _remember(self, picture_s: float) -> None:
        self._picture_s += (picture_s - self._picture_s) * (_SMOOTHING if self._picture_s else 1.0)

    def _refuse_all(self) -> None:
        for left in self._waiting:
            left.answer.set_exception(BusyError(_UNLOADED))
        self._waiting.clear()


def _busy(pictures: int, wait_s: float) -> str:
    wait = f", about {wait_s:.0f} s of work" if wait_s >= 1 else ""
    return f"The network is busy: {pictures} pictures wait already{wait}. Try again in a moment."
