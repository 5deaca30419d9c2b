"""The figures of a run's epochs: as JSON, as a CSV table, and for TensorBoard."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from resnext_viz.kit.csv_file import csv_text
from resnext_viz.kit.whole_file import write_whole
from resnext_viz.training.run.event_files import EventFile, can_write_events
from resnext_viz.training.run.run_folder import HISTORY, METRICS

_BY_CLASS = "class_accuracy"


def write_metrics(folder: Path, history: Sequence[dict[str, Any]], classes: Sequence[str]) -> None:
    """Puts one row for each epoch into both files; the table has a column for each class."""
    write_whole(folder / HISTORY, lambda file: file.write(json.dumps(history, indent=1).encode() + b"\n"))
    table = csv_text([_flat(row, classes) for row in history])
    write_whole(folder / METRICS, lambda file: file.write(table.encode()))


def _flat(row: dict[str, Any], classes: Sequence[str]) -> dict[str, Any]:
    by_class = {f"accuracy of {name}": share for name, share in zip(classes, row.get(_BY_CLASS, ()), strict=False)}
    return {name: value for name, value in row.items() if name != _BY_CLASS} | by_class


class FigureFiles:
    """The files of figures in a run's folder."""

    def __init__(self, folder: Path, classes: Sequence[str]) -> None:
        self._folder, self._classes = folder, classes
        self._events: EventFile | None = None

    def write(self, history: Sequence[dict[str, Any]]) -> None:
        """Has each of them say what `history` says, which is longer by its last row than when it was last written."""
        write_metrics(self._folder, history, self._classes)
        if self._events:
            self._events.add(history[-1])
        elif can_write_events():
            self._events = EventFile(self._folder, history)

    def close(self) -> None:
        if self._events:
            self._events.close()
