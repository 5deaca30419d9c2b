"""The check of a whole network as a job: estimated first, one at a time in the process, stopped between two blocks."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from resnext_viz.spec import ResNeXtSpec
from resnext_viz.ui.job import Job

if TYPE_CHECKING:
    from torch import Tensor

    from resnext_viz.nn.network_estimate import Estimate, Setting

UNWATCHED_S = 60.0  # a page that was left asks no more; its job then ends by itself
PAUSE_S = 0.002  # between two blocks; whoever takes a lock again at once keeps those who wait for it out
WAIT_S = 0.2
MOST_OFFERS = 3
_TURN = threading.Lock()  # four networks at once are gigabytes, so visitors take turns


@dataclass(frozen=True)
class Asked:
    """What a visitor asks for; `photo` is a file's bytes, None for random numbers."""

    spec: ResNeXtSpec
    image_size: int
    dtypes: tuple[str, ...]
    steps: int
    photo_name: str = ""
    photo: bytes | None = None
    patient: bool = False  # run it however long it takes


class _EndedError(Exception):
    """Somebody stopped the job, or nobody watches it."""


class NetworkJob(Job):
    """One run over all dtypes and both modes of one network.

    Attributes:
        rows: what has been measured, as `check-network --json` prints it.
        total: rows of a whole run; 0 until that is known.
        doing: what is being done, in words.
        where: device, torch version and setting, in words.
        estimate: what it takes, in words.
        offers: smaller settings with their estimates, where this one takes too long.
        seconds: spent so far; `expected_s`: about, in all.
    """

    def __init__(self, asked: Asked) -> None:
        super().__init__(asked.spec)
        self.asked = asked
        self.rows: list[dict[str, Any]] = []
        self.total = 0
        self.doing = "Loading torch"
        self.where = "Not measured yet."
        self.estimate = ""
        self.offers: list[tuple[Asked, str]] = []
        self.seconds, self.expected_s = 0.0, 0.0
        self._watched = time.monotonic()

    @property
    def stopped_early(self) -> bool:
        return not self.running and self.problem is None and not self.offers and len(self.rows) < self.total

    def watch(self) -> None:
        """Says that somebody is still waiting."""
        self._watched = time.monotonic()

    def work(self) -> None:
        try:
            self._wait_for_turn()
            try:
                self._estimate_and_run()
            finally:
                _TURN.release()
        except _EndedError:
            return

    def _wait_for_turn(self) -> None:
        while not _TURN.acquire(timeout=WAIT_S):
            self.doing = "Waiting for another visitor’s check"
            self._go_on_or_end()

    def _go_on_or_end(self) -> None:
        if self.stopping or time.monotonic() - self._watched > UNWATCHED_S:
            raise _EndedError
        time.sleep(PAUSE_S)

    def _estimate_and_run(self) -> None:
        from resnext_viz.nn.equivalence import Dtype, Mode, members
        from resnext_viz.nn.network_estimate import PATIENCE_S, Setting, planned, smaller_settings
        from resnext_viz.nn.whole_network import check_network, planned_places

        asked = self.asked
        setting = Setting(asked.spec, asked.image_size, members(Dtype, asked.dtypes), asked.steps)
        self.doing = "Estimating"
        found, speeds = planned(setting)
        self.estimate, self.expected_s = found.words, found.seconds or 0.0
        self.where = self._where(setting, found)
        if self.expected_s > PATIENCE_S and not asked.patient:
            offers = smaller_settings(setting, speeds)
            self.offers = [(self._asked(smaller), _in_offer(smaller, its)) for smaller, its in offers][:MOST_OFFERS]
            return
        image = self._image()
        places = sum(len(planned_places(asked.spec, mode, asked.steps)) for mode in Mode)
        self.total = 2 * len(asked.dtypes) * places
        began = time.perf_counter()
        self.doing = "Building the three networks"
        for row in check_network(
            asked.spec, image, asked.image_size, dtypes=asked.dtypes, steps=asked.steps, between=self._go_on_or_end
        ):
            self.rows.append(row.to_dict())
            self.seconds = time.perf_counter() - began
            self.doing = f"{row.dtype}, {row.mode} mode: {row.place}, pair {row.forms}"

    def _asked(self, smaller: Setting) -> Asked:
        dtypes = tuple(dtype.value for dtype in smaller.dtypes)
        return replace(self.asked, image_size=smaller.image_size, dtypes=dtypes, steps=smaller.steps)

    def _image(self) -> Tensor | None:
        if self.asked.photo is None:
            return None
        from resnext_viz.inference.network_input import photo_input

        return photo_input(self.asked.photo, self.asked.photo_name, self.asked.spec, self.asked.image_size)

    def _where(self, setting: Setting, found: Estimate) -> str:
        from resnext_viz.nn.device import TORCH, choose_device, describe_device
        from resnext_viz.nn.network_run import LEARNING_RATE, MOMENTUM, WEIGHT_DECAY

        shape = f"{found.batch}×{setting.spec.in_channels}×{setting.image_size}×{setting.image_size}"
        picture = self.asked.photo_name or "random numbers"
        sgd = f"learning rate {LEARNING_RATE}, momentum {MOMENTUM}, weight decay {WEIGHT_DECAY}"
        return (f"{describe_device(choose_device('auto'))}, one thread, {TORCH}, input {shape} from {picture}, "
                f"turned and mirrored. SGD on the cross-entropy: {sgd}.")


def _in_offer(setting: Setting, found: Estimate) -> str:
    from resnext_viz.nn.network_estimate import in_time

    return f"{setting.words}: about {in_time(found.seconds or 0.0)}"
