"""The training runs of all visitors: who holds a run's id may see it, stop it and use its weights, nobody else.

Runs are kept in the process and their files in one folder on disk, both bounded. Neither a page change, a reload nor a
lost connection touches them; the end of the server ends and removes them all, or the next start if it was killed.
"""

from __future__ import annotations

import hashlib
import secrets
import shutil
import threading
import time
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path

from resnext_viz.errors import UserError
from resnext_viz.training.run.run_folder import CHECKPOINT, WEIGHTS, Epoch, read_history
from resnext_viz.ui.train.queue import TrainingQueue
from resnext_viz.ui.train.server_folder import ServerFolder, new_folder
from resnext_viz.ui.train.settings import TrainingSettings
from resnext_viz.ui.train.turn import Turn

MAX_RUNS = 30  # kept for all visitors
MAX_HELD = 6  # of one visitor
MAX_ACTIVE = 2  # of one visitor, under way or waiting
MAX_BYTES = 2_000_000_000  # of all runs' folders
SPARE_BYTES = 200_000_000  # left free on the disk
FRESH_S = 15 * 60.0  # a run that ended, or that somebody looked at, so lately stays, whoever else wants room
KEPT_S = 24 * 3600.0  # a run that nobody looked at for so long after its end goes


class State(StrEnum):
    """Where a run stands."""

    WAITING = "waiting"
    RUNNING = "running"
    STOPPED = "stopped"  # before its end, by the visitor or because its time was up
    FAILED = "failed"
    FINISHED = "finished"


class TrainingRun:
    """One run; its id is the key to it."""

    def __init__(self, settings: TrainingSettings, folder: Path, line: TrainingQueue) -> None:
        self.id = secrets.token_urlsafe(16)
        self.settings, self.folder = settings, folder
        self.seen = time.monotonic()
        self._line = line
        self._resuming = threading.Lock()
        self.turn = self._new_turn()

    def _new_turn(self) -> Turn:
        pictures = self.settings.data.folder
        spoken = {str(pictures): "your folder"} if pictures else {}
        return Turn(self.settings.argv(self.folder), self.folder, self._line, spoken)

    @property
    def weights_name(self) -> str:
        """What links to Predict call its weights: it cannot be led back to the id, so a shared link stops nothing."""
        return hashlib.sha256(f"weights of {self.id}".encode()).hexdigest()[:24]

    @property
    def epochs(self) -> tuple[Epoch, ...]:
        """The epochs done so far."""
        return read_history(self.folder)

    @property
    def state(self) -> State:
        if self.turn.running:
            return State.WAITING if self.turn.waits else State.RUNNING
        if self.turn.problem:
            return State.FAILED
        done = self.epochs
        return State.FINISHED if done and done[-1].finished else State.STOPPED

    @property
    def active(self) -> bool:
        """Whether it is under way or waits for its turn."""
        return self.turn.running

    @property
    def weights(self) -> Path | None:
        """The weights of its last epoch, once they are written."""
        path, checkpoint = self.folder / WEIGHTS, self.folder / CHECKPOINT
        try:
            is_newer = path.stat().st_mtime >= checkpoint.stat().st_mtime
        except FileNotFoundError:  # not yet, or not any more
            return None
        return path if is_newer and not self.active else None

    @property
    def touched(self) -> float:
        """When it ended or was last looked at, whichever is later, by the monotonic clock."""
        return max(self.seen, self.turn.ended_s or 0.0)

    def resume(self, held: Sequence[TrainingRun] = ()) -> None:
        """Goes on after the last whole epoch, behind those who wait, for a visitor who holds these.

        Raises:
            UserError: the line is too long, or the visitor has enough in it.
        """
        with self._resuming:  # two tabs may ask at once
            if not self.turn.running:
                check_active(held)
                turn = self._new_turn()
                turn.start()
                self.turn = turn


def check_active(held: Sequence[TrainingRun]) -> None:
    """Refuses a visitor who holds these one more in the line.

    Raises:
        UserError: enough of them are there.
    """
    if sum(run.active for run in held) >= MAX_ACTIVE:
        raise UserError(f"{MAX_ACTIVE} of your runs are under way or waiting; stop one, or let one end")


class Runs:
    """All of them."""

    def __init__(self) -> None:
        self.line = TrainingQueue()
        self._runs: dict[str, TrainingRun] = {}
        self._lock = threading.Lock()
        self._files = ServerFolder()

    def start(self, settings: TrainingSettings, held: Sequence[TrainingRun] = ()) -> TrainingRun:
        """A new run at the end of the line, for a visitor who holds these.

        Raises:
            UserError: it has no room, or the visitor has enough.
        """
        check_active(held)
        if len(held) >= MAX_HELD:
            raise UserError(f"you have {MAX_HELD} runs; remove one first")
        with self._lock:
            self._make_room(settings.about_bytes)
            run = TrainingRun(settings, new_folder("run-", self.root), self.line)
            self._runs[run.id] = run
        try:
            run.turn.start()
        except UserError:
            self.remove(run)
            raise
        return run

    def find(self, run_id: str) -> TrainingRun | None:
        """The run with that id, which counts as looked at."""
        run = self._runs.get(run_id)
        if run:
            run.seen = time.monotonic()
        return run

    def with_weights(self, weights_name: str) -> TrainingRun | None:
        """The run whose weights are called so."""
        return next((run for run in list(self._runs.values()) if run.weights_name == weights_name), None)

    def remove(self, run: TrainingRun) -> None:
        """Ends it and forgets it, its files too."""
        run.turn.end()
        with self._lock:
            self._forget(run)

    def end_all(self) -> None:
        """Ends all runs and removes what they left: the server ends."""
        for run in list(self._runs.values()):
            run.turn.end()
        for run in list(self._runs.values()):
            run.turn.wait(1.0)
        with self._lock:
            self._runs.clear()
            self._files.remove()

    @property
    def root(self) -> Path:
        """The folder that holds all files of runs, their visitors' pictures too.

        Raises:
            UserError: it cannot be made.
        """
        return self._files.path

    def room_for(self, wanted_bytes: int) -> Path:
        """The same folder, once it has room for so many bytes more.

        Raises:
            UserError: it has not.
        """
        with self._lock:
            self._make_room(wanted_bytes)
            return self.root

    def forget_old(self) -> None:
        """Removes the runs that nobody looked at for too long, with their visitors' pictures."""
        with self._lock:
            for run in self._ended_before(time.monotonic() - KEPT_S):
                self._forget(run)

    def _make_room(self, wanted_bytes: int) -> None:
        for run in self._ended_before(time.monotonic() - FRESH_S):
            if self._lack(wanted_bytes):
                self._forget(run)
        if lack := self._lack(wanted_bytes):
            raise UserError(lack)

    def _ended_before(self, moment: float) -> list[TrainingRun]:
        """Runs that nothing happened to since, the one forgotten longest first."""
        ended = [run for run in self._runs.values() if not run.active and run.touched < moment]
        return sorted(ended, key=lambda run: run.touched)

    def _lack(self, wanted_bytes: int) -> str:
        """What there is not enough of, in words; empty if there is room."""
        if len(self._runs) >= MAX_RUNS:
            return f"this server keeps {MAX_RUNS} runs at a time, and all are in use; try again later"
        if _bytes_in(self.root) + wanted_bytes > MAX_BYTES:
            return "other visitors’ runs fill the space for them; try again later, or train from a shell"
        if shutil.disk_usage(self.root).free < wanted_bytes + SPARE_BYTES:
            return "the disk of this server is nearly full; try again later, or train from a shell"
        return ""

    def _forget(self, run: TrainingRun) -> None:
        self._runs.pop(run.id, None)
        shutil.rmtree(run.folder, ignore_errors=True)


def _bytes_in(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size
        except OSError:  # replaced or removed meanwhile
            continue
    return total


RUNS = Runs()
