"""Lesson 2, same cost in other shapes: the d that keeps a block's weights when C grows from the ResNet block's one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from math import sqrt

from resnext_viz.design_space import (
    EqualCostRow,
    Polynomial,
    Quantity,
    equal_cost_row,
    nearest_base_width,
    solve_base_width,
    total_polynomial,
)
from resnext_viz.kit.number_format import exact, signed_percent
from resnext_viz.lessons.dialled_network import DialledNetwork
from resnext_viz.lessons.lesson import Choice, Lesson, LessonPage, MeasuredState, Move, Obstacle, RuleValue, Step
from resnext_viz.lessons.messages import ENGLISH
from resnext_viz.lessons.moves import other_cardinalities, other_networks
from resnext_viz.names import name_of
from resnext_viz.paper import TABLE_2
from resnext_viz.spec import BlockKind, ResNeXtSpec

_RESNET = ResNeXtSpec()  # 1x64d, where the paper's Table 2 starts


@dataclass(frozen=True)
class EqualCost:
    """Facts: the block's polynomial, its weights at the ResNet block's C and d, and the solver's row."""

    dialled: DialledNetwork
    polynomial: Polynomial
    budget: int
    row: EqualCostRow

    right = frozenset({"B"})
    measurement = MeasuredState.DONE

    @property
    def variants(self) -> Mapping[str, str]:
        return {}

    @property
    def cardinality(self) -> int:
        return self.dialled.spec.cardinality

    @cached_property
    def words(self) -> Mapping[str, str]:
        start, spread = _RESNET.cardinality * _RESNET.base_width, self.cardinality * self.row.base_width
        left_out = _left_out()
        near = solve_base_width(self.polynomial, self.budget, left_out) or 0.0
        below, above = max(1, int(near)), max(1, int(near)) + 1
        return {
            "start_cardinality": exact(_RESNET.cardinality),
            "start_width": exact(_RESNET.base_width),
            "cardinality": exact(self.cardinality),
            "budget": exact(self.budget),
            "exact_width": f"{self.row.exact or 0:.3f}",
            "whole_width": exact(self.row.base_width),
            "whole_weights": exact(int(self.polynomial.at(self.cardinality, self.row.base_width))),
            "whole_off": signed_percent(self.row.off),
            "start_product": exact(start),
            "product": exact(spread),
            "start_each": f"{self.budget / start:,.0f}",
            "each": f"{self.polynomial.at(self.cardinality, self.row.base_width) / spread:,.0f}",
            "left_out": exact(left_out),
            "left_out_width": f"{near:.2f}",
            "below": exact(below),
            "above": exact(above),
            "below_off": signed_percent(self.polynomial.at(left_out, below) / self.budget - 1),
            "above_off": signed_percent(self.polynomial.at(left_out, above) / self.budget - 1),
        }

    def link(self, step: Step) -> Mapping[str, str]:
        """What is held equal; from the reveal on, d is the one that was solved for."""
        held = {"hold": Quantity.BLOCK_PARAMS.value}
        if step is Step.VOTE:
            return held
        return held | {"net": name_of(replace(self.dialled.spec, base_width=self.row.base_width))}


def _left_out() -> int:
    """The first power of two that the paper's Table 2 passes over."""
    there = {column.cardinality for column in TABLE_2}
    value = _RESNET.cardinality
    while value in there:
        value *= 2
    return value


def _facts(dialled: DialledNetwork, _measured: object) -> EqualCost | Obstacle:
    spec = dialled.spec
    if spec.block is BlockKind.BASIC:
        return Obstacle("basic")
    if spec.cardinality == _RESNET.cardinality:
        return Obstacle("one_path")
    first = replace(spec, depths=tuple(max(2, depth) for depth in spec.depths))  # the polynomial is of a second block
    polynomial = total_polynomial(first, Quantity.BLOCK_PARAMS)
    budget = int(polynomial.at(_RESNET.cardinality, _RESNET.base_width))
    row = equal_cost_row(first, Quantity.BLOCK_PARAMS, budget, spec.cardinality, dialled.size)
    return EqualCost(dialled, polynomial, budget, row)


def _moves(dialled: DialledNetwork) -> Iterator[Move]:
    yield from other_cardinalities(dialled)
    yield from other_networks(dialled)


def _shown(facts: EqualCost, base_width: int) -> RuleValue:
    weights = facts.polynomial.at(facts.cardinality, base_width)
    return RuleValue(
        base_width,
        {
            "base_width": exact(base_width),
            "own_product": exact(facts.cardinality * base_width),
            "own_weights": exact(int(weights)),
            "own_off": signed_percent(weights / facts.budget - 1),
        },
    )


def _split_channels(facts: EqualCost) -> RuleValue:
    return _shown(facts, nearest_base_width(_RESNET.base_width * _RESNET.cardinality / facts.cardinality))


def _solved(facts: EqualCost) -> RuleValue:
    return _shown(facts, facts.row.base_width)


def _only_the_transform(facts: EqualCost) -> RuleValue:
    return _shown(facts, nearest_base_width(_RESNET.base_width * sqrt(_RESNET.cardinality / facts.cardinality)))


def _paths_are_free(facts: EqualCost) -> RuleValue:
    return _shown(facts, _RESNET.base_width)


LESSON: Lesson[EqualCost] = Lesson(
    "equal_cost", 2, LessonPage.DESIGN_SPACE,
    (
        Choice("A", _split_channels, "vitalab/vitalab.github.io#89"),
        Choice("B", _solved),
        Choice("C", _only_the_transform),
        Choice("D", _paths_are_free),
    ),
    _facts, _moves, ENGLISH,
)  # fmt: skip
