"""What relatives of the family have beyond it: attention, deep stems, pooled shortcuts and so on, and where."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import NamedTuple

from resnext_viz.complexity import NOTHING, Cost
from resnext_viz.reading.blocks import Placed
from resnext_viz.reading.inventory import Conv, Inventory, Linear, folders_of
from resnext_viz.reading.parallel import Joining
from resnext_viz.reading.plan import PlanBlock, Stage

Note = Callable[..., None]  # (trait, *paths)


class Trait(StrEnum):
    """What relatives of the family have, in words."""

    ATTENTION = "attention in its blocks"
    DEEP_STEM = "a stem of several convolutions"
    POOLED_SHORTCUT = "shortcuts that pool before they project"
    DILATED = "dilated convolutions"
    PREACTIVATED = "norms before the convolutions (ResNet v2)"
    HEAD = "a head of several layers"
    SPLIT = "a grouped convolution written as several"
    SUMMED = "every path written out, and their sum normed: form (a)"
    CONCATENATED = "every path written out to its 3×3, and concatenated: form (b)"
    OTHER_NORM = "norms that are no batch norm"
    POOLS_INSIDE = "pooling inside the blocks"


SAME_NETWORK = frozenset({Trait.SPLIT, Trait.SUMMED, Trait.CONCATENATED})  # they compute what the grouped 3x3 does


class Relative(NamedTuple):
    """A trait and where it is."""

    trait: Trait
    paths: tuple[str, ...]


def block_paths(chained: Sequence[Placed]) -> frozenset[str]:
    """Where the blocks are."""
    return frozenset(placed.block.path for placed in chained)


def is_inside(path: str, blocks: frozenset[str]) -> bool:
    """Whether a path lies in one of the blocks."""
    return any(folder in blocks for folder in folders_of(path))


def is_below(path: str, folder: str) -> bool:
    """Whether a path lies in a folder, at any depth."""
    return path.startswith(f"{folder}.")


def relatives_of(
    inventory: Inventory,
    stem: Sequence[Conv],
    stages: tuple[Stage, ...],
    chained: Sequence[Placed],
    joined: Joining,
) -> tuple[tuple[Stage, ...], tuple[Relative, ...]]:
    """What it has beyond the family; a pooled shortcut's stride is put where the family has it."""
    found: dict[Trait, list[str]] = {}

    def note(trait: Trait, *paths: str) -> None:
        if paths:
            found.setdefault(trait, []).extend(paths)

    blocks = block_paths(chained)
    _note_of_blocks(inventory, chained, note)
    note(Trait.SPLIT, *joined.split)
    note(Trait.SUMMED, *joined.summed)
    note(Trait.CONCATENATED, *joined.concatenated)
    if len(stem) > 1:
        note(Trait.DEEP_STEM, *(conv.path for conv in stem))
    note(Trait.DILATED, *(conv.path for conv in inventory.convs if (conv.dilation or 1) > 1))
    behind = {norm.path for placed in chained for norms in placed.norms.values() for norm in norms}
    others = [norm for norm in inventory.norms if not norm.is_batch_norm]
    note(Trait.OTHER_NORM, *(norm.path for norm in others if norm.path in behind or is_inside(norm.path, blocks)))
    unpooled = tuple(tuple(_unpooled(block, inventory, note) for block in stage) for stage in stages)
    return unpooled, tuple(Relative(trait, tuple(paths)) for trait, paths in found.items())


def attention_cost(inventory: Inventory, chained: Sequence[Placed]) -> Cost:
    """What attention costs where it surely runs on pooled maps: linear layers, and pairs that squeeze and excite.

    Each weight is used once on one image; attention over maps is left out.
    """
    convs = {conv.path: conv for conv in inventory.convs}
    total = NOTHING
    for placed in chained:
        found = [convs[path] for path in placed.attention if path in convs]
        found.sort(key=lambda conv: conv.c_out)
        if len(found) == 2 and (found[0].per_group, found[0].c_out) == (found[1].c_out, found[1].per_group):
            for conv in found:
                total = total.plus(_on_one_place(conv.per_group or 0, conv.c_out, conv.bias))
    for linear in attention_linears(inventory, chained):
        total = total.plus(_on_one_place(linear.c_in, linear.c_out, linear.bias))
    return total


def attention_linears(inventory: Inventory, chained: Sequence[Placed]) -> tuple[Linear, ...]:
    """Linear layers in the blocks that take or give as many numbers as a block or its 3x3 puts out channels."""
    blocks = block_paths(chained)
    widths = {placed.block.main[-1].c_out for placed in chained} | {placed.block.transform.c_out for placed in chained}
    inside = (linear for linear in inventory.linears if is_inside(linear.path, blocks))
    return tuple(linear for linear in inside if linear.c_in in widths or linear.c_out in widths)


def _on_one_place(c_in: int, c_out: int, bias: bool) -> Cost:
    return Cost(c_in * c_out + c_out * bias, c_in * c_out, c_out)


def _note_of_blocks(inventory: Inventory, chained: Sequence[Placed], note: Note) -> None:
    for placed in chained:
        note(Trait.ATTENTION, *placed.attention)
        if placed.preactivated:
            note(Trait.PREACTIVATED, placed.block.path)
    note(Trait.ATTENTION, *(linear.path for linear in attention_linears(inventory, chained)))


def _unpooled(block: PlanBlock, inventory: Inventory, note: Note) -> PlanBlock:
    pools = [pool.path for pool in inventory.pools or () if pool.stride > 1 and pool.path.startswith(f"{block.path}.")]
    if not pools:
        return block
    projection = block.projection
    if projection and projection.stride == 1 and block.stride > 1:
        note(Trait.POOLED_SHORTCUT, *pools)
        return block._replace(projection=projection._replace(stride=block.stride))
    note(Trait.POOLS_INSIDE, *pools)
    return block
