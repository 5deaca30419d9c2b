"""Long work beside the page: a thread that can be asked to stop, and that says what went wrong in words."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod

from resnext_viz.errors import UserError


class Job(ABC):
    """One piece of long work. Pages read it; only its own thread writes it."""

    def __init__(self) -> None:
        self.problem: str | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=type(self).__name__, daemon=True)

    @abstractmethod
    def work(self) -> None:
        """The work; looks at `stopping` where it can end early, and raises `UserError` in words."""

    def start(self) -> None:
        self._thread.start()

    def wait(self, seconds: float) -> None:
        """Returns when the work has ended, or after so many seconds."""
        self._thread.join(seconds)

    def stop(self) -> None:
        """Asks the work to end; what it has done so far stays."""
        self._stop.set()

    @property
    def stopping(self) -> bool:
        return self._stop.is_set()

    @property
    def running(self) -> bool:
        return self._thread.is_alive()

    def _run(self) -> None:
        try:
            self.work()
        except UserError as error:
            self.problem = str(error)
        except Exception as error:  # the page must say so; nobody else hears a thread
            self.problem = f"{type(error).__name__}: {error}"
