"""A server's own folder for what visitors leave on disk; the next server removes it if this one was killed."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from resnext_viz.errors import UserError

if TYPE_CHECKING:
    from filelock import FileLock

_PREFIX = "resnext_viz-train-"
_UNREADY = "unready-"  # before its name, until it is locked
_LOCK = "server.lock"  # held as long as the server lives; the system lets go of it, however that ends


class ServerFolder:
    """A folder of this process alone, made when it is first asked for."""

    def __init__(self) -> None:
        self._path: Path | None = None
        self._lock: FileLock | None = None

    @property
    def path(self) -> Path:
        """The folder; another one if somebody has removed it.

        Raises:
            UserError: it cannot be made.
        """
        if self._path is None or not self._path.is_dir():
            from filelock import FileLock

            with kept():
                unready = new_folder(f"{_UNREADY}{_PREFIX}", Path(tempfile.gettempdir()))
                self._lock = FileLock(unready / _LOCK, thread_local=False)
                self._lock.acquire()
                self._path = unready.rename(unready.with_name(unready.name.removeprefix(_UNREADY)))
        return self._path

    def remove(self) -> None:
        """Removes it with all that is in it."""
        if self._path and self._lock:
            self._lock.release()
            shutil.rmtree(self._path, ignore_errors=True)
        self._path = self._lock = None


def new_folder(prefix: str, within: Path) -> Path:
    """An empty folder whose name nobody can guess.

    Raises:
        UserError: it cannot be made.
    """
    with kept():
        return Path(tempfile.mkdtemp(prefix=prefix, dir=within))


@contextmanager
def kept() -> Iterator[None]:
    """Inside, a failed write is told in words, without the server's paths.

    Raises:
        UserError: with those words.
    """
    try:
        yield
    except OSError as error:
        raise UserError(f"this server cannot keep files now ({error.strerror or error}); try again later") from error


def remove_deserted() -> None:
    """Removes the folders of servers of the same user that live no more."""
    from filelock import FileLock, Timeout

    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        if not _is_ours(folder):
            continue
        with suppress(Timeout, OSError), FileLock(folder / _LOCK, blocking=False):  # its server lives
            shutil.rmtree(folder, ignore_errors=True)


def _is_ours(folder: Path) -> bool:
    """Whether it is what a `ServerFolder` of this user has made, and no link to somewhere else."""
    try:
        is_same_user = not hasattr(os, "getuid") or folder.lstat().st_uid == os.getuid()
        return is_same_user and not folder.is_symlink() and (folder / _LOCK).is_file()
    except OSError:
        return False
