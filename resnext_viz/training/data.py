"""Labelled pictures for training, held decoded in memory: an ImageFolder tree or torchvision's CIFAR-10 download."""

from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image, UnidentifiedImageError
from torch import Tensor

from resnext_viz.errors import UserError

CIFAR_FOLDER = "cifar-10-batches-py"  # what torchvision.datasets.CIFAR10(download=True) leaves behind
SPLITS = {"train": ("train",), "test": ("test", "val")}
SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".webp")


class DataError(UserError):
    """The data folder is not one that can be trained on."""


@dataclass(frozen=True)
class LabelledImages:
    """Pictures `(N, 3, side, side)` uint8, their class numbers `(N,)` int64, and the class names."""

    images: Tensor
    labels: Tensor
    classes: tuple[str, ...]

    def mean_and_std(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Mean and standard deviation of each colour, on the scale 0 to 1."""
        pixels = self.images.double().div_(255)
        mean, std = pixels.mean((0, 2, 3)), pixels.std((0, 2, 3))
        return tuple(round(v, 4) for v in mean.tolist()), tuple(round(v, 4) for v in std.tolist())


def read_images(folder: Path, split: str, side: int) -> LabelledImages:
    """The pictures of one split ("train" or "test"), resized to `side` where they are not.

    Raises:
        DataError: neither a CIFAR-10 download nor a tree `train/CLASS/*.jpg`, or a file in it is no picture.
    """
    cifar = next((path for path in (folder, folder / CIFAR_FOLDER) if (path / "data_batch_1").is_file()), None)
    if cifar:
        return _read_cifar(cifar, split, side)
    for name in SPLITS[split]:
        if (folder / name).is_dir():
            return _read_tree(folder / name, side)
    raise DataError(f"{folder} has no folder {' or '.join(SPLITS[split])!r}; "
                    "use one with train/CLASS/*.jpg and test/CLASS/*.jpg, or torchvision's CIFAR-10 download")


def _read_tree(root: Path, side: int) -> LabelledImages:
    classes = tuple(sorted(path.name for path in root.iterdir() if path.is_dir()))
    files = [(path, number) for number, name in enumerate(classes)
             for path in sorted((root / name).iterdir()) if path.suffix.lower() in SUFFIXES]
    if len(classes) < 2 or not files:
        raise DataError(f"{root} has {len(classes)} class folders with {len(files)} pictures; two classes are needed")
    with ThreadPoolExecutor() as pool:
        pixels = list(pool.map(lambda item: _read_picture(item[0], side), files))
    labels = torch.tensor([number for _, number in files])
    return LabelledImages(torch.from_numpy(np.stack(pixels)).permute(0, 3, 1, 2).contiguous(), labels, classes)


def _read_picture(path: Path, side: int) -> np.ndarray:
    try:
        with Image.open(path) as picture:
            return np.asarray(_centre_square(picture.convert("RGB"), side))
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise DataError(f"{path} cannot be read as a picture ({error}); repair or remove it") from error


def _centre_square(picture: Image.Image, side: int) -> Image.Image:
    if picture.size == (side, side):
        return picture
    short = min(picture.size)
    left, top = (picture.width - short) // 2, (picture.height - short) // 2
    return picture.resize((side, side), Image.Resampling.BICUBIC, (left, top, left + short, top + short))


def _read_cifar(folder: Path, split: str, side: int) -> LabelledImages:
    names = [f"data_batch_{i}" for i in range(1, 6)] if split == "train" else ["test_batch"]
    try:
        batches = [_unpickle(folder / name) for name in names]
        classes = tuple(_unpickle(folder / "batches.meta")["label_names"])
    except (OSError, pickle.UnpicklingError, KeyError, EOFError) as error:
        raise DataError(f"{folder} is not a whole CIFAR-10 download ({error}); fetch it again") from error
    if side != 32:
        raise DataError(f"CIFAR-10 pictures are 32 pixels wide, not {side}; use --image-size 32")
    pixels = np.concatenate([batch["data"] for batch in batches]).reshape(-1, 3, 32, 32)
    labels = torch.tensor([label for batch in batches for label in batch["labels"]])
    return LabelledImages(torch.from_numpy(pixels), labels, classes)


class _ArraysOnly(pickle.Unpickler):
    """Unpickles numpy arrays and plain containers, and nothing that could run code."""

    allowed = frozenset({("numpy.core.multiarray", "_reconstruct"), ("numpy._core.multiarray", "_reconstruct"),
                         ("numpy", "ndarray"), ("numpy", "dtype"), ("_codecs", "encode")})

    def find_class(self, module: str, name: str) -> object:
        if (module, name) not in self.allowed:
            raise pickle.UnpicklingError(f"it holds {module}.{name}, which no CIFAR-10 file does")
        return super().find_class(module, name)


def _unpickle(path: Path) -> dict:
    with path.open("rb") as file:
        return _ArraysOnly(file, encoding="latin1").load()
