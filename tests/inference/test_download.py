"""A download from a server that misbehaves: the right file arrives whole, or nothing is kept and the words say why."""

from __future__ import annotations

import hashlib
import os
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from resnext_viz.inference import download
from resnext_viz.inference.download import fetch
from resnext_viz.inference.errors import WeightsError

CONTENT = os.urandom(700_000)
HASH = hashlib.sha256(CONTENT).hexdigest()
NAME = f"net-{HASH[:8]}.pth"


class Server(BaseHTTPRequestHandler):
    """Answers by the first part of the path; counts requests."""

    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        kind = self.path.split("/")[1]
        first = self.asked.count(self.path) == 1
        if kind == "missing":
            self.send_error(404)
        elif kind == "broken" or (kind == "busy" and first):
            self.send_error(503)
        elif kind in ("elsewhere", "file"):
            self.send_response(302)
            self.send_header("Location", f"/good/{NAME}" if kind == "elsewhere" else "file:///etc/passwd")
            self.end_headers()
        else:
            self.send(kind, first)

    def send(self, kind: str, first: bool) -> None:
        wrong = kind == "wrong" or (kind == "wrong-once" and first)
        cut = kind == "cut" or (kind == "cut-once" and first)
        self.send_response(200)
        if kind != "unsized":
            self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        self.wfile.write(CONTENT[::-1] if wrong else CONTENT[: len(CONTENT) // 2] if cut else CONTENT)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    Server.asked = []
    with ThreadingHTTPServer(("127.0.0.1", 0), Server) as httpd:
        thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{httpd.server_port}"
        httpd.shutdown()
        thread.join()


@pytest.mark.parametrize("kind", ["good", "unsized", "elsewhere", "busy", "cut-once", "wrong-once"])
def test_the_right_file_arrives_whole(server: str, tmp_path: Path, kind: str) -> None:
    path = fetch(f"{server}/{kind}/{NAME}", tmp_path / "new" / "folder")
    assert path.name == NAME
    assert path.read_bytes() == CONTENT
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize(
    ("kind", "words", "requests"),
    [
        ("wrong", "not the published file", 3),
        ("cut", "cut off after 350,000 of 700,000 bytes", 3),
        ("broken", "answers 503", 3),
        ("missing", "answers 404", 1),
        ("file", "answers 302", 1),
    ],
)
def test_of_a_wrong_file_nothing_is_kept(server: str, tmp_path: Path, kind: str, words: str, requests: int) -> None:
    with pytest.raises(WeightsError, match=words):
        fetch(f"{server}/{kind}/{NAME}", tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert len(Server.asked) == requests


def test_progress_counts_up_to_all_bytes(server: str, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    fetch(f"{server}/good/{NAME}", tmp_path, lambda done, total: seen.append((done, total)))
    assert seen[0] == (0, len(CONTENT))
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    assert seen == sorted(seen)
    assert len(seen) > 3


def test_progress_may_stop_the_download(server: str, tmp_path: Path) -> None:
    class StoppedError(Exception):
        pass

    def stop(done: int, _: int) -> None:
        if done:
            raise StoppedError

    with pytest.raises(StoppedError):
        fetch(f"{server}/good/{NAME}", tmp_path, stop)
    assert list(tmp_path.iterdir()) == []


def test_a_whole_file_is_not_fetched_again_and_a_half_one_is(server: str, tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(CONTENT)
    fetch(f"{server}/good/{NAME}", tmp_path)
    assert Server.asked == []
    (tmp_path / NAME).write_bytes(CONTENT[:1000])
    assert fetch(f"{server}/good/{NAME}", tmp_path).read_bytes() == CONTENT
    assert len(Server.asked) == 1


def test_a_refused_port_and_an_unknown_host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")
    with socket.socket() as taken:  # bound but not listening: connections are refused
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(WeightsError, match=r"cannot be reached \(Connection refused\)"):
            fetch(f"http://127.0.0.1:{taken.getsockname()[1]}/{NAME}", tmp_path)
    with pytest.raises(WeightsError, match=r"host\.invalid cannot be reached"):
        fetch(f"https://host.invalid/{NAME}", tmp_path)


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
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("url", [f"file:///tmp/{NAME}", f"ftp://host/{NAME}", "https://host/no-hash.pth"])
def test_only_what_can_be_checked_is_fetched(url: str, tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="http or https"):
        fetch(url, tmp_path)


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(WeightsError, match="TORCH_HOME"):
        fetch(f"https://host.invalid/{NAME}", tmp_path / "file" / "folder")
