"""Fetching published weights as a job, so that the page can show how far it is."""

from __future__ import annotations

from collections.abc import Generator

from resnext_viz.inference.errors import WeightsError
from resnext_viz.inference.weights.catalogue import find_weights, load_weights
from resnext_viz.kit.number_format import short
from resnext_viz.ui.kit.jobs.job import Job
from resnext_viz.ui.kit.jobs.shown_job import ShownJob, pace

_BYTES_EACH = 4  # published weights are float32


def megabytes(name: str) -> int:
    """About how large the file of published weights is."""
    return round(find_weights(name).params * _BYTES_EACH / 1e6)


class DownloadJob(Job):
    """One download, or the wait for somebody else's of the same file; `done` of `total` bytes are here."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name
        self.total = find_weights(name).params * _BYTES_EACH  # until the server says it exactly

    def steps(self) -> Generator[None, None, None]:
        """All of it in one step, which hears Stop by itself."""
        load_weights(find_weights(self.name), self._progress)
        yield

    def _progress(self, done_bytes: int, total_bytes: int) -> None:
        if self.stopping:
            raise WeightsError("The download was stopped. What came so far is kept; the next one goes on from there.")
        self.done, self.total = done_bytes, total_bytes or self.total


DOWNLOAD = ShownJob(
    kind=DownloadJob, key="download", start_key="start_download", stop_key="stop_download", start="Download",
    again="Try again", failed="The weights did not come.",
    doing=lambda job: f"Downloading {job.name}: {short(job.done, 1)}B of {short(job.total, 1)}B, {pace(job)}",
    stopped=lambda _: "Stopped.",
)  # fmt: skip
