"""Which block is drawn, which blocks of a long stage are shown, and what to call the parts of a network."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from resnext_viz.complexity import Cost, layers_cost
from resnext_viz.layers import Block, Layer, Op, Part, StageWalk, Walk

FIRST_SHOWN, LAST_SHOWN, ALL_SHOWN = 6, 2, 12

PART_NAMES = {
    Part.STEM: "stem",
    Part.REDUCE: "reduce 1×1",
    Part.TRANSFORM: "transform 3×3",
    Part.EXPAND: "expand 1×1",
    Part.SHORTCUT: "shortcut 1×1",
    Part.HEAD: "head",
}


class Hidden(NamedTuple):
    """A run of blocks that is not drawn one by one."""

    blocks: int


def within(network: Walk, chosen: tuple[int, int]) -> tuple[int, int]:
    """The chosen (stage, block), both from 1, moved to the nearest that this network has."""
    stage = min(max(chosen[0], 1), len(network.stages))
    return stage, min(max(chosen[1], 1), network.stages[stage - 1].depth)


def block_at(network: Walk, chosen: tuple[int, int]) -> Block:
    """The block at a (stage, block) that `within` gave."""
    stage = network.stages[chosen[0] - 1]
    return stage.first if chosen[1] == 1 or stage.rest is None else stage.rest


def folded(count: int, keep: Iterable[int] = ()) -> Iterator[int | Hidden]:
    """The block numbers to show of `count`, with `Hidden` runs between; a kept block is never hidden.

    Up to `ALL_SHOWN` everything is shown; above, the first six and the last two.
    """
    if count <= ALL_SHOWN:
        yield from range(1, count + 1)
        return
    shown = {*range(1, FIRST_SHOWN + 1), *range(count - LAST_SHOWN + 1, count + 1), *keep}
    before = 0
    for number in sorted(shown & set(range(1, count + 1))):
        missing = number - before - 1
        if missing == 1:
            yield number - 1
        elif missing:
            yield Hidden(missing)
        yield number
        before = number


def part_costs(stage: StageWalk) -> dict[Part, Cost]:
    """What each part of a whole stage costs, in the order of the main path, then the shortcut."""
    costs: dict[Part, Cost] = {}
    for block, times in ((stage.first, 1), (stage.rest, stage.depth - 1)):
        for layer in block.layers if block else ():
            cost = layers_cost((layer,)).times(times)
            costs[layer.part] = costs[layer.part].plus(cost) if layer.part in costs else cost
    return {part: costs[part] for part in Part if part in costs}


def conv_name(layer: Layer) -> str:
    """`7×7, 64, stride 2`; a pooling is `3×3 max pool, stride 2`."""
    kernel = f"{layer.kernel}×{layer.kernel}"
    what = f"{kernel} max pool" if layer.op is Op.MAX_POOL else f"{kernel}, {layer.c_out:,}"
    return f"{what}, stride {layer.stride}" if layer.stride > 1 else what
