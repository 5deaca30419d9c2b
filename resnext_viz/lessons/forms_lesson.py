"""Lesson 3, three drawings, one function: whether the forms of a block (Fig. 3 a, b and c) compute the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from resnext_viz.block_forms.check_verdict import number_of_units
from resnext_viz.block_forms.faults import FEWEST_PATHS, Fault, obstacle
from resnext_viz.block_forms.terms import ACCEPTED_EPSILONS
from resnext_viz.kit.number_format import exact
from resnext_viz.layers import Block, walk
from resnext_viz.lessons.dialled_network import DialledNetwork
from resnext_viz.lessons.lesson import Choice, Lesson, LessonPage, MeasuredState, Move, Obstacle, RuleValue, Step
from resnext_viz.lessons.measured import FormsMeasured
from resnext_viz.lessons.messages import ENGLISH
from resnext_viz.lessons.moves import other_cardinalities, other_networks
from resnext_viz.spec import BlockKind

_FOLLOWED = 3  # the path that the page follows by itself


@dataclass(frozen=True)
class FormsOfABlock:
    """Facts: the block that is drawn, and how far apart its forms were, if that was measured."""

    number: int  # of the block in stage 1
    block: Block
    measured: FormsMeasured | None

    @property
    def variants(self) -> Mapping[str, str]:
        is_apart = self.measured is not None and self.measured.units > ACCEPTED_EPSILONS
        return {"reveal": "apart"} if is_apart else {}

    @property
    def paths(self) -> int:
        return self.block.main[1].groups

    @property
    def weights(self) -> int:
        """Of the three convolutions, in every form."""
        return sum(layer.weights for layer in self.block.main)

    @property
    def grouped_weights(self) -> int:
        """Of a form (c) whose 1x1 had groups as well."""
        reduce, transform, expand = self.block.main
        return (reduce.weights + expand.weights) // self.paths + transform.weights

    @property
    def measurement(self) -> MeasuredState:
        return MeasuredState.DONE if self.measured else MeasuredState.MISSING

    @property
    def right(self) -> frozenset[str]:
        if self.measured is None:
            return frozenset()
        return frozenset({"B" if self.measured.units <= ACCEPTED_EPSILONS else "A"})

    @cached_property
    def words(self) -> Mapping[str, str]:
        reduce, transform, expand = self.block.main
        known = {}
        if self.measured:
            known = {
                "units": number_of_units(self.measured.units),
                "comparisons": exact(self.measured.comparisons),
            }
        return known | {
            "cardinality": exact(self.paths),
            "base_width": exact(transform.c_out // self.paths),
            "separate": exact(len(self.block.main) * self.paths),
            "joined": exact((len(self.block.main) - 1) * self.paths + 1),
            "grouped": exact(len(self.block.main)),
            "weights": exact(self.weights),
            "grouped_weights": exact(self.grouped_weights),
            "channels": exact(reduce.c_in),
            "slice": exact(reduce.c_in // self.paths),
            "outputs": exact(expand.c_out),
            "accepted": exact(ACCEPTED_EPSILONS),
            "fewest": exact(FEWEST_PATHS),
            "one": exact(FEWEST_PATHS - 1),
        }

    def link(self, step: Step) -> Mapping[str, str]:
        """The block and a path to follow; from the reveal on, the network of choice A and where it parts."""
        stage = {"block": f"1.{self.number}", "path": str(min(_FOLLOWED, self.paths))}
        return stage if step is Step.VOTE else stage | {"fault": Fault.INPUT_SPLIT.value}


def _facts(dialled: DialledNetwork, measured: object) -> FormsOfABlock | Obstacle:
    spec = dialled.spec
    if spec.block is BlockKind.BASIC:
        return Obstacle("basic")
    if spec.cardinality < FEWEST_PATHS:
        return Obstacle("one_path")
    stage = walk(spec, dialled.size).stages[0]
    number = min(2, stage.depth)
    block = stage.blocks[number - 1]
    if obstacle(Fault.INPUT_SPLIT, block) or obstacle(Fault.GROUPED_EXPAND, block):
        channels = exact(block.main[0].c_in)
        return Obstacle("no_equal_parts", {"channels": channels, "cardinality": exact(spec.cardinality)})
    checked = measured if isinstance(measured, FormsMeasured) and measured.spec == spec else None
    return FormsOfABlock(number, block, checked)


def _moves(dialled: DialledNetwork) -> Iterator[Move]:
    yield from other_cardinalities(dialled)
    yield from other_networks(dialled)


def _input_is_split(facts: FormsOfABlock) -> RuleValue:
    return RuleValue(("reads", facts.block.main[0].c_in // facts.paths), {})


def _only_bookkeeping(facts: FormsOfABlock) -> RuleValue:
    return RuleValue(("weights", facts.weights), {})


def _linear_only(facts: FormsOfABlock) -> RuleValue:
    return RuleValue(("steps", facts.paths), {})


def _fewer_weights(facts: FormsOfABlock) -> RuleValue:
    return RuleValue(("weights", facts.grouped_weights), {})


LESSON: Lesson[FormsOfABlock] = Lesson(
    "forms", 3, LessonPage.BLOCK_FORMS,
    (
        Choice("A", _input_is_split, "titu1994/Keras-ResNeXt#3"),
        Choice("B", _only_bookkeeping),
        Choice("C", _linear_only),
        Choice("D", _fewer_weights),
    ),
    _facts, _moves, ENGLISH, FormsMeasured,
)  # fmt: skip
