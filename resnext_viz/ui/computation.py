"""Numbers that somebody asked for with a click: computed beside the page, and shown as they come."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Hashable, Iterator
from functools import partial
from typing import Any

import streamlit as st

from resnext_viz.ui.job import Job
from resnext_viz.ui.refreshing import refreshed

_AT_ONCE_S = 0.3  # what takes no longer is shown in the run that asked for it


class Computation(Job):
    """Works through `steps`, and can be stopped after each; it begins when the one that it takes over from has ended.

    Attributes:
        lock: held while it works; the same for all that take over from each other.
        result: what the last step gave; None before the first.
        done: how many steps have been made.
    """

    def __init__(
        self, about: Hashable, steps: Callable[[], Iterator[Any]], before: Computation | None = None
    ) -> None:
        super().__init__(about)
        self.lock: threading.Lock = before.lock if before else threading.Lock()
        self.done = 0
        self.result: Any = None
        self._steps = steps

    def work(self) -> None:
        with self.turn(self.lock) as has_turn:
            if has_turn:
                self._step()

    def _step(self) -> None:
        for result in self._steps():
            self.result = result
            self.done += 1
            if self.stopping:
                return


def show_computed(
    name: str, about: Hashable, steps: Callable[[], Iterator[Any]], show: Callable[[Computation], None]
) -> None:
    """Shows the computation of that name, refreshed while it runs; begins it where it is about something else."""
    job: Computation | None = st.session_state.get(name)
    if job is None or job.about != about:
        if job:
            job.stop()
        job = st.session_state[name] = Computation(about, steps, job)
        job.start()
        if "torch" in sys.modules:  # loading it takes seconds
            job.wait(_AT_ONCE_S)
    refreshed(partial(show, job), job)
