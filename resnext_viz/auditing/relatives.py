"""What relatives of the family have beyond it: attention, deep stems, pooled shortcuts and so on, and where."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import NamedTuple

from resnext_viz.auditing.blocks import Placed
from resnext_viz.auditing.inventory import Conv, Inventory, folders_of
from resnext_viz.auditing.plan import Block, Stage

Note = Callable[..., None]  # (trait, *paths)


class Trait(StrEnum):
    """What relatives of the family have, in words."""

    ATTENTION = "attention in its blocks"
    DEEP_STEM = "a stem of several convolutions"
    POOLED_SHORTCUT = "shortcuts that pool before they project"
    DILATED = "dilated convolutions"
    PREACTIVATED = "norms before the convolutions (ResNet v2)"
    SPLIT = "a grouped convolution written as several"
    OTHER_NORM = "norms that are no batch norm"
    POOLS_INSIDE = "pooling inside the blocks"


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


def relatives_of(
    inventory: Inventory, stem: Sequence[Conv], stages: tuple[Stage, ...], chained: Sequence[Placed]
) -> tuple[tuple[Stage, ...], tuple[Relative, ...]]:
    """What it has beyond the family; a pooled shortcut's stride is put where the family has it."""
    found: dict[Trait, list[str]] = {}

    def note(trait: Trait, *paths: str) -> None:
        if paths:
            found.setdefault(trait, []).extend(paths)

    _note_of_blocks(inventory, chained, note)
    if len(stem) > 1:
        note(Trait.DEEP_STEM, *(conv.path for conv in stem))
    note(Trait.DILATED, *(conv.path for conv in inventory.convs if (conv.dilation or 1) > 1))
    note(Trait.OTHER_NORM, *(norm.path for norm in inventory.norms if not norm.is_batch_norm))
    stages = tuple(tuple(_unpooled(block, inventory, note) for block in stage) for stage in stages)
    return stages, tuple(Relative(trait, tuple(paths)) for trait, paths in found.items())


def _note_of_blocks(inventory: Inventory, chained: Sequence[Placed], note: Note) -> None:
    for placed in chained:
        note(Trait.ATTENTION, *placed.attention)
        if placed.preactivated:
            note(Trait.PREACTIVATED, placed.block.path)
        if placed.split > 1:
            note(Trait.SPLIT, placed.block.path)
    blocks = block_paths(chained)
    note(Trait.ATTENTION, *(linear.path for linear in inventory.linears if is_inside(linear.path, blocks)))


def _unpooled(block: Block, inventory: Inventory, note: Note) -> Block:
    pools = [pool.path for pool in inventory.pools or () if pool.stride > 1 and pool.path.startswith(f"{block.path}.")]
    if not pools:
        return block
    projection = block.projection
    if projection and projection.stride == 1 and block.stride > 1:
        note(Trait.POOLED_SHORTCUT, *pools)
        return block._replace(projection=projection._replace(stride=block.stride))
    note(Trait.POOLS_INSIDE, *pools)
    return block
