"""Data sets that have a name: the sample that ships, and CIFAR-10 and CIFAR-100, fetched if they are not here.

CIFAR's download is torchvision's own, with its hashes. It is unpacked beside its place and moved there whole, so that a
stop, a full disk or a second process never leaves half of it.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import warnings
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

from filelock import FileLock

from resnext_viz.errors import first_line
from resnext_viz.inference.engines.compiled_cache import cache_folder
from resnext_viz.training.data import cifar
from resnext_viz.training.data.data_error import DataError
from resnext_viz.training.data.sample import SAMPLE, TITLE, sample_folder

FOLDER_VARIABLE = "RESNEXT_VIZ_DATA"
HERE = Path("data")


def find_data(data: str | Path) -> Path:
    """The folder that `data` stands for: a folder's own path, or the name of a data set, fetched on first use.

    A folder that is called like a data set of CIFAR's goes before it; one called like the sample is ./sample.

    Raises:
        DataError: the data set is not here and cannot be fetched.
        OSError: there is no room for the sample's files.
    """
    name, folder = str(data), Path(data).expanduser()
    if name == SAMPLE:
        return sample_folder()
    if name not in cifar.DOWNLOADS or folder.is_dir():
        return folder
    here = (place / cifar.DOWNLOADS[name].folder for place in places())
    return next((path for path in here if cifar.find_download(path)), None) or _fetched(name)


def data_title(data: str | Path, folder: Path) -> str:
    """What the pictures of `data`, in the `folder` that `find_data` found, are called: by what they are, or by it."""
    download = cifar.find_download(folder)
    if str(data) == SAMPLE:
        return TITLE
    return cifar.download_title(download) if download else folder.resolve().name


def places() -> tuple[Path, ...]:
    """Where downloads are looked for: the folder that `RESNEXT_VIZ_DATA` names, ./data, and the cache."""
    return (*_own_place(), HERE, cache_folder() / "data")


def _own_place() -> tuple[Path, ...]:
    named = os.environ.get(FOLDER_VARIABLE)
    return (Path(named).expanduser(),) if named else ()


def _fetched(name: str) -> Path:
    """Downloads a data set; gives the folder that is to be read, which holds nothing else of it."""
    place = (*_own_place(), places()[-1])[0]
    target = place / cifar.DOWNLOADS[name].folder
    try:
        place.mkdir(parents=True, exist_ok=True)
        with FileLock(place / f".{name}.lock"):
            if not cifar.find_download(target):
                _download(name, place, target)
    except (OSError, RuntimeError) as error:  # torchvision raises RuntimeError where a hash is wrong
        if isinstance(error, HTTPError):
            error.close()
        raise DataError(
            f"{name} is not here and cannot be fetched ({first_line(error, 200)}); fetch "
            f"{_torchvisions(name).url} elsewhere and unpack it so that there is a folder {target}, or give the "
            "folder that holds it as --data"
        ) from error
    return target


def _download(name: str, place: Path, target: Path) -> None:
    with tempfile.TemporaryDirectory(prefix=f".{name}-", dir=place) as unfinished, warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # it unpacks as Python 3.14 no longer does by itself
        _torchvisions(name)(unfinished, download=True)
        if target.exists():  # the remains of some other download
            shutil.rmtree(target)
        (Path(unfinished) / cifar.DOWNLOADS[name].folder).rename(target)


def _torchvisions(name: str) -> Any:
    from torchvision import datasets

    return {"cifar10": datasets.CIFAR10, "cifar100": datasets.CIFAR100}[name]
