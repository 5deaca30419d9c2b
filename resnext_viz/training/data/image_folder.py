"""Folders of pictures, one for each class: what lies in them, in torchvision's order; no file is opened.

Understood are `train/CLASS/...` beside `test/`, `val/` or `valid/`, and `CLASS/...` alone, of which a part is set aside
for testing. Classes and files are those of `torchvision.datasets.ImageFolder`, at any depth below the class, but that
hidden ones are left aside: no computer's `.ipynb_checkpoints` or `._photo.jpg` is a class or a picture.
"""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import NoReturn

from resnext_viz.errors import ErrorCode
from resnext_viz.inference.errors import CheckpointError
from resnext_viz.inference.photos.picture_formats import SUFFIXES
from resnext_viz.inference.weights.class_names import MAX_NAME_LENGTH, check_class_names
from resnext_viz.training.data.data_error import DataError

SPLITS = {"train": ("train",), "test": ("test", "val", "valid")}
TEST_SHARE = 0.1  # of each class, where the folder has no test pictures of its own
SPLIT_SEED = 0
_SET_ASIDE = (
    f"{100 * TEST_SHARE:.0f} % of each class set aside as test pictures, by seed {SPLIT_SEED} and the files' names"
)
_SHOWN_LETTERS = 60
_NEVER_MEANT = frozenset({"thumbs.db", "desktop.ini", "__macosx"})  # what systems leave behind, in lower case


@dataclass(frozen=True)
class ImageFiles:
    """Files of one split with their class numbers, the class names in order, and what was left aside, in words."""

    paths: tuple[Path, ...]
    labels: tuple[int, ...]
    classes: tuple[str, ...]
    notes: tuple[str, ...] = ()


def find_files(folder: Path, split: str) -> ImageFiles:
    """The pictures of one split ("train" or "test"), unopened, in the order of their names.

    Raises:
        DataError: no such folder, fewer than two classes, a class without pictures, links that run in a circle, or no
            right to look.
    """
    if not folder.is_dir():
        _refuse_no_folder(folder)
    parts = {name: _part(folder, name) for name in SPLITS}
    if not any(parts.values()):
        return _set_aside(_files_of(folder), folder, split)
    root = parts[split]
    if root is None:
        raise DataError(
            f"{folder} has no folder {_either(SPLITS[split])} with a folder for each class; "
            f"use one with train/CLASS/*.jpg and test/CLASS/*.jpg, or one with CLASS/*.jpg alone, which is split"
        )
    files = _files_of(root)
    return replace(files, notes=(*files.notes, *_beside(folder, root, split)))


def _beside(folder: Path, root: Path, split: str) -> Iterator[str]:
    """What is said of folders that could stand for a split, too, where one of them does."""
    others = [part.name for part in split_folders(folder, split) if part != root and _folders(part)]
    if others:
        names = " and ".join(f"{name}/" for name in others)
        yield f"{names} left aside: {root.name}/ is what the network is tested on"


def find_splits(folder: Path) -> tuple[ImageFiles, ImageFiles]:
    """The train and the test pictures, over the same classes.

    Raises:
        DataError: as `find_files`, or the two splits have different classes.
    """
    train, test = find_files(folder, "train"), find_files(folder, "test")
    odd = sorted(set(train.classes) ^ set(test.classes))
    if odd:
        raise DataError(f"{folder}: train and test differ in their classes ({listed(odd)}); give both the same")
    return train, test


def _refuse_no_folder(folder: Path) -> NoReturn:
    if folder.is_file():
        raise DataError(f"{folder} is a file; unpack it if it is an archive, and give the folder that comes out")
    raise DataError(
        f"{folder} is no folder; give the one that holds train/ and test/, or one folder for each class",
        ErrorCode.DATA_GONE,
        folder=folder,
    )


def _part(folder: Path, split: str) -> Path | None:
    """The folder of a split, if there are folders in it: "train" may be a class among others."""
    return next((part for part in split_folders(folder, split) if _folders(part)), None)


def split_folders(folder: Path, split: str) -> Iterator[Path]:
    """The folders that are called like a split ("train" or "test"), upper or lower case, the likeliest first."""
    there = {path.name.lower(): path for path in reversed(_folders(folder))}
    return (there[name] for name in SPLITS[split] if name in there)


def _files_of(root: Path) -> ImageFiles:
    classes = tuple(path.name for path in _folders(root))
    if len(classes) < 2:
        _refuse_few_classes(root, classes)
    _check_names(root, classes)
    found = [_sorted_out(root, name) for name in classes]
    _check_filled(root, {name: other for name, (paths, other) in zip(classes, found, strict=True) if not paths})
    others = sum((other for _, other in found), Counter[str]())
    labels = (number for number, (paths, _) in enumerate(found) for _ in paths)
    notes = (f"not read in {root.name}/: {_amounts(others)}",) if others else ()
    return ImageFiles(tuple(path for paths, _ in found for path in paths), tuple(labels), classes, notes)


def _refuse_few_classes(root: Path, classes: Sequence[str]) -> NoReturn:
    deeper = root / classes[0] if classes else root
    hint = f"; did you mean {deeper}?" if classes and len(_folders(deeper)) > 1 else ""
    raise DataError(
        f"{root} has {len(classes)} {'folder' if len(classes) == 1 else 'folders'} of pictures, one for each class; "
        f"at least two are needed{hint}"
    )


def _check_names(root: Path, classes: Sequence[str]) -> None:
    """Refuses names that weights could not carry, now and not when the training has ended."""
    for name in classes:
        try:
            check_class_names([name])
        except CheckpointError:
            shown = repr(name if len(name) <= _SHOWN_LETTERS else name[:_SHOWN_LETTERS] + "…")
            raise DataError(
                f"{root}: the folder {shown} has no name for a class; rename it to 1 to {MAX_NAME_LENGTH} characters "
                "in Unicode"
            ) from None


def _check_filled(root: Path, empty: dict[str, Counter[str]]) -> None:
    if not empty:
        return
    others = sum(empty.values(), Counter[str]())
    instead = f", only {_amounts(others)}" if others else ""
    raise DataError(
        f"{root}: no pictures ({', '.join(SUFFIXES)}) in {listed(tuple(empty))}{instead}; fill or remove the folder"
    )


def _sorted_out(root: Path, name: str) -> tuple[list[Path], Counter[str]]:
    """The pictures of a class at any depth, as torchvision sorts them, and the suffixes of all other files."""
    pictures, others = [], Counter[str]()
    for place, files in sorted(_walk(root, name)):
        for file in sorted(files):
            suffix = PurePath(file).suffix.lower()
            if suffix in SUFFIXES:
                pictures.append(Path(place, file))
            else:
                others[suffix or "without a suffix"] += 1
    return pictures, others


def _walk(root: Path, name: str) -> Iterator[tuple[str, list[str]]]:
    """Each folder from `name` in `root` down, through links too, and the names of the files in it."""
    waiting = [(str(root / name), frozenset({_identity(str(root))}))]
    while waiting:
        place, above = waiting.pop()
        here = _identity(place)
        if here in above:
            raise DataError(f"{place} is a link that leads back to a folder above it; remove the link")
        folders, files = _entries(place)
        waiting += [(str(Path(place, folder)), above | {here}) for folder in folders]
        yield place, files


def _identity(place: str) -> tuple[int, int]:
    """What a folder is called by the system, whatever links lead to it."""
    try:
        status = Path(place).stat()
    except OSError as error:
        raise _unreadable(place, error) from error
    return status.st_dev, status.st_ino


def _folders(folder: Path) -> list[Path]:
    """The folders in `folder`, in the order of their names."""
    return [folder / name for name in sorted(_entries(str(folder))[0])]


def _entries(place: str) -> tuple[list[str], list[str]]:
    """Names of the folders and of the files in a folder, but for hidden ones."""
    names: tuple[list[str], list[str]] = [], []
    try:
        with os.scandir(place) as entries:
            for entry in entries:
                if not entry.name.startswith(".") and entry.name.lower() not in _NEVER_MEANT:
                    names[not entry.is_dir()].append(entry.name)
    except OSError as error:
        raise _unreadable(place, error) from error
    return names


def _unreadable(place: str, error: OSError) -> DataError:
    return DataError(f"{place} cannot be looked into ({error.strerror}); check its rights, or remove it")


def _set_aside(files: ImageFiles, root: Path, split: str) -> ImageFiles:
    """The part of a folder without splits that stands for one: `TEST_SHARE` of each class, or one picture, for tests.

    Which ones follows from seed and name alone, so that it is the same ones wherever the folder lies.
    """
    by_class: dict[int, list[Path]] = {}
    for path, label in zip(files.paths, files.labels, strict=True):
        by_class.setdefault(label, []).append(path)
    alone = [files.classes[label] for label, paths in by_class.items() if len(paths) < 2]
    if alone:
        raise DataError(f"{root}: one picture only in {listed(alone)}; at least two are needed, one of them for tests")
    for_tests = {path for paths in by_class.values() for path in _drawn(paths, root)}
    rows = [row for row, path in enumerate(files.paths) if (path in for_tests) == (split == "test")]
    paths, labels = tuple(files.paths[row] for row in rows), tuple(files.labels[row] for row in rows)
    return ImageFiles(paths, labels, files.classes, (*files.notes, _SET_ASIDE))


def _drawn(paths: Sequence[Path], root: Path) -> list[Path]:
    def lot(path: Path) -> bytes:
        name = os.fsencode(path.relative_to(root).as_posix())
        return hashlib.sha256(b"%d/%s" % (SPLIT_SEED, name)).digest()

    return sorted(paths, key=lot)[: max(1, round(TEST_SHARE * len(paths)))]


def _amounts(others: Counter[str]) -> str:
    return ", ".join(f"{count:,} {suffix}" for suffix, count in others.most_common(5))


def _either(names: Sequence[str]) -> str:
    shown = [repr(name) for name in names]
    return " or ".join((", ".join(shown[:-1]), shown[-1]) if len(shown) > 1 else shown)


def listed(names: Sequence[str]) -> str:
    """The first few names, quoted, and how many more there are."""
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return ", ".join(map(repr, names[:5])) + more
