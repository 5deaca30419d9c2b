"""One network against another: where they differ, term by term, and why equal MACs are not equal time."""

from resnext_viz.comparison.difference import Comparison, Kind, Pair, Place, Strides, compare
from resnext_viz.comparison.movement import GroupWidth, Load, Movement, movement

__all__ = [
    "Comparison", "GroupWidth", "Kind", "Load", "Movement", "Pair", "Place", "Strides", "compare", "movement",
]
