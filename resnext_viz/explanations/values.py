"""Every convention's number of a network, of each kind: what `counts` tries against the number that somebody got."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from resnext_viz.conventions import TOOLS, Tallies, Tool
from resnext_viz.explanations.number_mistakes import NumberMistake
from resnext_viz.explanations.stated import Kind
from resnext_viz.explanations.storage import STATED, STORAGES, SUMMARIES, stated_bytes
from resnext_viz.explanations.sums import Convention, whole
from resnext_viz.explanations.variants import REMEMBERED, SizedSpec, tallies_of
from resnext_viz.names import name_of

Values = Iterator[tuple[Convention, int | float]]


def values(kind: Kind, network: SizedSpec, mistakes: tuple[NumberMistake, ...]) -> Values:
    """Every convention's number of this kind for a network that the mistakes have made."""
    return _VALUES[kind](network, mistakes)


def factor_of(mistakes: tuple[NumberMistake, ...]) -> float:
    """How many times as much the mistakes count."""
    factor = 1.0
    for mistake in mistakes:
        factor *= mistake.factor
    return factor


@lru_cache(maxsize=REMEMBERED)
def _totals(network: SizedSpec) -> tuple[tuple[Convention, int], ...]:
    counted = tallies_of(network)
    return tuple(
        (_elsewhere(rule, network), weighed(counted, weights))
        for rule, weights in _RULE_WEIGHTS
        if rule.key != "paddleclas" or counted.grouped_macs
    )


def _elsewhere(rule: Convention, network: SizedSpec) -> Convention:
    """The rule, as likely as it is for such an image: darknet's networks take one size."""
    is_odd = rule.key.startswith("darknet") and network.image_size != _DARKNET_SIDE
    return rule._replace(farness=_ODD) if is_odd else rule


def weighed(counted: Tallies, weights: tuple[tuple[int, int], ...]) -> int:
    """Each tally, by its place, so many times."""
    total = 0
    for place, times in weights:
        total += counted[place] * times
    return total


def _params(network: SizedSpec, mistakes: tuple[NumberMistake, ...]) -> Values:
    counted = tallies_of(network)
    yield _PARAMS, counted.params + sum(mistake.elements(counted) for mistake in mistakes if mistake.elements)
    if counted.grouped_weights and network.spec.base_width == _PADDLE_WIDTH and not mistakes:
        yield PADDLE, counted.params - counted.grouped_weights - counted.linear_bias
    if not mistakes:
        yield STATISTICS, counted.norm_params


def _acts(network: SizedSpec, mistakes: tuple[NumberMistake, ...]) -> Values:
    yield _ACTS, whole(tallies_of(network).acts * factor_of(mistakes))


def _operations(network: SizedSpec, mistakes: tuple[NumberMistake, ...]) -> Values:
    factor = factor_of(mistakes)
    for convention, total in _totals(network):
        yield convention, whole(total * factor)


_PARAMS = Convention("learned", "", "params", 0.0)
PADDLE = Convention("paddleclas", "as PaddleClas’ table counts: without the grouped 3×3s and the linear layer’s bias",
                     "params", 1.4)  # fmt: skip
STATISTICS = Convention("statistics", "running mean and variance of batch norm, which are not trained", "numbers", 0.8)
_ACTS = Convention("acts", "", "acts", 0.0)


_DARKNET_SIDE = 256
_PADDLE_WIDTH = 4  # of all in that table
_ODD = 1.5  # farness of a rule where nobody is known to print its numbers so
_RULES = {
    "paper": 0.0, "torch": 0.2, "mmcv": 0.25, "pycls": 0.35, "mmpretrain": 0.35, "mmpretrain-flops": 0.35,
    "darknet": 0.35, "darknet-map": 0.4, "paddleclas": _ODD,
}  # fmt: skip


ONE_A_MULTIPLY_ADD = "operations (1 multiply-add = 1)"


def _rule(tool: Tool) -> Convention:
    if tool.key == "paper":
        return Convention(tool.key, "by the paper and torchvision", "MACs", 0.0)
    unit = "FLOPs (1 multiply-add = 2)" if tool.per_mac == 2 else ONE_A_MULTIPLY_ADD
    return Convention(tool.key, f"by {tool.title}", unit, _RULES.get(tool.key, 0.3))


def _places(tool: Tool) -> tuple[tuple[int, int], ...]:
    return tuple((Tallies._fields.index(name), times) for name, times in tool.weights.items())


_RULE_WEIGHTS = tuple((_rule(tool), _places(tool)) for tool in TOOLS)
_TOOLS = {tool.key: tool for tool in TOOLS}


def _bytes(network: SizedSpec, mistakes: tuple[NumberMistake, ...]) -> Values:
    counted = tallies_of(network)
    for storage in STORAGES.values():
        yield storage.convention, storage.size(counted)
    if not mistakes:
        for summary in SUMMARIES.values():
            yield summary.convention, summary.size(counted)
        for size in stated_bytes(name_of(network.spec)):
            yield STATED, size


_VALUES = {Kind.PARAMS: _params, Kind.ACTS: _acts, Kind.OPERATIONS: _operations, Kind.BYTES: _bytes}
