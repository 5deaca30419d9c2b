"""The check of a whole network as a job: estimated first, one at a time in the process, stopped between two blocks."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from resnext_viz.kit.number_format import estimated_duration
from resnext_viz.spec import ResNeXtSpec
from resnext_viz.ui.kit.jobs.job import Job

if TYPE_CHECKING:
    from torch import Tensor

    from resnext_viz.nn.proof.network_estimate import CheckSetting, Estimate

UNWATCHED_S = 60.0  # a page that was left asks no more; its job then ends by itself
PAUSE_S = 0.002  # between two blocks; whoever takes a lock again at once keeps those who wait for it out
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


class NetworkJob(Job):
    """One run over all dtypes and both modes of one network.

    Attributes:
        rows: what has been measured, as `check-network --json` prints it; `total` in all.
        where: device, torch version and setting, in words.
        estimate: what it takes, in words.
        offers: smaller settings with their estimates, where this one takes too long.
        expected_s: about, in all.
    """

    unwatched_s = UNWATCHED_S

    def __init__(self, asked: Asked) -> None:
        super().__init__(asked.spec)
        self.asked = asked
        self.rows: list[dict[str, Any]] = []
        self.doing = "Loading torch"
        self.where = "Not measured yet."
        self.estimate = ""
        self.offers: list[tuple[Asked, str]] = []
        self.expected_s = 0.0

    def steps(self) -> Generator[dict[str, Any], None, None]:
        """Waits for its turn, then gives a row in each step."""
        with self.turn(_TURN, "Waiting for another visitor’s check"):
            yield from self._estimate_and_run()

    def _between_blocks(self) -> None:
        self.leave_if_asked()
        time.sleep(PAUSE_S)

    def _estimate_and_run(self) -> Generator[dict[str, Any], None, None]:
        from resnext_viz.block_forms.terms import Mode
        from resnext_viz.nn.proof.equivalence import Dtype, members
        from resnext_viz.nn.proof.network_estimate import PATIENCE_S, CheckSetting, estimated, smaller_settings
        from resnext_viz.nn.proof.whole_network import check_network, planned_places

        asked = self.asked
        setting = CheckSetting(asked.spec, asked.image_size, members(Dtype, asked.dtypes), asked.steps)
        self.doing = "Estimating"
        found, speeds = estimated(setting)
        self.estimate, self.expected_s = found.words, found.seconds or 0.0
        self.where = self._where(setting, found)
        if self.expected_s > PATIENCE_S and not asked.patient:
            offers = smaller_settings(setting, speeds)
            self.offers = [(self._asked(smaller), _in_offer(smaller, its)) for smaller, its in offers][:MOST_OFFERS]
            return
        image = self._image()
        places = sum(len(planned_places(asked.spec, mode, asked.steps)) for mode in Mode)
        self.total = 2 * len(asked.dtypes) * places
        self.count_from_now()
        self.doing = "Building the three networks"
        for row in check_network(
            asked.spec, image, asked.image_size, dtypes=asked.dtypes, steps=asked.steps, between=self._between_blocks
        ):
            self.rows.append(row.to_dict())
            self.doing = f"{row.dtype}, {row.mode} mode: {row.place}, pair {row.forms}"
            yield self.rows[-1]

    def _asked(self, smaller: CheckSetting) -> Asked:
        dtypes = tuple(dtype.value for dtype in smaller.dtypes)
        return replace(self.asked, image_size=smaller.image_size, dtypes=dtypes, steps=smaller.steps)

    def _image(self) -> Tensor | None:
        if self.asked.photo is None:
            return None
        from resnext_viz.inference.photos.network_input import photo_input

        return photo_input(self.asked.photo, self.asked.photo_name, self.asked.spec, self.asked.image_size)

    def _where(self, setting: CheckSetting, found: Estimate) -> str:
        from resnext_viz.nn.device import TORCH, choose_device, describe_device
        from resnext_viz.nn.proof.network_run import LEARNING_RATE, MOMENTUM, WEIGHT_DECAY

        shape = f"{found.batch}×{setting.spec.in_channels}×{setting.image_size}×{setting.image_size}"
        picture = self.asked.photo_name or "random numbers"
        sgd = f"learning rate {LEARNING_RATE}, momentum {MOMENTUM}, weight decay {WEIGHT_DECAY}"
        return (
            f"{describe_device(choose_device('auto'))}, one thread, {TORCH}, input {shape} from {picture}, "
            f"turned and mirrored. SGD on the cross-entropy: {sgd}."
        )


def _in_offer(setting: CheckSetting, found: Estimate) -> str:
    return f"{setting.words}: about {estimated_duration(found.seconds or 0.0)}"
