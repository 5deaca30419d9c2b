"""The rules of `conventions` compared with the installed tools, on one network, on presets and on random networks."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, NamedTuple

from resnext_viz.bench.tools import COUNTING_TOOLS, CountingTool, ToolReading, quiet
from resnext_viz.complexity import complexity
from resnext_viz.conventions import SUMMARY_SIZES, TOOLS, ToolCount, tallies
from resnext_viz.names import PRESETS, name_of
from resnext_viz.nn.device import one_thread
from resnext_viz.spec import BlockKind, ImageSize, OutputRule, ResNeXtSpec, Stem, StrideOn, map_size

RANDOM_SPECS = 60
PRESET_LAYERS = 50  # presets up to here are compared; deeper ones repeat their blocks
PRESET_MACS = 4_300_000_000
_SAID = 200  # letters of an error of a tool's
_SIDES = (1, 2, 3, 5, 7, 8, 16, 17, 31, 32, 33, 48)
_RULES = {tool.key: tool for tool in TOOLS}
_SIZES = {size.key: size for size in SUMMARY_SIZES}


class CountedNetwork(NamedTuple):
    """What is counted."""

    spec: ResNeXtSpec
    image_size: ImageSize

    @property
    def title(self) -> str:
        return f"{name_of(self.spec)} at {map_size(self.image_size).plain} pixels"


@dataclass(frozen=True)
class Match:
    """How one tool's numbers compare with its rule.

    Attributes:
        version: of the tool; None if it is not installed, and nothing was compared.
        compared: networks.
        equal: of these, to the last unit: the total, and params, acts and MACs where the tool tells them.
        first_mismatch: the first other one, in words; empty if there is none.
    """

    tool: str
    rule: str
    version: str | None
    compared: int = 0
    equal: int = 0
    first_mismatch: str = ""

    @property
    def holds(self) -> bool:
        return self.compared == self.equal

    def with_verdict(self, verdict: str) -> Match:
        """This match with one more network: equal if the verdict is empty."""
        return replace(self, compared=self.compared + 1, equal=self.equal + (not verdict),
                       first_mismatch=self.first_mismatch or verdict)  # fmt: skip

    def to_dict(self) -> dict[str, Any]:
        """The match as JSON types."""
        return asdict(self)


def check_tools(
    networks: Sequence[CountedNetwork],
    tools: Sequence[CountingTool] = COUNTING_TOOLS,
    on_network: Callable[[int], None] | None = None,
) -> list[Match]:
    """How each tool's numbers compare with its rule on all `networks`; `on_network` is told how many are done."""
    matches = {tool: Match(tool.name, tool.rule, tool.version) for tool in tools}
    with one_thread():  # for networks this small the fastest, and by far on a busy machine
        for done, network in enumerate(networks, start=1):
            for tool, match in matches.items():
                verdict = verdict_of(tool, network) if match.version else None
                if verdict is not None:
                    matches[tool] = match.with_verdict(verdict)
            if on_network:
                on_network(done)
    return list(matches.values())


class ToolRun(NamedTuple):
    """What one tool printed for one network.

    Attributes:
        version: of the tool; None if it is not installed, and it was not run.
        printed: its number; None where it printed none.
        expected: what its rule says.
        problem: why it printed none, in words.
    """

    tool: str
    version: str | None
    printed: int | None
    expected: int
    problem: str = ""

    @property
    def holds(self) -> bool:
        return self.printed in {None, self.expected}

    def to_dict(self) -> dict[str, Any]:
        """The run as JSON types."""
        return self._asdict()


def run_tools(network: CountedNetwork, rule: str) -> list[ToolRun]:
    """What the tools that follow a rule print for that network, each run here."""
    expected = ToolCount(_RULES[rule], tallies(complexity(*network).walk)).total
    with one_thread():
        return [_run(tool, network, expected) for tool in COUNTING_TOOLS if tool.rule == rule]


def _run(tool: CountingTool, network: CountedNetwork, expected: int) -> ToolRun:
    if tool.version is None:
        return ToolRun(tool.name, None, None, expected)
    try:
        with quiet():
            reading = tool.read(*network)
    except Exception as error:  # whatever somebody else's code raises is a finding about it
        return ToolRun(tool.name, tool.version, None, expected, f"{type(error).__name__}: {error}"[:_SAID])
    if reading is None:
        return ToolRun(tool.name, tool.version, None, expected, "it has no such network")
    return ToolRun(tool.name, tool.version, reading.total, expected)


def verdict_of(tool: CountingTool, network: CountedNetwork) -> str | None:
    """Empty where the tool says what its rule says, else the difference in words; None if it has no such network."""
    try:
        with quiet():
            reading = tool.read(*network)
    except Exception as error:  # whatever somebody else's code raises is a finding about it
        return f"{network.title}: {type(error).__name__}: {error}"
    return None if reading is None else _difference(tool, network, reading)


def _difference(tool: CountingTool, network: CountedNetwork, reading: ToolReading) -> str:
    counts = complexity(*network)
    there = tallies(counts.walk)
    total = ToolCount(_RULES[tool.rule], there).total
    sizes = tuple((key, ToolCount(_SIZES[key], there).total) for key, _ in reading.sizes)
    expected = ToolReading(total, counts.params, counts.acts, counts.macs, sizes)
    if tool.rule.startswith("mmpretrain"):  # without the linear layer there are fewer of all
        expected = ToolReading(total, sizes=reading.sizes)
    names = [name for name in ToolReading._fields
             if None not in (getattr(reading, name), getattr(expected, name))
             and getattr(reading, name) != getattr(expected, name)]  # fmt: skip
    if not names:
        return ""
    told = ", ".join(
        f"{name} {_shown(getattr(reading, name))}, not {_shown(getattr(expected, name))}" for name in names
    )
    return f"{network.title}: {told}"


def _shown(told: int | tuple[tuple[str, int], ...]) -> str:
    return f"{told:,}" if isinstance(told, int) else ", ".join(f"{key} {size:,}" for key, size in told)


def preset_networks() -> Iterator[CountedNetwork]:
    """The presets that are counted in a moment, each at its own size of image."""
    for spec in PRESETS.values():
        if spec.layer_count <= PRESET_LAYERS and complexity(spec).macs <= PRESET_MACS:
            yield CountedNetwork(spec, spec.default_image_size)


def random_networks(count: int = RANDOM_SPECS, seed: int = 0) -> list[CountedNetwork]:
    """Small legal networks with every option, on small images, odd ones too; every third one is plain."""
    chance = random.Random(seed)
    return [
        CountedNetwork(_plain(chance) if number % 3 == 0 else _any(chance), chance.choice(_SIDES))
        for number in range(count)
    ]


def _plain(chance: random.Random) -> ResNeXtSpec:
    """As torchvision and timm have it."""
    basic = chance.random() < 0.25
    return ResNeXtSpec(
        depths=tuple(chance.randint(1, 2) for _ in range(4)),
        cardinality=1 if basic else chance.choice((1, 2, 4, 8, 32)),
        base_width=64 if basic else chance.randint(1, 8),
        block=BlockKind.BASIC if basic else BlockKind.BOTTLENECK,
        expansion=1 if basic else 4,
        num_classes=chance.randint(1, 100),
        in_channels=chance.randint(1, 4),
    )


def _any(chance: random.Random) -> ResNeXtSpec:
    """With whatever options a spec has."""
    bottleneck = chance.random() < 0.75
    rule = chance.choice(list(OutputRule)) if bottleneck else OutputRule.PLANES
    return ResNeXtSpec(
        depths=tuple(chance.randint(1, 2) for _ in range(chance.randint(1, 4))),
        cardinality=chance.randint(1, 16) if bottleneck else 1,
        base_width=chance.randint(1, 12),
        block=BlockKind.BOTTLENECK if bottleneck else BlockKind.BASIC,
        expansion=4 if rule is OutputRule.WIDTH else chance.randint(1, 4),
        stem=chance.choice(list(Stem)),
        stride_on=chance.choice(list(StrideOn)) if bottleneck else StrideOn.CONV3X3,
        shortcut=chance.random() < 0.7,
        conv_bias=chance.random() < 0.4,
        output_rule=rule,
        num_classes=chance.randint(1, 100),
        head=chance.random() < 0.7,
        in_channels=chance.randint(1, 4),
    )
