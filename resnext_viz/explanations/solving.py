"""Numbers of classes solved for: a count is linear in them, so an exact number says how many it would take."""

from __future__ import annotations

from collections.abc import Iterator

from resnext_viz.conventions import Tallies
from resnext_viz.explanations.combining import Reach, chosen
from resnext_viz.explanations.counts import Candidate, candidates, made
from resnext_viz.explanations.number_mistakes import NumberMistake, solved_classes
from resnext_viz.explanations.stated import Kind, StatedNumber
from resnext_viz.explanations.variants import SizedSpec, tallies_of

SOLVED_FROM = 7  # digits that bear it
_FEWEST = 500  # elements for each class: with fewer, some number of classes would fit whatever the number is
_MOST_CLASSES = 22_000  # of ImageNet, all of it
_SETTLED = {"num_classes", "head"}


def can_be_solved(number: StatedNumber) -> bool:
    """Whether the number is exact enough."""
    return number.digits >= SOLVED_FROM and number.value.denominator == 1 and number.step <= 1


def with_solved_classes(
    number: StatedNumber, meant: SizedSpec, mistakes: tuple[NumberMistake, ...], kind: Kind
) -> Iterator[Candidate]:
    """Every convention's candidate of exactly that value, with these mistakes made and as many classes as it takes."""
    spec, value = meant.spec, int(number.value)
    if not spec.head or any(name in _SETTLED for mistake in mistakes for name, _ in mistake.options):
        return
    network = made(meant, mistakes)
    if network is None or not _may_be_solved(tallies_of(network), Reach(number, kind, is_given=True)):
        return
    one, two = (candidates(meant, (*mistakes, solved_classes(spec, classes)), kind) for classes in (1, 2))
    for first, second in zip(one, two, strict=True):
        each = second.value - first.value
        more, rest = divmod(value - first.value, each) if each >= _FEWEST else (0, 1)
        classes = int(more) + 1
        if not rest and 0 < classes <= _MOST_CLASSES and classes != spec.num_classes:
            yield first._replace(mistakes=(*mistakes, solved_classes(spec, classes)), value=value)


def _may_be_solved(counted: Tallies, reach: Reach) -> bool:
    """Whether some number of classes, and counting in some way, may come near."""
    if reach.kind in {Kind.PARAMS, Kind.BYTES}:
        per_class = counted.linear_weights // counted.linear_bias + 1
        least, most = 0.98 * counted.conv_weights, 1.05 * counted.params + _MOST_CLASSES * per_class
        return any(least <= value <= most for value in reach.values)
    return reach.holds(counted)


def ways_to_solve(mistakes: tuple[NumberMistake, ...]) -> Iterator[tuple[NumberMistake, ...]]:
    """One mistake beside the number of classes, or two that the same walk tells of."""
    for mistake in mistakes:
        yield (mistake,)
    same_walk = [mistake for mistake in mistakes if mistake.key == "bias" or not mistake.builds_another]
    yield from (both for both in chosen(same_walk, 2) if len(both) == 2)
