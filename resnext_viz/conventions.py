"""What each counting tool prints for a network, from the one walk, as terms that add up.

The tools agree on the multiply-adds of convolutions and the linear layer and part over the rest: bias, batch norm, ReLU,
pooling, and whether a multiply-add is one operation or two. Every rule here is compared with the installed tool by
`tests/test_conventions.py`, to the last unit. One image, batch norm in eval mode.
"""

from __future__ import annotations

from typing import NamedTuple

from resnext_viz.layers import Layer, Op, Walk, walk
from resnext_viz.spec import ResNeXtSpec


class Tallies(NamedTuple):
    """How much of everything a tool might count there is in a network, on one image."""

    macs: int  # multiply-adds of convolutions and the linear layer
    linear_bias: int  # elements that the linear layer's bias is added to
    conv_bias: int  # elements that a convolution's bias is added to
    norm_params: int  # learned elements of batch norm
    norm_elements: int  # elements out of batch norm
    relu_elements: int
    max_pool_in: int
    max_pool_out: int
    avg_pool_in: int
    avg_pool_out: int
    added_elements: int  # elements out of the additions of the shortcuts


def tallies(network: Walk) -> Tallies:
    """The tallies of a walk."""
    layers = network.layers
    pools = {op: [layer for layer in layers if layer.op is op] for op in (Op.MAX_POOL, Op.AVG_POOL)}
    normed = [layer for layer in layers if layer.norm]
    ends = [block.main[-1] for stage in network.stages for block in stage.blocks if block.identity or block.projection]
    added = sum(map(_elements_out, ends))
    return Tallies(
        macs=sum(layer.macs for layer in layers),
        linear_bias=sum(layer.acts for layer in layers if layer.op is Op.LINEAR and layer.bias),
        conv_bias=sum(layer.acts for layer in layers if layer.op is Op.CONV and layer.bias),
        norm_params=2 * sum(layer.c_out for layer in normed),
        norm_elements=sum(layer.acts for layer in normed),
        relu_elements=added + sum(layer.acts for layer in layers if layer.relu),
        max_pool_in=sum(map(_elements_in, pools[Op.MAX_POOL])),
        max_pool_out=sum(map(_elements_out, pools[Op.MAX_POOL])),
        avg_pool_in=sum(map(_elements_in, pools[Op.AVG_POOL])),
        avg_pool_out=sum(map(_elements_out, pools[Op.AVG_POOL])),
        added_elements=added,
    )


def _elements_in(layer: Layer) -> int:
    return layer.c_in * layer.size_in**2


def _elements_out(layer: Layer) -> int:
    return layer.c_out * layer.size_out**2


class Tool(NamedTuple):
    """A counting tool: what its number is called, and how often it counts each tally."""

    key: str  # "fvcore"
    title: str  # for people: "fvcore, timm"
    unit: str  # what the tool calls its number
    per_mac: int  # 1: a multiply-add is one operation; 2: two
    weights: dict[str, int]  # field of `Tallies` -> how often it is counted; multiply-adds included
    why: str  # one sentence: what it adds and what it leaves out


class Term(NamedTuple):
    """One summand of a tool's number."""

    tally: str  # field of `Tallies`
    count: int
    times: int

    @property
    def value(self) -> int:
        return self.count * self.times


class ToolCount(NamedTuple):
    """What one tool prints for a network, as terms that add up."""

    tool: Tool
    terms: tuple[Term, ...]

    @property
    def total(self) -> int:
        return sum(term.value for term in self.terms)


TOOLS: tuple[Tool, ...] = (
    Tool("paper", "The paper, torchvision, pycls", "FLOPs, in # of multiply-adds", 1, {"macs": 1},
         "Convolutions and the linear layer, a multiply-add as one; as here."),
    Tool("ptflops-aten", "ptflops (aten)", "MACs", 1, {"macs": 1, "linear_bias": 1},
         "Adds the linear layer's bias."),
    Tool("torchinfo", "torchinfo", "mult-adds", 1, {"macs": 1, "linear_bias": 1, "norm_params": 1},
         "Adds the linear layer's bias, and every parameter of batch norm once, wherever it is used."),
    Tool("fvcore", "fvcore, timm", "FLOPs", 1, {"macs": 1, "norm_elements": 2, "avg_pool_in": 1},
         "Adds 2 for each element out of batch norm and the input of the average pool; skips ReLU, max pool and "
         "additions."),
    Tool("ptflops-pytorch", "ptflops (pytorch)", "MACs", 1,
         {"macs": 1, "linear_bias": 1, "norm_elements": 2, "relu_elements": 2, "max_pool_in": 2, "avg_pool_in": 2},
         "Adds bias and batch norm, and counts ReLU and pools twice: as modules and as functions."),
    Tool("thop", "thop", "MACs", 1, {"macs": 1, "norm_elements": 4, "avg_pool_in": 1, "avg_pool_out": 1},
         "Adds 4 for each element out of batch norm, and the average pool."),
    Tool("calflops", "calflops, DeepSpeed", "FLOPs", 2,
         {"macs": 2, "norm_elements": 2, "relu_elements": 1, "max_pool_in": 1, "avg_pool_in": 1},
         "A multiply-add is two; adds batch norm, ReLU and pools."),
    Tool("mmpretrain", "mmpretrain", "FLOPs", 1,
         {"macs": 1, "norm_elements": 2, "relu_elements": 1, "max_pool_in": 1, "avg_pool_in": 1},
         "Adds batch norm, ReLU and pools."),
    Tool("torch", "torch FlopCounterMode", "FLOPs", 2, {"macs": 2},
         "A multiply-add is two; nothing else."),
)


def tool_counts(spec: ResNeXtSpec, image_size: int | None = None) -> tuple[ToolCount, ...]:
    """What each tool of `TOOLS` prints for `spec` on one square image (224 pixels, or 32 for CIFAR stems, if None).

    Raises:
        SpecError: `image_size` is out of range.
    """
    there = tallies(walk(spec, image_size))
    return tuple(
        ToolCount(tool, tuple(Term(name, getattr(there, name), times) for name, times in tool.weights.items()))
        for tool in TOOLS
    )
