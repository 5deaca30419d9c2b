"""The processes that train one network together: those that torchrun started, or this one alone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from resnext_viz.errors import UserError
from resnext_viz.nn.device import choose_device
from resnext_viz.training.run.shared_batch_norm import share_statistics

_CPU = torch.device("cpu")
_LAUNCHED_BY = ("RANK", "WORLD_SIZE", "LOCAL_RANK", "MASTER_ADDR", "MASTER_PORT")  # what torchrun tells each process
T = TypeVar("T")


class TeamLostError(ConnectionError):
    """Another process of the team has ended, and this one cannot go on without it."""


@dataclass(frozen=True)
class Team:
    """One process among those that each take a share of every batch; the leader measures, writes and speaks.

    Attributes:
        rank: this process's number among all, 0 for the leader.
        size: how many there are.
        local_rank: this process's number among those of its machine, which is the number of its GPU.
    """

    rank: int = 0
    size: int = 1
    local_rank: int = 0

    @property
    def leads(self) -> bool:
        return self.rank == 0

    def device(self, name: str) -> torch.device:
        """The device called `name`, or of several GPUs this process's own.

        Raises:
            UserError: there is no such device, or it is one that several processes cannot share.
        """
        device = choose_device(name)
        if self.size == 1:
            return device
        if device.type == "mps" or ":" in name:
            raise UserError(f"device is {name[:40]!r}; several processes train on cpu, or each on its own GPU by cuda")
        return choose_device(f"cuda:{self.local_rank}") if device.type == "cuda" else device

    def share(self, batch: Tensor) -> Tensor:
        """This process's stretch of a batch `(N,)`; no two processes' lengths differ by more than one."""
        return batch.tensor_split(self.size)[self.rank]

    def agreed(self, value: T) -> T:
        """What the leader gave; what the others give is not looked at."""
        if self.size == 1:
            return value
        box = [value]
        dist.broadcast_object_list(box, device=_CPU)
        return box[0]

    def agreed_s(self, seconds: float) -> float:
        """The leader's clock, as `agreed` but fast enough to be asked at every step."""
        if self.size == 1:
            return seconds
        clock = torch.tensor(seconds, dtype=torch.float64)
        dist.broadcast(clock, src=0)
        return clock.item()

    def total(self, values: Tensor) -> Tensor:
        """Sum over the processes, on each of them."""
        if self.size > 1:
            dist.all_reduce(values)
        return values

    def prepare(self, model: nn.Module, device: torch.device) -> None:
        """Moves `model` to `device`, its batch norms over whole batches where several processes share one."""
        if self.size > 1:
            share_statistics(model, device)
        model.to(device)

    def joined(self, model: nn.Module) -> nn.Module:
        """What to call in the place of `model`, so that all processes make the step of the whole batch."""
        return DistributedDataParallel(model) if self.size > 1 else model

    def part(self) -> None:
        """Ends the connection, when all have come to the end; who leaves early must not wait for the others so."""
        if self.size > 1:
            dist.destroy_process_group()


ALONE = Team()


@contextmanager
def team() -> Iterator[Team]:
    """The processes that torchrun started this one among, connected: by NCCL between GPUs, by Gloo between CPUs.

    Raises:
        TeamLostError: one of them ended while this one needed it.
    """
    here = _from_environment()
    if here.size == 1:
        yield here
        return
    if torch.cuda.is_available() and dist.is_nccl_available():
        torch.cuda.set_device(here.local_rank % torch.cuda.device_count())
        dist.init_process_group("cpu:gloo,cuda:nccl")
    else:
        dist.init_process_group("gloo")
    try:
        yield here
    except RuntimeError as error:
        if not lost_process(error):
            raise
        raise TeamLostError(
            "another process of this run has ended; whole epochs are kept, and the same command goes on from there"
        ) from error


def _from_environment() -> Team:
    if any(name not in os.environ for name in _LAUNCHED_BY):
        return ALONE
    return Team(*(int(os.environ[name]) for name in ("RANK", "WORLD_SIZE", "LOCAL_RANK")))


def lost_process(error: RuntimeError) -> bool:
    """Whether torch says that another process has ended; Gloo has no class of its own for that."""
    return isinstance(error, dist.DistError) or "gloo" in str(error)
