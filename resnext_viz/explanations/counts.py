"""Every number that a network can be given: each convention's count, with each mistake made, and the sum behind it.

A candidate is a value; its terms are added up only when it is shown. They start from the network that was meant, say what
each mistake adds to it, and then what the convention counts besides: so the sum tells the story.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from resnext_viz.complexity import BYTES_PER_FLOAT32, Cost, complexity
from resnext_viz.conventions import TOOLS, Tool, ToolCount, tool_counts
from resnext_viz.explanations.mistakes import Mistake, Network
from resnext_viz.explanations.stated import Kind
from resnext_viz.layers import Walk, walk
from resnext_viz.names import name_of, title_of

_REMEMBERED = 4096  # networks of which the process keeps all counts: about what one search without a network asks for
_MACS = ("conv_macs", "linear_macs")  # tallies that the mistakes change
_FRAME_BYTES = 311  # torch.save's for each tensor: its name, its place, padding; within 0.5 % (torch 2.15)
# What torchvision states for its first weights, in MB that are MiB; some are in torch's older, shorter file format.
_STATED_FILES = {
    "resnet18": 44.661, "resnet34": 83.275, "resnet50": 97.781, "resnet101": 170.511, "resnet152": 230.434,
    "resnext50_32x4d": 95.789, "resnext101_32x8d": 339.586, "resnext101_64x4d": 319.318,
}  # fmt: skip


class Convention(NamedTuple):
    """A way to count: whose it is, and how its numbers are called."""

    key: str
    words: str  # behind the network: "by the rule of thop"; nothing for what everybody does
    unit: str  # of its numbers: "MACs"
    farness: float


class Term(NamedTuple):
    """One line of a sum."""

    name: str
    amount: int
    times: int | float

    @property
    def value(self) -> int | float:
        return whole(self.amount * self.times)


class Candidate(NamedTuple):
    """One number that may have been meant."""

    meant: Network
    mistakes: tuple[Mistake, ...]
    kind: Kind
    convention: Convention
    value: int | float

    @property
    def network(self) -> Network:
        """What was counted, after all mistakes."""
        return made(self.meant, self.mistakes) or self.meant

    @property
    def terms(self) -> tuple[Term, ...]:
        """The sum: its values add up to `value`."""
        if self.kind is Kind.OPERATIONS:
            return tuple(_operation_terms(self))
        if self.kind is Kind.BYTES:
            return tuple(_byte_terms(self))
        return tuple(_element_terms(self))


def whole(value: int | float) -> int | float:
    """The value, an int wherever it is one."""
    return int(value) if value == int(value) else value


def made(network: Network, mistakes: tuple[Mistake, ...]) -> Network | None:
    """What the mistakes make of a network; None where that cannot be."""
    building = tuple(mistake for mistake in mistakes if mistake.builds_another)
    return _made(network, building) if building else network


@lru_cache(maxsize=_REMEMBERED)
def _made(network: Network, building: tuple[Mistake, ...]) -> Network | None:
    *before, last = building
    meant = _made(network, tuple(before)) if before else network
    return meant and last.made_of(meant)


@lru_cache(maxsize=_REMEMBERED)
def _cost(network: Network) -> Cost:
    return complexity(*network).total


@lru_cache(maxsize=_REMEMBERED)
def _tools(network: Network) -> tuple[ToolCount, ...]:
    return tool_counts(*network)


@lru_cache(maxsize=_REMEMBERED)
def _totals(network: Network) -> tuple[tuple[Convention, int], ...]:
    return tuple((_CONVENTIONS[count.tool.key], count.total) for count in _tools(network))


@lru_cache(maxsize=_REMEMBERED)
def _more_elements(mistake: Mistake, network: Network) -> int:
    return mistake.elements(_walk(network)) if mistake.elements else 0


@lru_cache(maxsize=64)
def _walk(network: Network) -> Walk:
    return walk(*network)


def candidates(meant: Network, mistakes: tuple[Mistake, ...], kind: Kind) -> Iterator[Candidate]:
    """Every convention's number of this kind, with these mistakes made."""
    network = made(meant, mistakes)
    if network is None:
        return
    for convention, value in _VALUES[kind](network, mistakes):
        yield Candidate(meant, mistakes, kind, convention, value)


def multiply_adds(meant: Network, mistakes: tuple[Mistake, ...]) -> float:
    """About what every convention makes of its operations, give or take a factor of two; cheaper than all of them."""
    network = made(meant, mistakes)
    return _cost(network).macs * _factor(mistakes) if network else 0


def _params(network: Network, mistakes: tuple[Mistake, ...]) -> Iterator[tuple[Convention, int | float]]:
    yield _PARAMS, _cost(network).params + sum(_more_elements(mistake, network) for mistake in mistakes)


def _acts(network: Network, mistakes: tuple[Mistake, ...]) -> Iterator[tuple[Convention, int | float]]:
    yield _ACTS, whole(_cost(network).acts * _factor(mistakes))


def _operations(network: Network, mistakes: tuple[Mistake, ...]) -> Iterator[tuple[Convention, int | float]]:
    factor = _factor(mistakes)
    for convention, total in _totals(network):
        yield convention, whole(total * factor)


def _factor(mistakes: tuple[Mistake, ...]) -> float:
    factor = 1.0
    for mistake in mistakes:
        factor *= mistake.factor
    return factor


_PARAMS = Convention("learned", "", "params", 0.0)
_ACTS = Convention("acts", "", "acts", 0.0)


_RULES = {"paper": 0.0, "torch": 0.2, "mmcv": 0.25, "pycls": 0.35, "mmpretrain": 0.35, "mmpretrain-flops": 0.35}


def _rule(tool: Tool) -> Convention:
    if tool.key == "paper":
        return Convention(tool.key, "by the paper and torchvision", "MACs", 0.0)
    unit = "FLOPs (1 multiply-add = 2)" if tool.per_mac == 2 else "operations (1 multiply-add = 1)"
    return Convention(tool.key, f"by {tool.title}", unit, _RULES.get(tool.key, 0.3))


_CONVENTIONS = {tool.key: _rule(tool) for tool in TOOLS}


class _Storage(NamedTuple):
    """How weights are stored: bytes for each learned element, and what else lies beside them."""

    key: str
    words: str
    each: int
    farness: float
    buffers: bool = False  # running mean and variance, and a counter for each batch norm
    frame: bool = False  # torch's file around them


_STORAGES = (
    _Storage("float32", "params in float32, four bytes each", BYTES_PER_FLOAT32, 0.0),
    _Storage("state_dict", "the state_dict in float32, buffers included", BYTES_PER_FLOAT32, 0.2, buffers=True),
    _Storage("file", "a file of torch.save, float32", BYTES_PER_FLOAT32, 0.1, buffers=True, frame=True),
    _Storage("float16", "params in float16 or bfloat16, two bytes each", 2, 0.5),
    _Storage("float64", "params in float64, eight bytes each", 8, 0.9),
    _Storage("int8", "params in int8, one byte each", 1, 0.9),
)


def _bytes(network: Network, mistakes: tuple[Mistake, ...]) -> Iterator[tuple[Convention, int | float]]:
    for storage in _STORAGES:
        value = sum(int(term.value) for term in _stored(network, storage))
        yield Convention(storage.key, storage.words, "bytes", storage.farness), value
    stated = None if mistakes else _STATED_FILES.get(name_of(network.spec))
    if stated:
        yield Convention("published", "torchvision’s file as it states it (in MB that are MiB)", "bytes", 0.0), round(stated * 2**20)


def _stored(network: Network, storage: _Storage) -> Iterator[Term]:
    """What lies beside the params: one term each."""
    yield Term("params", _cost(network).params, storage.each)
    if storage.buffers:
        norms = [layer for layer in _walk(network).layers if layer.norm]
        tensors = 5 * len(norms) + sum(bool(layer.weights) + layer.bias for layer in _walk(network).layers)
        yield Term("running mean and variance of batch norm", 2 * sum(layer.c_out for layer in norms), storage.each)
        yield Term("counters of batch norm", len(norms), 8)
        if storage.frame:
            yield Term("name and place of each tensor in the file, about", tensors, _FRAME_BYTES)


def _operation_terms(candidate: Candidate) -> Iterator[Term]:
    factor = _factor(candidate.mistakes)
    count = next(c for c in _tools(candidate.network) if c.tool.key == candidate.convention.key)
    both = len(set(_MACS) & set(count.tool.weights)) == len(_MACS)
    steps = [_tools(step)[0].tallies for step in _steps(candidate)]
    unit, macs = ("MACs", [step.macs for step in steps]) if both else (
        "MACs of convolutions", [step.conv_macs for step in steps])
    for name, more in _story(candidate, unit, macs):
        yield Term(name, more, whole(count.tool.per_mac * factor))
    for term in count.terms:
        if term.tally not in _MACS:
            yield Term(term.words, term.amount, whole(term.times * factor))


def _element_terms(candidate: Candidate) -> Iterator[Term]:
    acts = candidate.kind is Kind.ACTS
    counts = [_cost(n).acts if acts else _cost(n).params for n in _steps(candidate)]
    times = whole(_factor(candidate.mistakes)) if acts else 1
    for name, count in _story(candidate, candidate.kind.value, counts):
        yield Term(name, count, times)
    for mistake in candidate.mistakes:
        if mistake.elements:
            yield Term(mistake.words, _more_elements(mistake, candidate.network), 1)


def _byte_terms(candidate: Candidate) -> Iterator[Term]:
    key = "file" if candidate.convention.key == "published" else candidate.convention.key
    storage = next(storage for storage in _STORAGES if storage.key == key)
    params, *others = _stored(candidate.network, storage)
    for name, count in _story(candidate, "params", [_cost(n).params for n in _steps(candidate)]):
        yield Term(name, count, params.times)
    if candidate.convention.key == "published":
        *others, _ = others
        tensors = int(sum(term.value for term in (params, *others)))
        others.append(Term("names and places of the tensors in the file", int(candidate.value) - tensors, 1))
    yield from others


def _steps(candidate: Candidate) -> list[Network]:
    """The network meant, and what it has become after each mistake that builds another."""
    steps = [candidate.meant]
    for mistake in candidate.mistakes:
        if mistake.builds_another:
            steps.append(mistake.made_of(steps[-1]) or steps[-1])
    return steps


def _story(candidate: Candidate, unit: str, counts: list[int]) -> Iterator[tuple[str, int]]:
    """The count of the network meant, then what each mistake adds to it."""
    yield f"{title_of(candidate.meant.spec)}: {unit}", counts[0]
    building = [mistake for mistake in candidate.mistakes if mistake.builds_another]
    for mistake, before, after in zip(building, counts, counts[1:], strict=False):
        if after != before:
            yield mistake.words, after - before


_VALUES = {Kind.PARAMS: _params, Kind.ACTS: _acts, Kind.OPERATIONS: _operations, Kind.BYTES: _bytes}
