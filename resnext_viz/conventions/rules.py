"""The rules by which tools count operations, each a weight for every tally of a network.

The tools agree on the multiply-adds of convolutions and part over the rest: the linear layer, bias, batch norm, ReLU,
pools, and whether a multiply-add is one operation or two.
`tests/test_conventions.py` and `count --tools --check` compare them with the installed tools, to the last unit. One
image, batch norm in eval mode, every step a module as in torchvision.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from resnext_viz.conventions.tallies import WORDS, Tallies, tallies
from resnext_viz.layers import walk
from resnext_viz.spec import ImageSize, ResNeXtSpec

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
    _rule("darknet", "darknet (18, 34 and 50 layers)", "BFLOPs",
          "A multiply-add is two; its shortcuts have no projections. It takes images of 256×256.",
          "Its ImageNet table prints this of its own networks.", macs=2, projection_macs=-2),
    _rule("darknet-map", "darknet (101 and 152 layers)", "BFLOPs",
          "As before, with the linear layer before the pool, on every place of the last map.",
          "Its ImageNet table prints this of its own networks.",
          macs=2, projection_macs=-2, linear_macs=0, linear_map_macs=2),
    _rule("paddleclas", "PaddleClas’ ResNeXt table", "FLOPs", "A multiply-add is two; the grouped 3×3s are left out.",
          "What it prints is up to 0.04 G more, for a reason unknown here.", macs=2, grouped_macs=-2),
)  # fmt: skip


def tool_counts(spec: ResNeXtSpec, image_size: ImageSize | None = None) -> tuple[ToolCount, ...]:
    """What each tool of `TOOLS` prints for `spec` on one square image (224 pixels, or 32 for CIFAR stems, if None).

    Raises:
        SpecError: `image_size` is out of range.
    """
    there = tallies(walk(spec, image_size))
    return tuple(ToolCount(tool, there) for tool in TOOLS)
