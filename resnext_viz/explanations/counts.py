"""Every number that a network can be given: each convention's count, with each mistake made, and the sum behind it.

A candidate is a value; its terms are put together only when it is shown. They start from the network that was meant,
say what each mistake adds to it, and then what the convention counts besides: so the sum tells the story.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from resnext_viz.complexity import Cost, complexity
from resnext_viz.conventions import TOOLS, Tool, ToolCount, tool_counts
from resnext_viz.explanations.mistakes import Mistake, Network
from resnext_viz.explanations.stated import Kind
from resnext_viz.explanations.storage import STATED, STORAGES, stated, stated_bytes, stored
from resnext_viz.explanations.terms import Convention, Term, whole
from resnext_viz.layers import Walk, walk
from resnext_viz.names import name_of, title_of

_REMEMBERED = 4096  # networks of which the process keeps all counts: about what one search without a network asks for
_MACS = ("conv_macs", "linear_macs")  # tallies that the mistakes change


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


def _bytes(network: Network, mistakes: tuple[Mistake, ...]) -> Iterator[tuple[Convention, int | float]]:
    for storage in STORAGES:
        terms = stored(_walk(network), _cost(network).params, storage)
        yield storage.convention, sum(int(term.value) for term in terms)
    if not mistakes:
        for size in stated_bytes(name_of(network.spec)):
            yield STATED, size


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
    network, learned = _walk(candidate.network), _cost(candidate.network).params
    if candidate.convention == STATED:
        params, *others = stated(network, learned, int(candidate.value))
    else:
        storage = next(storage for storage in STORAGES if storage.convention == candidate.convention)
        params, *others = stored(network, learned, storage)
    for name, count in _story(candidate, "params", [_cost(step).params for step in _steps(candidate)]):
        yield Term(name, count, params.times)
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
