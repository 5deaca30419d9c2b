"""The real worker with a decoder that misbehaves as the file asks: what a decoder's flaw could do, one by one.

Arguments: address space in MB that may be added, seconds of processor for a picture; 0 leaves either as it is.
"""

from __future__ import annotations

import io
import os
import signal
import struct
import sys
import time
import warnings
from pathlib import Path

from PIL import Image

from resnext_viz.inference.photos import decode_worker
from resnext_viz.inference.photos.decode import DecodedImage, decode_here


def decode(data: bytes, name: str = "", crop: int = 0) -> DecodedImage:
    """Obeys the file's first word, else decodes it."""
    word, _, more = data.partition(b" ")
    acts = {
        b"sleep": lambda: time.sleep(600),
        b"spin": _spin,
        b"crash": lambda: os.kill(os.getpid(), signal.SIGSEGV),
        b"eat": lambda: bytearray(8 * 1024**3),
        b"lie": lambda: _lie(more),
        b"print": _print,
        b"raise": lambda: 1 // 0,
        b"write": lambda: Path(more.decode()).write_bytes(b"x"),
    }
    if word in acts:
        acts[word]()
        buffer = io.BytesIO()
        Image.new("RGB", (3, 2)).save(buffer, "PNG")
        data = buffer.getvalue()
    return decode_here(data, name, crop)


def _spin() -> None:
    while True:
        pass


def _lie(header: bytes) -> None:
    """Sends a frame of its own over the pipe that the replies go through."""
    head, body = header.split(b"\n", 1)
    os.write(REPLIES, struct.pack(">II", len(head), len(body)) + head + body)


def _print() -> None:
    sys.stdout.write("noise\n")
    sys.stdout.flush()
    os.write(1, b"noise from C\n")
    os.write(2, b"noise from C\n")
    warnings.warn("noise", stacklevel=1)


if __name__ == "__main__":
    REPLIES = os.dup(1)
    more_mb, cpu_s = map(int, sys.argv[1:])
    if more_mb:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        decode_worker.MAX_MEMORY_BYTES = pages * os.sysconf("SC_PAGE_SIZE") + more_mb * 1024**2
    if cpu_s:
        decode_worker.CPU_S = cpu_s
    decode_worker.decode_here = decode
    decode_worker.main()
