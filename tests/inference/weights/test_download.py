"""A download from a server that misbehaves: the right file arrives whole, or nothing is kept and the words say why."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import namedtuple
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import FileIO
from pathlib import Path
from typing import Any

import pytest

from resnext_viz.inference.errors import WeightsError
from resnext_viz.inference.weights import download, part_file
from resnext_viz.inference.weights.download import fetch
from resnext_viz.inference.weights.part_file import part_path, remove_stale_parts
from tests.inference.weights.weight_server import CONTENT, CUTS, HASH, NAME, Server, serving

HALF = len(CONTENT) // 2


class StoppedError(Exception):
    """What a page raises from its progress to stop."""


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "PAUSE_S", 0.0)
    monkeypatch.setattr(download, "WAIT_S", 0.01)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with serving() as address:
        yield address


def left_in(folder: Path) -> list[str]:
    """What lies in `folder`; an empty lock says nothing and may stay."""
    assert all(path.stat().st_size == 0 for path in folder.glob("*.lock"))
    return sorted(path.name for path in folder.iterdir() if path.suffix != ".lock")


def starts() -> list[int]:
    return [start for _, start in Server.asked]


@pytest.mark.parametrize(
    ("kind", "asked_from"),
    [
        ("good", [0]),
        ("unsized", [0]),
        ("elsewhere", [0, 0]),
        ("busy-503", [0, 0]),
        ("busy-429", [0, 0]),
        ("wrong-once", [0, 0]),
        ("thirds", [0, 240_000, 480_000]),
        ("chunked", [0, 212_345]),
        ("plain-350000", [0, 350_000]),
        ("tail", [0, 350_000, 0]),
        ("short", [0, 0]),
        ("long", [0]),
        ("shifted", [0, 350_000, 0]),
        ("nonsense", [0, 350_000, 0]),
        *((f"cut-{at}", [0, at]) for at in CUTS),
    ],
)
def test_the_right_file_arrives_whole(server: str, tmp_path: Path, kind: str, asked_from: list[int]) -> None:
    path = fetch(f"{server}/{kind}/{NAME}", tmp_path / "new" / "folder")
    assert path.name == NAME
    assert path.read_bytes() == CONTENT
    assert list(path.parent.iterdir()) == [path]
    assert starts() == asked_from


@pytest.mark.parametrize(
    ("kind", "words", "requests"),
    [
        ("wrong", "not the published file.*nothing of it was kept", download.ATTEMPTS),
        ("broken", "answers 503", download.ATTEMPTS),
        ("missing", "answers 404", 1),
        ("file", "answers 302", 1),
    ],
)
def test_of_a_wrong_file_nothing_is_kept(server: str, tmp_path: Path, kind: str, words: str, requests: int) -> None:
    with pytest.raises(WeightsError, match=words):
        fetch(f"{server}/{kind}/{NAME}", tmp_path)
    assert left_in(tmp_path) == []
    assert len(Server.asked) == requests


def test_what_came_before_the_last_cut_is_kept_for_the_next_call(server: str, tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="cut off after 350,000 of 700,000 bytes, which are kept"):
        fetch(f"{server}/dead/{NAME}", tmp_path)
    assert left_in(tmp_path) == [f".{NAME}.part"]
    assert starts() == [0] + [HALF] * (download.ATTEMPTS - 1)
    assert fetch(f"{server}/good/{NAME}", tmp_path).read_bytes() == CONTENT
    assert starts()[-1] == HALF
    assert left_in(tmp_path) == [NAME]


@pytest.mark.parametrize("there", [CONTENT[:1000], CONTENT, CONTENT + b"more", b"something else", b""])
def test_whatever_an_earlier_call_left(server: str, tmp_path: Path, there: bytes) -> None:
    part_path(tmp_path / NAME).write_bytes(there)
    assert fetch(f"{server}/good/{NAME}", tmp_path).read_bytes() == CONTENT
    assert left_in(tmp_path) == [NAME]
    assert starts()[:1] == ([] if there == CONTENT else [len(there)])


def test_progress_counts_up_to_all_bytes(server: str, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    fetch(f"{server}/cut-350000/{NAME}", tmp_path, lambda done, total: seen.append((done, total)))
    assert seen[0] == (0, len(CONTENT))
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    assert seen == sorted(seen)
    assert len(seen) > 3


@pytest.mark.parametrize("kind", ["shifted", "nonsense"])
def test_of_another_piece_than_was_asked_for_no_byte_is_taken(server: str, tmp_path: Path, kind: str) -> None:
    seen: list[int] = []
    fetch(f"{server}/{kind}/{NAME}", tmp_path, lambda done, _: seen.append(done))
    assert seen.index(HALF) == seen.index(0, 1) - 1


def test_a_stop_keeps_what_came_but_never_under_the_files_name(server: str, tmp_path: Path) -> None:
    def stop(done: int, _: int) -> None:
        if done > HALF:
            raise StoppedError

    with pytest.raises(StoppedError):
        fetch(f"{server}/good/{NAME}", tmp_path, stop)
    assert left_in(tmp_path) == [f".{NAME}.part"]
    done = part_path(tmp_path / NAME).read_bytes()
    assert CONTENT.startswith(done)
    fetch(f"{server}/good/{NAME}", tmp_path)
    assert starts() == [0, len(done)]


def test_a_slow_drip_can_be_stopped_at_its_first_drops(server: str, tmp_path: Path) -> None:
    def stop(done: int, _: int) -> None:
        if done:
            raise StoppedError

    with pytest.raises(StoppedError):
        fetch(f"{server}/drip/{NAME}", tmp_path, stop)
    assert part_path(tmp_path / NAME).stat().st_size < 100_000  # a tenth of a chunk, not a whole one


def test_a_whole_file_is_not_fetched_again_and_a_half_one_is(server: str, tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(CONTENT)
    fetch(f"{server}/good/{NAME}", tmp_path)
    assert Server.asked == []
    (tmp_path / NAME).write_bytes(CONTENT[:1000])
    assert fetch(f"{server}/good/{NAME}", tmp_path).read_bytes() == CONTENT
    assert starts() == [0]


def test_eight_at_once_ask_for_the_file_once_and_all_see_it_come(server: str, tmp_path: Path) -> None:
    seen: list[list[int]] = [[] for _ in range(8)]

    def one(number: int) -> bytes:
        def progress(done: int, _: int) -> None:
            seen[number].append(done)
            if sum(map(bool, seen)) == 7:  # all but the one whose request the server holds
                Server.go.set()

        return fetch(f"{server}/held/{NAME}", tmp_path, progress).read_bytes()

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(one, range(8))) == {CONTENT}
    assert starts() == [0]
    assert all(seen)
    assert left_in(tmp_path) == [NAME]


def test_one_who_waits_can_stop_and_the_other_goes_on(server: str, tmp_path: Path) -> None:
    def stop(*_: int) -> None:
        Server.go.set()
        raise StoppedError

    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(fetch, f"{server}/held/{NAME}", tmp_path)
        while not Server.asked:
            time.sleep(0.01)
        with pytest.raises(StoppedError):
            fetch(f"{server}/held/{NAME}", tmp_path, stop)
        assert other.result().read_bytes() == CONTENT
    assert starts() == [0]


def test_one_who_waits_takes_over_when_the_first_stops(server: str, tmp_path: Path) -> None:
    first_stops, bytes_seen = threading.Event(), []

    def first(done: int, _: int) -> None:
        if done and first_stops.is_set():
            raise StoppedError

    def second(done: int, total: int) -> None:
        if done and not total:
            bytes_seen.append(done)
            first_stops.set()

    with ThreadPoolExecutor(1) as pool:
        stopped = pool.submit(fetch, f"{server}/drip/{NAME}", tmp_path, first)
        while not Server.asked:
            time.sleep(0.01)
        assert fetch(f"{server}/good/{NAME}", tmp_path, second).read_bytes() == CONTENT
        assert isinstance(stopped.exception(), StoppedError)
    assert bytes_seen, "the one who waits sees the other's bytes come"
    assert starts()[1] >= bytes_seen[0]


FETCH = """
import sys
from pathlib import Path
from resnext_viz.inference.weights.download import fetch
print(fetch(sys.argv[1], Path(sys.argv[2])).stat().st_size)
"""


def other_process(url: str, folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", FETCH, url, str(folder)], stdout=subprocess.PIPE, text=True)


def test_two_processes_ask_for_the_file_once(server: str, tmp_path: Path) -> None:
    url = f"{server}/slow/{NAME}"
    with other_process(url, tmp_path) as one, other_process(url, tmp_path) as two:
        assert {one.communicate()[0], two.communicate()[0]} == {f"{len(CONTENT)}\n"}
    assert starts() == [0]
    assert left_in(tmp_path) == [NAME]


def test_a_killed_process_is_gone_on_from(server: str, tmp_path: Path) -> None:
    part = part_path(tmp_path / NAME)
    with other_process(f"{server}/drip/{NAME}", tmp_path) as process:
        while not part.is_file() or part.stat().st_size < 10_000:
            assert process.poll() is None
            time.sleep(0.01)
        process.kill()
    assert process.returncode == -signal.SIGKILL
    came = part.stat().st_size
    assert fetch(f"{server}/good/{NAME}", tmp_path).read_bytes() == CONTENT
    assert starts() == [0, came]
    assert left_in(tmp_path) == [NAME]


def test_a_refused_port_and_an_unknown_host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")
    with socket.socket() as taken:  # bound but not listening: connections are refused
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(WeightsError, match=r"cannot be reached \(Connection refused\)"):
            fetch(f"http://127.0.0.1:{taken.getsockname()[1]}/{NAME}", tmp_path)
    with pytest.raises(WeightsError, match=r"host\.invalid cannot be reached"):
        fetch(f"https://host.invalid/{NAME}", tmp_path)
    assert left_in(tmp_path) == []


def test_a_server_that_says_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        pytest.raises(WeightsError, match="timed out"),
    ):
        fetch(f"http://127.0.0.1:{silent.getsockname()[1]}/{NAME}", tmp_path, timeout_s=0.1)


def test_size_is_bounded(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "MAX_FILE_BYTES", 100_000)
    for kind in ("good", "unsized"):
        with pytest.raises(WeightsError, match="100,000"):
            fetch(f"{server}/{kind}/{NAME}", tmp_path)
    assert left_in(tmp_path) == []
    assert starts() == [0, 0]


@pytest.mark.parametrize("url", [f"file:///tmp/{NAME}", f"ftp://host/{NAME}", "https://host/no-hash.pth"])
def test_only_what_can_be_checked_is_fetched(url: str, tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="http or https"):
        fetch(url, tmp_path)


def test_a_disk_with_too_little_room_is_seen_before_anything_is_written(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", ["total", "used", "free"])
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**9, 10**9 - 600_000, 600_000))
    with pytest.raises(WeightsError, match="1 MB free and 1 MB more are needed; make room or set TORCH_HOME"):
        fetch(f"{server}/good/{NAME}", tmp_path)
    assert left_in(tmp_path) == []
    part_path(tmp_path / NAME).write_bytes(CONTENT[:HALF])  # with half of it there, the rest has room
    assert fetch(f"{server}/good/{NAME}", tmp_path).read_bytes() == CONTENT


def test_a_disk_that_fills_up_gets_its_room_back(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Small(FileIO):
        """A file on a disk that takes half a chunk, then half of the rest, then nothing."""

        def write(self, content: Any) -> int:
            if self.tell() > HALF:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return super().write(content[: 1 + len(content) // 2])

    monkeypatch.setattr(Path, "open", lambda path, mode, **_: Small(path, mode.replace("b", "")))
    with pytest.raises(WeightsError, match="is full; make room"):
        fetch(f"{server}/good/{NAME}", tmp_path)
    monkeypatch.undo()
    assert left_in(tmp_path) == []
    assert len(Server.asked) == 1


@pytest.mark.parametrize("refusing", ["mkdir", "lock", "open", "replace"])
def test_a_folder_that_cannot_be_written(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refusing: str
) -> None:
    def refuse(path: Any, *_: object, **__: object) -> Any:
        raise PermissionError(errno.EROFS, os.strerror(errno.EROFS), str(path))

    if refusing == "lock":
        monkeypatch.setattr("filelock.FileLock.acquire", refuse)
    else:
        monkeypatch.setattr(Path, refusing, refuse)
    with pytest.raises(WeightsError, match=r"cannot be used \(Read-only file system\); set TORCH_HOME"):
        fetch(f"{server}/good/{NAME}", tmp_path / "folder")
    monkeypatch.undo()
    assert not (tmp_path / "folder" / NAME).exists()


def test_a_folder_under_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(WeightsError, match="TORCH_HOME"):
        fetch(f"https://host.invalid/{NAME}", tmp_path / "file" / "folder")


def test_unfinished_files_do_not_gather(server: str, tmp_path: Path) -> None:
    old = time.time() - 2 * part_file.KEPT_S
    stale = [f".older-{HASH[:8]}.pth.part", f".{NAME}.0123456789ab.part"]
    others = ["notes.part", ".somebody-elses.part", f".newer-{HASH[:8]}.pth.part"]
    for name in (*stale, *others):
        (tmp_path / name).write_bytes(b"x")
        if name != others[-1]:
            os.utime(tmp_path / name, (old, old))
    fetch(f"{server}/good/{NAME}", tmp_path)
    assert left_in(tmp_path) == sorted([NAME, *others])
    remove_stale_parts(tmp_path / "nowhere")
