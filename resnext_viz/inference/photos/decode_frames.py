"""How a parent and the worker that decodes for it talk: frames over pipes, each two lengths, a JSON header and bytes.

Nothing is unpickled on either side, and no more is read than the reader asked for.
"""

from __future__ import annotations

import json
import struct
from typing import IO, Any

_MAX_HEADER_BYTES = 16_384
_LENGTHS = struct.Struct(">II")


def write_frame(pipe: IO[bytes], header: dict[str, Any], body: bytes = b"") -> None:
    """Sends one frame, all of it."""
    head = json.dumps(header).encode()
    pipe.write(_LENGTHS.pack(len(head), len(body)) + head)
    pipe.write(body)
    pipe.flush()


def read_frame(pipe: IO[bytes], max_body: int) -> tuple[dict[str, Any], bytes]:
    """The next frame's header and body.

    Raises:
        EOFError: the other side has ended.
        ValueError: what it sent is no frame, or one with more than `max_body` bytes.
    """
    head_bytes, body_bytes = _LENGTHS.unpack(_read(pipe, _LENGTHS.size))
    if head_bytes > _MAX_HEADER_BYTES or body_bytes > max_body:
        raise ValueError(f"a frame of {head_bytes} and {body_bytes} bytes")
    header = json.loads(_read(pipe, head_bytes))
    if not isinstance(header, dict):
        raise ValueError("a header that is no object")
    return header, _read(pipe, body_bytes)


def _read(pipe: IO[bytes], length: int) -> bytes:
    data = pipe.read(length)
    if len(data) < length:
        raise EOFError
    return data
