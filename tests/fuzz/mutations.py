"""Ways to spoil a file: blind ones, and ones that know where its numbers are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

from tests.fuzz.fields import fields, with_checksums

Mutation = Callable[[Random, bytes, Sequence[bytes]], bytes]
_NASTY = (0, 1, 2, 3, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x10000, 4096, 4099, 65_500, 0x7FFFFFFF, 0x80000000,
          0xFFFFFFFE, 0xFFFFFFFF)  # fmt: skip


def mutate(chance: Random, files: Sequence[bytes]) -> bytes:
    """One of the files, spoiled in one to four ways, chunks with right checksums more often than not."""
    data = chance.choice(files)
    for _ in range(chance.choice((1, 1, 1, 2, 3, 4))):
        data = chance.choice(MUTATIONS)(chance, data, files) or data
    return with_checksums(data) if chance.random() < 0.7 else data


def flip_bits(chance: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    spoiled = bytearray(data)
    for _bit in range(chance.choice((1, 2, 5, 20))):
        spoiled[chance.randrange(len(spoiled))] ^= 1 << chance.randrange(8)
    return bytes(spoiled)


def overwrite(chance: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    place, length = chance.randrange(len(data)), chance.choice((1, 2, 4, 16, 64))
    run = chance.choice((bytes(length), b"\xff" * length, chance.randbytes(length)))
    return (data[:place] + run + data[place + length :])[: len(data)]


def truncate(chance: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    return data[: chance.randrange(1, len(data) + 1)]


def delete(chance: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    place = chance.randrange(len(data))
    return data[:place] + data[place + chance.choice((1, 2, 4, 16, 256)) :]


def insert(chance: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    place, length = chance.randrange(len(data) + 1), chance.choice((1, 2, 4, 16, 256, 5000))
    return data[:place] + chance.choice((bytes(length), b"\xff" * length, chance.randbytes(length))) + data[place:]


def repeat(chance: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    """A piece of the file many times over: scans, chunks, frames."""
    place = chance.randrange(len(data))
    piece = data[place : place + chance.choice((2, 12, 40, 200, 1000))]
    return data[:place] + piece * chance.choice((2, 3, 50)) + data[place + len(piece) :]


def splice(chance: Random, data: bytes, files: Sequence[bytes]) -> bytes:
    other = chance.choice(files)
    return data[: chance.randrange(1, len(data) + 1)] + other[chance.randrange(len(other)) :]


def nasty_number(chance: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    """Two or four bytes anywhere become a number that is often not thought of."""
    size = chance.choice((2, 4))
    number = chance.choice((*_NASTY, len(data), len(data) - 1)) & (256**size - 1)
    place = chance.randrange(len(data))
    return data[:place] + number.to_bytes(size, chance.choice(("big", "little"))) + data[place + size :]


def edit_field(chance: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    """One of the file's own numbers becomes a nasty one, one more, one less, or anything."""
    if not (found := fields(data)):
        return data
    place, size, order = chance.choice(found)
    old = int.from_bytes(data[place : place + size], order)
    new = chance.choice((*_NASTY, old + 1, old - 1, old * 2, old * 256, len(data), chance.getrandbits(8 * size)))
    return data[:place] + (new & (256**size - 1)).to_bytes(size, order) + data[place + size :]


# Those that know the format come more often.
MUTATIONS: tuple[Mutation, ...] = (
    flip_bits, overwrite, truncate, delete, insert, repeat, splice, nasty_number, edit_field, edit_field, edit_field,
)  # fmt: skip
