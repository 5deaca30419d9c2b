"""What a measurement gives, and how samples become it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from resnext_viz.errors import UserError
from resnext_viz.kit.timing import percentile

SUBJECTS = {
    "count": "counting ResNeXt-101 32x8d, against fvcore",
    "dial": "key press on a dial to the new number on screen, against a Streamlit slider",
    "rerun": "a rerun of each page, against an empty Streamlit app",
    "serving": "64 clients at once, by the network's queue and by the app's own uploads; memory before and after",
    "room": "200 phones that poll and vote in a room, against Streamlit's least route; a teacher who dials beside them",
    "pair": "two networks of NAME NAME, the first against the second: what equal MACs cost in time",
    "forms": "the three forms of a block of NAME, time and memory, against form (c)",
    "train": "training: pictures a second of NAME, against a plain PyTorch loop over the same network and files",
    "grouped": "the grouped 3x3s of NAME..., forward and backward, computed in every way that gives the same answer",
    "inference": "every engine, on ResNeXt-50 32x4d or other weights, against torchvision in float32",
}

OF_THE_APP = ("dial", "rerun", "serving", "room")  # subjects that ask the served app
OPTIONS = {  # of a subject; the others have none
    "inference": ("device", "weights", "data", "batch", "tf32"),
    "serving": ("weights",),
    "pair": ("names", "device", "image_size"),
    "forms": ("names", "device"),
    "train": ("names", "device", "data", "image_size"),
    "grouped": ("names", "device"),
}


class BenchError(UserError):
    """A measurement that cannot be made here."""


@dataclass(frozen=True)
class BenchRow:
    """One engine on one subject.

    Attributes:
        batch: pictures at once; 1 where there are none.
        ratio: median of `against` over this median, above 1 is faster; None for what others are measured against.
        peak_share: multiply-adds a second over those of the machine's own matrix product, 0 to 1.
        same_answers: share of pictures with the same first answer as exact arithmetic, 0 to 1.
        probability_difference: largest of a probability from the exact one, 0 to 1.
        per_second: answers a second, where clients ask as fast as they can; pictures a second, in training.
        refused: how many were told to try again, in words.
        lost: how many got neither an answer nor a refusal.
        memory_mb: of the processes that serve, when it was over.
        extra_mb: of tensors, the most that one call had alive beyond weights and input.
        gmacs_per_s: 10^9 multiply-adds a second, of those that the layer has by its shape.
        is_fastest: of those that compute the same.
    """

    subject: str
    engine: str
    batch: int
    median_ms: float
    p95_ms: float
    ratio: float | None = None
    against: str | None = None
    peak_share: float | None = None
    same_answers: float | None = None
    probability_difference: float | None = None
    per_second: float | None = None
    refused: int | None = None
    lost: int | None = None
    memory_mb: float | None = None
    extra_mb: float | None = None
    gmacs_per_s: float | None = None
    is_fastest: bool | None = None

    def to_dict(self) -> dict[str, Any]:
        """The row as JSON types."""
        return asdict(self)


def rows_of(subject: str, samples_ms: Mapping[str, Sequence[float]], against: str, batch: int = 1) -> list[BenchRow]:
    """A row for each engine; all but `against` with the ratio to it."""
    base = median(samples_ms[against])
    return [
        BenchRow(
            subject,
            engine,
            batch,
            four_digits(median(samples)),
            four_digits(percentile(samples, 0.95)),
            *((None, None) if engine == against else (four_digits(base / median(samples)), against)),
        )
        for engine, samples in samples_ms.items()
    ]


def four_digits(value: float) -> float:
    """Four digits that say something; more would be noise."""
    return float(f"{value:.4g}")
