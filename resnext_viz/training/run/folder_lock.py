"""Folder lock: while a run writes into its folder no other process may, and what cannot be written is told in words."""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from resnext_viz.errors import ErrorCode, UserError, code_of

LOCK = "run.lock"


class RunFolderError(UserError):
    """The folder of a run is in use, or cannot be written to."""


def keep_others_out(folder: Path, owner: object) -> None:
    """Makes `folder`, and keeps other processes out of it for as long as `owner` or this process lives.

    Raises:
        RunFolderError: another process is in there, or nothing can be written there.
    """
    with kept_in(folder, "nothing in it was changed"):
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError) as error:
            raise RunFolderError(f"{folder} cannot be a folder ({error.strerror}); name another --out") from error
        # The system lets go of it with the process, however that ends; within one, it is one lock.
        lock = FileLock(folder / LOCK, is_singleton=True, thread_local=False)
        try:
            lock.acquire(blocking=False)
        except Timeout as error:
            raise RunFolderError(
                f"another process is training in {folder}; wait until it has ended, or name another --out"
            ) from error
    weakref.finalize(owner, lock.release)


@contextmanager
def kept_in(folder: Path, kept: str) -> Iterator[None]:
    """Inside, a failed write is told in words: why, what is `kept`, and what to do.

    Raises:
        RunFolderError: with those words.
    """
    try:
        yield
    except OSError as error:
        code = code_of(error)
        remedy = "Free some space" if code is ErrorCode.DISK_FULL else "Make it writable"
        raise RunFolderError(
            f"{folder} cannot be written to ({error.strerror or error}); {kept}. {remedy}: the same command goes on",
            code,
        ) from error
