"""What people get wrong when they wire a ResNeXt block: nine mistakes, each in one of the three forms of Fig. 3.

Only words and shapes; `nn.proof.broken_forms` builds them, `nn.proof.fault_trials` shows where each one starts.
Source: arXiv 1611.05431, Fig. 3, section 3.3 and footnote 6.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from enum import StrEnum
from typing import NamedTuple

from resnext_viz.layers import Block, walk
from resnext_viz.spec import BlockKind, ResNeXtSpec

FEWEST_PATHS = 2  # a test of a form needs: with one path most mistakes change nothing


class Fault(StrEnum):
    """One mistake, under the name it has on the command line."""

    BN_IN_PATHS = "bn-in-paths"
    RELU_ON_PATHS = "relu-on-paths"
    GROUPS_FORGOTTEN = "groups-forgotten"
    PATH_ORDER = "path-order"
    BIAS_IN_PATHS = "bias-in-paths"
    STRIDE_ON_REDUCE = "stride-on-1x1"
    INPUT_SPLIT = "input-split"
    GROUPED_REDUCE = "groups-on-first-1x1"
    GROUPED_EXPAND = "groups-on-last-1x1"

    @property
    def heading(self) -> str:
        return _TEXTS[self].heading

    @property
    def form(self) -> str:
        """The form that has the mistake: A, B or C."""
        return _TEXTS[self].form


class _Text(NamedTuple):
    """Words with `{C}`, `{d}`, `{c_in}` and the like to be filled in; `in_eval` where eval mode needs others."""

    heading: str
    form: str
    what: str
    weights: str = ""  # which values the mistaken layers have, where that is not plain
    in_eval: str = ""


_TEXTS = {
    Fault.BN_IN_PATHS: _Text(
        "BN inside each path", "A",
        "Each path now normalises its own {c_out} outputs, so every path weighs the same in the sum.",
        "Every path’s BN has the γ, β and running statistics of the one that should follow the sum.",
        "Each path’s BN now takes the running mean away and adds β: {C} times in all instead of once.",
    ),
    Fault.RELU_ON_PATHS: _Text(
        "ReLU on each path", "A",
        "Each path now loses its negative outputs before the sum, where other paths’ positive ones would meet them.",
    ),
    Fault.GROUPS_FORGOTTEN: _Text(
        "Groups forgotten in (c)", "C",
        "The 3×3 now reads all {width} channels for every output, not the {d} of its own path.",
        "It has {C} times the weights: each path’s kernel is repeated for all {C} slices, so no new number comes in.",
    ),
    Fault.PATH_ORDER: _Text(
        "Paths joined in another order", "B",
        "The paths are joined last first, but the 1×1 behind them expects path 1 first: slices meet another path’s "
        "columns.",
    ),
    Fault.BIAS_IN_PATHS: _Text(
        "Bias in every path", "A",
        "The bias of the last 1×1 is now added {C} times instead of once. BN takes the batch’s mean away and any bias "
        "with it, so in train mode the outputs hide the mistake; it goes into the running mean, which eval mode uses.",
        "", "The bias of the last 1×1 is now added {C} times instead of once.",
    ),
    Fault.STRIDE_ON_REDUCE: _Text(
        "Stride on the 1×1 in (b)", "B",
        "The first 1×1 now skips every second place of the map, so the 3×3 sees a quarter of it; the output’s size is "
        "right all the same.",
    ),
    Fault.INPUT_SPLIT: _Text(
        "Input split between the paths", "A",
        "Path i now sees slice i of the input only, {slice} of its {c_in} channels, where every path should see all.",
        "Each path’s 1×1 keeps the columns of its own slice.",
    ),
    Fault.GROUPED_REDUCE: _Text(
        "Groups on the first 1×1", "C",
        "The first 1×1 now has {C} groups as well, so path i sees {slice} of the {c_in} input channels: in (a), that "
        "is the input split between the paths.",
        "Each group keeps the weights of its own slice.",
    ),
    Fault.GROUPED_EXPAND: _Text(
        "Groups on the last 1×1", "C",
        "The last 1×1 now has {C} groups as well: each path makes {share} of the {c_out} outputs alone, and no paths "
        "are summed.",
        "Each group keeps the weights of its own slice.",
    ),
}  # fmt: skip


def what_it_does(fault: Fault, block: Block, mode: str) -> str:
    """What the mistake does to `block` in train or eval mode, and with which values: one or two sentences."""
    reduce, transform, expand = block.main
    paths, text = transform.groups, _TEXTS[fault]
    words = text.in_eval if text.in_eval and mode == "eval" else text.what
    if fault is Fault.BIAS_IN_PATHS and not expand.bias:
        words = f"{words} This network has no such bias, so both forms get the same random one."
    if fault is Fault.BN_IN_PATHS and expand.bias:
        words = f"{words} The bias of the last 1×1 is added once, in path 1."
    return " ".join(filter(None, (words, text.weights))).format(
        C=f"{paths:,}",
        d=f"{transform.c_out // paths:,}",
        width=f"{transform.c_in:,}",
        c_in=f"{reduce.c_in:,}",
        c_out=f"{expand.c_out:,}",
        slice=f"{reduce.c_in // paths:,}",
        share=f"{expand.c_out // paths:,}",
    )


def obstacle(fault: Fault, block: Block) -> str | None:
    """Why `block`, a bottleneck, cannot have the mistake, as half a sentence; None if it can."""
    reduce, transform, expand = block.main
    paths = transform.groups
    if fault is Fault.STRIDE_ON_REDUCE:
        if reduce.stride > 1:
            return "the stride is dialled there already"
        return "this block has no stride" if transform.stride == 1 else None
    split = {Fault.INPUT_SPLIT: reduce.c_in, Fault.GROUPED_REDUCE: reduce.c_in, Fault.GROUPED_EXPAND: expand.c_out}
    channels = split.get(fault, paths)
    return f"{channels:,} channels do not split into {paths:,} equal parts" if channels % paths else None


def cardinalities(spec: ResNeXtSpec) -> tuple[int, ...]:
    """The C to try a mistake at: one path, two, and as dialled."""
    return tuple(sorted({1, FEWEST_PATHS, spec.cardinality}))


def with_cardinality(spec: ResNeXtSpec, cardinality: int) -> ResNeXtSpec:
    """The same network with another C."""
    return replace(spec, cardinality=cardinality)


def suited_block(spec: ResNeXtSpec, fault: Fault) -> tuple[int, int]:
    """Stage and block, from 1, where the mistake is possible: an identity block of the first stage, else the next.

    Where there is none, the first that was tried.
    """
    tried = list(_by_preference(spec))
    return next((place for place, block in tried if obstacle(fault, block) is None), tried[0][0])


def _by_preference(spec: ResNeXtSpec) -> Iterator[tuple[tuple[int, int], Block]]:
    for stage in walk(spec).stages if spec.block is BlockKind.BOTTLENECK else ():
        if stage.rest:
            yield (stage.index + 1, 2), stage.rest
        yield (stage.index + 1, 1), stage.first
