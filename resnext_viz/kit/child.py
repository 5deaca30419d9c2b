"""Supervisor of child processes: starts `python -m MODULE ...`, listens, talks, bounds its time, and ends it.

Its memory goes with it, and what it changes in torch stays with it. A module of ours tells what went wrong as a code
(`error_line`), never in words to be understood here; all that run end with the process that started them.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import weakref
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import IO

from resnext_viz.kit.error_line import AS_JSON, VARIABLE, ToldError, last_error
from resnext_viz.kit.operator_log import LOG

MISTAKE = 2  # exit status of `python -m resnext_viz`
_ROOT = Path(__file__).parents[2]
_KEPT_BYTES = 20_000  # of what it said last: a traceback among it


@dataclass(frozen=True)
class Ending:
    """How a child ended.

    Attributes:
        argv: its words.
        status: its exit status; below zero for the signal that ended it.
        error: what it told, if anything.
        said: the last of what it wrote on standard error, for the log.
        wanted: whether somebody here ended it.
        out_of_time: whether it was ended because its time was up.
    """

    argv: Sequence[str]
    status: int
    error: ToldError | None = None
    said: str = ""
    wanted: bool = False
    out_of_time: bool = False


class Child:
    """One run of `python -m MODULE ARGV`, at most."""

    def __init__(
        self,
        argv: Sequence[str],
        hear: Callable[[str], object],
        clean_up: Callable[[], object] = lambda: None,
        *,
        module: str = "resnext_viz",
        folder: Path | None = None,
        environment: Mapping[str, str] = MappingProxyType({}),
        is_told: bool = False,
    ) -> None:
        """Prepares it.

        Args:
            argv: its words.
            hear: called with each line that it prints.
            clean_up: removes what it leaves on disk; called when this process ends.
            module: what is run.
            folder: where it runs; here if None.
            environment: more of it than ours.
            is_told: whether `tell` writes to its standard input, which is empty otherwise.
        """
        self.argv, self._hear, self.clean_up = tuple(argv), hear, clean_up
        self._module, self._folder, self._environment, self._is_told = module, folder, environment, is_told
        self._process: subprocess.Popen[str] | None = None
        self._wanted = self._out_of_time = False
        _ALL.add(self)

    @property
    def process_id(self) -> int | None:
        """Of its process, gone or not; None before it began."""
        return self._process.pid if self._process else None

    @property
    def is_over(self) -> bool:
        """Whether somebody here has ended it, begun or not."""
        return self._wanted

    def run(self, limit_s: float | None = None, grace_s: float = 0.0, kindness: int = 0) -> Ending:
        """How it ended, when it has: by itself, by `end` or `interrupt`, or because its time was up.

        Args:
            limit_s: for how long it may run; None for as long as it likes.
            grace_s: between the signal that its time is up, which it may heed, and its end.
            kindness: how much other processes come before it, as `nice` counts.
        """
        if self._wanted:
            return Ending(self.argv, 0, wanted=True)
        with tempfile.TemporaryFile() as complaints:
            status = self._run(complaints, limit_s, grace_s, kindness)
            said = _last_of(complaints)
        if said:
            LOG.info("command %s ended with status %d and said: %s", self.argv[:1], status, said)
        return Ending(self.argv, status, last_error(said.splitlines()), said, self._wanted, self._out_of_time)

    def run_beside(self) -> Future[Ending]:
        """Runs it in a thread of its own; what comes is its ending, or what kept it from starting."""
        thread = ThreadPoolExecutor(1, f"child {self._module}")
        try:
            return thread.submit(self.run)
        finally:
            thread.shutdown(wait=False)

    def _run(self, complaints: IO[bytes], limit_s: float | None, grace_s: float, kindness: int) -> int:
        with subprocess.Popen(  # noqa: S603  # our own command, its words made from checked values
            [sys.executable, "-m", self._module, *self.argv],
            stdin=subprocess.PIPE if self._is_told else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=complaints,
            text=True,
            encoding="utf-8",
            errors="replace",
            cwd=self._folder,
            env={**_base_environment(), **self._environment},
        ) as self._process:
            _stand_back(self._process, kindness)
            if self._wanted:  # asked for while it started
                self._process.kill()
            clock = _later(limit_s, self._run_out, grace_s) if limit_s is not None else None
            try:
                for line in self._process.stdout or ():
                    self._hear(line.rstrip("\n"))
            finally:
                if clock:
                    clock.cancel()
                self.hang_up()
        return self._process.returncode

    def _run_out(self, grace_s: float) -> None:
        self._out_of_time = True
        self._signal(grace_s)

    def tell(self, line: str) -> None:
        """Writes a line to its standard input; one that has ended hears nothing, and its ending says so."""
        if self._process and self._process.stdin:
            with suppress(OSError, ValueError):
                self._process.stdin.write(f"{line}\n")
                self._process.stdin.flush()

    def hang_up(self) -> None:
        """Closes its standard input: one that reads it to its end then ends by itself."""
        if self._process and self._process.stdin:
            with suppress(OSError):  # lines that it never read are lost with it
                self._process.stdin.close()

    def interrupt(self, grace_s: float) -> None:
        """What Ctrl-C is to it, and its end if it does not heed that; one that has not begun never does."""
        self._wanted = True
        self._signal(grace_s)

    def end(self) -> None:
        """Ends it at once; one that has not begun never does."""
        self.interrupt(0.0)

    def _signal(self, grace_s: float) -> None:
        process = self._process
        if process is None or process.poll() is not None:
            return
        if grace_s:
            process.terminate()  # not SIGINT: what a server in the background starts is born with that ignored
            _later(grace_s, process.kill)
        else:
            process.kill()


_ALL: weakref.WeakSet[Child] = weakref.WeakSet()


def end_all() -> None:
    """Ends every child and removes what they left: this process ends, by a signal that skips Python's own goodbyes."""
    for child in list(_ALL):
        child.end()
        child.clean_up()


def _later(seconds: float, call: Callable[..., object], *words: object) -> threading.Timer:
    timer = threading.Timer(seconds, call, words)
    timer.daemon = True
    timer.start()
    return timer


def _last_of(complaints: IO[bytes]) -> str:
    complaints.seek(max(0, complaints.seek(0, os.SEEK_END) - _KEPT_BYTES))
    return complaints.read().decode(errors="replace")


def _stand_back(process: subprocess.Popen[str], kindness: int) -> None:
    """Lets so much else on the machine come first."""
    if kindness and hasattr(os, "setpriority"):
        try:
            os.setpriority(os.PRIO_PROCESS, process.pid, kindness)
        except OSError:  # gone already, or not ours to say
            return


def _base_environment() -> dict[str, str]:
    """Ours, with this package found wherever we were started, and errors told as codes."""
    places = [str(_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(places),
        "PYTHONIOENCODING": "utf-8",
        VARIABLE: AS_JSON,
    }
