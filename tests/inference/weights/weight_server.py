"""A server of one weight file on this machine, which misbehaves as the first part of the path says."""

from __future__ import annotations

import hashlib
import random
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

CONTENT = random.Random(3).randbytes(700_000)
HASH = hashlib.sha256(CONTENT).hexdigest()
NAME = f"net-{HASH[:8]}.pth"
CUTS = (1, 4_096, 123_457, 350_000, 699_999)


class Server(BaseHTTPRequestHandler):
    """Answers by the first part of the path, and notes every request: its path and the first byte it asks for."""

    asked: list[tuple[str, int]]
    go: threading.Event  # for which "held" waits

    def do_GET(self) -> None:
        ranged = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        start = int(ranged[1]) if ranged else 0
        self.asked.append((self.path, start))
        kind, _, option = self.path.split("/")[1].partition("-")
        answer = getattr(self, f"answer_{kind}")
        answer(start, [path for path, _ in self.asked].count(self.path), option)

    def send(self, start: int, content: bytes, length: int | None = None, whole: int | None = None) -> None:
        """`content` as the rest of the file from `start`; `length` is what is said of it, -1 for nothing."""
        self.send_response(206 if start else 200)
        if start:
            whole = len(CONTENT) if whole is None else whole
            self.send_header("Content-Range", f"bytes {start}-{whole - 1}/{whole}")
        length = len(CONTENT) - start if length is None else length
        if length >= 0:
            self.send_header("Content-Length", str(length))
        self.end_headers()
        self.wfile.write(content)

    def answer_good(self, start: int, *_: object) -> None:
        if start >= len(CONTENT):
            self.send_error(416)
        else:
            self.send(start, CONTENT[start:])

    def answer_plain(self, _: int, time: int, at: str) -> None:
        """No ranges: always the whole file, the first time cut off at `at`, if given."""
        self.send(0, CONTENT[: int(at)] if time == 1 and at else CONTENT)

    def answer_unsized(self, *_: object) -> None:
        self.send(0, CONTENT, length=-1)

    def answer_cut(self, start: int, time: int, at: str) -> None:
        """Cut off at byte `at`, the first time."""
        self.send(start, CONTENT[start : int(at)] if time == 1 else CONTENT[start:])

    def answer_thirds(self, start: int, *_: object) -> None:
        self.send(start, CONTENT[start : start + 240_000])

    def answer_dead(self, start: int, *_: object) -> None:
        self.send(start, CONTENT[start:350_000])

    def answer_chunked(self, start: int, time: int, _: str) -> None:
        """In chunks of unsaid number, the first time cut off in the middle of one."""
        self.protocol_version = "HTTP/1.1"
        self.close_connection = True
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(CONTENT) - 1}/*")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for byte in range(start, 200_000 if time == 1 else len(CONTENT), 50_000):
            chunk = CONTENT[byte : byte + 50_000]
            self.wfile.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))
        self.wfile.write(b"c350\r\n" + CONTENT[200_000:212_345] if time == 1 else b"0\r\n\r\n")

    def answer_wrong(self, _: int, time: int, how: str) -> None:
        self.send(0, CONTENT if how == "once" and time > 1 else CONTENT[::-1])

    def answer_tail(self, start: int, time: int, _: str) -> None:
        """Half a file, then another file's second half, then the truth."""
        if time == 1:
            self.send(0, CONTENT[:350_000])
        else:
            self.send(start, CONTENT[::-1][start:] if start else CONTENT)

    def answer_short(self, start: int, time: int, _: str) -> None:
        """Says fewer bytes than there are, the first time."""
        self.send(start, CONTENT[start:], length=500_000 if time == 1 else None)

    def answer_long(self, start: int, time: int, _: str) -> None:
        """Says more bytes than there are, the first time; closes at the end of those there are."""
        if start:
            self.send_error(416)
        else:
            self.send(start, CONTENT, length=900_000 if time == 1 else None)

    def answer_shifted(self, start: int, time: int, _: str) -> None:
        """Half a file, then from another byte than was asked for."""
        if time == 1:
            self.send(0, CONTENT[:350_000])
        else:
            self.send(start - 10 if start else 0, CONTENT[max(0, start - 10) :])

    def answer_nonsense(self, start: int, time: int, _: str) -> None:
        """Half a file, then a Content-Range that says nothing."""
        if time == 1:
            self.send(0, CONTENT[:350_000])
        elif start:
            self.send_response(206)
            self.send_header("Content-Range", "pages 3-4")
            self.end_headers()
        else:
            self.send(0, CONTENT)

    def answer_drip(self, start: int, *_: object) -> None:
        """A few bytes at a time, at most for a minute."""
        self.send(start, b"")
        for byte in range(start, len(CONTENT), 2_000):
            self.wfile.write(CONTENT[byte : byte + 2_000])
            time.sleep(0.02)

    def answer_held(self, start: int, *_: object) -> None:
        """All of it, once the test says so."""
        self.go.wait(20)
        self.send(start, CONTENT[start:])

    def answer_slow(self, start: int, *_: object) -> None:
        """All of it, after long enough for others to come."""
        time.sleep(0.5)
        self.send(start, CONTENT[start:])

    def answer_missing(self, *_: object) -> None:
        self.send_error(404)

    def answer_broken(self, *_: object) -> None:
        self.send_error(503)

    def answer_busy(self, start: int, time: int, code: str) -> None:
        if time == 1:
            self.send_error(int(code))
        else:
            self.send(start, CONTENT[start:])

    def answer_elsewhere(self, *_: object) -> None:
        self.redirect(f"/good/{NAME}")

    def answer_file(self, *_: object) -> None:
        self.redirect("file:///etc/passwd")

    def redirect(self, to: str) -> None:
        self.send_response(302)
        self.send_header("Location", to)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Says nothing."""


class _Quiet(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """A client that hangs up is what is tested."""


@contextmanager
def serving() -> Iterator[str]:
    """The address of a server, as long as the `with` lasts."""
    Server.asked, Server.go = [], threading.Event()
    with _Quiet(("127.0.0.1", 0), Server) as httpd:
        thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{httpd.server_port}"
        finally:
            httpd.shutdown()
            thread.join()
