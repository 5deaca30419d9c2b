"""Measuring two networks as a job: rounds as they come, and it can be stopped between them."""

from __future__ import annotations

import os
from collections.abc import Generator
from statistics import median

from resnext_viz.complexity import Complexity
from resnext_viz.figures.counting.movement_table import Timing
from resnext_viz.kit.timing import PAIR_ROUNDS
from resnext_viz.spec import ImageSize, ResNeXtSpec
from resnext_viz.ui.kit.jobs.job import MEASURING, Job


class PairJob(Job):
    """One measurement of two networks.

    Attributes:
        samples: batch -> milliseconds of each round, of the one and of the other network; `done` of `total` rounds.
        where: device, engine, torch version and threads, in words.
    """

    def __init__(self, ours: Complexity, theirs: Complexity) -> None:
        super().__init__(about(ours, theirs))
        self._pair = (ours, theirs)
        self.samples: dict[int, list[tuple[float, float]]] = {batch: [] for batch in PAIR_ROUNDS}
        self.doing = "Loading torch"
        self.where = ""

    @property
    def timings(self) -> list[Timing]:
        """The medians so far."""
        return [_timing(batch, list(rounds)) for batch, rounds in self.samples.items()]

    def work(self, done: int) -> float:
        """Pictures that the first rounds take."""
        pictures = [batch for batch, rounds in PAIR_ROUNDS.items() for _ in range(rounds)]
        return sum(pictures[:done])

    def steps(self) -> Generator[tuple[float, float], None, None]:
        """Waits for its turn, then measures batch by batch."""
        with self.turn(MEASURING, "Waiting for another measurement"):
            yield from self._measure()

    def _measure(self) -> Generator[tuple[float, float], None, None]:
        from resnext_viz.nn import network_timing
        from resnext_viz.nn.device import choose_device, describe_device, describe_torch

        self.doing = "Building both networks"
        passes = network_timing.forward_passes(*self._pair)
        device = choose_device("auto")
        self.where = f"{describe_device(device)}, {network_timing.ENGINE}, {describe_torch(device)}. {_busy()}"
        self.total = sum(PAIR_ROUNDS.values())
        for batch in PAIR_ROUNDS:
            self.doing = f"Measuring {batch} image{'s' if batch > 1 else ''} at once"
            for once in network_timing.rounds(*self._pair, passes, batch):
                self.samples[batch].append(once)
                yield once


def about(ours: Complexity, theirs: Complexity) -> tuple[ResNeXtSpec, ImageSize, ResNeXtSpec, ImageSize]:
    """What a measurement is about, to see whether it is about what is dialled."""
    return ours.walk.spec, ours.walk.image_size, theirs.walk.spec, theirs.walk.image_size


def _timing(batch: int, rounds: list[tuple[float, float]]) -> Timing:
    if not rounds:
        return Timing(batch, None, None)
    ours, theirs = (median(side) for side in zip(*rounds, strict=True))
    return Timing(batch, ours, theirs, len(rounds))


def _busy() -> str:
    """How busy the machine was before, where it says so: others on its cores spoil a measurement."""
    if not hasattr(os, "getloadavg"):
        return ""
    load, cores = os.getloadavg()[0], os.cpu_count() or 1
    rest = ": others compute too, so measure again when it is free" if load > cores / 2 else ""
    return f"Load before {load:.1f} on {cores} cores{rest}."
