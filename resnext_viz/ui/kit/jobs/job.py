"""Long work as a generator of steps: run in a thread beside the page or in the caller's own, ended between two steps.

A step is what the work does until it yields. What it yields, but None, is the result so far and counts as one done; a
bare `yield` is only a moment at which the work can be ended. Whatever ends it, what it has done so far stays, and what
went wrong is told in words.
"""

from __future__ import annotations

import math
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Hashable, Iterator
from contextlib import closing, contextmanager
from typing import Any, ClassVar, NamedTuple, TypeVar

from resnext_viz.errors import UserError
from resnext_viz.inference.errors import BusyError
from resnext_viz.inference.gate import aside
from resnext_viz.kit.operator_log import LOG, reported

MEASURING = threading.Lock()  # two measurements at once would measure each other
BUSY_WAIT_S = 0.2  # before whoever found others waiting asks again
_LOOK_S = 0.2

_T = TypeVar("_T")


class _Count(NamedTuple):
    """How much of the work was done at a moment of the process's clock."""

    work: float
    at_s: float


class LeftError(Exception):
    """The work is to end early; raised within a step, it ends it without a problem."""


class Job(ABC):
    """One piece of long work. Pages read it; only whoever runs it writes it.

    Attributes:
        about: what it is of, to tell whether it is still wanted.
        result: what it has yielded last; None before.
        done, total: steps, or what else the work counts; 0 in all until that is known.
        doing: what is being done, in words.
        waits: whether others come first.
        problem: what went wrong, in words.
        unwatched_s: for how long nobody may watch before it ends by itself.
    """

    unwatched_s: ClassVar[float] = math.inf

    def __init__(self, about: Hashable = None, before: Job | None = None) -> None:
        """Prepares the job.

        Args:
            about: what it is of.
            before: the job that it takes over from, already asked to stop; this one begins when that has ended.
        """
        self.about = about
        self.result: Any = None
        self._first = self._last = _Count(0, 0.0)
        self.done = self.total = 0
        self.doing = ""
        self.waits = False
        self.problem: str | None = None
        self._before = before
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._running = self._came_to_its_end = False
        self._began_s: float | None = None
        self._ended_s: float | None = None
        self.watch()

    @abstractmethod
    def steps(self) -> Generator[Any, None, None]:
        """The work; raises `UserError` in words."""

    def let_go(self) -> None:  # noqa: B027  # many jobs hold nothing that is only for the work
        """Called when the job has ended, however that was: gives back what only the work needed."""

    def start(self) -> None:
        """Runs it in a thread of its own."""
        self._running = True
        self._thread = threading.Thread(target=self.run, name=type(self).__name__, daemon=True)
        self._thread.start()

    def run(self) -> None:
        """Runs it in the calling thread, to its end."""
        for _ in self.in_steps():
            pass

    def in_steps(self) -> Iterator[None]:
        """The same, handing over after each step, so that whoever drives it can show how far it is."""
        self._running = True
        try:
            yield from self._all_steps()
            self._came_to_its_end = True
        except (GeneratorExit, LeftError):  # whoever drives it wants no more, or it was asked to end
            return
        except UserError as error:
            self.problem = str(error)
            LOG.debug("job %s: %s", type(self).__name__, self.problem)
        except BaseException as error:  # nobody else hears a thread, and whoever waits must hear of its end
            self.problem = reported(error, f"job {type(self).__name__}")
        finally:
            self._ended_s = time.perf_counter()
            self.let_go()
            self._running = False

    def _all_steps(self) -> Iterator[None]:
        while self._before and self._before.busy:
            self._before.wait(_LOOK_S)
            self.leave_if_asked()
        self._before = None
        if self.stopping:
            raise LeftError
        self.count_from_now()
        with closing(self.steps()) as steps:
            for result in steps:
                if result is not None:
                    self.result = result
                    self.done += 1
                yield
                self.leave_if_asked()

    def wait(self, seconds: float | None) -> None:
        """Returns when the work has ended, or after so many seconds."""
        if self._thread:
            with aside():
                self._thread.join(seconds)

    def stop(self) -> None:
        """Asks the work to end; what it has done so far stays."""
        self._stop.set()

    def watch(self) -> None:
        """Says that somebody still waits for it."""
        self._watched_s = time.monotonic()

    def leave_if_asked(self) -> None:
        """For a long step's callbacks.

        Raises:
            LeftError: the work is to end early.
        """
        if self.leaving:
            raise LeftError

    def count_from_now(self) -> None:
        """Begins to count the seconds: what came before was preparation, or waiting."""
        self._began_s = time.perf_counter()

    @property
    def seconds(self) -> float:
        """Spent so far, or in all once it has ended."""
        now = self._ended_s or time.perf_counter()
        return 0.0 if self._began_s is None else now - self._began_s

    @property
    def done(self) -> int:
        return self._done

    @done.setter
    def done(self, done: int) -> None:
        self._done = done
        self._last = _Count(self.work(done), time.perf_counter())
        self._first = self._first if self._first.work else self._last

    def work(self, done: int) -> float:
        """How much work the first `done` of what is counted are; all are the same where a job does not know better."""
        return done

    @property
    def left_s(self) -> float | None:
        """Seconds until its end, judged by the pace since its first count; None before that tells anything."""
        took_s, worked = self._last.at_s - self._first.at_s, self._last.work - self._first.work
        if not (self.total and took_s and worked > 0):
            return None
        pace_s, all_of_it = took_s / worked, self.work(self.total)
        rest_s = (all_of_it - self._last.work) * pace_s
        after_next_s = (all_of_it - self.work(min(self.done + 1, self.total))) * pace_s  # however long the next takes
        return max(after_next_s, rest_s - (time.perf_counter() - self._last.at_s))

    @property
    def share(self) -> float:
        """How far it is, 0 to 1."""
        return min(1.0, self.done / self.total) if self.total else 0.0

    @property
    def stopping(self) -> bool:
        return self._stop.is_set()

    @property
    def leaving(self) -> bool:
        """Whether the work is to end early: it was asked to, or nobody watches any more."""
        return self.stopping or time.monotonic() - self._watched_s > self.unwatched_s

    @property
    def running(self) -> bool:
        return self._running

    @property
    def busy(self) -> bool:
        """Whether it runs, or did not even begin because the one before it still does."""
        return self._running or (self._before is not None and self._before.busy)

    @property
    def finished(self) -> bool:
        """Whether it ran to its end."""
        return not self._running and self._came_to_its_end

    @property
    def stopped_early(self) -> bool:
        """Whether it ended before its end, without a problem."""
        has_ended = self._ended_s is not None and not self._running
        is_whole = self._came_to_its_end or 0 < self.total <= self.done
        return has_ended and self.problem is None and not is_whole

    @contextmanager
    def turn(self, room: threading.Lock | threading.Semaphore, waiting: str = "") -> Iterator[None]:
        """Waits for its turn, which `waiting` says, and has it inside.

        Raises:
            LeftError: the work is to end before its turn came.
        """
        if not room.acquire(blocking=False):
            self.waits, self.doing = True, waiting or self.doing
            while not room.acquire(timeout=_LOOK_S):
                self.leave_if_asked()
        try:
            self.leave_if_asked()
            self.waits = False
            self.count_from_now()
            yield
        finally:
            room.release()

    def patiently(self, ask: Callable[[], _T]) -> _T:
        """What `ask` gives, asked again while too many others wait.

        Raises:
            LeftError: the work is to end before its turn came.
        """
        while True:
            try:
                return ask()
            except BusyError:
                self.leave_if_asked()
                time.sleep(BUSY_WAIT_S)
