"""Fetching published weights as a job, so that the page can show how far it is."""

from __future__ import annotations

from resnext_viz.inference.errors import WeightsError
from resnext_viz.inference.weights import find_weights, load_weights
from resnext_viz.ui.job import Job

_BYTES_EACH = 4  # published weights are float32


class DownloadJob(Job):
    """One download, or the wait for somebody else's of the same file; `done_bytes` of `total_bytes` are here."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name
        self.done_bytes = 0
        self.total_bytes = find_weights(name).params * _BYTES_EACH  # until the server says it exactly

    def work(self) -> None:
        load_weights(find_weights(self.name), self._progress)

    def _progress(self, done_bytes: int, total_bytes: int) -> None:
        if self.stopping:
            raise WeightsError("The download was stopped. What came so far is kept; the next one goes on from there.")
        self.done_bytes, self.total_bytes = done_bytes, total_bytes or self.total_bytes
