"""Compiled networks on disk, so that the next start need not convert and compile again: bounded, and checked by hash.

A file is the SHA-256 of its content and the content. One that does not fit its hash is as good as none.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import torch
from torch import Tensor

MAX_FILES = 12  # of up to 360 MB (ResNeXt-101 32x8d); the longest unused go first
_DIGEST_BYTES = hashlib.sha256().digest_size


def cache_folder() -> Path:
    """Where compiled networks lie: beside torch.hub's checkpoints, so that TORCH_HOME moves both."""
    return Path(torch.hub.get_dir()) / "resnext_viz"


def key_of(state: Mapping[str, Tensor], *about: str) -> str:
    """A name that changes with any tensor and with any of the words `about` what was compiled, for what and by what."""
    digest = hashlib.sha256("\0".join(about).encode())
    for name in sorted(state):
        digest.update(name.encode())
        digest.update(state[name].detach().cpu().contiguous().numpy().data)
    return digest.hexdigest()[:32]


def remembered(key: str, make: Callable[[], bytes]) -> bytes:
    """The content called `key`, from the disk if it lies there whole, else made and put there if that is possible."""
    path = cache_folder() / f"{key}.compiled"
    return read(path) or _made(path, make)


def read(path: Path) -> bytes | None:
    """The content of a cached file; None if it is not there or not what was written."""
    try:
        data = path.read_bytes()
        os.utime(path)  # used now
    except OSError:
        return None
    content = data[_DIGEST_BYTES:]
    return content if hashlib.sha256(content).digest() == data[:_DIGEST_BYTES] else None


def forget(key: str) -> None:
    """Removes what is called `key`."""
    with contextlib.suppress(OSError):
        (cache_folder() / f"{key}.compiled").unlink(missing_ok=True)


def _made(path: Path, make: Callable[[], bytes]) -> bytes:
    content = make()
    with contextlib.suppress(OSError):  # a full or read-only disk costs the next start time, nothing else
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".unfinished-") as folder:
            whole = Path(folder) / path.name
            whole.write_bytes(hashlib.sha256(content).digest() + content)
            whole.replace(path)
        _make_room(path.parent)
    return content


def _make_room(folder: Path) -> None:
    files = sorted(folder.glob("*.compiled"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in files[MAX_FILES:]:
        path.unlink(missing_ok=True)
