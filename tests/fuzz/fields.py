"""Where a file keeps its numbers (lengths, sizes, counts, offsets): a fuzzer that finds them gets deeper."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import Literal, NamedTuple

_BOXES_OF_BOXES = {b"moov", b"trak", b"mdia", b"minf", b"stbl", b"dinf", b"iprp", b"ipco", b"meta", b"iinf"}
_PNG_START = b"\x89PNG\r\n\x1a\n"


class Field(NamedTuple):
    """Bytes of a file that are one number."""

    place: int
    size: int
    order: Literal["big", "little"]


def fields(data: bytes) -> list[Field]:
    """The numbers of a file, as far as it can be followed; none where it is of no known format."""
    if data.startswith(_PNG_START):
        found = _png(data)
    elif data.startswith(b"\xff\xd8"):
        found = _jpeg(data)
    elif data[:4] in (b"II*\0", b"MM\0*"):
        found = _tiff(data)
    elif data[:4] == b"RIFF":
        found = _webp(data)
    elif data[4:8] == b"ftyp":
        found = _boxes(data, 0, len(data))
    elif data[:3] == b"GIF":
        found = (Field(place, 2, "little") for place in (6, 8, *_gif_frames(data)))
    elif data[:2] == b"BM":
        found = (
            Field(place, size, "little")
            for place, size in (
                (2, 4),
                (10, 4),
                (14, 4),
                (18, 4),
                (22, 4),
                (26, 2),
                (28, 2),
                (30, 4),
                (34, 4),
                (46, 4),
                (50, 4),
            )
        )
    else:
        return []
    return [field for field in found if field.place + field.size <= len(data)]


def with_checksums(data: bytes) -> bytes:
    """A PNG whose chunks all have their right checksum, so that what is in them is read; other files as they are."""
    if not data.startswith(_PNG_START):
        return data
    parts, place = [data[:8]], 8
    while place + 12 <= len(data):
        length = int.from_bytes(data[place : place + 4], "big")
        checked = data[place + 4 : place + 8 + length]
        parts.append(data[place : place + 4] + checked + struct.pack(">I", zlib.crc32(checked)))
        place += 12 + length
    return b"".join(parts) + data[place:]


def _png(data: bytes) -> Iterator[Field]:
    place = 8
    while place + 12 <= len(data):
        yield Field(place, 4, "big")
        kind, length = data[place + 4 : place + 8], int.from_bytes(data[place : place + 4], "big")
        numbers = {b"IHDR": (4, 4, 1, 1, 1, 1, 1), b"acTL": (4, 4), b"fcTL": (4, 4, 4, 4, 4, 2, 2, 1, 1)}.get(kind, ())
        inside = place + 8
        for size in numbers:
            yield Field(inside, size, "big")
            inside += size
        place += 12 + length


def _jpeg(data: bytes) -> Iterator[Field]:
    place = 2
    while place + 4 <= len(data) and data[place] == 0xFF:
        marker, length = data[place + 1], int.from_bytes(data[place + 2 : place + 4], "big")
        yield Field(place + 2, 2, "big")
        if marker in (0xC0, 0xC1, 0xC2):
            yield from (
                Field(place + 4 + at, size, "big") for at, size in ((0, 1), (1, 2), (3, 2), (5, 1), (7, 1), (8, 1))
            )
        elif marker == 0xDD:
            yield Field(place + 4, 2, "big")
        elif marker == 0xDA:
            yield from (Field(place + 4 + at, 1, "big") for at in range(length - 2))
            following = data.find(b"\xff\xc4", place)  # a progressive file has tables between its scans
            if following < 0:
                return
            place = following
            continue
        place += 2 + length


def _tiff(data: bytes) -> Iterator[Field]:
    order: Literal["big", "little"] = "little" if data[0] == ord("I") else "big"
    yield Field(4, 4, order)
    directory, seen = int.from_bytes(data[4:8], order), set[int]()
    while 0 < directory < len(data) and directory not in seen:
        seen.add(directory)
        yield Field(directory, 2, order)
        count = int.from_bytes(data[directory : directory + 2], order)
        for entry in range(directory + 2, min(directory + 2 + 12 * count, len(data)), 12):
            yield from (Field(entry + at, size, order) for at, size in ((0, 2), (2, 2), (4, 4), (8, 4)))
        following = directory + 2 + 12 * count
        yield Field(following, 4, order)
        directory = int.from_bytes(data[following : following + 4], order)


def _webp(data: bytes) -> Iterator[Field]:
    yield Field(4, 4, "little")
    place = 12
    while place + 8 <= len(data):
        yield Field(place + 4, 4, "little")
        if data[place : place + 4] in (b"VP8X", b"ANMF", b"VP8L", b"VP8 "):
            yield from (Field(place + 8 + at, 3, "little") for at in (0, 4, 6, 7))
        length = int.from_bytes(data[place + 4 : place + 8], "little")
        place += 8 + (16 if data[place : place + 4] == b"ANMF" else length + length % 2)


def _boxes(data: bytes, place: int, end: int) -> Iterator[Field]:
    while place + 8 <= min(end, len(data)):
        yield Field(place, 4, "big")
        length, kind = int.from_bytes(data[place : place + 4], "big"), data[place + 4 : place + 8]
        if kind in _BOXES_OF_BOXES:
            yield from _boxes(data, place + 8 + {b"meta": 4, b"iinf": 6}.get(kind, 0), place + length)
        elif kind != b"mdat":
            yield from (Field(at, 4, "big") for at in range(place + 8, min(place + length, place + 200), 4))
        place += max(length, 8)


def _gif_frames(data: bytes) -> Iterator[int]:
    place = -1
    while (place := data.find(b",", place + 1)) >= 0:
        yield from (place + at for at in (1, 3, 5, 7))
