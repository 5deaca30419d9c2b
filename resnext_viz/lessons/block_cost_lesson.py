"""Lesson 1, what a block costs: where the weights of a bottleneck lie, in its 1x1 pair or in its grouped 3x3."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from resnext_viz.kit.number_format import exact, percent
from resnext_viz.layers import Layer, walk
from resnext_viz.lessons.dialled_network import DialledNetwork
from resnext_viz.lessons.lesson import Choice, Lesson, LessonPage, MeasuredState, Move, Obstacle, RuleValue, Step
from resnext_viz.lessons.messages import ENGLISH
from resnext_viz.lessons.moves import other_cardinalities, other_networks, other_widths
from resnext_viz.spec import BlockKind, OutputRule


@dataclass(frozen=True)
class BlockCost:
    """Facts: the three layers of the second block of stage 1, or of the first where that is the only one."""

    dialled: DialledNetwork
    block: int  # from 1
    reduce: Layer
    transform: Layer
    expand: Layer

    right = frozenset({"B"})
    measurement = MeasuredState.DONE

    @property
    def pair(self) -> int:
        """Weights of both 1x1."""
        return self.reduce.weights + self.expand.weights

    @property
    def total(self) -> int:
        return self.pair + self.transform.weights

    @property
    def ungrouped(self) -> int:
        """Weights of a 3x3 that reads all channels for every output."""
        return self.transform.weights * self.transform.groups

    @property
    def variants(self) -> Mapping[str, str]:
        if self.dialled.spec.output_rule is OutputRule.PLANES:
            return {}
        # Where the output follows C·d, d cancels out behind the first block only.
        return dict.fromkeys(("more", "more_answer"), "width" if self.block > 1 else "first_block")

    @cached_property
    def words(self) -> Mapping[str, str]:
        spec, places = self.dialled.spec, self.transform.kernel**2
        ends = self.reduce.c_in + self.expand.c_out
        return {
            "cardinality": exact(spec.cardinality),
            "base_width": exact(spec.base_width),
            "width": exact(self.transform.c_in),
            "places": exact(places),
            "weights": exact(self.total),
            "pair": exact(self.pair),
            "transform": exact(self.transform.weights),
            "ungrouped": exact(self.ungrouped),
            "reduce": exact(self.reduce.weights),
            "pair_share": percent(self.pair / self.total),
            "transform_share": percent(self.transform.weights / self.total),
            "ungrouped_share": percent(self.ungrouped / (self.pair + self.ungrouped)),
            "ends": exact(ends),
            "even_width": f"{ends / places:.1f}",
            "even_cardinality": f"{places * self.transform.c_in / ends:.2f}",
        }

    def link(self, _step: Step) -> Mapping[str, str]:
        """The block; the picture shows the sums from the reveal on."""
        return {"block": f"1.{self.block}"}


def _facts(dialled: DialledNetwork, _measured: object) -> BlockCost | Obstacle:
    if dialled.spec.block is BlockKind.BASIC:
        return Obstacle("basic")
    stage = walk(dialled.spec, dialled.size).stages[0]
    block = min(2, stage.depth)
    return BlockCost(dialled, block, *stage.blocks[block - 1].main)


def _moves(dialled: DialledNetwork) -> Iterator[Move]:
    yield from other_cardinalities(dialled)
    yield from other_widths(dialled)
    yield from other_networks(dialled)


def _share(part: int, whole: int) -> RuleValue:
    share = Fraction(part, whole)
    return RuleValue(share, {"share": percent(float(share))})


def _nine_a_pair(facts: BlockCost) -> RuleValue:
    return _share(facts.pair, facts.pair + facts.ungrouped)


def _counted(facts: BlockCost) -> RuleValue:
    return _share(facts.pair, facts.total)


def _a_third_each(facts: BlockCost) -> RuleValue:
    layers = (facts.reduce, facts.transform, facts.expand)
    return _share(sum(layer.kernel == 1 for layer in layers), len(layers))


def _the_first_is_free(facts: BlockCost) -> RuleValue:
    return _share(facts.expand.weights, facts.total)


LESSON: Lesson[BlockCost] = Lesson(
    "block_cost", 1, LessonPage.ANATOMY,
    (
        Choice("A", _nine_a_pair),
        Choice("B", _counted),
        Choice("C", _a_third_each),
        Choice("D", _the_first_is_free, "prlz77/ResNeXt.pytorch#4"),
    ),
    _facts, _moves, ENGLISH,
)  # fmt: skip
