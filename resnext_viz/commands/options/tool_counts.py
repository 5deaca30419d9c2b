"""What `count --tools` prints below the counts, and `--check` below that."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from resnext_viz.commands.options.printing import aligned
from resnext_viz.complexity import complexity
from resnext_viz.conventions import ToolCount
from resnext_viz.conventions.installable import check_runnable
from resnext_viz.figures.counting.tool_table import difference_percent, formula, skipped_names
from resnext_viz.kit.memory_bound import memory_bound
from resnext_viz.kit.number_format import exact, signed
from resnext_viz.spec import ImageSize, ResNeXtSpec

if TYPE_CHECKING:
    from resnext_viz.bench.tool_check import Match, ToolRun

_MEMORY_BYTES = 6 * 2**30  # for a tool on the largest network that it is run on, and torch


def tools_in_words(counts: Sequence[ToolCount]) -> str:
    """A line for each tool, and under it how its number follows from ours and what it skips."""
    rows = [
        (
            count.tool.title,
            count.tool.unit,
            exact(count.total),
            signed(count.difference),
            difference_percent(count),
        )
        for count in counts
    ]
    head, *lines = aligned(("tool", "calls it", "number", "to our MACs", ""), rows, words=2).splitlines()
    told = [f"What other tools print; our MACs are {exact(counts[0].tallies.macs)}.", "", head]
    for line, count in zip(lines, counts, strict=True):
        told += [line, f"    = {formula(count)}"]
        skipped = skipped_names(count)
        if skipped:
            told.append(f"    skips {skipped}")
        if count.tool.source:
            told.append(f"    {count.tool.source}")
    return "\n".join(told)


def check(spec: ResNeXtSpec, image_size: int, count: int) -> list[Match]:
    """The installed tools compared with their rules on this network, the small presets and `count` random ones.

    Raises:
        UserError: this network is too large for tools that build it.
    """
    check_runnable(complexity(spec, image_size))
    from resnext_viz.bench.tool_check import (
        CountedNetwork,
        check_tools,
        preset_networks,
        random_networks,
    )

    networks = [CountedNetwork(spec, image_size), *preset_networks(), *random_networks(count)]
    networks = list(dict.fromkeys(networks))
    shown = sys.stderr.isatty()

    def tell(done: int) -> None:
        print(f"\rcompared {done} of {len(networks)} networks", end="", file=sys.stderr, flush=True)

    matches = check_tools(networks, on_network=tell if shown else None)
    if shown:
        print(file=sys.stderr)
    return matches


def run_tools_of(spec: ResNeXtSpec, image_size: ImageSize, rule: str) -> list[ToolRun]:
    """What the installed tools of a rule print for this network.

    Raises:
        UserError: this network is too large for tools that build it.
    """
    check_runnable(complexity(spec, image_size))
    from resnext_viz.bench.tool_check import CountedNetwork, run_tools

    with memory_bound(_MEMORY_BYTES):
        return run_tools(CountedNetwork(spec, image_size), rule)


def runs_in_words(runs: Sequence[ToolRun]) -> str:
    """A line for each tool that was run."""
    rows = [(each.tool, each.version or "not installed", _printed(each), exact(each.expected)) for each in runs]
    return aligned(("tool, run here", "version", "printed", "we say"), rows, words=2)


def _printed(each: ToolRun) -> str:
    return each.problem or ("" if each.printed is None else exact(each.printed))


def check_in_words(matches: Sequence[Match]) -> str:
    """A line for each tool, and what the first difference was."""
    rows = [
        (
            match.tool,
            match.version or "not installed",
            str(match.compared) if match.version else "",
            str(match.equal) if match.version else "",
            "" if match.version is None else "equal" if match.holds else "DIFFERS",
        )
        for match in matches
    ]
    table = aligned(("tool", "version", "networks", "equal", ""), rows, words=2)
    different = [
        f"{match.tool} {match.version} differs from its rule, first for {match.first_mismatch}"
        for match in matches
        if not match.holds
    ]
    return "\n".join([table, *different])
