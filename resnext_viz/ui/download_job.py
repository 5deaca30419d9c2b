"""Fetching published weights as a job, so that the page can show how far it is."""

from __future__ import annotations

from resnext_viz.inference.errors import WeightsError
from resnext_viz.inference.weights import find_weights, load_weights
from resnext_viz.ui.job import Job


class DownloadJob(Job):
    """One download; `done_bytes` of `total_bytes` are here."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name
        self.done_bytes = 0
        self.total_bytes = 0

    def work(self) -> None:
        load_weights(find_weights(self.name), self._progress)

    def _progress(self, done_bytes: int, total_bytes: int | None) -> None:
        if self.stopping:
            raise WeightsError("The download was stopped. Nothing of it was kept.")
        self.done_bytes, self.total_bytes = done_bytes, total_bytes or 0
