"""A job on a page: what starts it or stops it, how far it is, what went wrong, and that it was stopped early."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Generic, Literal, Protocol, TypeVar

import streamlit as st

from resnext_viz.kit.number_format import estimated_duration
from resnext_viz.ui.kit.acts import pressed, uncut, whole
from resnext_viz.ui.kit.jobs.job import Job
from resnext_viz.ui.kit.jobs.refreshing import current_job, session_jobs
from resnext_viz.ui.kit.parts import failure


class Work(Protocol):
    """What stands somewhere: a job, or what holds one."""

    @property
    def running(self) -> bool: ...

    @property
    def problem(self) -> str | None: ...

    @property
    def stopped_early(self) -> bool: ...

    @property
    def share(self) -> float: ...


class Stoppable(Protocol):
    """What can be asked to end."""

    @property
    def stopping(self) -> bool: ...

    def stop(self) -> None: ...


SomeWork = TypeVar("SomeWork", bound=Work)
SomeJob = TypeVar("SomeJob", bound=Job)


@dataclass(frozen=True, kw_only=True)
class Standing(Generic[SomeWork]):
    """The words for where work of one kind stands.

    Attributes:
        failed: what could not be done, where it has a problem.
        doing: what stands in the bar while it runs; None for no bar.
        stopped: what is said when it ended early.
    """

    failed: str
    doing: Callable[[SomeWork], str] | None = None
    stopped: Callable[[SomeWork], str] | None = None

    def show(self, work: SomeWork | None) -> None:
        """How far it is, or how it ended; nothing about what ran to its end."""
        if work is None:
            return
        if work.problem:
            failure(self.failed, work.problem)
        elif work.running:
            if self.doing:
                st.progress(work.share, self.doing(work))
        elif work.stopped_early and self.stopped:
            st.caption(self.stopped(work), width="content")


@dataclass(frozen=True, kw_only=True)
class ShownJob(Standing[SomeJob]):
    """How the jobs of one kind are started, stopped and shown.

    Attributes:
        kind, key: its class, and where the session has it.
        start, again: what starts it, the first time and later.
        start_key, stop_key: of the two buttons.
        is_primary: whether starting it is what its section is for.
    """

    kind: type[SomeJob]
    key: str
    start: str
    again: str
    start_key: str
    stop_key: str
    is_primary: bool = True

    def current(self, about: Hashable) -> SomeJob | None:
        """The session's job; one that is about something else is stopped and forgotten."""
        return current_job(self.kind, self.key, about)

    def button(self, job: SomeJob | None, make: Callable[[], SomeJob], *, is_refused: bool = False) -> None:
        """Stops the job while it runs, else begins the one that is made."""
        if job and job.running:
            stop_button(job, self.stop_key)
            return
        emphasis: Literal["primary", "secondary"] = "primary" if self.is_primary else "secondary"
        if pressed(self.again if job else self.start, self.start_key, type=emphasis, disabled=is_refused):
            self.begin(make())

    def begin(self, job: SomeJob) -> None:
        """Starts it, and runs the page again to show it."""
        with uncut():
            session_jobs()[self.key] = job
            job.start()
        st.rerun()


def stop_button(job: Stoppable, key: str) -> None:
    """Asks the job to end; what it has done stays."""
    st.button("Stop", key=key, on_click=whole(job.stop), disabled=job.stopping)


def so_far(job: Job) -> str:
    """`3 of 24`, or `3 of …` before it is known of how many."""
    return f"{job.done} of {job.total or '…'}"


def told(job: Job, counted: str = "") -> str:
    """`Checking float32. 3 of 24 rows, about 8 s left`: what it does, how far it is, and how long that takes."""
    count = f". {so_far(job)} {counted}".rstrip() if job.total else ""
    return f"{job.doing}{count}, {pace(job)}"


def pace(job: Job) -> str:
    """`1.2 s so far`, and as soon as that can be estimated `about 8 s left`."""
    left_s = job.left_s
    if left_s is None or job.waits or job.stopping:
        return f"{job.seconds:.1f} s so far"
    return f"about {estimated_duration(left_s)} left"
