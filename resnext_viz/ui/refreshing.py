"""A part of a page that shows a job: the job that is still wanted, and the part drawn anew while it runs."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TypeVar

import streamlit as st

from resnext_viz.ui.job import Job

REFRESH_S = 0.3
SomeJob = TypeVar("SomeJob", bound=Job)


def current_job(kind: type[SomeJob], key: str, about: Hashable) -> SomeJob | None:
    """The session's job of that key; one that is about something else is stopped and forgotten."""
    job = st.session_state.get(key)
    if isinstance(job, Job) and job.about != about:
        job.stop()
        job = st.session_state[key] = None
    return job if isinstance(job, kind) else None


def refreshed(show: Callable[[], None], *jobs: Job | None, every_s: float = REFRESH_S) -> None:
    """Shows a part of the page, and again while one of `jobs` runs; whoever starts one runs the page again."""
    running, page_runs = _any_running(jobs), [True]

    def shown() -> None:
        show()
        if running and not page_runs and not _any_running(jobs):
            st.rerun()  # once, to end the refreshing
        page_runs.clear()

    st.fragment(shown, run_every=every_s if running else None)()


def _any_running(jobs: tuple[Job | None, ...]) -> bool:
    return any(job is not None and job.running for job in jobs)
