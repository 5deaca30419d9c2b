"""Labelled pictures for training, held decoded in memory: folders of pictures, or torchvision's CIFAR downloads."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from resnext_viz.inference.photos.preprocess import CIFAR
from resnext_viz.training.data import cifar
from resnext_viz.training.data.data_error import DataError
from resnext_viz.training.data.decoding import Progress, Size, check_memory, decode_files
from resnext_viz.training.data.image_folder import ImageFiles, find_files, find_splits, listed

__all__ = ["DataError", "ImageFiles", "LabelledImages", "find_files", "read_images", "read_splits", "split_off"]

_CHUNK = 4096  # pictures counted at once, to keep the working memory small


@dataclass(frozen=True)
class LabelledImages:
    """Pictures `(N, 3, side, side)` uint8, their class numbers `(N,)` int64, and the class names.

    Attributes:
        sizes: of the smallest and the largest picture before they were resized; None where nobody looked.
        notes: what was done to get them that whoever reads a figure should know, in words.
    """

    images: Tensor
    labels: Tensor
    classes: tuple[str, ...]
    sizes: tuple[Size, Size] | None = None
    notes: tuple[str, ...] = ()

    @property
    def side(self) -> int:
        """Width and height of every picture, in pixels."""
        return self.images.shape[-1]

    def mean_and_std(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Mean and standard deviation of each colour, on the scale 0 to 1, to four places."""
        counts = torch.zeros(3, 256, dtype=torch.int64)
        for chunk in self.images.split(_CHUNK):
            counts += torch.stack([torch.bincount(colour.flatten(), minlength=256) for colour in chunk.unbind(1)])
        pairs = [_mean_and_std(histogram) for histogram in counts.tolist()]
        return tuple(mean for mean, _ in pairs), tuple(std for _, std in pairs)


def split_off(images: LabelledImages, count: int, seed: int) -> tuple[LabelledImages, LabelledImages]:
    """`images` without `count` of them drawn by `seed`, and those; both in the order they had.

    Raises:
        DataError: fewer than two would be left.
    """
    if not count:
        return images, replace(images, images=images.images[:0], labels=images.labels[:0])
    if count > len(images.labels) - 2:
        raise DataError(
            f"hold_out is {count}; use {max(0, len(images.labels) - 2)} at most, so that two of the "
            f"{len(images.labels)} pictures are left to train on"
        )
    check_memory(len(images.labels), images.side)  # both are copies
    order = torch.randperm(len(images.labels), generator=torch.Generator().manual_seed(seed))
    kept, held = order[count:].sort().values, order[:count].sort().values
    rest, others = (replace(images, images=images.images[rows], labels=images.labels[rows]) for rows in (kept, held))
    return rest, others


def read_splits(
    folder: Path, side: int, skip_broken: bool = False, progress: Progress | None = None
) -> tuple[LabelledImages, LabelledImages]:
    """The train and the test pictures of a data folder, over the same classes.

    Raises:
        DataError: as `read_images`, or the two splits have different classes.
    """
    if cifar.find_download(folder):
        return read_images(folder, "train", side), read_images(folder, "test", side)
    train, test = find_splits(folder)
    check_memory(len(train.paths) + len(test.paths), side)
    train_set, test_set = (_decoded(files, side, skip_broken, progress) for files in (train, test))
    return train_set, test_set


def read_images(folder: Path, split: str, side: int, skip_broken: bool = False) -> LabelledImages:
    """The pictures of one split ("train" or "test"), cut to a centred square and resized to `side` where they are not.

    Raises:
        DataError: neither a CIFAR download nor folders of pictures, a file in it is no picture and not to be skipped,
            or there are more than fit into memory.
    """
    download = cifar.find_download(folder)
    if download:
        return _read_cifar(download, split, side)
    files = find_files(folder, split)
    check_memory(len(files.paths), side)
    return _decoded(files, side, skip_broken)


def _decoded(files: ImageFiles, side: int, skip_broken: bool, progress: Progress | None = None) -> LabelledImages:
    found = decode_files(files.paths, side, skip_broken, progress)
    labels = torch.tensor([files.labels[row] for row in found.rows])
    counts = torch.bincount(labels, minlength=len(files.classes)).tolist()
    gone = [name for name, count in zip(files.classes, counts, strict=True) if not count]
    if gone:
        raise DataError(f"{found.broken[0]} No picture of {listed(gone)} can be read; fill or remove the folder")
    notes = files.notes
    if found.broken:
        notes += (f"{len(found.broken):,} of {len(files.paths):,} files left out, because they cannot be read; "
                  f"the first: {found.broken[0]}",)  # fmt: skip
    return LabelledImages(torch.from_numpy(found.pixels), labels, files.classes, found.sizes, notes)


def _read_cifar(folder: Path, split: str, side: int) -> LabelledImages:
    try:
        pixels, labels, classes = cifar.read_batches(folder, split)
    except cifar.CifarError as error:
        raise DataError(
            f"{folder} is not a whole {cifar.download_title(folder)} download ({error}); fetch it again"
        ) from error
    if side != cifar.SIDE:
        check_memory(len(labels), side)
        pixels = _resized(pixels, side)
    size = Size(cifar.SIDE, cifar.SIDE)
    return LabelledImages(torch.from_numpy(pixels), torch.tensor(labels), classes, (size, size))


def _resized(pixels: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """Pictures `(N, 3, H, W)` in another size, as `predict` resizes."""
    resized = np.empty((len(pixels), 3, side, side), np.uint8)
    look = replace(CIFAR, crop=side)
    for row, picture in enumerate(pixels):
        view = look.view(Image.fromarray(picture.transpose(1, 2, 0)))
        resized[row] = np.asarray(view).transpose(2, 0, 1)
    return resized


def _mean_and_std(histogram: Sequence[int]) -> tuple[float, float]:
    """Of the values 0 to 255 that were counted, over 255; exact sums in whole numbers."""
    count = sum(histogram)
    total = sum(value * n for value, n in enumerate(histogram))
    squares = sum(value * value * n for value, n in enumerate(histogram))
    variance = (squares * count - total * total) / (count * max(1, count - 1))
    # Pictures of a single colour have no spread; one grey level keeps the normalisation finite.
    return round(total / count / 255, 4), round(max(math.sqrt(variance), 1.0) / 255, 4)
