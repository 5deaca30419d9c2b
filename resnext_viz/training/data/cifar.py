"""Reader of torchvision's CIFAR-10 and CIFAR-100 downloads: pickles, opened so that no code in them can run."""

from __future__ import annotations

import pickle
import warnings
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

SIDE = 32


class CifarDownload(NamedTuple):
    """What torchvision leaves behind for one data set; a test compares this with its own records."""

    title: str
    folder: str
    batches: dict[str, tuple[str, ...]]
    labels: str
    names_file: str
    names: str


DOWNLOADS = {
    "cifar10": CifarDownload(
        "CIFAR-10",
        "cifar-10-batches-py",
        {"train": tuple(f"data_batch_{i}" for i in range(1, 6)), "test": ("test_batch",)},
        "labels",
        "batches.meta",
        "label_names",
    ),
    "cifar100": CifarDownload(
        "CIFAR-100",
        "cifar-100-python",
        {"train": ("train",), "test": ("test",)},
        "fine_labels",
        "meta",
        "fine_label_names",
    ),
}


class CifarError(Exception):
    """A file of the download is missing, damaged or not what it should be."""


class _ArraysOnly(pickle.Unpickler):
    """Unpickles numpy arrays and plain containers, and nothing that could run code."""

    allowed = frozenset({("numpy.core.multiarray", "_reconstruct"), ("numpy._core.multiarray", "_reconstruct"),
                         ("numpy", "ndarray"), ("numpy", "dtype"), ("_codecs", "encode")})  # fmt: skip

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in self.allowed:
            raise pickle.UnpicklingError(f"it holds {module}.{name}, which no CIFAR file does")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # the files name numpy's modules of 2009
            return super().find_class(module, name)


def find_download(folder: Path) -> Path | None:
    """Where under `folder` a download lies, or None; CIFAR-10 if there are both."""
    found = (path for one in DOWNLOADS.values() for path in (folder, folder / one.folder) if _is_there(one, path))
    return next(found, None)


def download_title(folder: Path) -> str:
    """Whose files lie in a folder that `find_download` found."""
    return _download_in(folder).title


def read_batches(folder: Path, split: str) -> tuple[NDArray[np.uint8], list[int], tuple[str, ...]]:
    """Pictures `(N, 3, 32, 32)`, their class numbers and the class names; of CIFAR-100 the hundred fine classes.

    Raises:
        CifarError: a file is missing, damaged or not what it should be.
    """
    download = _download_in(folder)
    classes = tuple(map(str, _member(folder / download.names_file, download.names, list)))
    pixels, labels = [], []
    for name in download.batches[split]:
        path = folder / name
        data, numbers = _member(path, "data", np.ndarray), _member(path, download.labels, list)
        if data.dtype != np.uint8 or data.shape != (len(numbers), 3 * SIDE * SIDE):
            raise CifarError(f"{path}: pictures of an unexpected shape")
        if not all(isinstance(number, int) and 0 <= number < len(classes) for number in numbers):
            raise CifarError(f"{path}: labels that are no class numbers")
        pixels.append(data)
        labels += numbers
    return np.concatenate(pixels).reshape(-1, 3, SIDE, SIDE), labels, classes


def _download_in(folder: Path) -> CifarDownload:
    """The data set that the files in a folder are of."""
    return next((one for one in DOWNLOADS.values() if _is_there(one, folder)), DOWNLOADS["cifar10"])


def _is_there(download: CifarDownload, folder: Path) -> bool:
    """Whether the first batch lies in `folder`; a file called "train" says little, so the names must be there too."""
    first = download.batches["train"][0]
    return (folder / first).is_file() and (first != "train" or (folder / download.names_file).is_file())


def _member(path: Path, key: str, kind: type) -> Any:
    try:
        with path.open("rb") as file:
            value = _ArraysOnly(file, encoding="latin1").load()[key]
    except Exception as error:  # a hostile pickle can make the unpickler raise anything
        raise CifarError(f"{path}: {error}") from error
    if not isinstance(value, kind):
        raise CifarError(f"{path}: {key} is no {kind.__name__}")
    return value
