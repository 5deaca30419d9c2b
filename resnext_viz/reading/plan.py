"""A network as a chain of convolutions, whatever they are called: what was read, and what a spec would have.

Both come in the same records, so that comparing them names every difference, and folding them counts it. Channel
counts of a spec's plan are the walk's; `rejoined` only carries each layer's outputs to the next layer's inputs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain
from typing import NamedTuple

from resnext_viz.complexity import NOTHING, Cost, layers_cost
from resnext_viz.layers import Block as WalkedBlock
from resnext_viz.layers import Layer, Op, Part, walk
from resnext_viz.spec import ResNeXtSpec, map_size


class PlanStep(NamedTuple):
    """A convolution in its place, with what stands right behind it."""

    path: str
    c_in: int
    c_out: int
    kernel: int
    stride: int
    groups: int
    bias: bool
    norms: int  # normalisations behind it

    @property
    def is_folded(self) -> bool:
        """Whether a norm was folded into it: it has a bias, and no norm that would take that away."""
        return self.bias and not self.norms


class PlanBlock(NamedTuple):
    """A residual block: the main path in order, and the projection of its shortcut if there is one."""

    path: str
    main: tuple[PlanStep, ...]
    projection: PlanStep | None

    @property
    def is_bottleneck(self) -> bool:
        return len(self.main) == 3

    @property
    def transform(self) -> PlanStep:
        """The 3x3 of a bottleneck; the first 3x3 of a two-layer block."""
        return self.main[1] if self.is_bottleneck else self.main[0]

    @property
    def steps(self) -> tuple[PlanStep, ...]:
        return (*self.main, self.projection) if self.projection else self.main

    @property
    def stride(self) -> int:
        return max(step.stride for step in self.main)


class Head(NamedTuple):
    """The linear layer."""

    path: str
    c_in: int
    classes: int
    bias: bool


Stage = tuple[PlanBlock, ...]


class Plan(NamedTuple):
    """The whole network."""

    stem: tuple[PlanStep, ...]
    pool: bool  # a pooling of stride 2 behind the stem
    stages: tuple[Stage, ...]
    head: Head | None

    @property
    def blocks(self) -> Iterator[PlanBlock]:
        return chain.from_iterable(self.stages)

    @property
    def steps(self) -> Iterator[PlanStep]:
        yield from self.stem
        for block in self.blocks:
            yield from block.steps

    def changed(self, change: Callable[[PlanBlock, int], PlanBlock]) -> Plan:
        """The plan with every block changed; `change` also gets the number of the stage. Not yet rejoined."""
        stages = tuple(tuple(change(block, index) for block in stage) for index, stage in enumerate(self.stages))
        return self._replace(stages=stages)

    def every_step(self, change: Callable[[PlanStep], PlanStep]) -> Plan:
        """The plan with every convolution changed, the stem's too."""

        def block(each: PlanBlock, _stage: int) -> PlanBlock:
            return PlanBlock(each.path, tuple(map(change, each.main)), each.projection and change(each.projection))

        return self.changed(block)._replace(stem=tuple(map(change, self.stem)))

    def paired(self, other: Plan, change: Callable[[PlanBlock, PlanBlock], PlanBlock]) -> Plan:
        """The plan with each block changed in the light of `other`'s in the same place, where it has one."""
        stages = []
        for index, stage in enumerate(self.stages):
            theirs = other.stages[index] if index < len(other.stages) else ()
            stages.append(
                tuple(
                    change(block, theirs[number]) if number < len(theirs) else block
                    for number, block in enumerate(stage)
                )
            )
        return rejoined(self._replace(stages=tuple(stages)))


def plan_of(spec: ResNeXtSpec) -> Plan:
    """The plan of a spec, from the walk; paths are torchvision's."""
    network = walk(spec)
    convs = [layer for layer in network.stem if layer.op is Op.CONV]
    stages = tuple(tuple(map(_block, stage.blocks)) for stage in network.stages)
    fc = network.head[-1] if network.head else None
    head = Head(fc.name, fc.c_in, fc.c_out, fc.bias) if fc else None
    return Plan(tuple(map(_step, convs)), len(convs) < len(network.stem), stages, head)


def _step(layer: Layer) -> PlanStep:
    return PlanStep(
        layer.name, layer.c_in, layer.c_out, layer.kernel, layer.stride, layer.groups, layer.bias, int(layer.norm)
    )


def _block(block: WalkedBlock) -> PlanBlock:
    path = block.main[0].name.rpartition(".")[0]
    return PlanBlock(path, tuple(map(_step, block.main)), _step(block.projection) if block.projection else None)


def bare(plan: Plan) -> Plan:
    """The plan without names, to compare with another."""
    nameless = plan.every_step(lambda step: step._replace(path="")).changed(lambda block, _: block._replace(path=""))
    return nameless._replace(head=plan.head and plan.head._replace(path=""))


def rejoined(plan: Plan) -> Plan:
    """The plan in which every layer takes what the one before puts out, after some of them were changed."""
    before = plan.stem[-1].c_out
    stages = []
    for stage in plan.stages:
        blocks = []
        for block in stage:
            main, c_in = [], before
            for step in block.main:
                main.append(step._replace(c_in=c_in))
                c_in = step.c_out
            projection = block.projection and block.projection._replace(c_in=before, c_out=c_in)
            blocks.append(PlanBlock(block.path, tuple(main), projection))
            before = c_in
        stages.append(tuple(blocks))
    return plan._replace(stages=tuple(stages), head=plan.head and plan.head._replace(c_in=before))


class PlanCost(NamedTuple):
    """What a plan costs: stem, each stage, head; in exact counts."""

    stem: Cost
    stages: tuple[Cost, ...]
    head: Cost

    @property
    def total(self) -> Cost:
        total = self.stem.plus(self.head)
        for stage in self.stages:
            total = total.plus(stage)
        return total


def plan_cost(plan: Plan, image_size: int) -> PlanCost:
    """The plan folded into counts, by the same convention as `complexity`, on one square image."""
    stem, size = _fold(plan.stem, image_size)
    size = _smaller(size, 2) if plan.pool else size
    stages = []
    for stage in plan.stages:
        cost = NOTHING
        for block in stage:
            before = size
            main, size = _fold(block.main, before)
            cost = cost.plus(main)
            if block.projection:
                cost = cost.plus(_fold((block.projection,), before)[0])
        stages.append(cost)
    head = plan.head
    fc = (
        Layer(
            "fc",
            Part.HEAD,
            Op.LINEAR,
            head.c_in,
            head.classes,
            1,
            1,
            1,
            head.bias,
            False,
            False,
            map_size(1),
            map_size(1),
            0,
        )
        if head
        else None
    )
    return PlanCost(stem, tuple(stages), layers_cost([fc]) if fc else NOTHING)


def _fold(steps: tuple[PlanStep, ...], size: int) -> tuple[Cost, int]:
    """Cost of a chain and the side of its last map."""
    cost = NOTHING
    for step in steps:
        size_out = _smaller(size, step.stride)
        layer = Layer(
            step.path,
            Part.TRANSFORM,
            Op.CONV,
            step.c_in,
            step.c_out,
            step.kernel,
            step.stride,
            step.groups,
            step.bias,
            False,
            False,
            map_size(size),
            map_size(size_out),
            0,
        )
        cost = cost.plus(layers_cost([layer])).plus(Cost(2 * step.c_out * step.norms, 0, 0))
        size = size_out
    return cost, size


def _smaller(size: int, stride: int) -> int:
    """Side of the map behind an odd, padded kernel of that stride."""
    return -(-size // stride)
