"""A visitor's own folder made ready for training: each file is read by the safe decoder and kept as a small picture.

What the training process gets holds nothing of what was sent but its pixels and the names of the classes.
"""

from __future__ import annotations

import shutil
import weakref
from collections.abc import Callable, Generator, Hashable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from resnext_viz.errors import UserError
from resnext_viz.inference.errors import ImageError
from resnext_viz.kit.number_format import exact
from resnext_viz.training.data.image_folder import SPLITS, find_splits
from resnext_viz.ui.kit.jobs.job import Job
from resnext_viz.ui.train.server_folder import kept, new_folder
from resnext_viz.ui.train.settings import TrainingData

MAX_PICTURES, MAX_CLASSES = 3_000, 100
MAX_BYTES = 200 * 2**20
LONGEST_NAME = 60  # letters of a class
_PIXEL_BYTES = 3  # at most; a picture is kept without loss
_MAX_NAME_BYTES = 200  # of it as the name of a folder
_SPLIT_OF = {name: split for split, names in SPLITS.items() for name in names}


class Upload(NamedTuple):
    """One file of the folder: its path from the folder's own name on, and its bytes."""

    path: str
    data: bytes


class SortedUpload(NamedTuple):
    """Where a file belongs: a split, or "" where the folder has none, and its class."""

    upload: Upload
    split: str
    label: str


class PicturesJob(Job):
    """Reads the files one by one.

    Attributes:
        side: of the pictures that are kept, in pixels.
        refused: what could not be used, a line each.
        data: the pictures, once all is read.
    """

    def __init__(self, about: Hashable, uploads: Sequence[Upload], side: int, room_for: Callable[[int], Path]) -> None:
        super().__init__(about)
        self.total = len(uploads)
        self.refused: list[str] = []
        self.data: TrainingData | None = None
        self._uploads, self.side, self._room_for = list(uploads), side, room_for

    def let_go(self) -> None:
        self._uploads.clear()  # the job stays in the session, whatever came of it

    def steps(self) -> Generator[None, None, None]:
        """A picture in each step."""
        check_bounds(self._uploads)
        pictures, self.refused = sorted_out(self._uploads)
        folder = new_folder("pictures-", self._room_for(len(pictures) * self.side**2 * _PIXEL_BYTES))
        keeper = _Keeper(folder)
        for number, picture in enumerate(pictures):
            self._keep(folder, picture, number)
            self.done += 1
            yield
        self.data = _described(folder, keeper)

    def _keep(self, folder: Path, picture: SortedUpload, number: int) -> None:
        from resnext_viz.inference.photos.decode import decode_image
        from resnext_viz.inference.photos.preprocess import CIFAR

        place, (path, data) = folder / picture.split / picture.label, picture.upload
        try:
            square = replace(CIFAR, crop=self.side).view(
                self.patiently(lambda: decode_image(data, path, self.side)).image
            )
        except ImageError as error:
            self.refused.append(f"{path}: {error}")
            return
        with kept():
            place.mkdir(parents=True, exist_ok=True)
            square.save(place / f"{number:05}.png")


def check_bounds(uploads: Sequence[Upload]) -> None:
    """Refuses a folder that is too large.

    Raises:
        UserError: too many files, or too many bytes.
    """
    if len(uploads) > MAX_PICTURES:
        raise UserError(f"the folder has {exact(len(uploads))} pictures; up to {exact(MAX_PICTURES)} train here")
    total = sum(len(upload.data) for upload in uploads)
    if total > MAX_BYTES:
        raise UserError(f"the folder has {total / 2**20:,.0f} MB; up to {MAX_BYTES // 2**20} MB train here")


def sorted_out(uploads: Sequence[Upload]) -> tuple[list[SortedUpload], list[str]]:
    """The pictures in order of their paths with their classes, and a line for each file that has none.

    A class is the first folder below the uploaded one, or below train/ and test/; folders around all of them are passed
    over.
    """
    parts = {upload: tuple(part for part in upload.path.replace("\\", "/").split("/") if part) for upload in uploads}
    parts = {upload: path[1:] for upload, path in parts.items()}  # every path begins with the uploaded folder's name
    while _is_wrapped(list(parts.values())):
        parts = {upload: path[1:] for upload, path in parts.items()}
    in_splits = {path[0].lower() for path in parts.values() if len(path) > 2} <= _SPLIT_OF.keys()
    aside = _left_aside({path[0].lower() for path in parts.values() if len(path) > 2}) if in_splits else {}
    pictures, refused = list[SortedUpload](), list[str]()
    for upload, path in sorted(parts.items(), key=lambda item: item[1]):
        split = _SPLIT_OF.get(path[0].lower(), "") if len(path) > 2 and in_splits else ""
        below = path[1:] if split else path
        problem = aside.get(path[0].lower()) if split else None
        problem = problem or _problem(below)
        if problem:
            refused.append(f"{upload.path[:200]}: {problem}")
        else:
            pictures.append(SortedUpload(upload, split, below[0]))
    return pictures, refused


def _left_aside(there: set[str]) -> dict[str, str]:
    """Why the pictures of a folder are not used where another one stands for the same split, by the folder's name."""
    found = dict[str, str]()
    for names in SPLITS.values():
        used, *others = [name for name in names if name in there] or [""]
        found |= {name: f"it lies in {name}/ beside {used}/, which is what is used." for name in others}
    return found


def _is_wrapped(paths: Sequence[tuple[str, ...]]) -> bool:
    """Whether one folder holds everything, and still leaves each picture a folder of its own."""
    return len({path[0] for path in paths if path}) == 1 and all(len(path) > 2 for path in paths)


def _problem(below: Sequence[str]) -> str:
    """Why a file has no class that could be used; empty if it has."""
    if len(below) < 2:
        return "it lies in no sub-folder that would name its class."
    name = below[0]
    if name.startswith(".") or not name.isprintable() or name != name.strip():
        return "its folder’s name is no name for a class. Rename the folder."
    if len(name) > LONGEST_NAME or len(name.encode(errors="replace")) > _MAX_NAME_BYTES:
        return f"its folder’s name is longer than {LONGEST_NAME} letters. Rename the folder."
    return ""


def _described(folder: Path, keeper: _Keeper) -> TrainingData:
    """What lies in the folder, in the words of `train` where it cannot be trained on."""
    try:
        train_files, test_files = find_splits(folder)
    except UserError as error:
        raise UserError(str(error).replace(f"{folder}", "your folder")) from None
    if len(train_files.classes) > MAX_CLASSES:
        raise UserError(f"the folder has {exact(len(train_files.classes))} classes; up to {MAX_CLASSES} train here")
    return TrainingData(
        "Your folder", train_files.classes, len(train_files.paths), len(test_files.paths), folder, keeper
    )


class _Keeper:
    """Removes the folder when no run and no page holds it any more."""

    def __init__(self, folder: Path) -> None:
        self._remove = weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
