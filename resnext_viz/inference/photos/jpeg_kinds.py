"""Kinds of JPEG that no decoder here reads, told by the header of their frame: more than 8 bits, and rare codings.

Source: ITU-T T.81, Table B.1 (markers) and B.2.2 (frame header); T.87 for JPEG-LS.
"""

from __future__ import annotations

_START, _BITS_READ = b"\xff\xd8\xff", 8
_FRAMES = frozenset({*range(0xC0, 0xD0), 0xF7} - {0xC4, 0xC8, 0xCC})  # others there are tables and reserved
_NOT_READ = {
    **dict.fromkeys((0xC5, 0xC6, 0xC7, 0xCD, 0xCE, 0xCF), "a hierarchical JPEG"),
    0xCB: "a lossless JPEG in arithmetic coding",
    0xF7: "a JPEG-LS picture",
}
_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD9), 0xFF})
_SCAN, _END = 0xDA, 0xD9


def unread_jpeg(data: bytes) -> str:
    """What kind of JPEG it is that is not read, in words; "" for those that are, and for other files."""
    place = _frame(data)
    if place is None or place + 4 >= len(data):
        return ""
    bits = data[place + 4]
    if data[place + 1] not in _NOT_READ and _BITS_READ < bits <= 2 * _BITS_READ:
        return f"a JPEG with {bits} bits for each colour of a pixel, where {_BITS_READ} are read"
    return _NOT_READ.get(data[place + 1], "")


def _frame(data: bytes) -> int | None:
    """Where the first header of a frame begins, behind all other segments."""
    place = 2 if data.startswith(_START) else len(data)
    while place + 4 <= len(data) and data[place] == 0xFF and data[place + 1] not in (_SCAN, _END):
        marker = data[place + 1]
        if marker in _FRAMES:
            return place
        place += 1 if marker == 0xFF else 2
        if marker not in _WITHOUT_LENGTH:
            place += int.from_bytes(data[place : place + 2], "big")
    return None
