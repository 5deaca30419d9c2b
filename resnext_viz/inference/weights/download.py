"""Fetches a published weight file: resumed, checked against the hash in its name, and in place whole or not at all.

torchvision's file names end in the first 8 hex digits of the file's SHA-256 (`resnext50_32x4d-1a0047aa.pth`);
torch.hub's folder is used, so that what torchvision has fetched before is found, and the other way round. A download
that was cut, stopped or killed goes on where it ended. Only the hash decides whether the pieces fit together: the name
says what the bytes must be, which no ETag could say better.
"""

from __future__ import annotations

import http.client
import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

from filelock import FileLock, Timeout

from resnext_viz.inference.errors import WeightsError
from resnext_viz.inference.weights.part_file import PartFile, in_words, is_whole, part_path, remove_stale_parts

Progress = Callable[[int, int], None]  # bytes done, bytes in all (0 if that is not known)

MAX_FILE_BYTES = 1024**3
ATTEMPTS = 4
PAUSE_S = 0.5  # before the second attempt; twice and three times that before the next
TIMEOUT_S = 10.0  # for each wait on the network, not for the whole file
WAIT_S = 0.2  # between two looks at a download that somebody else is at
_CHUNK_BYTES = 256 * 1024
_HASH_IN_NAME = re.compile(r"-([0-9a-f]{8,64})\.")
_CONTENT_RANGE = re.compile(r"bytes (\d{1,15})-\d{1,15}/(\d{1,15}|\*)")
_NETWORK_ERRORS = (OSError, http.client.HTTPException)
_LATER_MAY_HELP = (408, 416, 425, 429)  # of the answers below 500


class _AttemptError(Exception):
    """One attempt failed, in words; another may help, unless `final`."""

    def __init__(self, problem: str, final: bool = False) -> None:
        super().__init__(problem)
        self.final = final


def fetch(url: str, folder: Path, progress: Progress | None = None, timeout_s: float = TIMEOUT_S) -> Path:
    """The file of `url` in `folder`, downloaded unless a whole one lies there.

    Of several callers at once, in this process or another, one downloads; the others wait for it and find the file.

    Args:
        url: http or https; the file's name ends in its hash.
        folder: where it is kept; made if it is not there.
        progress: called with bytes done and bytes in all, also while waiting for somebody else's download, of which
            the bytes in all are not known (0). What it raises ends the download; what came so far is kept for the next.
        timeout_s: longest wait for the network to say anything.

    Raises:
        WeightsError: no network, no such file, a wrong hash after several attempts, no room on the disk, or a folder
            that cannot be written.
    """
    target, wanted = folder / file_name(url), _hash_in(url)
    if is_whole(target, wanted):
        return target
    with in_words(folder):
        folder.mkdir(parents=True, exist_ok=True)
    with _alone(target, progress):
        if not is_whole(target, wanted):
            with PartFile(target) as part:
                _complete(part, url, wanted, progress, timeout_s)
                part.become_target()
            remove_stale_parts(folder)
    return target


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


@contextmanager
def _alone(target: Path, progress: Progress | None) -> Iterator[None]:
    """Holds the lock of `target`; a process that dies lets go of it."""
    lock = FileLock(target.with_name(f".{target.name}.lock"))
    while not _is_free(lock):
        if progress:
            progress(_size(part_path(target)), 0)
        time.sleep(WAIT_S)
    try:
        yield
        with suppress(OSError):  # who still has the lock of a removed file looks for the target first: it is there
            Path(lock.lock_file).unlink()
    finally:
        lock.release()


def _is_free(lock: FileLock) -> bool:
    """Whether `lock` could be taken, and is."""
    with in_words(Path(lock.lock_file).parent):
        try:
            lock.acquire(timeout=0)
        except Timeout:
            return False
    return True


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:  # not begun, or just finished
        return 0


def _complete(part: PartFile, url: str, wanted: str, progress: Progress | None, timeout_s: float) -> None:
    """Fills `part` until its hash begins with `wanted`.

    Raises:
        WeightsError: the last attempt failed too.
    """
    problem = ""
    for attempt in range(ATTEMPTS):
        if part.size and part.sha256.startswith(wanted):
            return
        time.sleep(PAUSE_S * attempt)
        try:
            _transfer(part, url, progress, timeout_s)
        except _AttemptError as error:
            problem = str(error)
            if error.final:
                break
        else:
            if part.sha256.startswith(wanted):
                return
            found = part.sha256[: len(wanted)]
            problem = (
                f"what came from {_host(url)} is not the published file (its SHA-256 starts with {found}, not "
                f"{wanted}); nothing of it was kept"
            )
            part.restart()
    raise WeightsError(f"{file_name(url)} was not downloaded: {problem}. Check the network and try again.")


def _transfer(part: PartFile, url: str, progress: Progress | None, timeout_s: float) -> None:
    """Appends to `part` what is missing, in one request.

    Raises:
        _AttemptError: it ended before the end of the file.
        WeightsError: the disk refuses.
    """
    with _answer(part, url, timeout_s) as answer:
        total = _total_from_here(part, answer, url)
        if total > MAX_FILE_BYTES:
            problem = f"{_host(url)} offers {total:,} bytes, at most {MAX_FILE_BYTES:,} are taken"
            raise _AttemptError(problem, final=True)
        part.check_room(total - part.size)
        if progress:
            progress(part.size, total)
        while chunk := _read(answer, min(_CHUNK_BYTES, total - part.size) if total else _CHUNK_BYTES, url):
            part.append(chunk)
            if part.size > MAX_FILE_BYTES:
                part.restart()
                raise _AttemptError(f"{_host(url)} sends more than {MAX_FILE_BYTES:,} bytes", final=True)
            if progress:
                progress(part.size, total)
    if part.size < total:
        raise _AttemptError(
            f"the connection to {_host(url)} was cut off after {part.size:,} of {total:,} bytes, which are kept"
        )


def _answer(part: PartFile, url: str, timeout_s: float) -> http.client.HTTPResponse:
    """The server's answer to a request for what `part` is missing."""
    rest = {"Range": f"bytes={part.size}-"} if part.size else {}
    try:
        request = urllib.request.Request(url, headers=rest)  # noqa: S310  # its scheme was checked
        answer: http.client.HTTPResponse = _opener().open(request, timeout=timeout_s)
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == 416:  # it has less than is here, so this is not its beginning
            part.restart()
        raise _AttemptError(
            f"{_host(url)} answers {error.code} ({error.reason})",
            final=error.code < 500 and error.code not in _LATER_MAY_HELP,
        ) from None
    except _NETWORK_ERRORS as error:
        raise _AttemptError(f"{_host(url)} cannot be reached ({_reason(error)})") from None
    return answer


def _total_from_here(part: PartFile, answer: http.client.HTTPResponse, url: str) -> int:
    """Bytes of the whole file, or 0 if the server does not say; `part` then ends where `answer` begins."""
    if answer.status != 206:  # the whole file, whatever was asked for
        part.restart()
        length = answer.headers.get("Content-Length", "")
        return int(length) if length.isascii() and length.isdecimal() else 0
    said = _CONTENT_RANGE.fullmatch(answer.headers.get("Content-Range", ""))
    if said is None or int(said[1]) != part.size:
        part.restart()
        raise _AttemptError(f"{_host(url)} sends another piece of the file than it was asked for")
    return 0 if said[2] == "*" else int(said[2])


def _read(answer: http.client.HTTPResponse, size: int, url: str) -> bytes:
    """The next bytes, at most `size`, as soon as there are some; none at the end."""
    try:
        return answer.read1(size) if size else b""
    except _NETWORK_ERRORS as error:
        raise _AttemptError(f"{_host(url)} fell silent ({_reason(error)}); what came is kept") from None


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


def _host(url: str) -> str:
    return urlsplit(url).netloc


def _reason(error: BaseException) -> str:
    """A few words on why the network failed."""
    if isinstance(error, http.client.IncompleteRead):
        return "it broke off in the middle"
    cause = error.reason if isinstance(error, urllib.error.URLError) else error
    return str(getattr(cause, "strerror", None) or cause or "no reason is given")
