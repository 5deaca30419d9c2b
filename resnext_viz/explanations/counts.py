"""Every number that a network can be given: each convention's count, with each mistake made, and the sum behind it.

A candidate is a value; its terms are put together only when it is shown. They start from the network that was meant,
say what each mistake adds to it, and then what the convention counts besides: so the sum tells the story.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from resnext_viz.conventions import TOOLS, ToolCount
from resnext_viz.explanations.number_mistakes import NumberMistake
from resnext_viz.explanations.stated import Kind
from resnext_viz.explanations.storage import STATED, STORAGES, SUMMARIES, stated, stored, summed
from resnext_viz.explanations.sums import Convention, SumLine, whole
from resnext_viz.explanations.values import PADDLE, STATISTICS, factor_of, values
from resnext_viz.explanations.variants import REMEMBERED, SizedSpec, tallies_of
from resnext_viz.names import title_of

_MACS = ("conv_macs", "linear_macs")  # tallies that the mistakes change


class Candidate(NamedTuple):
    """One number that may have been meant."""

    meant: SizedSpec
    mistakes: tuple[NumberMistake, ...]
    kind: Kind
    convention: Convention
    value: int | float

    @property
    def network(self) -> SizedSpec:
        """What was counted, after all mistakes."""
        return made(self.meant, self.mistakes) or self.meant

    @property
    def terms(self) -> tuple[SumLine, ...]:
        """The sum: its values add up to `value`."""
        return tuple(_TERMS[self.kind](self))


def made(network: SizedSpec, mistakes: tuple[NumberMistake, ...]) -> SizedSpec | None:
    """What the mistakes make of a network; None where that cannot be."""
    building = tuple(mistake for mistake in mistakes if mistake.builds_another)
    return _made(network, building) if building else network


@lru_cache(maxsize=REMEMBERED)
def _made(network: SizedSpec, building: tuple[NumberMistake, ...]) -> SizedSpec | None:
    *before, last = building
    meant = _made(network, tuple(before)) if before else network
    return meant and last.made_of(meant)


def candidates(meant: SizedSpec, mistakes: tuple[NumberMistake, ...], kind: Kind) -> Iterator[Candidate]:
    """Every convention's number of this kind, with these mistakes made."""
    network = made(meant, mistakes)
    if network is None:
        return
    for convention, value in values(kind, network, mistakes):
        yield Candidate(meant, mistakes, kind, convention, value)


def _operation_terms(candidate: Candidate) -> Iterator[SumLine]:
    factor = factor_of(candidate.mistakes)
    tool = next(tool for tool in TOOLS if tool.key == candidate.convention.key)
    steps = [tallies_of(step) for step in _steps(candidate)]
    both = len(set(_MACS) & set(tool.weights)) == len(_MACS)
    unit, macs = (
        ("MACs", [step.macs for step in steps])
        if both
        else ("MACs of convolutions", [step.conv_macs for step in steps])
    )
    for name, more in _story(candidate, unit, macs):
        yield SumLine(name, more, whole(tool.per_mac * factor))
    for term in ToolCount(tool, tallies_of(candidate.network)).terms:
        if term.tally not in _MACS:
            yield SumLine(term.words, term.amount, whole(term.times * factor))


def _act_terms(candidate: Candidate) -> Iterator[SumLine]:
    counts = [tallies_of(step).acts for step in _steps(candidate)]
    for name, count in _story(candidate, candidate.kind.value, counts):
        yield SumLine(name, count, whole(factor_of(candidate.mistakes)))


def _param_terms(candidate: Candidate) -> Iterator[SumLine]:
    counted = tallies_of(candidate.network)
    if candidate.convention == STATISTICS:
        yield SumLine("running mean and variance of batch norm", counted.norm_params, 1)
        return
    yield from _param_story(candidate, 1)
    if candidate.convention == PADDLE:
        yield SumLine("grouped convolutions", -counted.grouped_weights, 1)
        yield SumLine("bias of the linear layer", -counted.linear_bias, 1)
    for mistake in candidate.mistakes:
        if mistake.elements:
            yield SumLine(mistake.words, mistake.elements(counted), 1)


def _byte_terms(candidate: Candidate) -> Iterator[SumLine]:
    counted, key = tallies_of(candidate.network), candidate.convention.key
    if key == STATED.key:
        params, *others = stated(counted, int(candidate.value))
    elif key in SUMMARIES:
        params, *others = summed(counted, SUMMARIES[key])
    else:
        params, *others = stored(counted, STORAGES[key])
    if params.times:
        yield from _param_story(candidate, params.times)
    yield from others


def _param_story(candidate: Candidate, times: float) -> Iterator[SumLine]:
    """The params of the network meant and of what it became, each so many times."""
    for name, count in _story(candidate, "params", [tallies_of(step).params for step in _steps(candidate)]):
        yield SumLine(name, count, times)


def _steps(candidate: Candidate) -> list[SizedSpec]:
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


_TERMS = {
    Kind.PARAMS: _param_terms,
    Kind.ACTS: _act_terms,
    Kind.OPERATIONS: _operation_terms,
    Kind.BYTES: _byte_terms,
}
