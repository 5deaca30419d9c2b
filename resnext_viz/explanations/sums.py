"""What a number is made of: the convention that counts it, and the lines of its sum."""

from __future__ import annotations

from typing import NamedTuple


class Convention(NamedTuple):
    """A way to count: whose it is, and how its numbers are called."""

    key: str
    words: str  # behind the network: "by thop"; nothing for what everybody does
    unit: str  # of its numbers: "MACs"
    farness: float
    megabyte: int = 0  # bytes in its MB; 0 where people take either


class SumLine(NamedTuple):
    """One line of a sum."""

    name: str
    amount: int
    times: int | float

    @property
    def value(self) -> int | float:
        return whole(self.amount * self.times)


def whole(value: int | float) -> int | float:
    """The value, an int wherever it is one."""
    return int(value) if value == int(value) else value
