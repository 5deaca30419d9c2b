"""How a file begins and ends: enough to tell what kind it is, however large it is and whatever it is called."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

HEAD_BYTES = TAIL_BYTES = 256 * 1024
_MOST_FIELDS = 16
_MOST_NAMES = 4096
# A file in a zip, in front of its content and once more in the directory at the end: signature, sizes, name.
_ENTRY = re.compile(rb"PK\x03\x04.{22}(?P<local>..)..|PK\x01\x02.{24}(?P<listed>..).{16}", re.DOTALL)
_NOT_IN_TEXT = re.compile("[\0-\x08\x0e-\x1a\x1c-\x1f\x7f\ufffd]")

Field = tuple[int, int | bytes]  # of a protocol buffer: its number and its value


@dataclass(frozen=True)
class FileStart:
    """The first and the last bytes of a file, and how many it has."""

    head: bytes
    tail: bytes
    size: int

    @cached_property
    def text(self) -> str:
        """The beginning as text, without what stands before its first letter; empty if it is none."""
        coding = "utf-16" if self.head[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
        found = self.head[:-3] if self.size > len(self.head) else self.head  # a letter may be cut
        text = found.decode(coding, "replace")
        return "" if _NOT_IN_TEXT.search(text) else text.lstrip("\ufeff \t\r\n")

    @cached_property
    def zip_names(self) -> tuple[str, ...]:
        """What the files in a zip are called, as far as they stand near its beginning or its end."""
        if not self.head.startswith(b"PK\x03\x04"):
            return ()
        names = dict[str, None]()
        for part in (self.head, self.tail):
            for found in _ENTRY.finditer(part):
                length = int.from_bytes(found["local"] or found["listed"], "little")
                name = part[found.end() : found.end() + length].decode("utf-8", "replace")
                if name.isprintable() and len(names) < _MOST_NAMES:
                    names[name] = None
        return tuple(names)

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        """The first fields, if this were a protocol buffer."""
        return fields_of(self.head)


def start_of(source: Path | bytes) -> FileStart:
    """The start of a file, or of its bytes.

    Raises:
        OSError: the file cannot be read.
    """
    with io.BytesIO(source) if isinstance(source, bytes) else source.open("rb") as file:
        head = file.read(HEAD_BYTES)
        size = file.seek(0, io.SEEK_END)
        file.seek(max(0, size - TAIL_BYTES))
        return FileStart(head, file.read(TAIL_BYTES), size)


def fields_of(data: bytes) -> tuple[Field, ...]:
    """The first fields of a protocol buffer; those before the first that cannot be one. The last may be cut.

    Source: https://protobuf.dev/programming-guides/encoding
    """
    found = list[Field]()
    at = 0
    while at < len(data) and len(found) < _MOST_FIELDS:
        key, at = _varint(data, at)
        number, wire = key >> 3, key & 7
        if not number or wire not in (0, 2):
            break
        value, at = _varint(data, at)
        if at < 0:
            break
        found.append((number, value if wire == 0 else data[at : at + value]))
        at += value if wire == 2 else 0
    return tuple(found)


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """A whole number in seven bits a byte, and where the next begins; -1 if there is none."""
    value = 0
    for place, byte in enumerate(data[at : at + 10]):
        value |= (byte & 127) << (7 * place)
        if byte < 128:
            return value, at + place + 1
    return 0, -1


def names_in(folder: Path, most: int = 200) -> Iterator[str]:
    """Names of what lies in a folder.

    Raises:
        OSError: it cannot be read.
    """
    for place, path in enumerate(folder.iterdir()):
        if place < most:
            yield path.name
