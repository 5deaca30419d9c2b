"""Files that are there whole or not at all, also after a loss of power."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO


def write_whole(path: Path, write: Callable[[IO[bytes]], object]) -> None:
    """Fills `path` through a file beside it, so that a stop, a full disk or a loss of power leaves the former one.

    One writer at a time: the file beside it has one name, so that what a killed writer left is written over.
    """
    unfinished = path.with_name(f"{path.name}.part")
    try:
        with unfinished.open("wb") as file:
            write(file)
        put_in_place(unfinished, path)
    except BaseException:
        with suppress(OSError):
            unfinished.unlink()  # its space is missed, where the disk is full
        raise


def put_in_place(written: Path, path: Path) -> None:
    """Gives a file that was written on the same disk its name, once its bytes are on that disk."""
    with written.open("rb+") as file:
        os.fsync(file.fileno())
    written.replace(path)
    _settle(path.parent)


def _settle(folder: Path) -> None:
    """Has the names of the files in `folder` outlive a loss of power, where the system can do that."""
    if not hasattr(os, "O_DIRECTORY"):  # Windows
        return
    names = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with suppress(OSError):  # some network file systems cannot
            os.fsync(names)
    finally:
        os.close(names)
