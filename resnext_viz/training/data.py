"""Labelled pictures for training, held decoded in memory: an ImageFolder tree or torchvision's CIFAR-10 download."""

from __future__ import annotations

import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from resnext_viz.errors import UserError
from resnext_viz.inference.decode import decode_here
from resnext_viz.inference.errors import ImageError
from resnext_viz.inference.photos import decode_photo
from resnext_viz.inference.preprocess import CIFAR
from resnext_viz.training import cifar

SPLITS = {"train": ("train",), "test": ("test", "val")}
SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".webp")
_CHUNK = 4096  # pictures counted at once, to keep the working memory small


class DataError(UserError):
    """The data folder is not one that can be trained on."""


@dataclass(frozen=True)
class LabelledImages:
    """Pictures `(N, 3, side, side)` uint8, their class numbers `(N,)` int64, and the class names."""

    images: Tensor
    labels: Tensor
    classes: tuple[str, ...]

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


@dataclass(frozen=True)
class ImageFiles:
    """Files of an ImageFolder split with their class numbers, and the class names in order."""

    paths: tuple[Path, ...]
    labels: tuple[int, ...]
    classes: tuple[str, ...]


def split_off(images: LabelledImages, count: int, seed: int) -> tuple[LabelledImages, LabelledImages]:
    """`images` without `count` of them drawn by `seed`, and those; both in the order they had.

    Raises:
        DataError: fewer than two would be left.
    """
    if not count:
        return images, replace(images, images=images.images[:0], labels=images.labels[:0])
    if count > len(images.labels) - 2:
        raise DataError(f"hold_out is {count}; use less than the {len(images.labels)} pictures there are to train on")
    order = torch.randperm(len(images.labels), generator=torch.Generator().manual_seed(seed))
    kept, held = order[count:].sort().values, order[:count].sort().values
    rest, others = (replace(images, images=images.images[rows], labels=images.labels[rows]) for rows in (kept, held))
    return rest, others


def read_splits(folder: Path, side: int) -> tuple[LabelledImages, LabelledImages]:
    """The train and the test pictures of a data folder, over the same classes.

    Raises:
        DataError: as `read_images`, or the two splits have different classes.
    """
    train_set, test_set = read_images(folder, "train", side), read_images(folder, "test", side)
    odd = sorted(set(train_set.classes) ^ set(test_set.classes))
    if odd:
        raise DataError(f"{folder}: train and test differ in their classes ({_listed(odd)}); give both the same")
    return train_set, test_set


def read_images(folder: Path, split: str, side: int) -> LabelledImages:
    """The pictures of one split ("train" or "test"), cut to a centred square and resized to `side` where they are not.

    Raises:
        DataError: neither a CIFAR-10 download nor a tree `train/CLASS/*.jpg`, or a file in it is no picture.
    """
    download = cifar.download_folder(folder)
    return _read_cifar(download, split, side) if download else _decoded(find_files(folder, split), side)


def find_files(folder: Path, split: str) -> ImageFiles:
    """The pictures of one split of an ImageFolder tree, unopened, in the order of their names.

    Raises:
        DataError: no such folder, fewer than two classes, or a class without pictures.
    """
    if not folder.is_dir():
        raise DataError(f"{folder} is no folder; give the one that holds train/ and test/")
    root = next((folder / name for name in SPLITS[split] if (folder / name).is_dir()), None)
    if root is None:
        raise DataError(
            f"{folder} has no folder {' or '.join(map(repr, SPLITS[split]))}; "
            "use one with train/CLASS/*.jpg and test/CLASS/*.jpg, or torchvision's CIFAR-10 download"
        )
    classes = tuple(sorted(path.name for path in root.iterdir() if path.is_dir() and not path.name.startswith(".")))
    if len(classes) < 2:
        raise DataError(f"{root} has {len(classes)} folders of pictures, one for each class; at least two are needed")
    files = [[path for path in sorted((root / name).iterdir()) if path.suffix.lower() in SUFFIXES] for name in classes]
    empty = [name for name, paths in zip(classes, files, strict=True) if not paths]
    if empty:
        raise DataError(f"{root}: no pictures ({', '.join(SUFFIXES)}) in {_listed(empty)}; fill or remove the folder")
    labels = (number for number, paths in enumerate(files) for _ in paths)
    return ImageFiles(tuple(path for paths in files for path in paths), tuple(labels), classes)


def _decoded(files: ImageFiles, side: int) -> LabelledImages:
    pixels = np.empty((len(files.paths), 3, side, side), np.uint8)

    def decode(number: int) -> None:
        pixels[number] = _read_picture(files.paths[number], side).transpose(2, 0, 1)

    pool = ThreadPoolExecutor()
    try:
        for _ in pool.map(decode, range(len(files.paths))):
            pass
    finally:
        pool.shutdown(cancel_futures=True)
    return LabelledImages(torch.from_numpy(pixels), torch.tensor(files.labels), files.classes)


def _read_picture(path: Path, side: int) -> NDArray[np.uint8]:
    """The square `(side, side, 3)` of a file that a trained network's own prediction would be made from."""
    try:
        picture = decode_photo(path, str(path), decode_here).image
    except ImageError as error:
        raise DataError(f"{path} cannot be used: {error} Or remove it.") from error
    return np.asarray(replace(CIFAR, crop=side).view(picture))


def _read_cifar(folder: Path, split: str, side: int) -> LabelledImages:
    if side != cifar.SIDE:
        raise DataError(f"CIFAR-10 pictures are {cifar.SIDE} pixels wide, not {side}; use --image-size {cifar.SIDE}")
    try:
        pixels, labels, classes = cifar.read_batches(folder, split)
    except cifar.CifarError as error:
        raise DataError(f"{folder} is not a whole CIFAR-10 download ({error}); fetch it again") from error
    return LabelledImages(torch.from_numpy(pixels), torch.tensor(labels), classes)


def _mean_and_std(histogram: Sequence[int]) -> tuple[float, float]:
    """Of the values 0 to 255 that were counted, over 255; exact sums in whole numbers."""
    count = sum(histogram)
    total = sum(value * n for value, n in enumerate(histogram))
    squares = sum(value * value * n for value, n in enumerate(histogram))
    variance = (squares * count - total * total) / (count * max(1, count - 1))
    # Pictures of a single colour have no spread; one grey level keeps the normalisation finite.
    return round(total / count / 255, 4), round(max(math.sqrt(variance), 1.0) / 255, 4)


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return ", ".join(map(repr, names[:5])) + more
