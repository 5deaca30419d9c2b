"""What a training run leaves in its folder: the names of its files, and its epochs as they are read back. No torch."""

from __future__ import annotations

import json
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

CHECKPOINT = "checkpoint.pt"
HISTORY = "history.json"
METRICS = "metrics.csv"
WEIGHTS = "model.safetensors"
CARD = "model_card.md"


def time_left(progress: float, elapsed_s: float) -> float:
    """Seconds that the rest of a run will take, judged by the share that is done; 0 before anything is."""
    return elapsed_s * (1 / min(progress, 1.0) - 1) if progress else 0.0


class Epoch(NamedTuple):
    """One row of a run's history; shares are 0 to 1, losses are in nats.

    Attributes:
        number: counted from 1.
        loss, train_accuracy: means over the epoch's steps, on pictures as they were shifted and mirrored.
        test_loss, test_accuracy, class_accuracy: on the test pictures, after the epoch.
        images_per_s: trained on, pictures a second.
        elapsed_s: seconds of training since the run's start, over all its stops.
        progress: share of the run done.
    """

    number: int
    loss: float | None
    train_accuracy: float | None
    test_loss: float | None
    test_accuracy: float
    class_accuracy: tuple[float, ...]
    images_per_s: int
    elapsed_s: float
    progress: float

    @property
    def left_s(self) -> float:
        """Seconds that the rest of the run will take, judged by what is done."""
        return time_left(self.progress, self.elapsed_s)

    @property
    def finished(self) -> bool:
        """Whether it was the run's last one."""
        return self.progress >= 1


class EpochProgress(NamedTuple):
    """Where a run stands within an epoch.

    Attributes:
        epoch: counted from 1.
        share: of the epoch, 0 to 1.
        images_per_s: trained on in this epoch, pictures a second.
        left_s: seconds until the end of the run.
    """

    epoch: int
    share: float
    images_per_s: float
    left_s: float


class Preparation(StrEnum):
    """What a stretch of a run does before its first step, in order."""

    LOADING = "Loading torch"  # before it can tell of anything
    READING = "Reading the pictures"
    BUILDING = "Building the network"
    STEPPING = "Taking the first step"


Watch = Callable[[EpochProgress], object]


def step_in(line: str) -> EpochProgress | None:
    """The step that a line of `train --tell-steps` tells of; None if it tells of something else."""
    try:
        return EpochProgress(**_told(line))
    except TypeError:
        return None


def preparation_in(line: str) -> Preparation | None:
    """What a line of `train --tell-steps` says is done before the first step; None if it tells of something else."""
    try:
        return Preparation(str(_told(line).get("preparation")))
    except ValueError:
        return None


def _told(line: str) -> dict[str, Any]:
    """What a line of JSON says; nothing where it is none."""
    if not line.startswith("{"):
        return {}
    try:
        told: dict[str, Any] = json.loads(line)
    except ValueError:
        return {}
    return told


def read_history(folder: Path) -> tuple[Epoch, ...]:
    """The epochs that a run has done so far; none before its first one ended."""
    try:
        rows = json.loads((folder / HISTORY).read_bytes())
    except (OSError, ValueError):  # not there yet; it is replaced whole, so never half
        return ()
    return tuple(map(_epoch, rows))


def _epoch(row: dict[str, Any]) -> Epoch:
    return Epoch(
        row["epoch"], row["loss"], row.get("train_accuracy"), row.get("test_loss"), row["test_accuracy"],
        tuple(row.get("class_accuracy", ())), row["images_per_s"], row["elapsed_s"], row["progress"],
    )  # fmt: skip
