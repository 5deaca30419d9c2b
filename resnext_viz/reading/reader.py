"""Inventory -> the network as a plan: stem, stages of blocks, head; and in words what could not be told.

Blocks are chained: each must take what the one before puts out. Where the chain breaks, reading ends, and what is left
is named.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from resnext_viz.complexity import NOTHING, Cost
from resnext_viz.reading.blocks import Placed, block_groups, image_conv, place
from resnext_viz.reading.ends import FoundHead, find_pool, find_stem, head_behind, stem_norms, stem_steps
from resnext_viz.reading.family import REGNET, kin_of, why_not_of_family
from resnext_viz.reading.inventory import Conv, Inventory, Layer, Norm
from resnext_viz.reading.order import in_order_of_names, in_order_of_numbers, is_by_number
from resnext_viz.reading.parallel import Joining, with_paths_joined
from resnext_viz.reading.parts import WHOLE, FilePart, choose_part, within
from resnext_viz.reading.plan import Plan, PlanBlock, Stage
from resnext_viz.reading.relatives import (
    Relative,
    Trait,
    attention_cost,
    attention_linears,
    is_below,
    is_inside,
    relatives_of,
)
from resnext_viz.reading.specs import exact_spec, unfolded

_SHOWN = 3  # paths named before "and N more"
_LEAST_BLOCKS = 2  # of what stands beside others as a network of its own
_MOST_STAGES = 8
_ORDERS = (in_order_of_numbers, lambda inventory: inventory, in_order_of_names)  # tried in turn
_MOST_COLOURS = 4  # of an image


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
        norms: behind each convolution of the plan, by its path.
        part: which of several networks this is.
        head: what stands behind the blocks.
        beyond: what is read and costs something, and no plan has: attention on pooled maps, more layers of the head.
        kin: which relative it is that cannot be read, in words; empty if it is read, or none.
    """

    plan: Plan | None
    inventory: Inventory
    relatives: tuple[Relative, ...] = ()
    unread: tuple[str, ...] = ()
    left_over: tuple[str, ...] = ()
    why_not: str = ""
    pool_known: bool = True
    norms: Mapping[str, tuple[Norm, ...]] = field(default_factory=dict)
    part: FilePart = WHOLE
    head: FoundHead | None = None
    beyond: Cost = NOTHING
    kin: str = ""

    @property
    def left_inside(self) -> tuple[str, ...]:
        """What is left over and may change what the network computes: in a block, among the blocks, or behind them."""
        if self.plan is None:
            return ()
        left = set(self.left_over)
        folders = frozenset(block.path for block in self.plan.blocks)
        steps = {step.path for step in self.plan.steps}
        end = max(conv.place for conv in self.inventory.convs if conv.path in steps)
        channels = [*self.plan.blocks][-1].main[-1].c_out
        convs = {conv.path for conv in self.inventory.convs if conv.place < end or conv.per_group == channels}
        norms = {norm.path for norm in self.inventory.norms if norm.channels == channels}
        inside = {path for path in left if is_inside(path, folders)}
        return tuple(sorted(inside | (left & (convs | norms))))

    @property
    def left_in_head(self) -> tuple[str, ...]:
        """What is left over and may change what a head of several layers computes: beside it, or a norm of a width."""
        if self.plan is None or self.head is None or not self.head.steps:
            return ()
        folders = {step.path.rpartition(".")[0] for step in self.head.steps if step.path}
        own = [
            folder
            for folder in folders
            if folder and not any(is_below(block.path, folder) for block in self.plan.blocks)
        ]
        widths = {step.c_in for step in self.head.steps if step.path}
        norms = {norm.path for norm in self.inventory.norms if norm.channels in widths}
        return tuple(path for path in self.left_over if path in norms or any(is_below(path, folder) for folder in own))

    @property
    def strides_known(self) -> bool:
        """Whether strides can be judged: a bare tensor has none, and pooling inside a block takes their place."""
        pooled = any(relative.trait is Trait.POOLS_INSIDE for relative in self.relatives)
        return self.inventory.has_strides and not pooled


def read(inventory: Inventory, part: str | None = None) -> Reading:
    """The network in an inventory; of several the one called `part`, or the one that is proposed.

    Raises:
        PartError: there is no network of that name.
    """
    chosen = choose_part(inventory, part, _is_network, _is_one)
    reading = _read_one(within(inventory, chosen.name))
    kin = "" if reading.plan or reading.why_not == REGNET else kin_of(within(inventory, chosen.name))
    return replace(reading, part=chosen, kin=kin, unread=(*part_words(chosen), *reading.unread))


def _is_network(inventory: Inventory) -> bool:
    reading = _read_one(inventory)
    plan = reading.plan
    return plan is not None and plan.stem[0].c_in <= _MOST_COLOURS and _blocks_in(reading) >= _LEAST_BLOCKS


def _is_one(inventory: Inventory) -> bool:
    reading = _read_one(inventory)
    return reading.plan is not None and not _conv_paths(reading.inventory).intersection(reading.left_over)


def part_words(part: FilePart) -> Iterator[str]:
    """Which of several networks is read, and what lies beside it."""
    if part.others:
        names = in_words((part.name, *part.others))
        yield f"It holds {len(part.others) + 1} networks: {names}. {part.name[:80]} is read: {part.why}."
    if part.beside:
        yield f"{in_words(part.beside)} beside the network {'is' if len(part.beside) == 1 else 'are'} no part of it."


def _read_one(inventory: Inventory) -> Reading:
    """One network, in the first order of its layers in which every convolution has a place, and which makes a spec.

    Where channels are few, more than one order is a chain of layers; that of a network of the family is meant, whose
    blocks stand by the numbers in their names.
    """
    if not inventory.convs:
        return _nothing(inventory, "it has no convolution over maps")
    joined = with_paths_joined(inventory)
    tried: list[Reading] = []
    whole: list[Reading] = []
    exact: list[Reading] = []
    for order in _ORDERS:
        reading = _read_in_order(order(joined.inventory), joined)
        if reading.plan is not None and not _conv_paths(joined.inventory).intersection(reading.left_over):
            is_exact = exact_spec(unfolded(reading.plan)) is not None
            if is_exact and is_by_number([block.path for block in reading.plan.blocks]):
                return reading
            (exact if is_exact else whole).append(reading)
        tried.append(reading)
    return next(iter((*exact, *whole)), None) or max(tried, key=_blocks_in)


def _conv_paths(inventory: Inventory) -> set[str]:
    return {conv.path for conv in inventory.convs}


def _blocks_in(reading: Reading) -> int:
    return sum(1 for _ in reading.plan.blocks) if reading.plan else 0


def _read_in_order(inventory: Inventory, joined: Joining) -> Reading:
    first = image_conv(inventory.convs)
    if first is None:
        return _nothing(inventory, "it has no convolution over maps")
    groups = block_groups(inventory, first)
    held = {conv.path for group in groups for conv in group.convs}
    stem = find_stem(inventory, first, held)
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
    if len(stem) > 1 and (stem[0].per_group or 0) > _MOST_COLOURS:
        why_not = "no convolution that takes an image was found before its blocks"
    if why_not:
        return _nothing(inventory, why_not)
    return _complete(inventory, stem, chained, parents, joined)


def _complete(
    inventory: Inventory, stem: tuple[Conv, ...], chained: Sequence[Placed], parents: _Parents, joined: Joining
) -> Reading:
    stages = _stages(chained, parents)
    if len(stages) > _MOST_STAGES:
        return _nothing(inventory, f"its blocks change their output {len(stages) - 1} times, which makes no stages")
    norms = dict(stem_norms(stem, chained, inventory))
    steps = stem_steps(stem, norms)
    for placed in chained:
        norms.update(placed.norms)
    found = head_behind(inventory, chained, norms)
    head = found.head
    pool, pool_seen, pool_words = find_pool(inventory, steps, chained)
    blocks, relatives = relatives_of(inventory, stem, stages, chained, joined)
    if found.steps:
        relatives = (*relatives, Relative(Trait.HEAD, found.paths))
    plan = Plan(steps, pool, blocks, head)
    if any(placed.preactivated for placed in chained):  # their norms have the channels of what goes in
        plan = plan.every_step(lambda step: step._replace(norms=1))
    used = {step.path for step in plan.steps} | set(found.paths)
    used |= {path for placed in chained for path in placed.attention}
    used |= {linear.path for linear in attention_linears(inventory, chained)}
    used |= {norm.path for behind in norms.values() for norm in behind}
    layers: tuple[Layer, ...] = (*inventory.convs, *inventory.norms, *inventory.linears)
    left = tuple(layer.path for layer in layers if layer.path not in used)
    others = tuple(other.path for other in inventory.others)
    pools_inside = any(relative.trait is Trait.POOLS_INSIDE for relative in relatives)
    beyond = found.beyond.plus(attention_cost(inventory, chained))
    unread = (*inventory.notes, *pool_words, *found.words, *_strides_unread(inventory, pools_inside))
    return Reading(
        plan, inventory, relatives, unread, left + others, pool_known=pool_seen, norms=norms, head=found, beyond=beyond
    )


def _nothing(inventory: Inventory, why: str) -> Reading:
    return Reading(None, inventory, (), inventory.notes, (), why)


def _strides_unread(inventory: Inventory, pools_inside: bool) -> Iterator[str]:
    if not inventory.has_strides:
        yield "Stride placement cannot be read from tensors; the 3×3 of each stage's first block is assumed."
    if pools_inside:
        yield "Pooling inside the blocks halves the maps; MACs are counted as if their 3×3 did."
    yield "Whether identity shortcuts are added, and where ReLU stands, is in the forward code, not in the layers."


class _Parents:
    """Which blocks stand in one folder: the stages, where every folder's blocks follow each other."""

    def __init__(self, paths: Sequence[str]) -> None:
        self.parents = [path.rpartition(".")[0] for path in paths]
        runs = [parent for parent, _ in groupby(self.parents)]
        self.are_stages = len(runs) == len(set(runs)) and 1 < len(runs) <= _MOST_STAGES and len(runs) < len(paths)

    def begins_stage(self, number: int, block: PlanBlock, before: PlanBlock) -> bool:
        if self.are_stages:
            return self.parents[number] != self.parents[number - 1]
        return block.main[-1].c_out != before.main[-1].c_out or block.stride > 1


def _stages(chained: Sequence[Placed], parents: _Parents) -> tuple[Stage, ...]:
    stages: list[list[PlanBlock]] = []
    for number, placed in enumerate(chained):
        if not number or parents.begins_stage(number, placed.block, chained[number - 1].block):
            stages.append([])
        stages[-1].append(placed.block)
    return tuple(map(tuple, stages))


def in_words(paths: Sequence[str]) -> str:
    """The first few paths, and how many more there are."""
    shown = ", ".join(path[:80] or "the network itself" for path in paths[:_SHOWN])
    return shown if len(paths) <= _SHOWN else f"{shown} and {len(paths) - _SHOWN} more"
