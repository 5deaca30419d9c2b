"""One network against another: where they differ, term by term, and why equal MACs are not equal time."""

from resnext_viz.comparison.difference import Comparison, Pair, Place, Strides, TermKind, compare
from resnext_viz.comparison.movement import GroupWidth, Movement, Workload, movement

__all__ = [
    "Comparison",
    "GroupWidth",
    "Movement",
    "Pair",
    "Place",
    "Strides",
    "TermKind",
    "Workload",
    "compare",
    "movement",
]
