"""One network against another: differences by place and kind, which sum to the whole.

A term is one kind of layer at one place. Places are the stem, each stage's first block, its other blocks together, and
the head; kinds are the convolutions by their part in the block, batch norm, and the linear layer. Batch norm has params
only; a convolution's bias counts with it. Source of the reading: footnote 5 of the paper, which says that the
differences "are mainly caused by the blocks where the map sizes change".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property, reduce
from typing import Any, NamedTuple, TypeVar

from resnext_viz.complexity import NOTHING, Complexity, Cost, complexity
from resnext_viz.layers import Layer, Part, Walk
from resnext_viz.spec import BlockKind, ImageSize, ResNeXtSpec, StrideOn, map_size

Key = TypeVar("Key")


class TermKind(StrEnum):
    """What a term counts."""

    STEM = "stem"
    REDUCE = "reduce"
    TRANSFORM = "transform"
    EXPAND = "expand"
    SHORTCUT = "shortcut"
    NORM = "norm"
    FC = "fc"


_KINDS = {
    Part.STEM: TermKind.STEM,
    Part.REDUCE: TermKind.REDUCE,
    Part.TRANSFORM: TermKind.TRANSFORM,
    Part.EXPAND: TermKind.EXPAND,
    Part.SHORTCUT: TermKind.SHORTCUT,
    Part.HEAD: TermKind.FC,
}


class Place(NamedTuple):
    """Where a term is."""

    stage: int  # 0 the stem, 1 to 4, 5 the head
    others: bool  # the blocks behind the first, together

    @property
    def name(self) -> str:
        """`stem`, `stage 1, first block`, `stage 1, other blocks`, `head`."""
        if self.stage in (_STEM, _HEAD):
            return "stem" if self.stage == _STEM else "head"
        return f"stage {self.stage}, {'other blocks' if self.others else 'first block'}"

    @property
    def paper_name(self) -> str:
        """`conv1`, `conv2.0`, `conv2.1+`, `fc`: the paper's stages, blocks from 0."""
        if self.stage in (_STEM, _HEAD):
            return "conv1" if self.stage == _STEM else "fc"
        return f"conv{self.stage + 1}.{'1+' if self.others else '0'}"


_STEM, _HEAD = 0, 5


class Pair(NamedTuple):
    """What one network has and what the other has, of the same thing."""

    ours: Cost
    theirs: Cost

    @property
    def difference(self) -> Cost:
        return self.ours.minus(self.theirs)

    def plus(self, other: Pair) -> Pair:
        return Pair(self.ours.plus(other.ours), self.theirs.plus(other.theirs))


class Strides(NamedTuple):
    """MACs of both networks with the stride of their bottlenecks on the same convolution."""

    stride_on: StrideOn
    ours: int
    theirs: int


Terms = dict[tuple[Place, TermKind], Cost]


def _terms(network: Walk) -> Terms:
    """What each kind costs at each place; they add up to the network's total."""
    found: Terms = {}
    for place, layers, times in _places(network):
        for layer in layers:
            for kind, cost in _split(layer):
                key = place, kind
                found[key] = found.get(key, NOTHING).plus(cost.times(times))
    return found


def _places(network: Walk) -> Iterator[tuple[Place, Iterable[Layer], int]]:
    yield Place(_STEM, False), network.stem, 1
    for stage in network.stages:
        yield Place(stage.index + 1, False), stage.first.layers, 1
        if stage.rest:
            yield Place(stage.index + 1, True), stage.rest.layers, stage.depth - 1
    yield Place(_HEAD, False), network.head, 1


def _split(layer: Layer) -> Iterator[tuple[TermKind, Cost]]:
    """A layer as its convolution or linear part, and its batch norm; a pool is nothing."""
    if layer.weights:
        norm = 2 * layer.c_out if layer.norm else 0
        yield _KINDS[layer.part], Cost(layer.params - norm, layer.macs, layer.acts)
        if norm:
            yield TermKind.NORM, Cost(norm, 0, 0)


@dataclass(frozen=True)
class Comparison:
    """One network against another, each on its own image size."""

    ours: Complexity
    theirs: Complexity

    @cached_property
    def terms(self) -> dict[tuple[Place, TermKind], Pair]:
        """Every term that either network has, in order."""
        ours, theirs = _terms(self.ours.walk), _terms(self.theirs.walk)
        order = list(TermKind)
        keys = sorted(ours.keys() | theirs.keys(), key=lambda key: (key[0], order.index(key[1])))
        return {key: Pair(ours.get(key, NOTHING), theirs.get(key, NOTHING)) for key in keys}

    @cached_property
    def by_place(self) -> dict[Place, Pair]:
        """The terms of each place, summed."""
        return _summed((place, pair) for (place, _), pair in self.terms.items())

    @cached_property
    def by_kind(self) -> dict[TermKind, Pair]:
        """The terms of each kind, summed."""
        kinds = _summed((kind, pair) for (_, kind), pair in self.terms.items())
        return {kind: kinds[kind] for kind in TermKind if kind in kinds}

    @property
    def total(self) -> Pair:
        return Pair(self.ours.total, self.theirs.total)

    @cached_property
    def strides(self) -> tuple[Strides, ...]:
        """Both networks with the stride on the 3x3 ("v1.5") and on the 1x1 ("v1"); nothing where neither has a 1x1."""
        pair = (self.ours.walk, self.theirs.walk)
        if all(network.spec.block is BlockKind.BASIC for network in pair):
            return ()
        return tuple(Strides(stride, *(_strided(network, stride) for network in pair)) for stride in StrideOn)

    @property
    def where_maps_change(self) -> Pair:
        """Of the blocks in which either network's map gets smaller."""
        stages = {
            stage.index + 1
            for counts in (self.ours, self.theirs)
            for stage in counts.walk.stages
            if stage.first.main[0].size_in != stage.size_out
        }
        return _total(pair for place, pair in self.by_place.items() if place.stage in stages and not place.others)

    @property
    def first_blocks(self) -> Pair:
        """Of all stages, summed: where map sizes change."""
        return _total(pair for place, pair in self.by_place.items() if not place.others and 0 < place.stage < _HEAD)

    @property
    def elsewhere(self) -> Pair:
        """Everything but the stages' first blocks."""
        return _total(pair for place, pair in self.by_place.items() if place.others or place.stage in (_STEM, _HEAD))

    def to_dict(self) -> dict[str, Any]:
        """The JSON document of `compare`."""
        from resnext_viz.names import name_of

        return {
            "networks": [
                {
                    "name": name_of(counts.walk.spec),
                    "image_size": map_size(counts.walk.image_size).to_json(),
                    **counts.total._asdict(),
                }
                for counts in (self.ours, self.theirs)
            ],
            "difference": self.total.difference._asdict(),
            "places": [
                {"place": place.name, "paper_name": place.paper_name, **_pair_dict(pair)}
                for place, pair in self.by_place.items()
            ],
            "kinds": [{"kind": kind.value, **_pair_dict(pair)} for kind, pair in self.by_kind.items()],
            "terms": [
                {"place": place.name, "paper_name": place.paper_name, "kind": kind.value, **_pair_dict(pair)}
                for (place, kind), pair in self.terms.items()
            ],
            "strides": [
                {
                    "stride_on": stride.stride_on.value,
                    "macs": [stride.ours, stride.theirs],
                    "difference": stride.ours - stride.theirs,
                }
                for stride in self.strides
            ],
        }


def _summed(pairs: Iterable[tuple[Key, Pair]]) -> dict[Key, Pair]:
    sums: dict[Key, Pair] = {}
    for key, pair in pairs:
        sums[key] = sums[key].plus(pair) if key in sums else pair
    return sums


def _total(pairs: Iterable[Pair]) -> Pair:
    return reduce(Pair.plus, pairs, Pair(NOTHING, NOTHING))


def _strided(network: Walk, stride: StrideOn) -> int:
    """MACs with that stride; a network of two-layer blocks stays as it is."""
    spec = network.spec
    if spec.block is BlockKind.BOTTLENECK:
        spec = replace(spec, stride_on=stride)
    return complexity(spec, network.image_size).macs


def _pair_dict(pair: Pair) -> dict[str, dict[str, int]]:
    return {"ours": pair.ours._asdict(), "theirs": pair.theirs._asdict(), "difference": pair.difference._asdict()}


def compare(
    ours: ResNeXtSpec,
    theirs: ResNeXtSpec,
    image_size: ImageSize | None = None,
    their_image_size: ImageSize | None = None,
) -> Comparison:
    """`ours` against `theirs`, each on one square image; sizes are as in `complexity`.

    Args:
        ours: one network.
        theirs: the other, which is subtracted.
        image_size: of both; each network's own if None.
        their_image_size: of the other, where it differs.

    Raises:
        SpecError: a size is out of range.
    """
    other_size = image_size if their_image_size is None else their_image_size
    return Comparison(complexity(ours, image_size), complexity(theirs, other_size))
