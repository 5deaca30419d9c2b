"""Several mistakes at once: every way to make two or three that the digits bear and that may come near the number.

A way is dropped as early as can be. What changes the network's structure costs a walk of its own, so that is tried
first, and with it all that the same walk tells; what another image makes is estimated before it is walked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations

from resnext_viz.conventions import Tallies
from resnext_viz.explanations.counts import made
from resnext_viz.explanations.number_mistakes import NumberMistake
from resnext_viz.explanations.stated import Kind, StatedNumber
from resnext_viz.explanations.values import factor_of
from resnext_viz.explanations.variants import SizedSpec, tallies_of

Way = tuple[NumberMistake, ...]
_MOST_BUILDING, _MOST = 2, 3  # mistakes at once that build another network, and in all
_SAME_WALK = {"head", "bias", "classes"}
_ELEMENT_BYTES = (2, 4)  # other ways to store are too rare for several mistakes
# What tools make of a network's multiply-adds, once and twice, as shares of them.
_OPERATIONS = ((0.85, 1.2), (1.7, 2.4))
_ESTIMATE = 1.15  # times, to which an image's cost is estimated by its pixels
_NEAR = 1.06  # times, by which what is counted otherwise changes params


class Reach:
    """Which networks may come near a number, by their tallies."""

    def __init__(self, number: StatedNumber, kind: Kind, *, is_given: bool) -> None:
        self.kind = kind
        self.values = [number.value_in(reading) for reading in number.readings if reading.kind is kind]
        if kind is Kind.BYTES:
            self.values = [value / each for value in self.values for each in _ELEMENT_BYTES]
        self._shares = ((1 / 3, 3.0),) if is_given else _OPERATIONS

    def holds_somewhere(self, counted: Tallies) -> bool:
        """Whether some head, number of classes, biases or other image may bring it near."""
        if self.kind in {Kind.OPERATIONS, Kind.ACTS}:
            return True
        most = 1.2 * counted.params + 25 * counted.linear_weights
        return any(0.95 * counted.conv_weights <= value <= most for value in self.values)

    def holds(self, counted: Tallies, factor: float = 1.0, slack: float = 1.0) -> bool:
        """Whether counting it in some way may give the number."""
        if self.kind is Kind.OPERATIONS:
            return any(self._is_operations(value / (factor * counted.macs), slack) for value in self.values)
        amount, near = (
            (counted.acts * factor, 1.001 * slack) if self.kind is Kind.ACTS else (float(counted.params), _NEAR)
        )
        return any(value / near <= amount <= value * near for value in self.values)

    def _is_operations(self, share: float, slack: float) -> bool:
        return any(low / slack <= share <= high * slack for low, high in self._shares)

    def near_factors(self, meant: SizedSpec, built: Way, factors: Iterable[float]) -> list[float]:
        """With which factors what was built may give the number; another image is estimated before it is walked."""
        left = list(factors)
        image = next((mistake.image_size for mistake in built if mistake.image_size is not None), None)
        if image is not None and self.kind in {Kind.OPERATIONS, Kind.ACTS}:
            pixels = (image / meant.image_size) ** 2
            before = made(meant, tuple(mistake for mistake in built if mistake.image_size is None))
            left = self._held(before, left, pixels, _ESTIMATE)
        return self._held(made(meant, built), left) if left else []

    def _held(
        self, network: SizedSpec | None, factors: list[float], pixels: float = 1.0, slack: float = 1.0
    ) -> list[float]:
        if network is None:
            return []
        counted = tallies_of(network)
        return [factor for factor in factors if self.holds(counted, factor * pixels, slack)]


def ways_together(meant: SizedSpec, mistakes: Way, reach: Reach, farness: float) -> Iterator[Way]:
    """Two or three mistakes at once whose numbers may come near."""
    building = [mistake for mistake in mistakes if mistake.builds_another]
    structure = [mistake for mistake in building if mistake.image_size is None and mistake.key not in _SAME_WALK]
    others = [mistake for mistake in building if mistake not in structure]
    counted = [(way, _far(way), factor_of(way)) for way in chosen([m for m in mistakes if not m.builds_another], 2)]
    counted = [each for each in counted if each[1] <= farness]
    for first in chosen(structure, _MOST_BUILDING):
        if _far(first) <= farness and _may_be(meant, first, reach):
            for second in chosen(others, _MOST_BUILDING - len(first)):
                yield from _counted(meant, first + second, counted, reach, farness)


def _may_be(meant: SizedSpec, built: Way, reach: Reach) -> bool:
    network = made(meant, built)
    return network is not None and reach.holds_somewhere(tallies_of(network))


def _counted(
    meant: SizedSpec, built: Way, counted: list[tuple[Way, float, float]], reach: Reach, farness: float
) -> Iterator[Way]:
    """What was built, counted in all these ways, with two mistakes at least."""
    left = farness - _far(built)
    ways = [(way, factor) for way, far, factor in counted if far <= left and 2 <= len(built) + len(way) <= _MOST]
    near = reach.near_factors(meant, built, {factor for _, factor in ways})
    yield from (built + way for way, factor in ways if factor in near)


def _far(mistakes: Way) -> float:
    return sum(mistake.farness for mistake in mistakes)


def chosen(mistakes: list[NumberMistake], most: int) -> Iterator[Way]:
    """Up to `most` mistakes that can be made together: no two settle the same thing."""
    settled = {mistake: frozenset(mistake.settles) for mistake in mistakes}
    yield ()
    for mistake in mistakes if most else ():
        yield (mistake,)
    for both in combinations(mistakes, 2) if most > 1 else ():
        if settled[both[0]].isdisjoint(settled[both[1]]):
            yield both
