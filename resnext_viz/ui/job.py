"""Long work beside the page: a thread that can be asked to stop, and that says what went wrong in words."""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from resnext_viz.errors import UserError
from resnext_viz.inference.errors import BusyError
from resnext_viz.inference.gate import aside
from resnext_viz.operator_log import LOG, reported

MEASURING = threading.Lock()  # two measurements at once would measure each other
BUSY_WAIT_S = 0.2  # before whoever found others waiting asks again
_LOOK_S = 0.2

_T = TypeVar("_T")


class Job(ABC):
    """One piece of long work. Pages read it; only its own thread writes it.

    Attributes:
        about: what it is of, to tell whether it is still wanted.
        problem: what went wrong, in words.
    """

    def __init__(self, about: Hashable = None) -> None:
        self.about = about
        self.problem: str | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=type(self).__name__, daemon=True)

    @abstractmethod
    def work(self) -> None:
        """The work; looks at `stopping` where it can end early, and raises `UserError` in words."""

    def start(self) -> None:
        self._thread.start()

    def wait(self, seconds: float | None) -> None:
        """Returns when the work has ended, or after so many seconds."""
        with aside():
            self._thread.join(seconds)

    def stop(self) -> None:
        """Asks the work to end; what it has done so far stays."""
        self._stop.set()

    @property
    def stopping(self) -> bool:
        return self._stop.is_set()

    @property
    def leaving(self) -> bool:
        """Whether the work is to end early."""
        return self.stopping

    @property
    def running(self) -> bool:
        return self._thread.is_alive()

    @property
    def stopped_early(self) -> bool:
        return not self.running and self.problem is None and self.stopping

    @contextmanager
    def turn(self, lock: threading.Lock) -> Iterator[bool]:
        """Waits for its turn and has it inside; False if it was asked to stop before."""
        while not lock.acquire(timeout=_LOOK_S):
            if self.stopping:
                yield False
                return
        try:
            yield not self.stopping
        finally:
            lock.release()

    def patiently(self, ask: Callable[[], _T]) -> _T:
        """What `ask` gives, asked again while too many others wait.

        Raises:
            BusyError: the work is to end before its turn came.
        """
        while True:
            try:
                return ask()
            except BusyError:
                if self.leaving:
                    raise
                time.sleep(BUSY_WAIT_S)

    def _run(self) -> None:
        try:
            self.work()
        except UserError as error:
            self.problem = str(error)
            LOG.debug("job %s: %s", type(self).__name__, self.problem)
        except BaseException as error:  # nobody else hears a thread, and whoever waits must hear of its end
            self.problem = reported(error, f"job {type(self).__name__}")
