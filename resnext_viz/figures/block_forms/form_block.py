"""One bottleneck block as its three forms see it: which paths are drawn one by one, and which only as hairlines.

Paths that are drawn one by one stand in slots, at the same x in every form; the number of the others is always told.
Source: arXiv 1611.05431, Fig. 3.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

from resnext_viz.block_forms.terms import FormLetter
from resnext_viz.layers import Block, Layer

LEFT, SPAN = 2, 302  # of a box that all paths share
MOST_IN_SLOTS, MOST_HAIRS = 5, 40
MOST_FOLLOWED = 128  # paths: of more, those without a slot or a hairline cannot be followed through the wiring
HAIRS_FROM, HAIRS_TO = 197.0, 238.0

Side = Literal["left", "middle", "right", "whole"]


class Slot(NamedTuple):
    """A path that is drawn with its boxes."""

    path: int
    x: float
    side: Side  # where labels of a wide box must not stand when this path is followed


@dataclass(frozen=True)
class FormBlock:
    """One bottleneck block and the path to follow (1 to C)."""

    block: Block
    followed: int

    @property
    def reduce(self) -> Layer:
        """The first 1×1."""
        return self.block.main[0]

    @property
    def transform(self) -> Layer:
        """The 3×3."""
        return self.block.main[1]

    @property
    def expand(self) -> Layer:
        """The last 1×1."""
        return self.block.main[2]

    @property
    def paths(self) -> int:
        """C."""
        return self.transform.groups

    @property
    def path_width(self) -> int:
        """Channels of one path: d in stage 1."""
        return self.transform.c_out // self.paths

    @property
    def has_shortcut(self) -> bool:
        """False where the network was dialled without shortcuts."""
        return self.block.identity or self.block.projection is not None

    @property
    def weights(self) -> int:
        """Elements of the three convolutions; the same in every form."""
        return sum(layer.weights for layer in self.block.main)

    @cached_property
    def slots(self) -> tuple[Slot, ...]:
        """Up to five paths all stand in slots; of more, the first two, one for path i, and the last."""
        if self.paths <= MOST_IN_SLOTS:
            step = SPAN / self.paths
            places = [(k + 1, LEFT + (k + 0.5) * step) for k in range(self.paths)]
        else:
            third = 3 if self.followed in (1, 2, self.paths) else self.followed
            places = [(1, 30.0), (2, 95.0), (third, 160.0), (self.paths, 276.0)]
        return tuple(Slot(number, x, self._side(x)) for number, x in places)

    def _side(self, x: float) -> Side:
        if self.paths == 1:
            return "whole"
        return "left" if x < 120 else "right" if x > 185 else "middle"

    @cached_property
    def hairs(self) -> tuple[tuple[int, float], ...]:
        """The other paths as (number, x); at most `MOST_HAIRS` of them, evenly taken."""
        inside = {slot.path for slot in self.slots}
        others = [number for number in range(1, self.paths + 1) if number not in inside]
        step = max(1, -(-len(others) // MOST_HAIRS))
        shown = others[::step]
        gap = (HAIRS_TO - HAIRS_FROM) / max(1, len(shown))
        return tuple((number, HAIRS_FROM + (k + 0.5) * gap) for k, number in enumerate(shown))

    @cached_property
    def unseen(self) -> tuple[tuple[int, float], ...]:
        """Paths with neither slot nor hairline as (number, x): seen only while they are followed."""
        if self.paths > MOST_FOLLOWED:
            return ()
        taken = {slot.path for slot in self.slots}
        others = [number for number in range(1, self.paths + 1) if number not in taken]
        hairs = {number for number, _ in self.hairs}
        gap = (HAIRS_TO - HAIRS_FROM) / max(1, len(others))
        places = ((number, HAIRS_FROM + (k + 0.5) * gap) for k, number in enumerate(others))
        return tuple((number, x) for number, x in places if number not in hairs)

    @property
    def elided(self) -> int:
        """How many paths have no slot."""
        return self.paths - len(self.slots)


def convolutions(form: FormLetter, paths: int) -> int:
    """How many convolutions the block has in that form: 3·C, 2·C + 1, 3 (the projection not counted)."""
    return {"a": 3 * paths, "b": 2 * paths + 1, "c": 3}[form]
