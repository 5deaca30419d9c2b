"""From a number somebody got to the reason: the search over conventions and mistakes, ranked by plausibility.

Few and common mistakes come before many and rare ones, the usual convention before a tool's own, known networks before
others, and only then what is closer. How much may be assumed depends on the digits given (`mistakes.BUDGETS`), so that
a number which something far-fetched hits by chance is not "explained": it is answered with what is nearest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import replace
from functools import lru_cache

from resnext_viz.errors import UserError
from resnext_viz.explanations.answer import Answer, Explanation
from resnext_viz.explanations.counts import Candidate, candidates, multiply_adds
from resnext_viz.explanations.mistakes import MISTAKEN_FROM, Mistake, Network, budget, mistakes_of, together
from resnext_viz.explanations.printed import remark_on
from resnext_viz.explanations.stated import Fit, Kind, Reading, StatedNumber, read_number
from resnext_viz.names import PRESETS, parse
from resnext_viz.spec import ResNeXtSpec, check_image_size

MOST = 8
MOST_LIMITS = (1, 100)
_NEAREST = 3
_REMEMBERED = 64
_CUT_OFF = 1.2  # farness of a number whose last digits were cut off instead of rounded
_CLOSENESS = 0.2  # farness of a count that is one last digit away
# Presets that a number without a network is searched in, by how seldom they are met.
_PRESETS = {
    0.0: ("resnet50", "resnext50_32x4d"),
    0.3: ("resnet101", "resnext101_32x4d", "resnext101_32x8d", "resnext101_64x4d", "resnet18", "resnet34", "resnet152",
          "resnext29_8x64d_cifar10", "resnext29_16x64d_cifar10"),
    0.6: ("resnet200", "resnext50_2x40d", "resnext50_4x24d", "resnext50_8x14d", "resnext101_2x40d", "resnext101_4x24d",
          "resnext101_8x14d", "resnext101_2x64d", "resnet101_1x100d", "resnext152_64x4d", "resnet29_cifar10",
          "resnext29_2x64d_cifar10", "resnext29_4x64d_cifar10", "resnext29_32x4d_cifar10", "resnext29_8x64d_cifar100",
          "resnext29_16x64d_cifar100", "resnet29_1x128d_cifar10", "resnet29_1x192d_cifar10", "resnet29_1x256d_cifar10"),
    2.5: ("resnet50_1x128d", "resnet101_1x128d"),  # their numbers mostly are a ResNeXt's whose groups were forgotten
}  # fmt: skip
_OTHER_NETWORK = {"depth", "family"}  # mistakes that make another well-known network
_OTHERWISE = _OTHER_NETWORK | {"batch"}  # what is near by these is not near
_UNLIKELY = 0.5  # farness of readings that are not compared with what is near
_TWO_DIGITS = "With two digits no mistake is assumed: too much would agree by chance. Give it more exactly if you can."
_REACH = 3  # a number of operations further from the multiply-adds than by this factor is nobody's
_EVERYDAY, _PAPERS = 0.3, 0.6  # keys of `_PRESETS` up to which mistakes are searched in, too
_MANY_DIGITS = 6


@lru_cache(maxsize=_REMEMBERED)
def explain_number(
    number: str, network: ResNeXtSpec | str | None = None, image_size: int | None = None, most: int = MOST
) -> Answer:
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
    side = None if image_size is None else check_image_size(image_size)
    low, high = MOST_LIMITS
    if not low <= most <= high:
        raise UserError(f"most is {most}; use a whole number from {low} to {high}")
    search = _Search(stated, spec, side)
    matches = search.matches()
    if matches:
        return Answer(stated, spec, tuple(matches[:most]), len(matches) - min(most, len(matches)), (), (),
                      remark_on(stated, spec))
    if stated.digits < MISTAKEN_FROM - 1:
        return Answer(stated, spec, (), 0, (), (), search.vagueness())
    elsewhere = _Search(stated, None, side).plain() if spec else []
    networks = {each.title: each for each in reversed(elsewhere)}  # the most plausible of each
    remark = remark_on(stated, spec) or (_TWO_DIGITS if stated.digits < MISTAKEN_FROM else "")
    return Answer(stated, spec, (), 0, tuple(search.nearest()), tuple(reversed(networks.values()))[:_NEAREST], remark)


class _Search:
    """One number, searched in one network or in all that are known."""

    def __init__(self, number: StatedNumber, spec: ResNeXtSpec | None, image_size: int | None) -> None:
        self.number = number
        self.is_given = spec is not None
        self.kinds = tuple(dict.fromkeys(reading.kind for reading in number.readings))
        self.budget = budget(number.digits)
        farness = {spec: 0.0} if spec else {PRESETS[name]: far for far, names in _PRESETS.items() for name in names}
        self.meant = {Network(each, image_size or each.default_image_size): far for each, far in farness.items()}

    def matches(self) -> list[Explanation]:
        """All that agrees, the most plausible first; several mistakes at once only where no single one explains it."""
        if self.number.digits < MISTAKEN_FROM - 1:
            return []
        return self._agreeing(self._simple()) or self._agreeing(self._combined())

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
        return (f"One digit says too little: {len(self.plain())} counts round to it without any mistake. "
                "Give it as exactly as it was printed.")

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

    def _combined(self) -> Iterator[Candidate]:
        """With several mistakes at once, as many as the digits bear."""
        for meant in self._everyday():
            most = 2 if self.is_given or not self.meant[meant] else 1
            for kind in self.kinds:
                yield from self._mistaken(meant, kind, together(self._mistakes(meant, kind), most, self.budget))

    def _mistaken(self, meant: Network, kind: Kind, ways: Iterable[tuple[Mistake, ...]]) -> Iterator[Candidate]:
        """The numbers with each of these mistakes made, where they may come near."""
        stated = [self.number.value_in(reading) for reading in self.number.readings if reading.kind is kind]
        for mistakes in ways:
            if kind is Kind.OPERATIONS:
                macs = multiply_adds(meant, mistakes)
                if not any(macs < _REACH * value and value < _REACH * macs for value in stated):
                    continue
            yield from candidates(meant, mistakes, kind)

    def _everyday(self) -> list[Network]:
        """The networks that mistakes are searched in: of more digits, in more."""
        most = _EVERYDAY if self.number.digits < _MANY_DIGITS else _PAPERS
        return [meant for meant, farness in self.meant.items() if farness <= most]

    def _mistakes(self, meant: Network, kind: Kind) -> tuple[Mistake, ...]:
        """Without a network given, other networks are searched for themselves."""
        return tuple(mistake for mistake in mistakes_of(meant, kind)
                     if self.is_given or mistake.key not in _OTHER_NETWORK)

    def _agreeing(self, numbers: Iterable[Candidate], readings: Sequence[Reading] = ()) -> list[Explanation]:
        windows = [(reading, *self._window(reading)) for reading in readings or self.number.readings]
        found = []
        for candidate in numbers:
            for reading, low, high in windows:
                if candidate.kind is reading.kind and low <= candidate.value <= high:
                    fit = self.number.fit(candidate.value, reading)
                    if fit and self._assumed(candidate, reading, fit) <= self.budget:
                        found.append(self._explanation(candidate, reading, fit))
        return _merged(sorted(found, key=lambda each: each.farness))

    def _assumed(self, candidate: Candidate, reading: Reading, fit: Fit) -> float:
        """How far-fetched an explanation is for so many digits; what is not even mistaken is never refused."""
        mistakes = sum(mistake.farness for mistake in candidate.mistakes) + _CUT_OFF * (fit is Fit.CUT_OFF)
        return mistakes and mistakes + reading.farness

    def _window(self, reading: Reading) -> tuple[float, float]:
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

    def _explanation(self, candidate: Candidate, reading: Reading, fit: Fit | None) -> Explanation:
        stated = self.number.value_in(reading)
        off = abs(candidate.value - stated) / float(self.number.step * reading.scale)
        farness = (
            self.meant[candidate.meant] + reading.farness + candidate.convention.farness
            + sum(1 + mistake.farness for mistake in candidate.mistakes)
            + _CUT_OFF * (fit is Fit.CUT_OFF) + _CLOSENESS * min(off, 1)
        )
        return Explanation(candidate, reading.stated(self.number), stated, fit, farness)


def _is_like(one: Explanation, other: Explanation) -> bool:
    """Whether two ways near a number say the same."""
    return one.value == other.value or (
        one.candidate.meant == other.candidate.meant and one.mistakes == other.mistakes)


def _merged(found: list[Explanation]) -> list[Explanation]:
    """Each value of a network once, the most plausible way to it first; conventions that give it alike are named."""
    first: dict[object, Explanation] = {}
    for each in found:
        key = (each.candidate.meant, each.candidate.kind, each.value)
        known = first.setdefault(key, each)
        if known is not each and known.mistakes == each.mistakes and known.stated == each.stated:
            first[key] = replace(known, also=(*known.also, each.candidate.convention))
    return list(first.values())
