"""From a number somebody got to the reason: the search over conventions and mistakes, ranked by plausibility.

Few and common mistakes come before many and rare ones, the usual convention before a tool's own, known networks before
others, and only then what is closer. How much may be assumed depends on the digits given (`mistakes.BUDGETS`), so that
a number which something far-fetched hits by chance is not "explained": it is answered with what is nearest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import replace
from functools import lru_cache
from itertools import chain, product

from resnext_viz.errors import UserError
from resnext_viz.explanations.answer import Explanation, SearchResult
from resnext_viz.explanations.combining import Reach, ways_together
from resnext_viz.explanations.counts import Candidate, candidates
from resnext_viz.explanations.known_networks import EVERYDAY, NETWORKS, PAPERS
from resnext_viz.explanations.number_mistakes import (
    MISTAKEN_FROM,
    NumberMistake,
    budget,
    mistakes_of,
)
from resnext_viz.explanations.printed import remark_on
from resnext_viz.explanations.solving import can_be_solved, ways_to_solve, with_solved_classes
from resnext_viz.explanations.stated import Fit, Interpretation, Kind, StatedNumber, read_number
from resnext_viz.explanations.values import ONE_A_MULTIPLY_ADD, factor_of
from resnext_viz.explanations.variants import SizedSpec
from resnext_viz.names import parse
from resnext_viz.spec import ResNeXtSpec, check_square

MOST = 8
MOST_LIMITS = (1, 100)
_NEAREST = 3
_REMEMBERED = 64
_CUT_OFF = 1.2  # farness of a number whose last digits were cut off instead of rounded
_CLOSENESS = 0.2  # farness of a count that is one last digit away
_OTHER_NETWORK = {"depth", "family"}  # mistakes that make another well-known network
_OTHERWISE = _OTHER_NETWORK | {"batch"}  # what is near by these is not near
_UNLIKELY = 0.5  # farness of readings that are not compared with what is near
_TWO_DIGITS = "With two digits no mistake is assumed: too much would agree by chance. Give it more exactly if you can."
_ASSUMED = 1  # farness from which a reading or a convention is as much of an assumption as a mistake
_PRINTED_SO = 1.0  # what a label's words make a convention nearer that prints such lines
_MANY_DIGITS = 6
_NOBODYS = 8_123_456_789  # params, FLOPs or bytes
# The same for several mistakes at once: a size has several ways to be stored, and operations have many to be counted.
_COMBINED = {Kind.PARAMS: PAPERS, Kind.OPERATIONS: EVERYDAY, Kind.ACTS: EVERYDAY, Kind.BYTES: 0.0}


@lru_cache(maxsize=_REMEMBERED)
def explain_number(
    number: str, network: ResNeXtSpec | str | None = None, image_size: int | None = None, most: int = MOST
) -> SearchResult:
    """Where a number comes from.

    Args:
        number: as people write it: "22.84", "22.84 GFLOPs", "89,700,288 params", "95.8 MB".
        network: what it is meant to be of, a spec or a name; None searches the networks of the paper and torchvision.
        image_size: side of the image in pixels; 224, or 32 for CIFAR stems, if None.
        most: explanations given at most.

    Raises:
        UserError: the number is not understood; a `SpecError` if it is the network's name or the image size.
    """
    stated = read_number(number)
    spec = parse(network) if isinstance(network, str) else network
    side = None if image_size is None else check_square(image_size)
    low, high = MOST_LIMITS
    if not low <= most <= high:
        raise UserError(f"most is {most}; use a whole number from {low} to {high}")
    search = _Search(stated, spec, side)
    matches = search.matches()
    if matches:
        remark = " ".join(filter(None, (_what_a_flop_is(stated, matches[0]), _remark(stated, spec))))
        return SearchResult(stated, spec, tuple(matches[:most]), max(0, len(matches) - most), (), (), remark)
    if stated.digits < MISTAKEN_FROM - 1:
        return SearchResult(stated, spec, (), 0, (), (), search.vagueness())
    elsewhere = _Search(stated, None, side).plain() if spec else []
    networks = {each.title: each for each in reversed(elsewhere)}  # the most plausible of each
    remark = _remark(stated, spec) or (_TWO_DIGITS if stated.digits < MISTAKEN_FROM else "")
    return SearchResult(
        stated, spec, (), 0, tuple(search.nearest()), tuple(reversed(networks.values()))[:_NEAREST], remark
    )


def _remark(number: StatedNumber, spec: ResNeXtSpec | None) -> str:
    """What is known of the number in print, and what else the line has that it was read from."""
    others = f"Left out of that line: {', '.join(number.left_out)}." if number.left_out else ""
    return " ".join(filter(None, (remark_on(number, spec), others)))


def _what_a_flop_is(number: StatedNumber, first: Explanation) -> str:
    """Of a number that is said to be FLOPs, where a multiply-add is one of them."""
    said, counted = "flop" in number.unit.casefold(), first.candidate.convention.unit
    if not said or counted not in {"MACs", ONE_A_MULTIPLY_ADD}:
        return ""
    return "A FLOP is one multiply-add here, as the paper has it; who counts it as two gets about twice as many."


def remember_networks() -> None:
    """Has this process walk what exact numbers are compared with, so that a first answer is as quick as later ones."""
    for unit in ("params", "FLOPs", "bytes"):
        explain_number(f"{_NOBODYS:,} {unit}")


class _Search:
    """One number, searched in one network or in all that are known."""

    def __init__(self, number: StatedNumber, spec: ResNeXtSpec | None, image_size: int | None) -> None:
        self.number = number
        self.is_given = spec is not None
        self.kinds = tuple(dict.fromkeys(reading.kind for reading in number.readings))
        self.budget = budget(number.digits)
        farness = {spec: 0.0} if spec else {parse(name): far for far, names in NETWORKS.items() for name in names}
        self.meant = {SizedSpec(each, image_size or each.default_image_size): far for each, far in farness.items()}

    def matches(self) -> list[Explanation]:
        """All that agrees, the most plausible first; several mistakes at once only where no single one explains it."""
        if self.number.digits < MISTAKEN_FROM - 1:
            return []
        return (
            self._agreeing(self._simple())
            or self._agreeing(self._solved())
            or self._agreeing(chain(self._combined(), self._solved_and_mistaken()))
        )

    def plain(self) -> list[Explanation]:
        """What agrees without any mistake."""
        likely = [reading for reading in self.number.readings if reading.farness < _UNLIKELY]
        return [each for each in self._agreeing(self._unmistaken(), likely) if each.fit is not Fit.CUT_OFF]

    def nearest(self) -> list[Explanation]:
        """What comes closest with one mistake at most; of a network that is given, its own count too."""
        every = sorted(self._compared(self._simple(_OTHERWISE)), key=lambda each: abs(each.off) + each.farness / 100)
        nearest: list[Explanation] = []
        for each in every:
            if len(nearest) < _NEAREST and not any(_is_like(each, other) for other in nearest):
                nearest.append(each)
        own = next((each for each in every if not each.mistakes), None)
        if self.is_given and own and own not in nearest:
            nearest[-1] = own
        return nearest

    def vagueness(self) -> str:
        """Why one digit cannot be explained."""
        return (
            f"One digit says too little: {len(self.plain())} counts round to it without any mistake. "
            "Give it as exactly as it was printed."
        )

    def _unmistaken(self) -> Iterator[Candidate]:
        for meant in self.meant:
            for kind in self.kinds:
                yield from candidates(meant, (), kind)

    def _simple(self, without: Set[str] = frozenset()) -> Iterator[Candidate]:
        """Without a mistake, and with one, except those of some keys."""
        yield from self._unmistaken()
        for meant in self._everyday():
            for kind in self.kinds:
                ways = ((mistake,) for mistake in self._mistakes(meant, kind) if mistake.key not in without)
                yield from self._mistaken(meant, kind, ways)

    def _solved(self) -> Iterator[Candidate]:
        """With as many classes as the number asks for, and nothing else gone wrong."""
        for meant, kind in self._exact(list(self.meant)):
            yield from with_solved_classes(self.number, meant, (), kind)

    def _solved_and_mistaken(self) -> Iterator[Candidate]:
        for meant, kind in self._exact(self._everyday(), {Kind.PARAMS, Kind.BYTES}):
            for way in ways_to_solve(self._mistakes(meant, kind)):
                yield from with_solved_classes(self.number, meant, way, kind)

    def _exact(self, networks: list[SizedSpec], among: Set[Kind] = frozenset(Kind)) -> Iterator[tuple[SizedSpec, Kind]]:
        kinds = {reading.kind for reading in self.number.readings if reading.scale == 1 and reading.kind in among}
        if can_be_solved(self.number):
            yield from product(networks, sorted(kinds))

    def _combined(self) -> Iterator[Candidate]:
        """With several mistakes at once, as many as the digits bear."""
        likely = {reading.kind for reading in self.number.readings if reading.farness < _UNLIKELY}
        for kind in likely:
            reach = self._reach(kind)
            for meant in self._everyday(_COMBINED[kind]):
                for way in ways_together(meant, self._mistakes(meant, kind), reach, self.budget):
                    yield from candidates(meant, way, kind)

    def _mistaken(self, meant: SizedSpec, kind: Kind, ways: Iterable[tuple[NumberMistake, ...]]) -> Iterator[Candidate]:
        """The numbers with each of these mistakes made, where they may come near."""
        reach = self._reach(kind)
        for mistakes in ways:
            built = tuple(mistake for mistake in mistakes if mistake.builds_another)
            if kind is not Kind.OPERATIONS or reach.near_factors(meant, built, [factor_of(mistakes)]):
                yield from candidates(meant, mistakes, kind)

    def _reach(self, kind: Kind) -> Reach:
        return Reach(self.number, kind, is_given=self.is_given)

    def _everyday(self, limit: float = PAPERS) -> list[SizedSpec]:
        """The networks that mistakes are searched in: of more digits, in more."""
        most = min(limit, EVERYDAY if self.number.digits < _MANY_DIGITS else PAPERS)
        return [meant for meant, farness in self.meant.items() if farness <= most]

    def _mistakes(self, meant: SizedSpec, kind: Kind) -> tuple[NumberMistake, ...]:
        """Without a network given, other networks are searched for themselves."""
        return tuple(
            mistake for mistake in mistakes_of(meant, kind) if self.is_given or mistake.key not in _OTHER_NETWORK
        )

    def _agreeing(self, numbers: Iterable[Candidate], readings: Sequence[Interpretation] = ()) -> list[Explanation]:
        windows = [(reading, *self._window(reading)) for reading in readings or self.number.readings]
        found = []
        for candidate in numbers:
            for reading, low, high in windows:
                if candidate.kind is reading.kind and low <= candidate.value <= high and _may_mean(candidate, reading):
                    fit = self.number.fit(candidate.value, reading)
                    if fit and self._assumed(candidate, reading, fit) <= self._budget(candidate):
                        found.append(self._explanation(candidate, reading, fit))
        return _merged(sorted(found, key=lambda each: each.farness))

    def _assumed(self, candidate: Candidate, reading: Interpretation, fit: Fit) -> float:
        """How far-fetched an explanation is in all; what assumes nothing is never refused."""
        rare = [far for far in (reading.farness, candidate.convention.farness) if far >= _ASSUMED]
        assumed = sum(mistake.farness for mistake in candidate.mistakes) + _CUT_OFF * (fit is Fit.CUT_OFF) + sum(rare)
        if not assumed:
            return 0.0
        usual = [reading.farness, candidate.convention.farness, self.meant[candidate.meant]]
        return assumed + sum(far for far in usual if 0 < far < _ASSUMED)

    def _budget(self, candidate: Candidate) -> float:
        """How far-fetched it may be: digits that it took to solve for something bear nothing else."""
        return budget(self.number.digits - sum(mistake.digits for mistake in candidate.mistakes))

    def _window(self, reading: Interpretation) -> tuple[float, float]:
        """Just wide enough for every count that may agree."""
        value, step = self.number.value_in(reading), float(self.number.step * reading.scale)
        return value - 0.51 * step, value + 1.01 * step

    def _compared(self, numbers: Iterable[Candidate]) -> Iterator[Explanation]:
        """Each number with the reading that it comes closest to."""
        for candidate in numbers:
            readings = [r for r in self.number.readings if r.kind is candidate.kind and r.farness < _UNLIKELY]
            if readings:
                reading = min(readings, key=lambda r: abs(candidate.value / self.number.value_in(r) - 1))
                yield self._explanation(candidate, reading, None)

    def _explanation(self, candidate: Candidate, reading: Interpretation, fit: Fit | None) -> Explanation:
        stated = self.number.value_in(reading)
        off = abs(candidate.value - stated) / float(self.number.step * reading.scale)
        farness = (
            self.meant[candidate.meant]
            + reading.farness
            + candidate.convention.farness
            - _PRINTED_SO * (candidate.convention.key in self.number.printers)
            + sum(1 + mistake.farness for mistake in candidate.mistakes)
            + _CUT_OFF * (fit is Fit.CUT_OFF)
            + _CLOSENESS * min(off, 1)
        )
        return Explanation(candidate, reading.stated(self.number), stated, fit, farness)


def _may_mean(candidate: Candidate, reading: Interpretation) -> bool:
    """Whether who counts so writes numbers so: a tool has one megabyte."""
    megabyte = candidate.convention.megabyte
    return not megabyte or reading.scale in {1, megabyte, {10**6: 10**3, 2**20: 2**10}[megabyte]}


def _is_like(one: Explanation, other: Explanation) -> bool:
    """Whether two ways near a number say the same."""
    return one.value == other.value or (one.candidate.meant == other.candidate.meant and one.mistakes == other.mistakes)


def _merged(found: list[Explanation]) -> list[Explanation]:
    """Each value of a network once, the most plausible way to it first; conventions that give it alike are named."""
    first: dict[object, Explanation] = {}
    for each in found:
        key = (each.candidate.meant, each.candidate.kind, each.value)
        known = first.setdefault(key, each)
        told = (known.candidate.convention, *known.also)
        is_new = each.candidate.convention not in told
        if is_new and known.mistakes == each.mistakes and known.stated == each.stated:
            first[key] = replace(known, also=(*known.also, each.candidate.convention))
    return list(first.values())
