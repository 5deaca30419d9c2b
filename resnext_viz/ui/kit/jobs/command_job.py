"""A command of this package run beside the page, in a process of its own that Stop ends at once.

One runs at a time for all visitors.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Hashable

from resnext_viz.errors import UserError
from resnext_viz.kit.child import MISTAKE, Ending
from resnext_viz.ui.kit.jobs.job import Job, LeftError
from resnext_viz.ui.kit.jobs.own_command import own_command, problem

LIMIT_S = 300.0
TURN = threading.Lock()
WAITING = "Waiting for its turn"


class CommandJob(Job):
    """One run of `python -m resnext_viz ARGV`.

    Attributes:
        lines: what it has printed so far; the last one is what it does.
    """

    def __init__(self, *argv: str, about: Hashable = None, clean_up: Callable[[], object] = lambda: None) -> None:
        super().__init__(about)
        self.lines: list[str] = []
        self.waits = True
        self.doing = WAITING
        self._child = own_command(argv, self._hear, clean_up)

    def stop(self) -> None:
        super().stop()
        self._child.end()

    def steps(self) -> Generator[None, None, None]:
        """One step, which hears Stop by itself."""
        with self.turn(TURN, WAITING):
            self.doing = "Loading torch"
            _settle(self._child.run(self.limit_s), self.limit_s)
        yield

    @property
    def limit_s(self) -> float:
        """For how long it may run."""
        return LIMIT_S

    def _hear(self, line: str) -> None:
        self.lines.append(line)
        self.doing = line


def _settle(ending: Ending, limit_s: float) -> None:
    if ending.wanted:
        raise LeftError
    found_a_difference = ending.status == 1 and not ending.error  # a check's answer too
    if ending.status == 0 or found_a_difference:
        return
    if ending.out_of_time and ending.status != MISTAKE:
        raise UserError(f"it took longer than {limit_s:g} seconds; run it from a shell, or dial a smaller network")
    raise problem(ending)
