"""A command of this package run beside the page, in a process of its own that Stop ends at once.

Its memory goes with it, and what it changes in torch stays with it. One runs at a time for all visitors.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
import weakref
from collections.abc import Hashable, Sequence
from pathlib import Path

from resnext_viz.errors import UserError
from resnext_viz.operator_log import LOG
from resnext_viz.ui.job import Job

LIMIT_S = 300.0
TURN = threading.Lock()
_ROOT = Path(__file__).parents[2]
MISTAKE = 2  # exit status of `python -m resnext_viz`
MARK = "resnext_viz: "  # before what it complains of


class CommandJob(Job):
    """One run of `python -m resnext_viz ARGV`.

    Attributes:
        lines: what it has printed so far.
        seconds: spent so far, waiting left out.
        waits: whether somebody else's command runs now.
    """

    def __init__(self, *argv: str, about: Hashable = None) -> None:
        super().__init__(about)
        self.argv = argv
        self.lines: list[str] = []
        self.seconds = 0.0
        self.waits = True
        self._began: float | None = None
        self._process: subprocess.Popen[str] | None = None
        _JOBS.add(self)

    @property
    def seconds_so_far(self) -> float:
        """Spent until now, or in all once it has ended."""
        return self.seconds or (time.perf_counter() - self._began if self._began else 0.0)

    @property
    def done(self) -> bool:
        """Whether it ran to its end."""
        return not self.running and self.problem is None and not self.stopping

    def stop(self) -> None:
        super().stop()
        if self._process:
            self._process.kill()

    def clean_up(self) -> None:
        """Removes what the job keeps on disk; some keep something."""

    def work(self) -> None:
        with self.turn(TURN) as has_turn:
            if has_turn:
                self._run_timed()

    def _run_timed(self) -> None:
        self.waits, self._began = False, time.perf_counter()
        try:
            self._run_command()
        finally:
            self.seconds = time.perf_counter() - self._began

    def _run_command(self) -> None:
        command = [sys.executable, "-m", "resnext_viz", *self.argv]
        with tempfile.TemporaryFile("w+", encoding="utf-8") as complaints:
            with subprocess.Popen(  # noqa: S603  # our own command; a network's name is one of its arguments
                command, stdout=subprocess.PIPE, stderr=complaints, text=True, encoding="utf-8", env=environment()
            ) as self._process:
                killer = threading.Timer(LIMIT_S, self._process.kill)
                killer.start()
                try:
                    self._listen(self._process)
                finally:
                    killer.cancel()
            complaints.seek(0)
            self._settle(self._process.returncode, complaints.read())

    def _listen(self, process: subprocess.Popen[str]) -> None:
        if self.stopping:  # asked for while it started
            process.kill()
        if process.stdout:
            for line in process.stdout:
                self.lines.append(line.rstrip("\n"))

    def _settle(self, status: int, complaints: str) -> None:
        if complaints:
            LOG.info("command %s ended with status %d and said: %s", self.argv[:1], status, complaints)
        said = last_complaint(complaints.splitlines())
        if self.stopping or status == 0 or (status == 1 and not said):  # 1: a check found a difference, an answer too
            return
        if status != MISTAKE and self.seconds_so_far >= LIMIT_S:
            raise UserError(f"it took longer than {LIMIT_S:g} seconds; run it from a shell, or dial a smaller network")
        raise ended_badly(self.argv, status, said, complaints)


class ChildError(Exception):
    """A command of ours that ended as none should; its message is for the log alone."""

    def __init__(self, argv: Sequence[str], status: int, complaints: str) -> None:
        super().__init__(f"`{' '.join(argv)}` ended with status {status} and said:\n{complaints}")


def ended_badly(argv: Sequence[str], status: int, said: str, complaints: str) -> Exception:
    """What to raise for a command of ours that failed: its own words, the machine's fault, or what nobody expected."""
    if status == MISTAKE and said:
        return UserError(said)
    if status < 0:
        LOG.warning("command %s ended by signal %d: %s", argv[:1], -status, complaints)
        return UserError(f"the process was ended from outside (signal {-status}); the machine may be short of memory")
    return ChildError(argv, status, complaints)


def last_complaint(lines: Sequence[str]) -> str:
    """What a command complained of last, in its own words; empty if it did not."""
    return next((line.removeprefix(MARK) for line in reversed(lines) if line.startswith(MARK)), "")


_JOBS: weakref.WeakSet[CommandJob] = weakref.WeakSet()


def end_all() -> None:
    """Stops every command and removes what they left: the server ends, by a signal that skips Python's own goodbyes."""
    for job in list(_JOBS):
        job.stop()
        job.clean_up()


def environment() -> dict[str, str]:
    """Ours, with this package found wherever the server was started, and one thread: others are served meanwhile."""
    places = [str(_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(places), "PYTHONIOENCODING": "utf-8", "OMP_NUM_THREADS": "1"}
