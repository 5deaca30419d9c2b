"""How often a predictor is right on a data folder's test pictures, by the very path that `predict` takes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from resnext_viz.inference.photos import Photo
from resnext_viz.inference.predictor import Predictor
from resnext_viz.training import cifar
from resnext_viz.training.data import DataError, find_files, read_images

_AT_ONCE = 160  # pictures between two signs of life


@dataclass(frozen=True)
class Tally:
    """What was counted so far: pictures done, of how many, and how many of them right."""

    done: int
    total: int
    right: int

    @property
    def accuracy(self) -> float:
        """Share of right first answers, 0 to 1."""
        return self.right / self.done


def evaluate(predictor: Predictor, folder: Path) -> Iterator[Tally]:
    """The count after each handful of test pictures; the last one is the result.

    Raises:
        DataError: no test pictures, one that cannot be read, or classes that the network does not have.
    """
    photos, names = _test_photos(folder)
    unknown = sorted(set(names) - set(predictor.classes))
    if unknown:
        raise DataError(
            f"{folder} has the class {unknown[0]!r}, which {predictor.name} does not know; "
            f"its {len(predictor.classes)} classes begin {', '.join(predictor.classes[:5])}"
        )
    right = 0
    for start in range(0, len(photos), _AT_ONCE):
        answers = predictor.predict(photos[start : start + _AT_ONCE], top_k=1)
        for answer, name in zip(answers, names[start : start + _AT_ONCE], strict=True):
            if answer.error is not None:
                raise DataError(f"{answer.image_name} cannot be used: {answer.error} Or remove it.")
            right += answer.top[0].label == name
        yield Tally(start + len(answers), len(photos), right)


def _test_photos(folder: Path) -> tuple[Sequence[Photo], Sequence[str]]:
    """The test pictures and the name of the right class of each."""
    if cifar.download_folder(folder) is None:
        files = find_files(folder, "test")
        return files.paths, [files.classes[label] for label in files.labels]
    pictures = read_images(folder, "test", cifar.SIDE)
    photos = [Image.fromarray(pixels.permute(1, 2, 0).numpy()) for pixels in pictures.images]
    return photos, [pictures.classes[label] for label in pictures.labels.tolist()]
