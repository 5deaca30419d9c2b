"""How a predictor does on a data folder's test pictures, by the very path that `predict` takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from resnext_viz.inference.calibration import Calibration, calibration
from resnext_viz.inference.errors import ImageError
from resnext_viz.inference.none_of_these import NoneRule
from resnext_viz.inference.photos.uploaded import Photo
from resnext_viz.inference.predictor.predictor import Predictor
from resnext_viz.training.data import cifar
from resnext_viz.training.data.labelled_images import DataError, LabelledImages, find_files, read_images

AT_ONCE = 160  # pictures between two signs of life
Progress = Callable[[int, int], None]  # pictures done, pictures in all


@dataclass(frozen=True)
class LabelledPhotos:
    """Photos and the name of the right class of each."""

    photos: Sequence[Photo]
    names: Sequence[str]


@dataclass(frozen=True)
class Evaluation:
    """What the network says to pictures whose class is known.

    Attributes:
        classes: of the network.
        logits: `(N, classes)`, before any temperature.
        labels: class numbers `(N,)`.
        temperature: of the network's probabilities.
        rule: when it says that a picture shows none of the classes, if it does.
        called_none: pictures that the network says show none of the classes; None where it never says so.
    """

    classes: tuple[str, ...]
    logits: NDArray[np.float32]
    labels: NDArray[np.int64]
    temperature: float = 1.0
    rule: NoneRule | None = None
    called_none: int | None = None

    @property
    def pictures(self) -> int:
        return len(self.labels)

    @property
    def right(self) -> int:
        """Pictures whose first answer is right."""
        return int((self.answers == self.labels).sum())

    @property
    def accuracy(self) -> float:
        """Share of right first answers, 0 to 1."""
        return self.right / self.pictures

    @cached_property
    def answers(self) -> NDArray[np.int64]:
        """Class numbers of the first answers `(N,)`."""
        return np.asarray(self.logits.argmax(1), np.int64)

    @cached_property
    def confusion(self) -> tuple[tuple[int, ...], ...]:
        """Pictures by true class (row) and first answer (column)."""
        size = len(self.classes)
        counts = np.bincount(self.labels * size + self.answers, minlength=size * size).reshape(size, size)
        return tuple(tuple(row) for row in counts.tolist())

    def calibration(self, temperature: float | None = None) -> Calibration:
        """How far its probabilities can be believed, at its own or another temperature."""
        return calibration(self.logits, self.labels, temperature or self.temperature)

    def class_rows(self) -> Iterator[dict[str, Any]]:
        """Class by class, those with pictures: how many, how many right, and which share."""
        for place, (name, row) in enumerate(zip(self.classes, self.confusion, strict=True)):
            if total := sum(row):
                yield {"class": name, "pictures": total, "right": row[place], "accuracy": row[place] / total}


def evaluate(predictor: Predictor, folder: Path, progress: Progress | None = None) -> Evaluation:
    """What the network says to the test pictures of a data folder.

    Raises:
        DataError: no test pictures, one that cannot be read, or classes that the network does not have.
    """
    return answers_to(predictor, read_test_photos(folder), str(folder), progress)


def answers_to(predictor: Predictor, given: LabelledPhotos, where: str, progress: Progress | None = None) -> Evaluation:
    """What the network says to the pictures.

    Args:
        predictor: the network.
        given: the pictures.
        where: they come from, for a complaint.
        progress: called as it goes.

    Raises:
        DataError: a picture that cannot be read, or a class that the network does not have.
    """
    unknown = sorted(set(given.names) - set(predictor.classes))
    if unknown:
        raise DataError(
            f"{where} has the class {unknown[0]!r}, which {predictor.name} does not know; "
            f"its {len(predictor.classes)} classes begin {', '.join(predictor.classes[:5])}"
        )
    number = {name: place for place, name in enumerate(predictor.classes)}
    labels = np.array([number[name] for name in given.names], np.int64)
    outputs = _outputs_of(predictor, given.photos, progress)
    rule, scores = predictor.none_of_these, predictor.none_scores(outputs)
    called_none = int(rule.below(scores).sum()) if rule and scores is not None else None
    logits = outputs[:, : len(predictor.classes)].numpy()
    return Evaluation(predictor.classes, logits, labels, predictor.temperature, rule, called_none)


def _outputs_of(predictor: Predictor, photos: Sequence[Photo], progress: Progress | None) -> Tensor:
    """What the network puts out for photos: logits, and a probe's output behind them.

    Raises:
        DataError: one that cannot be read.
    """
    pieces = []
    for start in range(0, len(photos), AT_ONCE):
        try:
            inputs = predictor.inputs_of(photos[start : start + AT_ONCE])
        except ImageError as error:
            raise DataError(f"{error} Or remove it.") from error
        pieces.append(predictor.outputs(inputs))
        if progress:
            progress(min(start + AT_ONCE, len(photos)), len(photos))
    return torch.cat(pieces)


def read_test_photos(folder: Path) -> LabelledPhotos:
    """The test pictures of a data folder.

    Raises:
        DataError: there are none.
    """
    if cifar.find_download(folder) is None:
        files = find_files(folder, "test")
        return LabelledPhotos(files.paths, [files.classes[label] for label in files.labels])
    return photos_of(read_images(folder, "test", cifar.SIDE))


def photos_of(pictures: LabelledImages) -> LabelledPhotos:
    """Pictures in memory as photos that a predictor takes."""
    photos = [Image.fromarray(pixels.permute(1, 2, 0).numpy()) for pixels in pictures.images]
    return LabelledPhotos(photos, [pictures.classes[label] for label in pictures.labels.tolist()])
