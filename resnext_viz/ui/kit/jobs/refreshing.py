"""A part of a page that shows a job: the job that is still wanted, and the part drawn anew while it runs."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import TypeVar

import streamlit as st

from resnext_viz.ui.kit.jobs.job import Job
from resnext_viz.ui.kit.link import hear, run_again
from resnext_viz.ui.kit.record import record

REFRESH_S = 0.3
SomeJob = TypeVar("SomeJob", bound=Job)


@dataclass
class SessionJobs:
    """What a session has asked for.

    Attributes:
        by_name: the job that was begun last of each name.
        asked: what each question was last asked about, by a click.
    """

    by_name: dict[str, Job] = field(default_factory=dict)
    asked: dict[str, object] = field(default_factory=dict)


def session_jobs() -> dict[str, Job]:
    """The session's jobs, by name: the one that was begun last of each."""
    return record(SessionJobs).by_name


def current_job(kind: type[SomeJob], key: str, about: Hashable) -> SomeJob | None:
    """The session's job of that key; one that is about something else is stopped and forgotten."""
    job = session_jobs().get(key)
    if job is not None and job.about != about:
        job.stop()
        job = None
        del session_jobs()[key]
    return job if isinstance(job, kind) else None


def refreshed(show: Callable[[], None], *jobs: Job | None, every_s: float = REFRESH_S, apart: bool = False) -> None:
    """Shows a part of the page, and again while one of `jobs` runs; whoever starts one runs the page again.

    With `apart`, what is chosen in this part runs it alone also while nothing runs; a fragment costs the page 0.3 ms.
    """
    running, page_runs = _any_running(jobs), [True]
    if not (running or apart):
        with st.container():  # as a fragment has it, so that nothing is mounted anew when one begins
            show()
        return

    def shown() -> None:
        show()
        if running and not page_runs and not _any_running(jobs):
            run_again()  # once, to end the refreshing
        page_runs.clear()

    part(shown, every_s if running else None)


def part(show: Callable[[], None], every_s: float | None) -> None:
    """Shows a part of the page that what is chosen in it runs alone, and a clock, too, if it is given seconds."""
    page_runs = [True]

    def shown() -> None:
        if not page_runs:
            hear()
        page_runs.clear()
        show()

    st.fragment(shown, run_every=every_s)()


def _any_running(jobs: tuple[Job | None, ...]) -> bool:
    return any(job is not None and job.running for job in jobs)
