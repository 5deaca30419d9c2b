"""What is said about a number: explanations with their sums, or honestly none and what is nearest."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from resnext_viz.complexity import complexity
from resnext_viz.explanations.counts import Candidate
from resnext_viz.explanations.stated import Fit, Kind, StatedNumber
from resnext_viz.explanations.sums import Convention, SumLine
from resnext_viz.names import name_of, title_of
from resnext_viz.spec import ResNeXtSpec, StrideOn

_KNOWN_AS = {"resnet50_1x128d": "Wide ResNet-50-2", "resnet101_1x128d": "Wide ResNet-101-2"}  # torchvision's names

_FAR = 3  # times, from where a distance is told as a factor
_SEEN = {  # mistakes -> who makes them
    frozenset({"output", "buffers", "fc-bias"}): "The Keras-ResNeXt of titu1994 is built and counted so.",
    frozenset({"output", "stem1x1"}): "The ResNeXt of kuangliu’s pytorch-cifar is built so.",
    frozenset({"buffers"}): "Keras’ model.summary() counts so.",
    frozenset({"bias", "buffers"}): "Keras’ own ResNets are built and counted so.",
    frozenset({"head", "buffers"}): "Keras counts so with include_top=False.",
    frozenset({"head", "bias", "buffers"}): "Keras’ own ResNets are built and counted so with include_top=False.",
    frozenset({"stem1x1"}): "The ResNeXt of kuangliu’s pytorch-cifar is built so; where C·d is 128, 2·C·d is right.",
}
_ALSO = {"mmcv": "Older versions of ptflops counted so too, with every bias."}


@dataclass(frozen=True)
class Explanation:
    """One way to get the number, or to get near it."""

    candidate: Candidate
    stated: str  # the number as this reading takes it: "22.84 G"
    stated_value: float
    fit: Fit | None  # None: it does not agree
    farness: float  # the smaller, the more plausible
    also: tuple[Convention, ...] = ()  # others that give the same number

    @property
    def value(self) -> int | float:
        return self.candidate.value

    @property
    def off(self) -> float:
        """How far the value lies from the number, as a share of it."""
        return self.value / self.stated_value - 1

    @property
    def title(self) -> str:
        """The network that was meant."""
        return title_of(self.candidate.meant.spec)

    @property
    def mistakes(self) -> tuple[str, ...]:
        return tuple(mistake.words for mistake in self.candidate.mistakes)

    @property
    def unit(self) -> str:
        return self.candidate.convention.unit

    @property
    def terms(self) -> tuple[SumLine, ...]:
        return self.candidate.terms

    @property
    def subject(self) -> str:
        """The network on its image, what went wrong, and who counts so."""
        side = self.candidate.meant.image_size
        usual = self.candidate.meant.spec.default_image_size
        told = self.title
        if side != usual and self.candidate.kind in {Kind.OPERATIONS, Kind.ACTS}:
            told += f" on an image of {side}×{side}"
        if self.mistakes:
            told += f"{',' * (', ' in told)} with {'; '.join(self.mistakes)}"
        rules = " and ".join(each.words for each in (self.candidate.convention, *self.also))
        return f"{told}, {'counted ' * (self.candidate.kind is Kind.OPERATIONS)}{rules}".removesuffix(", ")

    @property
    def verdict(self) -> str:
        """How the exact value agrees with the number."""
        exact = f"{self.value:,} {self.unit}"
        if self.fit is Fit.EXACT:
            return f"{exact}, to the unit"
        if self.fit is None:
            return f"{exact}, {self.distance} {self.stated}"
        return f"{exact}, {'which ' * (self.fit is Fit.ROUNDS)}{self.fit.value} {self.stated}"

    @property
    def distance(self) -> str:
        """In words, such as “0.8 % more than”, of a value beside the number."""
        way = "more" if self.off > 0 else "less"
        ratio = self.value / self.stated_value
        if not 1 / _FAR < ratio < _FAR:
            return f"{max(ratio, 1 / ratio):,.0f} times {way} than"
        share = 100 * abs(self.off)
        return f"{share:.0f} % {way} than" if share >= 10 else f"{share:.2g} % {way} than"

    @property
    def sentence(self) -> str:
        """All of it in one sentence, and what the network that was counted is known as."""
        return f"{self.subject}: {self.verdict}. {self.note}".strip()

    @property
    def note(self) -> str:
        """What else is to be known: the other name of what was built, and what the paper of ResNets counts."""
        keys = frozenset(mistake.key for mistake in self.candidate.mistakes)
        also = _ALSO.get(self.candidate.convention.key, "")
        return " ".join(
            filter(None, (_known_as(self.candidate), _SEEN.get(keys, ""), also, _older_stride(self.candidate)))
        )

    def to_dict(self) -> dict[str, Any]:
        meant = self.candidate.meant
        return {
            "value": self.value,
            "unit": self.unit,
            "network": name_of(meant.spec),
            "title": self.title,
            "image_size": meant.image_size,
            "convention": self.candidate.convention.key,
            "also": [each.key for each in self.also],
            "mistakes": list(self.mistakes),
            "stated": self.stated,
            "fit": self.fit and self.fit.value,
            "off": self.off,
            "terms": [
                {"name": term.name, "count": term.amount, "times": term.times, "value": term.value}
                for term in self.terms
            ],
            "sentence": self.sentence,
        }


@dataclass(frozen=True)
class SearchResult:
    """What was found."""

    number: StatedNumber
    network: ResNeXtSpec | None  # the one it was meant to be of
    matches: tuple[Explanation, ...]  # the most plausible first
    more: int  # further matches, not given
    nearest: tuple[Explanation, ...]  # where nothing matches
    elsewhere: tuple[Explanation, ...]  # where nothing matches: other networks that have this number, unmistaken
    remark: str  # of a number known to be misprinted, or too vague

    @property
    def found(self) -> bool:
        return bool(self.matches)

    @property
    def is_vague(self) -> bool:
        """Whether too little is given to say anything."""
        return not self.matches and not self.nearest

    @property
    def verdict(self) -> str:
        """The answer in one sentence."""
        if self.matches:
            return self.matches[0].sentence
        if self.is_vague:
            return f"{self.number.text} is too vague to explain."
        which = title_of(self.network) if self.network else "no network of the paper or torchvision"
        verb = "does not give" if self.network else "gives"
        return f"No match: {which}, counted in any way known here, {verb} {self.number.text}."

    def to_dict(self) -> dict[str, Any]:
        """The JSON document of `explain`."""
        return {
            "number": self.number.written,
            "unit": self.number.unit,
            "network": self.network and name_of(self.network),
            "matches": [each.to_dict() for each in self.matches],
            "more": self.more,
            "nearest": [each.to_dict() for each in self.nearest],
            "elsewhere": [each.to_dict() for each in self.elsewhere],
            "remark": self.remark,
        }


def _known_as(candidate: Candidate) -> str:
    name = name_of(candidate.network.spec)
    if name not in _KNOWN_AS:
        return ""
    return f"{'What was counted' if candidate.mistakes else 'It'} is {_KNOWN_AS[name]}."


def _older_stride(candidate: Candidate) -> str:
    """A ResNet's operations beside those that He et al. print, who stride on the 1×1."""
    spec, side = candidate.network
    if candidate.kind is not Kind.OPERATIONS or candidate.mistakes or spec != ResNeXtSpec(depths=spec.depths):
        return ""
    macs, older = (complexity(each, side).macs for each in (spec, replace(spec, stride_on=StrideOn.CONV1X1)))
    if candidate.value > 1.5 * macs:  # a multiply-add as two: not the number to compare with theirs
        return ""
    told = (
        f"He et al. 2015 stride on the 1×1, which makes {older:,} multiply-adds; on the 3×3 it is {macs - older:,} more"
    )
    rest = candidate.value - macs
    return f"{told}, and the other {rest:,} are not multiply-adds." if rest > 0 else f"{told}."
