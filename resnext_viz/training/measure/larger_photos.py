"""Test pictures as the photos that people send: enlarged, saved as JPEG, and predicted through the app's whole path.

What is lost between 32 pixels and back tells whether a photo is made smaller as it should be. Pictures that are larger
than the network sees them are brought to that size first.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from PIL import Image

from resnext_viz.inference.none_of_these import NoneRule
from resnext_viz.inference.photos.preprocess import Preprocess
from resnext_viz.inference.photos.uploaded import Photo, decode_photo
from resnext_viz.inference.predictor.measured import Larger
from resnext_viz.inference.predictor.predictor import Predictor
from resnext_viz.training.measure.evaluation import AT_ONCE, Evaluation, Progress
from resnext_viz.training.measure.seen import seen_in

JPEG_QUALITY = 90
_MOST_PIXELS = 16_800_000  # of an enlarged picture


class Enlargement(NamedTuple):
    """How many times wider a picture becomes, and by which of Pillow's filters."""

    factor: int
    filter: Image.Resampling

    @property
    def words(self) -> str:
        return f"{self.factor} times larger ({self.filter.name.lower()}, JPEG {JPEG_QUALITY})"


ENLARGEMENTS = tuple(
    Enlargement(factor, filter_)
    for factor in (4, 8)
    for filter_ in (Image.Resampling.LANCZOS, Image.Resampling.BICUBIC)
)


def enlarged(image: Image.Image, how: Enlargement) -> bytes:
    """The picture that many times wider and higher, as the bytes of a JPEG."""
    out = io.BytesIO()
    size = (how.factor * image.width, how.factor * image.height)
    image.resize(size, how.filter).save(out, "JPEG", quality=JPEG_QUALITY)
    return out.getvalue()


def as_seen(image: Image.Image, preprocess: Preprocess) -> Image.Image:
    """The centre square that the network is shown, no larger than it is looked at; smaller pictures keep their size."""
    side = min(preprocess.resize or preprocess.crop, *image.size)
    return replace(preprocess, resize=None, crop=side).view(image)


def measure_larger(
    predictor: Predictor,
    photos: Sequence[Photo],
    themselves: Evaluation,
    progress: Progress | None = None,
    rule: NoneRule | None = None,
    temperature: float = 1.0,
) -> Iterator[Larger]:
    """For each of `ENLARGEMENTS` what the network says to the enlarged pictures, beside what it says to themselves.

    What a rule calls none is counted at the temperature. Without those that would make pictures too large to be
    predicted.
    """
    side = predictor.preprocess.resize or predictor.preprocess.crop
    for how in (each for each in ENLARGEMENTS if (each.factor * side) ** 2 <= _MOST_PIXELS):
        right = same = called_none = 0
        for start in range(0, len(photos), AT_ONCE):
            rows = slice(start, start + AT_ONCE)
            seen = [
                as_seen(decode_photo(photo, how.words, crop=side).image, predictor.preprocess) for photo in photos[rows]
            ]
            files = [enlarged(image, how) for image in seen]
            seen_now = seen_in(predictor, predictor.inputs_of(files))
            answers = seen_now.logits.argmax(1)
            called_none += int(seen_now.called_none(rule, temperature).sum()) if rule else 0
            right += int((answers == themselves.labels[rows]).sum())
            same += int((answers == themselves.answers[rows]).sum())
            if progress:
                progress(start + len(files), len(photos))
        yield Larger(how.words, len(photos), right, same, called_none if rule else None)
