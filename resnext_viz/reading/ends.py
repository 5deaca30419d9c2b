"""What stands before and behind the blocks: the stem with its pooling; one linear layer, or a head of several.

From tensors the usual is assumed of what leaves none: average pooling, and ReLU between two linear layers where their
numbers leave room for it. Twice the channels at the entry mean that the maxima are put before the averages, as fastai
does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

from resnext_viz.complexity import NOTHING, Cost
from resnext_viz.reading.blocks import Placed
from resnext_viz.reading.inventory import Conv, Inventory, Linear, Norm
from resnext_viz.reading.norms import unlikely
from resnext_viz.reading.plan import Head, PlanStep
from resnext_viz.reading.relatives import block_paths, is_inside

_MOST_LINEARS = 6
_MOST_IN_STEM = 4
_COLOURS = 3  # taken where a lazy layer has not seen an image yet


class HeadOp(StrEnum):
    """What a layer of a head computes."""

    AVERAGE = "averages"
    MAX_AND_AVERAGE = "maxima and averages"
    NORM = "batch norm"
    LINEAR = "linear layer"
    RELU = "ReLU"


class HeadStep(NamedTuple):
    """A layer of a head of several."""

    op: HeadOp
    path: str = ""
    c_in: int = 0
    c_out: int = 0
    bias: bool = True

    @property
    def words(self) -> str:
        return f"{self.op.value} {self.c_in:,} → {self.c_out:,}" if self.op is HeadOp.LINEAR else self.op.value


POOLINGS = frozenset({HeadOp.AVERAGE, HeadOp.MAX_AND_AVERAGE})
FEATURES = (HeadStep(HeadOp.AVERAGE),)  # the averages of the last block's maps, and nothing behind them


def named_layers(steps: Sequence[HeadStep]) -> Iterator[tuple[str, HeadStep]]:
    """The layers behind the pooling, under the names that they have in our network."""
    behind = (step for step in steps if step.op not in POOLINGS)
    yield from ((f"fc.{number}", step) for number, step in enumerate(behind))


class FoundHead(NamedTuple):
    """What was found behind the blocks."""

    head: Head | None
    steps: tuple[HeadStep, ...]  # of a head of several layers; empty for one linear layer
    words: tuple[str, ...]  # what was assumed, or could not be told

    @property
    def paths(self) -> tuple[str, ...]:
        return tuple(step.path for step in self.steps if step.path) or ((self.head.path,) if self.head else ())

    @property
    def beyond(self) -> Cost:
        """What a head of several layers costs beyond the one linear layer that a plan has."""
        if not self.steps or self.head is None:
            return NOTHING
        linears = [step for step in self.steps if step.op is HeadOp.LINEAR]
        weights = sum(step.c_in * step.c_out for step in linears) - self.head.c_in * self.head.classes
        biases = sum(step.c_out * step.bias for step in linears) - self.head.classes * self.head.bias
        norms = sum(2 * step.c_out for step in self.steps if step.op is HeadOp.NORM)
        return Cost(weights + biases + norms, weights, sum(step.c_out for step in linears) - self.head.classes)


def find_head(channels: int, outside: Sequence[Linear], norms: Sequence[Norm], behind: Sequence[Conv]) -> FoundHead:
    """The head of a network whose last block puts out `channels`.

    Args:
        channels: of the last block.
        outside: linear layers outside the blocks.
        norms: those that stand behind no convolution.
        behind: convolutions behind the last block that belong to none.
    """
    chains = [_chain(entry, outside) for entry in outside if entry.c_in in (channels, 2 * channels)]
    if chains:
        # Of several, the one that takes the channels as they are, and the last of those.
        chosen = max(chains, key=lambda chain: (chain[0].c_in == channels, chain[0].place))
        return _found(chosen, channels, norms, outside)
    if outside:
        last = max(outside, key=lambda linear: linear.place)
        return FoundHead(Head(last.path, last.c_in or channels, last.c_out, last.bias), (), _more(outside, [last]))
    if len(behind) == 1 and behind[0].is_pointwise and behind[0].per_group == channels:
        conv = behind[0]
        return FoundHead(Head(conv.path, channels, conv.c_out, conv.bias), (), ())
    return FoundHead(None, (), ("No linear layer was found, so the classes are not known.",))


def _chain(entry: Linear, outside: Sequence[Linear]) -> list[Linear]:
    """The linear layers that follow each other from `entry` on, each taking what the one before puts out."""
    chain = [entry]
    while len(chain) < _MOST_LINEARS:
        folder = chain[-1].path.rpartition(".")[0]
        following = [
            linear
            for linear in outside
            if linear.place > chain[-1].place and linear.c_in == chain[-1].c_out and linear not in chain
        ]
        if not following:
            break
        chain.append(min(following, key=lambda linear: (linear.path.rpartition(".")[0] != folder, linear.place)))
    return chain


def _found(chain: list[Linear], channels: int, norms: Sequence[Norm], outside: Sequence[Linear]) -> FoundHead:
    entry, last = chain[0], chain[-1]
    head = Head(last.path, channels, last.c_out, last.bias if len(chain) == 1 else True)
    steps = _steps(chain, channels, norms)
    more = _more(outside, chain)
    if len(steps) == 1:
        return FoundHead(head, (), more)
    words = ", ".join(step.words for step in steps)
    assumed = f"Its head has several layers: {words}; what leaves no tensors between them is assumed."
    return FoundHead(head._replace(bias=True), steps, (assumed, *more)) if entry.c_in else FoundHead(head, (), more)


def _steps(chain: Sequence[Linear], channels: int, norms: Sequence[Norm]) -> tuple[HeadStep, ...]:
    steps: list[HeadStep] = []
    if chain[0].c_in == 2 * channels:
        steps.append(HeadStep(HeadOp.MAX_AND_AVERAGE))
    width, before = chain[0].c_in, None
    for linear in chain:
        between = [
            norm for norm in norms if norm.channels == width and norm.is_batch_norm and _stands(norm, before, linear)
        ]
        norm = min(between, key=lambda norm: norm.place) if between else None
        relu_first = before is not None and norm is not None and _room(before.path, norm.path)
        if relu_first:
            steps.append(HeadStep(HeadOp.RELU))
        if norm is not None:
            steps.append(HeadStep(HeadOp.NORM, norm.path, width, width))
        if before is not None and not relu_first and _room(norm.path if norm else before.path, linear.path, True):
            steps.append(HeadStep(HeadOp.RELU))
        steps.append(HeadStep(HeadOp.LINEAR, linear.path, linear.c_in, linear.c_out, linear.bias))
        width, before = linear.c_out, linear
    steps.extend(_behind(chain[-1], norms, {step.path for step in steps}))
    return tuple(steps)


def _behind(last: Linear, norms: Sequence[Norm], used: set[str]) -> Iterator[HeadStep]:
    """A batch norm behind the last linear layer, as networks for faces have it."""
    behind = [norm for norm in norms if norm.channels == last.c_out and norm.is_batch_norm and norm.place > last.place]
    if behind and behind[0].path not in used:
        yield HeadStep(HeadOp.NORM, behind[0].path, last.c_out, last.c_out)


def _stands(norm: Norm, before: Linear | None, after: Linear) -> bool:
    """Whether a norm stands in front of a linear layer, behind the one before."""
    return norm.place < after.place and (before is None or norm.place > before.place)


def _room(first: str, second: str, usual: bool = False) -> bool:
    """Whether numbers of siblings leave room for a layer without tensors between them; `usual` if they tell nothing."""
    (folder, _, one), (other, _, two) = first.rpartition("."), second.rpartition(".")
    if folder != other or not (one.isdecimal() and two.isdecimal()):
        return usual
    return int(two[:9]) - int(one[:9]) > 1


def _more(outside: Sequence[Linear], read: Sequence[Linear]) -> tuple[str, ...]:
    if len(outside) <= len(read):
        return ()
    return (f"Of {len(outside)} linear layers outside the blocks, {read[-1].path[:80]} is read as the head.",)


def head_behind(inventory: Inventory, chained: Sequence[Placed], norms: Mapping[str, tuple[Norm, ...]]) -> FoundHead:
    """What stands behind the blocks."""
    blocks, last = block_paths(chained), chained[-1].block.main[-1]
    held = {step.path for placed in chained for step in placed.block.steps}
    end = max(conv.place for conv in inventory.convs if conv.path in held)
    placed_norms = {norm.path for behind in norms.values() for norm in behind}
    return find_head(
        last.c_out,
        [linear for linear in inventory.linears if not is_inside(linear.path, blocks)],
        [norm for norm in inventory.norms if norm.path not in placed_norms and not is_inside(norm.path, blocks)],
        [conv for conv in inventory.convs if conv.place > end and not is_inside(conv.path, blocks)],
    )


def find_stem(inventory: Inventory, first: Conv, held: set[str]) -> tuple[Conv, ...]:
    """The first convolution, and those that follow it in its own folder or before the first block."""
    folder = first.path.rpartition(".")[0]
    until = min((conv.place for conv in inventory.convs if conv.path in held), default=0)
    stem = [first]
    for conv in inventory.convs:
        beside = (bool(folder) and conv.path.startswith(f"{folder}.")) or conv.place < until
        if beside and conv.path not in held and conv.place > first.place and conv.per_group == stem[-1].c_out:
            stem.append(conv)
    return tuple(stem) if 1 < len(stem) <= _MOST_IN_STEM else (first,)


def stem_steps(stem: tuple[Conv, ...], norms: Mapping[str, tuple[Norm, ...]]) -> tuple[PlanStep, ...]:
    """The stem's convolutions in a plan; strides that are not told are the usual ones."""
    steps = []
    c_in = stem[0].per_group or _COLOURS
    for number, conv in enumerate(stem):
        usual = 2 if number == 0 and (max(conv.kernel) == 7 or len(stem) > 1) else 1
        stride = usual if conv.stride is None else conv.stride
        steps.append(
            PlanStep(
                conv.path,
                c_in,
                conv.c_out,
                max(conv.kernel),
                stride,
                conv.groups or 1,
                conv.bias,
                len(norms[conv.path]),
            )
        )
        c_in = conv.c_out
    return tuple(steps)


def stem_norms(
    stem: tuple[Conv, ...], chained: Sequence[Placed], inventory: Inventory
) -> Iterator[tuple[str, tuple[Norm, ...]]]:
    """The norms that follow each convolution of the stem; where names are sorted, the likeliest beside it."""
    blocks = block_paths(chained)
    outside = [norm for norm in inventory.norms if not is_inside(norm.path, blocks)]
    for conv in stem:
        fitting = [norm for norm in outside if norm.channels in (None, conv.c_out)]
        until = min((other.place for other in inventory.convs if other.place > conv.place), default=conv.place + 3)
        behind = tuple(norm for norm in fitting if conv.place < norm.place < until)
        folder = conv.path.rpartition(".")[0]
        beside = [norm for norm in fitting if norm.path.rpartition(".")[0] in (folder, conv.path)]
        yield conv.path, behind or tuple(sorted(beside, key=lambda norm: unlikely(conv, norm))[:1])


def find_pool(
    inventory: Inventory, stem: Sequence[PlanStep], chained: Sequence[Placed]
) -> tuple[bool, bool, tuple[str, ...]]:
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
