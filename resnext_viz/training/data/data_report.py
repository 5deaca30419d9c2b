"""What is to be known of a data set before training: classes, sizes, and whatever makes its figures misleading."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import torch

from resnext_viz.inference.photos.picture_formats import open_picture, pillow_at_ease
from resnext_viz.training.data import cifar
from resnext_viz.training.data.image_folder import find_files

if TYPE_CHECKING:
    from resnext_viz.training.data.labelled_images import LabelledImages

SMALL_SIDE, LARGE_SIDE = 32, 64  # pixels, for a network that nobody chose
_LOOKED_AT = 100  # pictures whose headers are read to choose a size
_SHOWN_CLASSES = 5
_UNEQUAL = 10  # times as many pictures of the largest class as of the smallest


def suited_side(folder: Path) -> int:
    """A side in pixels for a small network and the pictures of a folder: 64 if most are at least as wide, else 32.

    Raises:
        DataError: there are no pictures.
    """
    if cifar.find_download(folder):
        return cifar.SIDE
    paths = find_files(folder, "train").paths
    with pillow_at_ease():
        shorts = [min(size) for size in map(_size, paths[:: max(1, len(paths) // _LOOKED_AT)]) if size]
    return LARGE_SIDE if shorts and median(shorts) >= LARGE_SIDE else SMALL_SIDE


def data_summary(train_set: LabelledImages, test_set: LabelledImages) -> Iterator[str]:
    """Lines on classes, and on sizes as found and as used."""
    classes = train_set.classes
    more = f" and {len(classes) - _SHOWN_CLASSES} more" if len(classes) > _SHOWN_CLASSES else ""
    yield f"classes: {', '.join(classes[:_SHOWN_CLASSES])}{more}"
    found = [size for images in (train_set, test_set) for size in images.sizes or ()]
    if found:
        smallest, largest = (
            min(found, key=lambda size: size[0] * size[1]),
            max(found, key=lambda size: size[0] * size[1]),
        )
        side = train_set.side
        sizes = f"{smallest} px" if smallest == largest else f"{smallest} to {largest} px"
        used = "used as they are" if smallest == largest == (side, side) else (
            f"centre square of each resized to {side}×{side} px, bicubic")  # fmt: skip
        yield f"sizes: {sizes}; {used}"


def notes(train_set: LabelledImages, test_set: LabelledImages) -> tuple[str, ...]:
    """What was done to the pictures, and what is wrong with them, in words; each thing once."""
    own = dict.fromkeys((*train_set.notes, *test_set.notes))
    return (*own, *_unequal(train_set), *_shared(train_set, test_set))


def shared_pictures(train_set: LabelledImages, test_set: LabelledImages) -> int:
    """How many test pictures are, pixel for pixel, among the training pictures too."""
    seen = set(_digests(train_set))
    return sum(digest in seen for digest in _digests(test_set))


def _shared(train_set: LabelledImages, test_set: LabelledImages) -> Iterator[str]:
    count = shared_pictures(train_set, test_set)
    if count:
        yield (
            f"{count:,} of {len(test_set.labels):,} test pictures are also among the training pictures; "
            "the accuracy is better than it would be on new ones"
        )


def _unequal(train_set: LabelledImages) -> Iterator[str]:
    counts = torch.bincount(train_set.labels, minlength=len(train_set.classes)).tolist()
    if max(counts) >= _UNEQUAL * min(counts):
        (least, fewest), (most, greatest) = (
            (train_set.classes[counts.index(count)], count) for count in (min(counts), max(counts))
        )
        yield f"very unequal classes: {fewest:,} pictures of {least!r} to train on and {greatest:,} of {most!r}"


def _digests(images: LabelledImages) -> Iterator[bytes]:
    return (hashlib.blake2b(picture, digest_size=16).digest() for picture in images.images.numpy())


def _size(path: Path) -> tuple[int, int] | None:
    try:
        with path.open("rb") as file, open_picture(file) as picture:
            return picture.size
    except Exception:  # a file that is no picture is told of when it is decoded
        return None
