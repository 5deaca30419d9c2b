"""How many bytes a network's weights take, stored in the ways that people measure, and what summary tools print."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

from resnext_viz.complexity import BYTES_PER_FLOAT32
from resnext_viz.conventions import SUMMARY_SIZES, Tallies, Tool, ToolCount
from resnext_viz.conventions.summary_sizes import MEGABYTES
from resnext_viz.explanations.sums import Convention, SumLine

_COUNTER_BYTES = 8  # of each batch norm: how many batches it has seen
_FRAME_BYTES = 311  # of a torch.save for each tensor: its name, its place, padding; within 2 % (torch 2.15)
# What torchvision states for its weights, in MB that are MiB; some are in torch's older, shorter file format, and the
# first weights of Wide ResNet-50-2 and 101-2 in float16.
_STATED_MIB = {
    "resnet18": (44.661,), "resnet34": (83.275,), "resnet50": (97.781, 97.790), "resnet101": (170.511, 170.530),
    "resnet152": (230.434, 230.474), "resnext50_32x4d": (95.789, 95.833), "resnext101_32x8d": (339.586, 339.673),
    "resnext101_64x4d": (319.318,), "resnet50_1x128d": (131.820, 263.124), "resnet101_1x128d": (242.896, 484.747),
}  # fmt: skip


class Storage(NamedTuple):
    """Bytes for each learned element, and what lies beside them."""

    convention: Convention
    each: int
    buffers: bool = False  # running mean and variance, and a counter for each batch norm
    file: bool = False  # torch's file around them

    def size(self, counted: Tallies) -> int:
        return int(sum(term.value for term in stored(counted, self)))


class SummarySize(NamedTuple):
    """What a tool prints of memory."""

    convention: Convention
    tool: Tool

    def size(self, counted: Tallies) -> int:
        return ToolCount(self.tool, counted).total


def _storage(key: str, words: str, farness: float, each: int, buffers: bool = False, file: bool = False) -> Storage:
    return Storage(Convention(key, words, "bytes", farness), each, buffers, file)


_STORAGES = (
    _storage("float32", "params in float32, four bytes each", 0.0, BYTES_PER_FLOAT32),
    _storage("state_dict", "the state_dict in float32, buffers included", 0.2, BYTES_PER_FLOAT32, buffers=True),
    _storage("file", "a file of torch.save in float32", 0.1, BYTES_PER_FLOAT32, buffers=True, file=True),
    _storage("float16", "params in float16 or bfloat16, two bytes each", 1.2, 2),
    _storage("float64", "params in float64, eight bytes each", 1.5, 8),
    _storage("int8", "params in int8, one byte each", 1.5, 1),
)
STORAGES: Mapping[str, Storage] = MappingProxyType({storage.convention.key: storage for storage in _STORAGES})
# How far-fetched a tool's figure is: fewer print their total.
_SUMMARY_FARNESS = {"torchinfo-pass": 0.15, "torchsummary-pass": 0.15, "keras": 0.15}
SUMMARIES: Mapping[str, SummarySize] = MappingProxyType({
    tool.key: SummarySize(
        Convention(tool.key, tool.title, "bytes", _SUMMARY_FARNESS.get(tool.key, 0.4),
                   MEGABYTES[tool.key]),
        tool,
    )
    for tool in SUMMARY_SIZES
})  # fmt: skip
# Nearer than anything else: of Wide ResNets, too, whose counts mostly are a ResNeXt's gone wrong.
STATED = Convention("stated", "the file that torchvision offers, as it states it (in MB that are MiB)", "bytes", -1.0)


def stated_bytes(name: str) -> tuple[int, ...]:
    """What torchvision states of the network of that canonical name, to three decimals of a MiB."""
    return tuple(round(size * 2**20) for size in _STATED_MIB.get(name, ()))


def stored(counted: Tallies, storage: Storage) -> Iterator[SumLine]:
    """What is stored: the params first, then what lies beside them."""
    yield SumLine("params", counted.params, storage.each)
    if storage.buffers:
        yield SumLine("running mean and variance of batch norm", counted.norm_params, storage.each)
        yield SumLine("counters of batch norm", counted.norms, _COUNTER_BYTES)
    if storage.file:
        yield SumLine("name and place of each tensor in the file, about", _tensors(counted), _FRAME_BYTES)


def stated(counted: Tallies, size: int) -> Iterator[SumLine]:
    """What is in a file whose size is stated; the last line is what the tensors leave of it."""
    name = "float32" if size > BYTES_PER_FLOAT32 * counted.params else "float16"
    tensors = tuple(stored(counted, Storage(STATED, STORAGES[name].each, buffers=True)))
    yield from tensors
    yield SumLine("the rest of the file", size - sum(int(term.value) for term in tensors), 1)


def summed(counted: Tallies, summary: SummarySize) -> Iterator[SumLine]:
    """What a tool counts: the params first, none of them where it counts only what layers put out."""
    has_params = "conv_weights" in summary.tool.weights
    yield SumLine("params", counted.params, has_params * BYTES_PER_FLOAT32)
    for term in ToolCount(summary.tool, counted).terms:
        times = term.times - has_params * BYTES_PER_FLOAT32 * (term.tally in _LEARNED)
        if times:
            yield SumLine(_SUMMED_WORDS.get(term.tally, term.words), term.amount, times)


_LEARNED = {"conv_weights", "linear_weights", "linear_bias", "conv_bias_params", "norm_params"}
_SUMMED_WORDS = {"norm_params": "running mean and variance of batch norm", "linear_bias": "out of the linear layer"}


def _tensors(counted: Tallies) -> int:
    """In a state_dict: a convolution's weight, bias, and five of its batch norm; the linear layer's two."""
    biases = counted.norms if counted.conv_bias_params else 0
    return 6 * counted.norms + biases + 2 * bool(counted.linear_weights)
