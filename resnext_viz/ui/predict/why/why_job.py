"""One photo at one block of a network, as a job: opens the block, then switches each path off in turn."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING

from resnext_viz.inference.gate import LongLock
from resnext_viz.ui.kit.admission import waiting
from resnext_viz.ui.kit.jobs.job import Job

if TYPE_CHECKING:
    from torch import Tensor

    from resnext_viz.inference.attribution.paths import Contributions, OpenedBlock
    from resnext_viz.nn.network import ResNeXt

UNWATCHED_S = 20.0  # a page that was left asks no more; its job then ends by itself
PAUSE_S = 0.002  # between turns; whoever takes a lock again at once keeps those who wait for it out
TURN = LongLock()  # explanations of all users take turns, one pass at a time: that bounds memory and is fair


class PathsJob(Job):
    """What each path of a block does for one photo.

    Attributes:
        stage, block: which block, from 1.
        opened: the photo in that block, once it is there.
        done, total: paths measured and in all.
    """

    unwatched_s = UNWATCHED_S

    def __init__(self, model: ResNeXt, image: Tensor, stage: int, block: int, temperature: float = 1.0) -> None:
        super().__init__()
        self._temperature = temperature  # of the network's probabilities
        self.stage, self.block = stage, block
        self.opened: OpenedBlock | None = None
        self._seconds_before = 0.0  # spent by the job that this one goes on for
        self._model, self._image = model, image
        self._alone: list[Tensor] = []
        self._chunks: Iterator[Tensor] = iter(())
        self._contributions: dict[int, Contributions] = {}
        self._without: dict[frozenset[int], list[float]] = {}
        self._shares: list[float] = []

    @property
    def seconds(self) -> float:
        return self._seconds_before + super().seconds

    def go_on(self) -> PathsJob:
        """A new job, begun, that has what this one has measured before it was stopped."""
        job = PathsJob(self._model, self._image, self.stage, self.block, self._temperature)
        job.opened, job.total, job.done, job._seconds_before = self.opened, self.total, self.done, self.seconds
        job._shares, job._alone, job._chunks = self._shares, self._alone, self._chunks
        job.start()
        return job

    def steps(self) -> Generator[None, None, None]:
        """Opens the block in the first step, and switches off a few paths in each of the others."""
        with waiting():
            yield from self._measure()

    def _measure(self) -> Generator[None, None, None]:
        if self.opened is None:
            self._open()
            yield
        while self.done < self.total:
            with TURN:
                logits = next(self._chunks)
            self._alone.append(self._probabilities(logits))
            self.done += len(logits)
            yield
            time.sleep(PAUSE_S)

    def _open(self) -> None:
        from resnext_viz.inference.attribution.paths import open_block

        with TURN:
            opened = open_block(self._model, self._image, self.stage, self.block)
            self._shares = opened.shares().tolist()
        self._chunks, self.total = opened.logits_without_each(), opened.cardinality
        self.opened = opened

    @property
    def shares(self) -> list[float]:
        """Each path's share of what all put out."""
        return self._shares

    def probabilities(self) -> list[float]:
        """Of each class, with all paths on."""
        return self.without(frozenset())

    def without(self, off: frozenset[int]) -> list[float]:
        """Of each class, with some paths off."""
        if off not in self._without:
            if len(self._without) >= 64:  # of up to 1,000 classes each
                self._without.clear()
            with TURN:
                logits = self._opened.logits_without(off) if off else self._opened.logits
            self._without[off] = self._probabilities(logits).tolist()
        return self._without[off]

    def _probabilities(self, logits: Tensor) -> Tensor:
        from resnext_viz.inference.predictor.predictor import probabilities_of

        return probabilities_of(logits, self._temperature)

    def alone(self, class_index: int) -> list[float]:
        """Of one class, with one path off at a time, as far as measured."""
        return [value for chunk in self._alone for value in chunk[:, class_index].tolist()]

    def contributions(self, class_index: int) -> Contributions:
        """What each path adds to the score of a class."""
        if class_index not in self._contributions:
            with TURN:
                self._contributions[class_index] = self._opened.contributions(class_index)
        return self._contributions[class_index]

    @property
    def _opened(self) -> OpenedBlock:
        if self.opened is None:
            raise RuntimeError("asked before the block was opened")
        return self.opened
