"""Inventory -> the network as a plan: stem, stages of blocks, head; and in words what could not be told.

Blocks are chained: each must take what the one before puts out. Where the chain breaks, reading ends, and what is left
is named.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from resnext_viz.auditing.blocks import Placed, block_groups, image_conv, place
from resnext_viz.auditing.family import why_not_of_family
from resnext_viz.auditing.inventory import Conv, Inventory, Layer, Linear, Norm
from resnext_viz.auditing.plan import Block, Head, Plan, Stage, Step
from resnext_viz.auditing.relatives import Relative, Trait, block_paths, is_inside, relatives_of

_SHOWN = 3  # paths named before "and N more"
_MOST_STAGES = 8
_MOST_IN_STEM = 4
_COLOURS = 3  # taken where a lazy layer has not seen an image yet


@dataclass(frozen=True)
class Reading:
    """What was understood.

    Attributes:
        plan: the network; None if it is not of this family.
        relatives: what it has beyond the family.
        unread: what could not be told, in words.
        pool_known: whether a pooling behind the stem, or none, was seen and not assumed.
        left_over: paths of layers that have no place in the plan.
        why_not: why there is no plan, in words.
    """

    plan: Plan | None
    inventory: Inventory
    relatives: tuple[Relative, ...] = ()
    unread: tuple[str, ...] = ()
    left_over: tuple[str, ...] = ()
    why_not: str = ""
    pool_known: bool = True

    @property
    def strides_known(self) -> bool:
        """Whether strides can be judged: a bare tensor has none, and pooling inside a block takes their place."""
        pooled = any(relative.trait is Trait.POOLS_INSIDE for relative in self.relatives)
        return self.inventory.has_strides and not pooled


def read(inventory: Inventory) -> Reading:
    """The network in an inventory, in the order it came in or, where that makes no chain, in the order of names."""
    if not inventory.convs:
        return _nothing(inventory, "it has no convolution over maps")
    reading = _read_in_order(inventory)
    if reading.plan is not None and not any(path in reading.left_over for path in _conv_paths(inventory)):
        return reading
    again = _read_in_order(inventory.in_natural_order())
    better = again.plan is not None and (reading.plan is None or _blocks_in(again) > _blocks_in(reading))
    return again if better else reading


def _conv_paths(inventory: Inventory) -> set[str]:
    return {conv.path for conv in inventory.convs}


def _blocks_in(reading: Reading) -> int:
    return sum(1 for _ in reading.plan.blocks) if reading.plan else 0


def _read_in_order(inventory: Inventory) -> Reading:
    first = image_conv(inventory.convs)
    if first is None:
        return _nothing(inventory, "it has no convolution over maps")
    groups = block_groups(inventory, first)
    held = {conv.path for group in groups for conv in group.convs}
    stem = _stem(inventory, first, held)
    chained: list[Placed] = []
    channels = stem[-1].c_out
    parents = _Parents([group.path for group in groups])
    for number, group in enumerate(groups):
        placed = place(group, channels, False)
        if placed is None or (chained and len(placed.block.main) != len(chained[0].block.main)):
            break
        if number and parents.begins_stage(number, placed.block, chained[-1].block):
            placed = place(group, channels, True) or placed
        chained.append(placed)
        channels = placed.block.main[-1].c_out
    why_not = why_not_of_family(chained, len(stem), inventory)
    if why_not:
        return _nothing(inventory, why_not)
    return _complete(inventory, stem, chained, parents)


def _complete(inventory: Inventory, stem: tuple[Conv, ...], chained: Sequence[Placed], parents: _Parents) -> Reading:
    stages = _stages(chained, parents)
    if len(stages) > _MOST_STAGES:
        return _nothing(inventory, f"its blocks change their output {len(stages) - 1} times, which makes no stages")
    steps = _stem_steps(stem, chained, inventory)
    head, heads = _head(inventory, chained)
    pool, pool_seen, pool_words = _pool(inventory, steps, chained)
    blocks, relatives = relatives_of(inventory, stem, stages, chained)
    plan = Plan(steps, pool, blocks, head)
    if any(placed.preactivated for placed in chained):  # their norms have the channels of what goes in
        plan = plan.every_step(lambda step: step._replace(norms=1))
    used = {step.path for step in plan.steps} | ({head.path} if head else set())
    used |= {path for placed in chained for path in placed.attention}
    split = frozenset(placed.block.path for placed in chained if placed.split > 1)
    layers: tuple[Layer, ...] = (*inventory.convs, *inventory.linears)
    left = tuple(layer.path for layer in layers if layer.path not in used and not is_inside(layer.path, split))
    others = tuple(other.path for other in inventory.others)
    pools_inside = any(relative.trait is Trait.POOLS_INSIDE for relative in relatives)
    unread = (*inventory.notes, *pool_words, *heads, *_strides_unread(inventory, pools_inside))
    return Reading(plan, inventory, relatives, unread, left + others, pool_known=pool_seen)


def _nothing(inventory: Inventory, why: str) -> Reading:
    return Reading(None, inventory, (), inventory.notes, (), why)


def _strides_unread(inventory: Inventory, pools_inside: bool) -> Iterator[str]:
    if not inventory.has_strides:
        yield "Stride placement cannot be read from tensors; the 3×3 of each stage's first block is assumed."
    if pools_inside:
        yield "Pooling inside the blocks halves the maps; MACs are counted as if their 3×3 did."
    yield "Whether identity shortcuts are added, and where ReLU stands, is in the forward code, not in the layers."


def _stem(inventory: Inventory, first: Conv, held: set[str]) -> tuple[Conv, ...]:
    """The first convolution, and those that follow it in its own folder or before the first block."""
    folder = first.path.rpartition(".")[0]
    until = min((conv.place for conv in inventory.convs if conv.path in held), default=0)
    stem = [first]
    for conv in inventory.convs:
        beside = (bool(folder) and conv.path.startswith(f"{folder}.")) or conv.place < until
        if beside and conv.path not in held and conv.place > first.place and conv.per_group == stem[-1].c_out:
            stem.append(conv)
    return tuple(stem) if 1 < len(stem) <= _MOST_IN_STEM else (first,)


def _stem_steps(stem: tuple[Conv, ...], chained: Sequence[Placed], inventory: Inventory) -> tuple[Step, ...]:
    blocks = block_paths(chained)
    norms = [norm for norm in inventory.norms if not is_inside(norm.path, blocks)]
    steps = []
    c_in = stem[0].per_group or _COLOURS
    for number, conv in enumerate(stem):
        usual = 2 if number == 0 and (max(conv.kernel) == 7 or len(stem) > 1) else 1
        stride = usual if conv.stride is None else conv.stride
        steps.append(Step(conv.path, c_in, conv.c_out, max(conv.kernel), stride, conv.groups or 1, conv.bias,
                          _norms_of(conv, norms, inventory)))
        c_in = conv.c_out
    return tuple(steps)


def _norms_of(conv: Conv, norms: Sequence[Norm], inventory: Inventory) -> int:
    """How many norms follow a convolution of the stem; where names are sorted, one beside it counts."""
    fitting = [norm for norm in norms if norm.channels in (None, conv.c_out)]
    until = min((other.place for other in inventory.convs if other.place > conv.place), default=conv.place + 3)
    behind = sum(conv.place < norm.place < until for norm in fitting)
    folder = conv.path.rpartition(".")[0]
    return behind or min(1, sum(norm.path.rpartition(".")[0] == folder for norm in fitting))


class _Parents:
    """Which blocks stand in one folder: the stages, where every folder's blocks follow each other."""

    def __init__(self, paths: Sequence[str]) -> None:
        self.parents = [path.rpartition(".")[0] for path in paths]
        runs = [parent for parent, _ in groupby(self.parents)]
        self.are_stages = len(runs) == len(set(runs)) and 1 < len(runs) <= _MOST_STAGES and len(runs) < len(paths)

    def begins_stage(self, number: int, block: Block, before: Block) -> bool:
        if self.are_stages:
            return self.parents[number] != self.parents[number - 1]
        return block.main[-1].c_out != before.main[-1].c_out or block.stride > 1


def _stages(chained: Sequence[Placed], parents: _Parents) -> tuple[Stage, ...]:
    stages: list[list[Block]] = []
    for number, placed in enumerate(chained):
        if not number or parents.begins_stage(number, placed.block, chained[number - 1].block):
            stages.append([])
        stages[-1].append(placed.block)
    return tuple(map(tuple, stages))


def _head(inventory: Inventory, chained: Sequence[Placed]) -> tuple[Head | None, tuple[str, ...]]:
    """The linear layer that takes the last block's channels, else the last one; or a 1×1 in its place."""
    blocks = block_paths(chained)
    outside = [linear for linear in inventory.linears if not is_inside(linear.path, blocks)]
    if outside:
        channels = chained[-1].block.main[-1].c_out
        last = max(outside, key=lambda linear: (linear.c_in == channels, linear.place))
        return Head(last.path, last.c_in or channels, last.c_out, last.bias), _more_linears(outside, last)
    channels, end = chained[-1].block.main[-1].c_out, chained[-1].block.main[-1].path
    after = max(conv.place for conv in inventory.convs if conv.path == end)
    for conv in reversed(inventory.convs):
        is_behind = conv.place > after and not is_inside(conv.path, blocks)
        if is_behind and conv.is_pointwise and conv.per_group == channels:
            return Head(conv.path, channels, conv.c_out, conv.bias), ()
    return None, ("No linear layer was found, so the classes are not known.",)


def _more_linears(outside: Sequence[Linear], last: Linear) -> tuple[str, ...]:
    if len(outside) == 1:
        return ()
    return (f"Of {len(outside)} linear layers outside the blocks, {last.path[:80]} is read as the head.",)


def _pool(inventory: Inventory, stem: Sequence[Step], chained: Sequence[Placed]) -> tuple[bool, bool, tuple[str, ...]]:
    """Whether a pooling follows the stem, told by a module's layers, else what is usual; and whether it was told."""
    total = 1
    for step in stem:
        total *= step.stride
    usual = total > 1 or stem[0].kernel == 7
    if inventory.pools is None:
        words = "Whether the stem pools cannot be read from tensors; what is claimed, or no pooling, is assumed."
        return usual, False, () if usual else (words,)
    blocks = block_paths(chained)
    before = [pool for pool in inventory.pools if pool.stride == 2 and not is_inside(pool.path, blocks)]
    if before:
        return True, True, ()
    words = "No pooling layer was found behind the stem; the usual pooling is assumed."
    return usual, not usual, (words,) if usual else ()


def in_words(paths: Sequence[str]) -> str:
    """The first few paths, and how many more there are."""
    shown = ", ".join(path[:80] or "the network itself" for path in paths[:_SHOWN])
    return shown if len(paths) <= _SHOWN else f"{shown} and {len(paths) - _SHOWN} more"
