"""Fetches a published weight file: streamed, checked against the hash in its name, and in place whole or not at all.

torchvision's file names end in the first 8 hex digits of the file's SHA-256 (`resnext50_32x4d-1a0047aa.pth`);
torch.hub's folder is used, so that what torchvision has fetched before is found, and the other way round.
"""

from __future__ import annotations

import hashlib
import http.client
import re
import secrets
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from resnext_viz.inference.errors import WeightsError

Progress = Callable[[int, int], None]  # bytes done, bytes in all (0 if the server does not say)

MAX_FILE_BYTES = 1024**3
ATTEMPTS = 3
TIMEOUT_S = 10.0  # for each wait on the network, not for the whole file
_CHUNK_BYTES = 256 * 1024
_HASH_IN_NAME = re.compile(r"-([0-9a-f]{8,64})\.")
_NETWORK_ERRORS = (OSError, http.client.HTTPException)


class _DamagedError(Exception):
    """What came is not the file; another attempt may help."""


def fetch(url: str, folder: Path, progress: Progress | None = None, timeout_s: float = TIMEOUT_S) -> Path:
    """The file of `url` in `folder`, downloaded unless a whole one lies there.

    Args:
        url: http or https; the file's name ends in its hash.
        folder: where it is kept; made if it is not there.
        progress: called with bytes done and bytes in all; what it raises ends the download.
        timeout_s: longest wait for the network to say anything.

    Raises:
        WeightsError: no network, no such file, a wrong hash after several attempts, or no room on the disk.
    """
    target, wanted = folder / file_name(url), _hash_in(url)
    if target.is_file() and _sha256(target).startswith(wanted):
        return target
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WeightsError(
            f"{folder} cannot be made ({error.strerror}); set TORCH_HOME to a folder that can be written."
        ) from None
    problem = ""
    for _ in range(ATTEMPTS):
        try:
            return _fetched(url, target, wanted, progress, timeout_s)
        except _DamagedError as error:
            problem = f"what came from {_host(url)} is not the published file ({error}); nothing of it was kept"
        except urllib.error.HTTPError as error:
            problem = f"{_host(url)} answers {error.code} ({error.reason})"
            if error.code < 500:
                break
        except _NETWORK_ERRORS as error:
            problem = f"{_host(url)} cannot be reached ({_reason(error)})"
    raise WeightsError(f"{file_name(url)} was not downloaded: {problem}. Check the network and try again.")


def file_name(url: str) -> str:
    """The name under which the file of `url` is kept."""
    return Path(urlsplit(url).path).name


def _hash_in(url: str) -> str:
    match = _HASH_IN_NAME.search(file_name(url))
    if urlsplit(url).scheme not in ("http", "https") or match is None:
        raise WeightsError(
            f"{url[:80]!r} cannot be checked; use an http or https address whose file name ends in its hash."
        )
    return match[1]


def _fetched(url: str, target: Path, wanted: str, progress: Progress | None, timeout_s: float) -> Path:
    with _opener().open(url, timeout=timeout_s) as answer:
        total = int(answer.headers.get("Content-Length") or 0)
        if total > MAX_FILE_BYTES:
            raise _DamagedError(f"{total:,} bytes, at most {MAX_FILE_BYTES:,} are taken")
        unfinished = unfinished_beside(target)
        try:
            with _opened(unfinished) as file:
                found = _copied(answer, file, total, progress)
            if not found.startswith(wanted):
                raise _DamagedError(f"its SHA-256 starts with {found[: len(wanted)]}, not {wanted}")
            unfinished.replace(target)
        finally:
            unfinished.unlink(missing_ok=True)
    return target


def unfinished_beside(path: Path) -> Path:
    """A free name in the same folder, for a file that becomes `path` when it is whole."""
    return path.with_name(f".{path.name}.{secrets.token_hex(6)}.part")


def _opened(path: Path) -> IO[bytes]:
    try:
        return path.open("xb")
    except OSError as error:
        raise WeightsError(
            f"{path.parent} cannot be written ({error.strerror}); set TORCH_HOME to a folder that can."
        ) from None


def _copied(answer: IO[bytes], file: IO[bytes], total: int, progress: Progress | None) -> str:
    """The SHA-256 of what was copied from `answer` to `file`."""
    digest, done = hashlib.sha256(), 0
    if progress:
        progress(0, total)
    while chunk := answer.read(_CHUNK_BYTES):
        digest.update(chunk)
        done += len(chunk)
        if done > MAX_FILE_BYTES:
            raise _DamagedError(f"more than {MAX_FILE_BYTES:,} bytes")
        _write(file, chunk)
        if progress:
            progress(done, total)
    if done < total:
        raise _DamagedError(f"cut off after {done:,} of {total:,} bytes")
    return digest.hexdigest()


def _write(file: IO[bytes], chunk: bytes) -> None:
    try:
        file.write(chunk)
    except OSError as error:
        raise WeightsError(
            f"The download cannot be stored ({error.strerror}); make room or set TORCH_HOME elsewhere."
        ) from None


def _opener() -> urllib.request.OpenerDirector:
    """Opens http and https, through the proxy that the environment names; a redirect to anything else is an error."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler,
        urllib.request.UnknownHandler,
        urllib.request.HTTPHandler,
        urllib.request.HTTPSHandler,
        urllib.request.HTTPDefaultErrorHandler,
        urllib.request.HTTPRedirectHandler,
        urllib.request.HTTPErrorProcessor,
    ):
        opener.add_handler(handler())
    return opener


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _host(url: str) -> str:
    return urlsplit(url).netloc


def _reason(error: BaseException) -> str:
    """A few words on why the network failed."""
    cause = error.reason if isinstance(error, urllib.error.URLError) else error
    return str(getattr(cause, "strerror", None) or cause or type(cause).__name__)
