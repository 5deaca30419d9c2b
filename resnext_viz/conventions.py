"""What each counting tool prints for a network, from the one walk, as terms that add up.

The tools agree on the multiply-adds of convolutions and part over the rest: the linear layer, bias, batch norm, ReLU,
pools, and whether a multiply-add is one operation or two. A rule is a weight for each tally of the network.
`tests/test_conventions.py` and `count --tools --check` compare them with the installed tools, to the last unit. One
image, batch norm in eval mode, every step a module as in torchvision.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from resnext_viz.layers import Layer, Op, Walk, walk
from resnext_viz.spec import ResNeXtSpec


class Tallies(NamedTuple):
    """How much of everything a tool might count there is in a network, on one image."""

    conv_macs: int  # multiply-adds
    linear_macs: int
    linear_bias: int  # elements that a bias is added to
    conv_bias: int
    conv_bias_params: int  # learned elements
    norm_params: int
    norm_elements: int  # elements out of batch norm
    relu_elements: int
    max_pool_in: int  # elements into it
    avg_pool_in: int
    avg_pool_out: int
    added_elements: int  # elements out of the additions of the shortcuts
    additions: int  # how many such additions

    @property
    def macs(self) -> int:
        return self.conv_macs + self.linear_macs


def tallies(network: Walk) -> Tallies:
    """The tallies of a walk."""
    layers = network.layers
    of = {op: [layer for layer in layers if layer.op is op] for op in Op}
    normed = [layer for layer in layers if layer.norm]
    biased = [layer for layer in of[Op.CONV] if layer.bias]
    ends = [block.main[-1] for stage in network.stages for block in stage.blocks if block.identity or block.projection]
    added = sum(map(_elements_out, ends))
    return Tallies(
        conv_macs=sum(layer.macs for layer in of[Op.CONV]),
        linear_macs=sum(layer.macs for layer in of[Op.LINEAR]),
        linear_bias=sum(layer.acts for layer in of[Op.LINEAR] if layer.bias),
        conv_bias=sum(layer.acts for layer in biased),
        conv_bias_params=sum(layer.c_out for layer in biased),
        norm_params=2 * sum(layer.c_out for layer in normed),
        norm_elements=sum(layer.acts for layer in normed),
        relu_elements=added + sum(layer.acts for layer in layers if layer.relu),
        max_pool_in=sum(map(_elements_in, of[Op.MAX_POOL])),
        avg_pool_in=sum(map(_elements_in, of[Op.AVG_POOL])),
        avg_pool_out=sum(map(_elements_out, of[Op.AVG_POOL])),
        added_elements=added,
        additions=len(ends),
    )


def _elements_in(layer: Layer) -> int:
    return layer.c_in * layer.size_in**2


def _elements_out(layer: Layer) -> int:
    return layer.c_out * layer.size_out**2


# What the tallies are called beside a number, in the order in which terms are told.
WORDS: Mapping[str, str] = MappingProxyType({
    "conv_macs": "convolutions",
    "linear_macs": "linear layer",
    "linear_bias": "bias of the linear layer",
    "conv_bias": "bias of convolutions",
    "conv_bias_params": "bias of convolutions, params",
    "norm_params": "batch norm, params",
    "norm_elements": "batch norm",
    "relu_elements": "ReLU",
    "max_pool_in": "max pool",
    "avg_pool_in": "average pool",
    "avg_pool_out": "average pool, out",
})  # fmt: skip
# What the network computes beside our MACs and a tool may skip: tallies that count it; the first one measures it.
_OPERATIONS: Mapping[str, tuple[str, ...]] = {
    "bias of the linear layer": ("linear_bias",),
    "bias of convolutions": ("conv_bias", "conv_bias_params"),
    "batch norm": ("norm_elements", "norm_params"),
    "ReLU": ("relu_elements",),
    "max pool": ("max_pool_in",),
    "average pool": ("avg_pool_in",),
    "additions": ("added_elements",),
}
OURS: Mapping[str, int] = MappingProxyType({"conv_macs": 1, "linear_macs": 1})


class Tool(NamedTuple):
    """A rule of counting, and the tools that follow it.

    Attributes:
        key: for links and JSON, such as "fvcore".
        title: its tools, for people.
        unit: what they call the number.
        per_mac: 1 if a multiply-add is one operation, 2 if it is two.
        weights: field of `Tallies` -> how often it is counted.
        why: one sentence on what it adds and leaves out.
        source: how the rule is known, where it cannot be compared with a tool to install; else empty.
    """

    key: str
    title: str
    unit: str
    per_mac: int
    weights: Mapping[str, int]
    why: str
    source: str = ""


class Term(NamedTuple):
    """One summand of a tool's number."""

    tally: str  # field of `Tallies`
    amount: int
    times: int

    @property
    def value(self) -> int:
        return self.amount * self.times

    @property
    def words(self) -> str:
        return WORDS[self.tally]


class Skipped(NamedTuple):
    """Work of the network beside our MACs that a tool does not count."""

    what: str  # "ReLU"
    elements: int
    times: int | None  # how many additions; None for everything else


class ToolCount(NamedTuple):
    """What one tool prints for a network, as terms that add up."""

    tool: Tool
    tallies: Tallies

    @property
    def terms(self) -> tuple[Term, ...]:
        """The summands that are not zero."""
        return self._terms(self.tool.weights)

    @property
    def total(self) -> int:
        return sum(term.value for term in self.terms)

    @property
    def difference(self) -> int:
        """To our MACs."""
        return self.total - self.tallies.macs

    @property
    def beyond(self) -> tuple[Term, ...]:
        """What the number has beyond our MACs, each counted as often as the tool counts a multiply-add; or lacks."""
        weights, per_mac = self.tool.weights, self.tool.per_mac
        return self._terms({name: weights.get(name, 0) - per_mac * OURS.get(name, 0) for name in WORDS})

    @property
    def skipped(self) -> tuple[Skipped, ...]:
        """What the network computes beside our MACs and the tool leaves out."""
        left = []
        for what, names in _OPERATIONS.items():
            elements = getattr(self.tallies, names[0])
            if elements and not any(name in self.tool.weights for name in names):
                left.append(Skipped(what, elements, self.tallies.additions if what == "additions" else None))
        return tuple(left)

    def _terms(self, weights: Mapping[str, int]) -> tuple[Term, ...]:
        terms = (Term(name, getattr(self.tallies, name), weights.get(name, 0)) for name in WORDS)
        return tuple(term for term in terms if term.value)

    def to_dict(self) -> dict[str, Any]:
        """The count as JSON types."""
        return {
            "tool": self.tool.key,
            "title": self.tool.title,
            "unit": self.tool.unit,
            "total": self.total,
            "difference": self.difference,
            "terms": [{**term._asdict(), "value": term.value} for term in self.terms],
            "skipped": [skipped._asdict() for skipped in self.skipped],
            "why": self.tool.why,
            "source": self.tool.source,
        }


def _rule(key: str, title: str, unit: str, why: str, source: str = "", macs: int = 1, **extra: int) -> Tool:
    """A rule that counts all multiply-adds `macs` times, and `extra`, in which any of it may be changed."""
    weights = {"conv_macs": macs, "linear_macs": macs, **extra}
    return Tool(key, title, unit, macs, MappingProxyType({name: n for name, n in weights.items() if n}), why, source)


TOOLS: tuple[Tool, ...] = (
    _rule("paper", "The paper; torchvision’s documentation", "FLOPs, in # of multiply-adds",
          "Convolutions and the linear layer, a multiply-add as one: our MACs.",
          "The paper prints two digits and torchvision three decimals of 10⁹: ours round to them."),
    _rule("ptflops-aten", "ptflops (aten)", "MACs", "Adds every bias.", linear_bias=1, conv_bias=1),
    _rule("pycls", "pycls", "flops", "Adds the linear layer’s bias, and a convolution’s bias once for each channel.",
          "Read in its source; it is not a package to install.", linear_bias=1, conv_bias_params=1),
    _rule("torchinfo", "torchinfo", "mult-adds",
          "Adds every bias, and each param of batch norm once, however often it is used.",
          linear_bias=1, conv_bias=1, norm_params=1),
    _rule("fvcore", "fvcore, timm, mmengine", "FLOPs; GMACs in timm",
          "Adds 2 for each element out of batch norm, and 1 for each element into the average pool.",
          norm_elements=2, avg_pool_in=1),
    _rule("mmpretrain-flops", "mmpretrain (get_flops)", "Flops", "mmengine’s number for everything before the head.",
          linear_macs=0, norm_elements=2, avg_pool_in=1),
    _rule("mmcv", "mmcv", "FLOPs",
          "Adds 2 for each element out of batch norm, 1 for each into ReLU and pools, and bias of convolutions.",
          conv_bias=1, norm_elements=2, relu_elements=1, max_pool_in=1, avg_pool_in=1),
    _rule("mmpretrain", "mmpretrain’s model zoo", "FLOPs",
          "mmcv’s number for everything before the head; the printed figures are this, rounded.",
          linear_macs=0, conv_bias=1, norm_elements=2, relu_elements=1, max_pool_in=1, avg_pool_in=1),
    _rule("ptflops-pytorch", "ptflops (pytorch)", "MACs",
          "Adds every bias and 2 for each element out of batch norm; counts ReLU and pools twice, as modules and as "
          "the functions that those call.",
          linear_bias=1, conv_bias=1, norm_elements=2, relu_elements=2, max_pool_in=2, avg_pool_in=2),
    _rule("thop", "thop", "MACs",
          "Adds 4 for each element out of batch norm, and the average pool’s elements in and out.",
          norm_elements=4, avg_pool_in=1, avg_pool_out=1),
    _rule("torch", "torch FlopCounterMode", "FLOPs", "A multiply-add is two; nothing else.", macs=2),
    _rule("calflops", "calflops, DeepSpeed", "FLOPs",
          "A multiply-add is two; adds batch norm, ReLU, pools and bias of convolutions. The MACs they print beside it "
          "are ours.",
          macs=2, conv_bias=1, norm_elements=2, relu_elements=1, max_pool_in=1, avg_pool_in=1),
)  # fmt: skip


def tool_counts(spec: ResNeXtSpec, image_size: int | None = None) -> tuple[ToolCount, ...]:
    """What each tool of `TOOLS` prints for `spec` on one square image (224 pixels, or 32 for CIFAR stems, if None).

    Raises:
        SpecError: `image_size` is out of range.
    """
    there = tallies(walk(spec, image_size))
    return tuple(ToolCount(tool, there) for tool in TOOLS)
