"""What stands for photos on a command line: files, folders, patterns that no shell has expanded, `-` and `file://`.

Nothing is fetched from elsewhere. What stands for no photo is named with what to do; the others are answered.
"""

from __future__ import annotations

import glob
import os
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote
from urllib.request import url2pathname

from resnext_viz.inference.errors import ImageError
from resnext_viz.inference.photos.picture_formats import MAX_BYTES, SUFFIXES, check_size
from resnext_viz.kit.natural_order import natural_order

STANDARD_INPUT = "-"
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]+://", re.IGNORECASE)


class PhotoArgument(NamedTuple):
    """A photo that was named: what it is called, its file or its bytes, or why there is none."""

    name: str
    photo: str | bytes = ""
    error: str = ""


def named_photos(arguments: Sequence[str]) -> list[PhotoArgument]:
    """The photos that the arguments stand for, in their order; those of a folder or a pattern in the order of names."""
    return [_of_a_size(photo) for argument in arguments for photo in _photos_of(argument)]


def _photos_of(argument: str) -> Iterator[PhotoArgument]:
    if argument == STANDARD_INPUT:
        yield _standard_input()
    elif argument[:5].lower() == "data:":
        yield PhotoArgument(
            argument[:40] + "…", error="It is a picture written as text. Save it as a file and name that."
        )
    elif not _is_there(argument) and _ADDRESS.match(argument):
        yield from _at_address(argument)
    else:
        yield from _on_disk(argument)


def _of_a_size(photo: PhotoArgument) -> PhotoArgument:
    """That photo, or why it is none where a file's size alone tells."""
    if photo.error or isinstance(photo.photo, bytes) or not os.path.isfile(photo.photo):  # noqa: PTH113  # any text
        return photo
    try:
        check_size(Path(photo.photo).stat().st_size or 1)  # a device's may be 0
    except ImageError as error:
        return PhotoArgument(photo.name, error=str(error))
    return photo


def _standard_input() -> PhotoArgument:
    name = "standard input"
    if sys.stdin is None or sys.stdin.isatty():
        return PhotoArgument(name, error="Nothing is sent there. Send a photo, as by `predict - < photo.jpg`.")
    data = sys.stdin.buffer.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        words = f"More than {MAX_BYTES // 2**20} MB are sent; so many are read. Save the photo smaller."
        return PhotoArgument(name, error=words)
    return PhotoArgument(name, data)


def _at_address(address: str) -> Iterator[PhotoArgument]:
    scheme, _, rest = address.partition("://")
    host, slash, path = rest.partition("/")
    if scheme.lower() != "file":
        words = "It is an address, and nothing is fetched from elsewhere. Download the photo and name its file."
        yield PhotoArgument(address, error=words)
    elif host.lower() not in ("", "localhost"):
        yield PhotoArgument(address, error="It is a file of another machine. Copy it here and name it.")
    else:
        yield from _on_disk(url2pathname(slash + path) if os.name == "nt" else unquote(slash + path))


def _on_disk(argument: str) -> Iterator[PhotoArgument]:
    path = argument if _is_there(argument) else os.path.expanduser(argument)  # noqa: PTH111  # takes any text
    if os.path.isdir(path):  # noqa: PTH112  # takes any text
        yield from _in_folder(path)
    elif _is_there(path) or not glob.has_magic(path):
        yield PhotoArgument(path, path)
    else:
        found = sorted(glob.iglob(path, recursive=True), key=natural_order)  # noqa: PTH207  # absolute ones, too
        if not found:
            yield PhotoArgument(argument, error="No file matches this pattern. Check it, and the folder that it is in.")
        for each in found:
            yield from _in_folder(each) if Path(each).is_dir() else (PhotoArgument(each, each),)


def _is_there(path: str) -> bool:
    """Whether there is something of that name; no for what cannot be one."""
    return os.path.exists(path)  # noqa: PTH110  # `Path.exists` fails where a name is too long


def _in_folder(folder: str) -> Iterator[PhotoArgument]:
    """The pictures in a folder and below, but for hidden ones."""
    found = []
    for place, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        pictures = (name for name in files if not name.startswith(".") and Path(name).suffix.lower() in SUFFIXES)
        found += [str(Path(place, name)) for name in pictures]
    if not found:
        yield PhotoArgument(folder, error=f"It is a folder without pictures ({', '.join(SUFFIXES)}). Name another.")
    for path in sorted(found, key=natural_order):
        yield PhotoArgument(path, path)
