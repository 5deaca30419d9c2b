"""Where labels of points go so that no two overlap: each takes the first free place beside its point, or none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple


class Rectangle(NamedTuple):
    """Pixels from the top left corner of the plot."""

    left: float
    top: float
    right: float
    bottom: float

    def overlap(self, other: Rectangle) -> float:
        """The area both cover."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.bottom, other.bottom) - max(self.top, other.top)
        return width * height if width > 0 and height > 0 else 0.0


class Offset(NamedTuple):
    """Where a label's nearest corner or edge lies from its point, and which way the label grows from there."""

    x: float
    y: float
    grows_x: int  # 1 right, −1 left, 0 both
    grows_y: int  # 1 down, −1 up, 0 both


BESIDE = (
    Offset(12, -3, 1, -1),
    Offset(12, -8, 1, -1),
    Offset(12, -15, 1, -1),
    Offset(13, 0, 1, 0),
    Offset(12, 5, 1, 1),
    Offset(-13, 0, -1, 0),
    Offset(-12, 5, -1, 1),
    Offset(-12, -3, -1, -1),
    Offset(0, -14, 0, -1),
    Offset(0, 14, 0, 1),
    Offset(24, -20, 1, -1),
    Offset(-24, 22, -1, 1),
    Offset(24, 22, 1, 1),
    Offset(36, -48, 1, -1),
    Offset(-36, 48, -1, 1),
)


@dataclass
class Board:
    """The plot and what is on it already."""

    width: float
    height: float
    taken: list[Rectangle] = field(default_factory=list)
    better_free: list[Rectangle] = field(default_factory=list)  # such as grid lines: covered only if need be

    def mark(self, x: float, y: float, radius: float) -> None:
        """Keep the surroundings of a point free."""
        self.taken.append(Rectangle(x - radius, y - radius, x + radius, y + radius))

    def place(
        self, x: float, y: float, size: tuple[float, float], offsets: Sequence[Offset] = BESIDE, *, needed: bool = False
    ) -> Offset | None:
        """The first offset at which a label of `size` is free, and take it.

        None where there is none, unless the label is `needed`: then the offset that covers least.
        """
        best: tuple[tuple[float, float], Offset, Rectangle] | None = None
        for offset in offsets:
            if best and best[0][0] == 0 and abs(offset.x) > 1.5 * abs(offsets[0].x):
                break  # rather near and across a grid line than far from its point
            box = box_at(x, y, size, offset)
            covered = (
                sum([box.overlap(other) for other in self.taken]) + self._outside(box),
                sum([box.overlap(other) for other in self.better_free]),
            )
            if best is None or covered < best[0]:
                best = covered, offset, box
            if not any(covered):
                break
        if best is None or (best[0][0] > 0 and not needed):
            return None
        self.taken.append(best[2])
        return best[1]

    def _outside(self, box: Rectangle) -> float:
        inside = box.overlap(Rectangle(0, 0, self.width, self.height))
        return 4 * ((box.right - box.left) * (box.bottom - box.top) - inside)


def box_at(x: float, y: float, size: tuple[float, float], offset: Offset) -> Rectangle:
    """The rectangle of a label of `size` (width, height) beside the point (x, y)."""
    width, height = size
    left = x + offset.x + (0 if offset.grows_x > 0 else -width if offset.grows_x < 0 else -width / 2)
    top = y + offset.y + (0 if offset.grows_y > 0 else -height if offset.grows_y < 0 else -height / 2)
    return Rectangle(left, top, left + width, top + height)
