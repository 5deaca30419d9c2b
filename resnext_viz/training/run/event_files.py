"""The figures of a run's epochs as a TensorBoard event file, beside the CSV, which has the classes one by one too."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

PACKAGE = "tensorboard"
WITHOUT = "No event files for TensorBoard, as it is not installed (pip install tensorboard); figures go to CSV and JSON"
TAGS = {
    "loss": "loss/train",
    "test_loss": "loss/test",
    "train_accuracy": "accuracy/train",
    "test_accuracy": "accuracy/test",
    "rate": "run/learning_rate",
    "images_per_s": "run/images_per_s",
}  # by the name in a row


def can_write_events() -> bool:
    """Whether the package that knows TensorBoard's format is installed."""
    return find_spec(PACKAGE) is not None


class EventFile:
    """A new event file that holds all epochs so far, and to which the next are added.

    It tells TensorBoard to forget what former files of the run say, so that no step is there twice and none is missing,
    wherever the run was stopped or killed. Points lie on the clock as if training had never stopped.
    """

    def __init__(self, folder: Path, history: Sequence[dict[str, Any]]) -> None:
        from torch.utils.tensorboard import SummaryWriter

        self._writer = SummaryWriter(str(folder), purge_step=1)
        self._began_s = time.time() - (history[-1]["elapsed_s"] if history else 0)
        for row in history:
            self.add(row)

    def add(self, row: dict[str, Any]) -> None:
        """Puts in the row of an epoch, and has it written."""
        for name, tag in TAGS.items():
            if row.get(name) is not None:
                self._writer.add_scalar(tag, row[name], row["epoch"], walltime=self._began_s + row["elapsed_s"])
        self._writer.flush()

    def close(self) -> None:
        with suppress(OSError):  # all rows are written; what failed once has been told, and fails again here
            self._writer.close()
