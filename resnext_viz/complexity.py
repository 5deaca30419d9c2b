"""The walk folded into counts: params, MACs and acts per layer, block, stage and total.

Convention: one multiply-add = 1 MAC (the paper: "FLOPs, in # of multiply-adds"). MACs count convolutions and the linear
layer; bias, batch norm, ReLU and pooling are left out. Params count every learned element. Acts count the elements that
convolutions and the linear layer put out. One image.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from resnext_viz.layers import Layer, Walk, walk
from resnext_viz.spec import ImageSize, MapSize, ResNeXtSpec, map_size

BYTES_PER_FLOAT32 = 4


class Cost(NamedTuple):
    """Exact counts of one part of a network."""

    params: int
    macs: int
    acts: int

    def plus(self, other: Cost) -> Cost:
        return Cost(self.params + other.params, self.macs + other.macs, self.acts + other.acts)

    def times(self, factor: int) -> Cost:
        return Cost(self.params * factor, self.macs * factor, self.acts * factor)

    def minus(self, other: Cost) -> Cost:
        return self.plus(other.times(-1))


NOTHING = Cost(0, 0, 0)


def layers_cost(layers: Iterable[Layer]) -> Cost:
    """The sum over `layers`."""
    params = macs = acts = 0
    for layer in layers:
        params += layer.params
        macs += layer.macs
        acts += layer.acts
    return Cost(params, macs, acts)


class StageCost(NamedTuple):
    """One row of the network's table: the stem, a stage, or the head."""

    name: str  # "stem", "stage 1" ..., "head"
    paper_name: str  # "conv1" ... "conv5", "fc"
    cost: Cost
    channels: int  # of the output
    size_out: MapSize  # of the output map
    blocks: tuple[Cost, ...]  # empty for stem and head


@dataclass(frozen=True)
class Complexity:
    """Counts of one network on one image size."""

    walk: Walk

    @cached_property
    def total(self) -> Cost:
        total = layers_cost(self.walk.stem).plus(layers_cost(self.walk.head))
        for stage in self.walk.stages:
            total = total.plus(layers_cost(stage.first.layers))
            if stage.rest:
                total = total.plus(layers_cost(stage.rest.layers).times(stage.depth - 1))
        return total

    @property
    def params(self) -> int:
        return self.total.params

    @property
    def macs(self) -> int:
        return self.total.macs

    @property
    def acts(self) -> int:
        return self.total.acts

    @property
    def memory_bytes(self) -> int:
        """Bytes of all params and all counted activations of one image in float32."""
        return BYTES_PER_FLOAT32 * (self.params + self.acts)

    @property
    def layers(self) -> tuple[Layer, ...]:
        return self.walk.layers

    @cached_property
    def by_stage(self) -> tuple[StageCost, ...]:
        """Stem, stages and head, in order; their costs add up to the total."""
        network = self.walk
        rows = [
            StageCost("stem", "conv1", layers_cost(network.stem), network.stem[-1].c_out, network.stem[0].size_out, ())
        ]
        for stage in network.stages:
            first = layers_cost(stage.first.layers)
            rest = layers_cost(stage.rest.layers) if stage.rest else NOTHING
            blocks = (first, *[rest] * (stage.depth - 1))
            cost = first.plus(rest.times(stage.depth - 1))
            rows.append(
                StageCost(
                    f"stage {stage.index + 1}", f"conv{stage.index + 2}", cost, stage.c_out, stage.size_out, blocks
                )
            )
        if network.head:
            fc = network.head[-1]
            rows.append(StageCost("head", "fc", layers_cost(network.head), fc.c_out, fc.size_out, ()))
        return tuple(rows)

    def to_dict(self) -> dict[str, Any]:
        """The JSON document of `count`: spec, totals, stages and layers."""
        from resnext_viz.names import name_of

        spec = self.walk.spec
        return {
            "name": name_of(spec),
            "spec": spec.to_dict(),
            "image_size": map_size(self.walk.image_size).to_json(),
            **self.total._asdict(),
            "stages": [
                {
                    "name": row.name,
                    "paper_name": row.paper_name,
                    "channels": row.channels,
                    "size_out": row.size_out.to_json(),
                    **row.cost._asdict(),
                    "blocks": [block._asdict() for block in row.blocks],
                }
                for row in self.by_stage
            ],
            "layers": [
                {
                    "name": layer.name,
                    "part": layer.part.value,
                    "op": layer.op.value,
                    "c_in": layer.c_in,
                    "c_out": layer.c_out,
                    "kernel": layer.kernel,
                    "stride": layer.stride,
                    "groups": layer.groups,
                    "size_in": layer.size_in.to_json(),
                    "size_out": layer.size_out.to_json(),
                    "params": layer.params,
                    "macs": layer.macs,
                    "acts": layer.acts,
                }
                for layer in self.layers
            ],
        }


def complexity(spec: ResNeXtSpec, image_size: ImageSize | None = None) -> Complexity:
    """Exact counts of `spec` on one image: the side of a square, or (height, width), in pixels.

    If it is None, 224, or 32 for CIFAR stems.

    Raises:
        SpecError: `image_size` is out of range.
    """
    return Complexity(walk(spec, image_size))
