"""Numbers that somebody asked for with a click: computed beside the page, and shown as they come."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator, Hashable, Iterable
from functools import partial
from typing import Any

from resnext_viz.ui.kit.jobs.job import Job
from resnext_viz.ui.kit.jobs.refreshing import SessionJobs, refreshed, session_jobs
from resnext_viz.ui.kit.record import record

Steps = Callable[[], Iterable[Any]]
_AT_ONCE_S = 0.3  # what takes no longer is shown in the run that asked for it


class Computation(Job):
    """Works through the steps that it is given."""

    def __init__(self, about: Hashable, steps: Steps, before: Job | None = None, total: int = 0) -> None:
        super().__init__(about, before)
        self.total = total
        self._steps = steps

    def steps(self) -> Generator[Any, None, None]:
        """Torch first, which all of them need."""
        self.doing = "Loading torch"
        import torch  # noqa: F401

        self.doing = ""
        yield from self._steps()


def show_computed(
    name: str, about: Hashable, steps: Steps, show: Callable[[Computation], None], total: int = 0
) -> None:
    """Shows the computation of that name, refreshed while it runs; begins it where it is about something else.

    Args:
        name: in the session.
        about: what it is of.
        steps: gives the result so far, as often as there is a new one.
        show: draws it.
        total: how many results it gives, where that is known.
    """
    before = session_jobs().get(name)
    if isinstance(before, Computation) and before.about == about:
        job = before
    else:
        if before:
            before.stop()
        job = session_jobs()[name] = Computation(about, steps, before, total)
        job.start()
        if "torch" in sys.modules:  # loading it takes seconds
            job.wait(_AT_ONCE_S)
    refreshed(partial(show, job), job)


def ask(question: str, about: object) -> None:
    """A click, kept from the beginning of the run that it causes."""
    record(SessionJobs).asked[question] = about


def is_asked(question: str, about: object) -> bool:
    """Whether the question was last asked about that."""
    return record(SessionJobs).asked.get(question) == about
