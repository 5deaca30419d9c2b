"""A file that is still arriving: bytes are only ever appended, their hash is known, and it gets its name in one move.

It survives the process, so that the next one can go on where this one ended; its name says which file it becomes.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from resnext_viz.errors import ErrorCode, code_of
from resnext_viz.inference.errors import WeightsError
from resnext_viz.kit.whole_file import put_in_place

KEPT_S = 7 * 24 * 3600  # how long an unfinished file waits for somebody to go on with it
_CHUNK_BYTES = 1024**2
# Ours alone: the hash stands before the ending. Names with 12 random digits are of releases that could not resume.
_NAME = re.compile(r"\..+-[0-9a-f]{8,64}\.[a-z]+(\.[0-9a-f]{12})?\.part")


def part_path(target: Path) -> Path:
    """Where the bytes of `target` are gathered until it is whole: beside it, so that the move is atomic."""
    return target.with_name(f".{target.name}.part")


def is_whole(path: Path, sha256: str) -> bool:
    """Whether `path` is a file whose SHA-256 begins with `sha256`."""
    with in_words(path.parent):
        if not path.is_file():
            return False
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest().startswith(sha256)


@contextmanager
def in_words(folder: Path) -> Iterator[None]:
    """Turns what the disk refuses into a `WeightsError` that says what to do."""
    try:
        yield
    except OSError as error:
        if code_of(error) is ErrorCode.DISK_FULL:
            raise WeightsError(f"The disk of {folder} is full; make room or set TORCH_HOME elsewhere.") from None
        reason = error.strerror or "no reason is given"
        raise WeightsError(
            f"{folder} cannot be used ({reason}); set TORCH_HOME to a folder that can be written."
        ) from None


class PartFile:
    """The bytes of `target` that are here so far; open within `with`, by one user at a time.

    What is there at the end of the `with` stays for the next one, unless it is nothing or the disk is full.

    Attributes:
        size: bytes so far.
    """

    def __init__(self, target: Path) -> None:
        self.target = target
        self.path = part_path(target)
        self.size = 0
        self._digest = hashlib.sha256()

    def __enter__(self) -> PartFile:
        with in_words(self.path.parent):
            self._file: IO[bytes] = self.path.open("a+b", buffering=0)
            self._file.seek(0)
            while chunk := self._file.read(_CHUNK_BYTES):
                self._digest.update(chunk)
                self.size += len(chunk)
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        if self.size == 0:
            self.path.unlink(missing_ok=True)

    @property
    def sha256(self) -> str:
        """Of the bytes so far."""
        return self._digest.hexdigest()

    def append(self, chunk: bytes) -> None:
        """Writes `chunk` behind what is here.

        Raises:
            WeightsError: the disk is full, and then nothing is left of the file; or it cannot be written.
        """
        rest = memoryview(chunk)
        with in_words(self.path.parent):
            try:
                while rest:
                    rest = rest[self._file.write(rest) :]
            except OSError as error:
                if code_of(error) is ErrorCode.DISK_FULL:
                    self.restart()
                raise
        self._digest.update(chunk)
        self.size += len(chunk)

    def restart(self) -> None:
        """Throws away what is here."""
        with in_words(self.path.parent):
            self._file.truncate(0)
        self.size = 0
        self._digest = hashlib.sha256()

    def check_room(self, more_bytes: int) -> None:
        """Refuses what the disk cannot hold before any of it is written.

        Raises:
            WeightsError: fewer than `more_bytes` are free.
        """
        folder = self.path.parent
        with in_words(folder):
            free = shutil.disk_usage(folder).free
        if free < more_bytes:
            raise WeightsError(
                f"The disk of {folder} has {free / 1e6:,.0f} MB free and {more_bytes / 1e6:,.0f} MB more are needed; "
                "make room or set TORCH_HOME elsewhere."
            )

    def become_target(self) -> None:
        """Gives the file its name, once its bytes are on the disk; afterwards the part file is gone."""
        with in_words(self.path.parent):
            self._file.close()
            put_in_place(self.path, self.target)


def remove_stale_parts(folder: Path) -> None:
    """Removes unfinished files that nobody went on with for `KEPT_S`."""
    for path in folder.glob(".*.part"):
        try:
            if _NAME.fullmatch(path.name) and time.time() - path.stat().st_mtime > KEPT_S:
                path.unlink()
        except OSError:  # somebody else's, or gone meanwhile: no reason to end a download that worked
            continue
