"""One stretch of a training run: it waits in line, then `train` works in a process of its own beside the pages.

Stop is what Ctrl-C is to the command: the last whole epoch is kept. What it tells each second moves the page, and ends
it when nobody reads that any more: a server that was killed leaves nothing at work. Whatever ends a stretch early, the
weights of its last epoch are then written, so that they can be used and taken along.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from resnext_viz.errors import UserError
from resnext_viz.operator_log import LOG
from resnext_viz.training.run_folder import CHECKPOINT, WEIGHTS, Step, step_in
from resnext_viz.ui.command_job import ended_badly, environment, last_complaint
from resnext_viz.ui.job import Job
from resnext_viz.ui.training_line import Line

LIMIT_S = 20 * 60.0  # of a stretch; Resume goes on, behind those who wait
EXPORT_LIMIT_S = 120.0
GRACE_S = 5.0  # between Stop and the end of a process that does not hear it; its checkpoint is whole at any time
FULL_BYTES = 32_000_000  # a disk with less room is full
KINDNESS = 10  # how much other processes come before it, as `nice` counts
_LINES = 200  # a traceback among them


class Turn(Job):
    """From joining the line to the end of the process.

    What the command says is told with `spoken` words in place of others: where files lie is the server's business.

    Attributes:
        waits: whether it has not had its turn yet.
        writes: whether it only writes the weights any more.
        out_of_time: whether it was stopped because others want their turn too.
        step: where it stands within an epoch, a second ago at most; None before the first step.
        ended_s: when it ended, by the monotonic clock; None before.
    """

    def __init__(
        self, argv: Sequence[str], folder: Path, line: Line, spoken: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        super().__init__()
        self.waits, self.writes, self.out_of_time = True, False, False
        self.step: Step | None = None
        self.ended_s: float | None = None
        self._argv, self._folder, self._line = tuple(argv), folder, line
        self._spoken = {str(folder): "its folder", "peak_rate": "peak rate", **spoken}
        self._lines: deque[str] = deque(maxlen=_LINES)
        self._process: subprocess.Popen[str] | None = None
        self._over = threading.Event()

    def start(self) -> None:
        """Takes the last place in the line.

        Raises:
            UserError: it is too long.
        """
        self._line.join(self)
        super().start()

    @property
    def place(self) -> int | None:
        """1 while it has its turn, 2 for the next one."""
        return self._line.place(self)

    @property
    def process_id(self) -> int | None:
        """Of the process that works now, or did last; None before there is one."""
        return self._process.pid if self._process else None

    def stop(self) -> None:
        super().stop()
        if self._process and not self.writes:
            _interrupt(self._process)

    def end(self) -> None:
        """Ends it at once, and writes nothing more: the server ends, or nobody wants the run."""
        self._over.set()
        super().stop()
        if self._process:
            self._process.kill()

    def work(self) -> None:
        try:
            if self._line.wait(self, lambda: self.stopping):
                self.waits = False
                self._train()
        finally:
            self._line.leave(self)
            self.ended_s = time.monotonic()

    def _train(self) -> None:
        try:
            self._settle(self._run_program((*self._argv, "--tell-steps"), LIMIT_S))
        finally:
            if self._wants_weights():
                self.writes = True
                status = self._run_program((*self._argv, "--export-only"), EXPORT_LIMIT_S)
                if status:  # the run itself is as it was, and Resume writes them again
                    LOG.error("weights were not written: status %d: %s", status, "\n".join(self._lines))

    def _wants_weights(self) -> bool:
        """Whether there is an epoch whose weights are not written."""
        checkpoint, weights = self._folder / CHECKPOINT, self._folder / WEIGHTS
        if self._over.is_set() or not checkpoint.exists():
            return False
        return not weights.exists() or weights.stat().st_mtime < checkpoint.stat().st_mtime

    def _run_program(self, argv: Sequence[str], limit_s: float) -> int:
        """Exit status of the command; what it said last stays."""
        with subprocess.Popen(  # noqa: S603  # our own command, its words made from checked values
            [sys.executable, "-m", "resnext_viz", *argv], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, encoding="utf-8", errors="replace", env=environment(),
        ) as self._process:  # fmt: skip
            _stand_back(self._process)
            if self._over.is_set() or (self.stopping and not self.writes):  # asked for while it started
                self._process.kill()
            killer = threading.Timer(limit_s, self._run_out, (self._process,))
            killer.daemon = True
            killer.start()
            for line in self._process.stdout or ():
                if step := step_in(line):
                    self.step = step
                else:
                    self._lines.append(line.rstrip("\n"))
            status = self._process.wait()
            killer.cancel()
        return status

    def _run_out(self, process: subprocess.Popen[str]) -> None:
        self.out_of_time = not self.writes
        _interrupt(process)

    def _settle(self, status: int) -> None:
        """Says in words what went wrong, unless it ended by itself or was asked to."""
        if status == 0 or self.stopping or self.out_of_time:
            return
        said = last_complaint(self._lines)
        if "No space left" in said or shutil.disk_usage(self._folder).free < FULL_BYTES:
            raise UserError("the disk of this server is full; the epochs before are kept")
        for written, word in self._spoken.items():
            said = said.replace(written, word)
        raise ended_badly(self._argv, status, said, "\n".join(self._lines))


def _stand_back(process: subprocess.Popen[str]) -> None:
    """Lets everything else on the machine come first."""
    if hasattr(os, "setpriority"):
        try:
            os.setpriority(os.PRIO_PROCESS, process.pid, KINDNESS)
        except OSError:  # gone already, or not ours to say
            return


def _interrupt(process: subprocess.Popen[str]) -> None:
    """What Ctrl-C is to `train`, and an end to what does not listen.

    SIGTERM: what a server in the background starts is born with SIGINT ignored.
    """
    if process.poll() is None:
        process.terminate()
        killer = threading.Timer(GRACE_S, process.kill)
        killer.daemon = True
        killer.start()
