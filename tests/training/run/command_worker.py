"""The command line as a process of its own: in float32, by a clock that only the leader has right, killed on demand.

    python -m tests.training.run.command_worker whole|in_an_epoch|in_a_write train ...

At the end each process of a run leaves its weights beside the checkpoint.
"""

import itertools
import os
import signal
import sys
from collections.abc import Iterator
from typing import Any

import torch

from resnext_viz.cli import main
from resnext_viz.training.run import event_files, run_checkpoint, training_run
from resnext_viz.training.run.training_run import Run

KILLING_STEP = 6  # of a process: the third of the second epoch, where an epoch has four


class LeadersClock:
    """A tenth of a second passes at each look; for the others more, which must not matter."""

    def __init__(self, rank: int = 0) -> None:
        self._seconds = itertools.count(0, 0.1 * (1 + 0.37 * rank))

    def perf_counter(self) -> float:
        return next(self._seconds)


def kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def leave_weights() -> None:
    epochs = Run.epochs

    def leaving(self: Run, *arguments: Any) -> Iterator[dict[str, Any]]:
        yield from epochs(self, *arguments)
        torch.save(self.model.state_dict(), self.out / f"rank{self.team.rank}.pt")

    Run.epochs = leaving  # type: ignore[method-assign]


def kill_in_an_epoch() -> None:
    step, calls = Run._step, iter(range(1000))

    def killing(self: Run, *arguments: Any) -> tuple[torch.Tensor, torch.Tensor]:
        if next(calls) == KILLING_STEP:
            kill()
        return step(self, *arguments)

    Run._step = killing  # type: ignore[method-assign]


def kill_in_a_write() -> None:
    """Of the second checkpoint, half of which is there then."""
    write, calls = run_checkpoint.write_whole, iter(range(1000))

    def killing(path: Any, fill: Any) -> None:
        if path.name == run_checkpoint.CHECKPOINT and next(calls) == 1:
            path.with_name(f"{path.name}.part").write_bytes(path.read_bytes()[: path.stat().st_size // 2])
            kill()
        write(path, fill)

    run_checkpoint.write_whole = killing


if __name__ == "__main__":
    torch.set_num_threads(1)
    training_run.training_type = lambda _: torch.float32
    training_run.time = LeadersClock(int(os.environ.get("RANK", "0")))  # type: ignore[assignment]
    event_files.PACKAGE = "nobody_has_this"  # it takes seconds to load, and nobody reads its files here
    {"whole": leave_weights, "in_an_epoch": kill_in_an_epoch, "in_a_write": kill_in_a_write}[sys.argv[1]]()
    sys.exit(main(sys.argv[2:]))
