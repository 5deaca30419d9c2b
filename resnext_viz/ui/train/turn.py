"""One stretch of a training run: it waits in line, then `train` works in a process of its own beside the pages.

Stop is what Ctrl-C is to the command: the last whole epoch is kept. What it tells each second moves the page, and ends
it when nobody reads that any more: a server that was killed leaves nothing at work. Whatever ends a stretch early, the
weights of its last epoch are then written, so that they can be used and taken along.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Generator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from resnext_viz.errors import ErrorCode, UserError
from resnext_viz.kit.child import Ending
from resnext_viz.kit.error_line import ToldError
from resnext_viz.kit.operator_log import LOG
from resnext_viz.training.run.run_folder import CHECKPOINT, WEIGHTS, EpochProgress, Preparation, preparation_in, step_in
from resnext_viz.ui.kit.jobs.job import Job
from resnext_viz.ui.kit.jobs.own_command import own_command, problem
from resnext_viz.ui.train.queue import TrainingQueue

LIMIT_S = 20 * 60.0  # of a stretch; Resume goes on, behind those who wait
EXPORT_LIMIT_S = 120.0
GRACE_S = 5.0  # between Stop and the end of a process that does not hear it; its checkpoint is whole at any time
FULL_BYTES = 32_000_000  # a disk with less room is full
KINDNESS = 10  # how much other processes come before it, as `nice` counts
_DISK_FULL = "the disk of this server is full; the epochs before are kept"


class Turn(Job):
    """From joining the line to the end of the process.

    What the command says is told with `spoken` words in place of others: where files lie is the server's business.

    Attributes:
        waits: whether it has not had its turn yet.
        writes: whether it only writes the weights any more.
        out_of_time: whether it was stopped because others want their turn too.
        preparation: what it does before its first step.
        step: where it stands within an epoch, a second ago at most; None before the first step.
        ended_s: when it ended, by the monotonic clock; None before.
    """

    def __init__(
        self, argv: Sequence[str], folder: Path, line: TrainingQueue, spoken: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        super().__init__()
        self.waits, self.writes, self.out_of_time = True, False, False
        self.preparation = Preparation.LOADING
        self.step: EpochProgress | None = None
        self.ended_s: float | None = None
        self._folder, self._line = folder, line
        self._spoken = {str(folder): "its folder", **spoken}
        self._training = own_command((*argv, "--tell-steps"), self._hear)
        self._writing = own_command((*argv, "--export-only"), self._hear)

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
        return self._writing.process_id or self._training.process_id

    def stop(self) -> None:
        super().stop()
        self._training.interrupt(GRACE_S)

    def end(self) -> None:
        """Ends it at once, and writes nothing more: the server ends, or nobody wants the run."""
        super().stop()
        self._training.end()
        self._writing.end()

    def steps(self) -> Generator[None, None, None]:
        """Waits for its turn, then trains in one step, which hears Stop by itself."""
        if self._line.wait(self, lambda: self.stopping):
            self.waits = False
            self.count_from_now()
            self._train()
        self.leave_if_asked()
        yield

    def let_go(self) -> None:
        self._line.leave(self)
        self.ended_s = time.monotonic()

    def _train(self) -> None:
        try:
            self._settle(self._training.run(LIMIT_S, GRACE_S, KINDNESS))
        finally:
            if self._wants_weights():
                self.writes = True
                ending = self._writing.run(EXPORT_LIMIT_S, GRACE_S, KINDNESS)
                if ending.status:  # the run itself is as it was, and Resume writes them again
                    LOG.error("weights were not written: status %d: %s", ending.status, ending.said)

    def _wants_weights(self) -> bool:
        """Whether there is an epoch whose weights are not written."""
        checkpoint, weights = self._folder / CHECKPOINT, self._folder / WEIGHTS
        if self._writing.is_over or not checkpoint.exists():
            return False
        return not weights.exists() or weights.stat().st_mtime < checkpoint.stat().st_mtime

    def _hear(self, line: str) -> None:
        self.step = step_in(line) or self.step
        self.preparation = preparation_in(line) or self.preparation

    def _settle(self, ending: Ending) -> None:
        """Says in words what went wrong, unless it ended by itself or was asked to."""
        self.out_of_time = ending.out_of_time
        if ending.status == 0 or ending.wanted or ending.out_of_time:
            return
        if shutil.disk_usage(self._folder).free < FULL_BYTES:
            raise UserError(_DISK_FULL)
        if not ending.error:
            raise problem(ending)
        told = replace(ending.error, message=self._spoken_of(ending.error.message))
        raise problem(replace(ending, error=told), {told.code: self._words(told)})

    def _words(self, told: ToldError) -> str:
        """The words for what only a training run can end with; empty for what others can too."""
        match told.code:
            case ErrorCode.DISK_FULL:
                return _DISK_FULL
            case ErrorCode.OUT_OF_MEMORY:
                return "this server is out of memory; train a smaller network, or in smaller batches"
            case ErrorCode.DATA_GONE:
                return f"{self._spoken.get(str(told.details['folder']), 'the folder of pictures')} is gone"
            case ErrorCode.DIVERGED:
                epoch, rate = told.details["epoch"], told.details["peak_rate"]
                return f"the loss is no number any more in epoch {epoch}; use a lower peak rate than {rate:g}"
        return ""

    def _spoken_of(self, said: str) -> str:
        for written, word in self._spoken.items():
            said = said.replace(written, word)
        return said
