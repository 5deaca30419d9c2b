"""Reader of torchvision's CIFAR-10 download: pickles, opened so that no code in them can run."""

from __future__ import annotations

import pickle
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

FOLDER = "cifar-10-batches-py"  # what torchvision.datasets.CIFAR10(download=True) leaves behind
SIDE = 32
BATCHES = {"train": tuple(f"data_batch_{i}" for i in range(1, 6)), "test": ("test_batch",)}


class CifarError(Exception):
    """A file of the download is missing, damaged or not what it should be."""


class _ArraysOnly(pickle.Unpickler):
    """Unpickles numpy arrays and plain containers, and nothing that could run code."""

    allowed = frozenset({("numpy.core.multiarray", "_reconstruct"), ("numpy._core.multiarray", "_reconstruct"),
                         ("numpy", "ndarray"), ("numpy", "dtype"), ("_codecs", "encode")})  # fmt: skip

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in self.allowed:
            raise pickle.UnpicklingError(f"it holds {module}.{name}, which no CIFAR-10 file does")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # the files name numpy's modules of 2009
            return super().find_class(module, name)


def download_folder(folder: Path) -> Path | None:
    """Where under `folder` the download lies, or None."""
    return next((path for path in (folder, folder / FOLDER) if (path / BATCHES["train"][0]).is_file()), None)


def read_batches(folder: Path, split: str) -> tuple[NDArray[np.uint8], list[int], tuple[str, ...]]:
    """Pictures `(N, 3, 32, 32)`, their class numbers and the class names.

    Raises:
        CifarError: a file is missing, damaged or not what it should be.
    """
    classes = tuple(map(str, _member(folder / "batches.meta", "label_names", list)))
    pixels, labels = [], []
    for name in BATCHES[split]:
        path = folder / name
        data, numbers = _member(path, "data", np.ndarray), _member(path, "labels", list)
        if data.dtype != np.uint8 or data.shape != (len(numbers), 3 * SIDE * SIDE):
            raise CifarError(f"{path}: pictures of an unexpected shape")
        if not all(isinstance(number, int) and 0 <= number < len(classes) for number in numbers):
            raise CifarError(f"{path}: labels that are no class numbers")
        pixels.append(data)
        labels += numbers
    return np.concatenate(pixels).reshape(-1, 3, SIDE, SIDE), labels, classes


def _member(path: Path, key: str, kind: type) -> Any:
    try:
        with path.open("rb") as file:
            value = _ArraysOnly(file, encoding="latin1").load()[key]
    except Exception as error:  # a hostile pickle can make the unpickler raise anything
        raise CifarError(f"{path}: {error}") from error
    if not isinstance(value, kind):
        raise CifarError(f"{path}: {key} is no {kind.__name__}")
    return value
