"""ICC profiles made from the standard's own layout: matrix and gamma, grey, and inks by a table.

Source: ICC.1:2001-04, sections 6.1 (header), 6.4 (tags), 6.5.7 (lut8Type), 6.5.3 (curveType), 6.5.26 (XYZType).
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from itertools import product

D50 = (0.9642, 1.0, 0.8249)
# Columns X, Y, Z of the primaries, adapted to D50. Source: Lindbloom, RGB/XYZ matrices.
ADOBE_RGB = ((0.6097559, 0.3111242, 0.0194811), (0.2052401, 0.6256560, 0.0608902), (0.1492240, 0.0632197, 0.7448387))
ADOBE_GAMMA = 2.19921875
RED_IN_LAB = (54.29, 80.80, 69.89)  # sRGB's red at D50


def rgb_profile(primaries: Sequence[Sequence[float]] = ADOBE_RGB, gamma: float = ADOBE_GAMMA) -> bytes:
    columns = {f"{name}XYZ".encode(): _xyz(column) for name, column in zip("rgb", primaries, strict=True)}
    return _profile(b"mntr", b"RGB ", b"XYZ ", columns | {f"{name}TRC".encode(): _gamma(gamma) for name in "rgb"})


def grey_profile(gamma: float) -> bytes:
    return _profile(b"mntr", b"GRAY", b"XYZ ", {b"kTRC": _gamma(gamma)})


def ink_profile() -> bytes:
    """CMYK in which full cyan is red and black is black, whatever else is printed; the rest is paper."""
    line = bytes(range(256))
    table = b"".join(_lab8(*_ink_colour(*inks)) for inks in product((0, 1), repeat=4))
    matrix = struct.pack(">9i", *(65536 * (place % 4 == 0) for place in range(9)))
    lut = b"mft1" + bytes(4) + bytes([4, 3, 2, 0]) + matrix + 4 * line + table + 3 * line
    return _profile(b"prtr", b"CMYK", b"Lab ", {b"A2B0": lut})


def _ink_colour(cyan: int, magenta: int, yellow: int, black: int) -> tuple[float, float, float]:
    if black:
        return (0.0, 0.0, 0.0)
    return RED_IN_LAB if cyan and not magenta and not yellow else (100.0, 0.0, 0.0)


def _lab8(lightness: float, a: float, b: float) -> bytes:
    return bytes([round(lightness * 2.55), round(a) + 128, round(b) + 128])


def _xyz(values: Sequence[float]) -> bytes:
    return b"XYZ " + bytes(4) + struct.pack(">3i", *(round(value * 65536) for value in values))


def _gamma(value: float) -> bytes:
    return b"curv" + bytes(4) + struct.pack(">IH", 1, round(value * 256)) + bytes(2)


def _profile(kind: bytes, space: bytes, connection: bytes, tags: Mapping[bytes, bytes]) -> bytes:
    described = b"desc" + bytes(4) + struct.pack(">I", 5) + b"test\0" + bytes(78)
    parts = {b"desc": described + bytes(-len(described) % 4), b"wtpt": _xyz(D50), b"cprt": b"text" + bytes(8)} | tags
    parts = {tag: part + bytes(-len(part) % 4) for tag, part in parts.items()}
    place = 132 + 12 * len(parts)
    directory = struct.pack(">I", len(parts))
    for tag, part in parts.items():
        directory += tag + struct.pack(">II", place, len(part))
        place += len(part)
    header = struct.pack(">I4sI4s4s4s12s4s", place, bytes(4), 0x02400000, kind, space, connection, bytes(12), b"acsp")
    header += bytes(68 - len(header)) + struct.pack(">3i", *(round(value * 65536) for value in D50))
    return header + bytes(128 - len(header)) + directory + b"".join(parts.values())
