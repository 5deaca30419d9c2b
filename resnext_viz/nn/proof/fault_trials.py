"""Mistakes on purpose: a wrong form beside the right form C, layer by layer, until the first that differs.

Both have the same random weights, affine and statistics (`random_block`), get the same input and compute in float64 on
one CPU thread. Outputs of layers are compared in the order and the shape of form C: the paths' channels side by side,
path 1 first.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

import torch

from resnext_viz.block_forms.faults import Fault, cardinalities, obstacle, suited_block, what_it_does, with_cardinality
from resnext_viz.block_forms.terms import Form, Mode
from resnext_viz.errors import UserError
from resnext_viz.layers import Block
from resnext_viz.nn.layer_outputs import IN_PATHS, Outputs, layer_outputs
from resnext_viz.nn.network import Residual
from resnext_viz.nn.proof.broken_forms import broken_form
from resnext_viz.nn.proof.equivalence import (
    LARGEST_SIDE,
    WEIGHTS_LIMIT,
    Shape,
    block_name,
    block_of,
    input_shape,
    members,
)
from resnext_viz.nn.proof.form_run import random_block
from resnext_viz.nn.proof.forms import cardinality_of
from resnext_viz.nn.proof.located import ROUNDING, Located, LocatedStep, Tried
from resnext_viz.spec import ImageSize, ResNeXtSpec

SMALL_SIDE = 7  # of the map, where only the verdict is asked for
_STEP_OF = {"conv1": 0, "bn1": 0, "conv2": 1, "bn2": 1, "conv3": 2, "bn3": 2, "output": 3}
_EXPAND = {Form.A: "expand, sum, BN", Form.B: "join, expand, BN", Form.C: "expand, BN"}


def break_form(
    block: Block, fault: str, mode: str = Mode.TRAIN, *, seed: int = 0, largest_side: int = LARGEST_SIDE
) -> Located:
    """The mistake `fault` made in `block` of a walk, and where it shows.

    Raises:
        UserError: no such fault or mode; the block cannot have it; a two-layer block, or one too large.
    """
    (mistake,), (usable,) = members(Fault, [fault]), members(Mode, [mode])
    cardinality_of(block)
    if reason := obstacle(mistake, block):
        raise UserError(f"fault is '{mistake}', which block {block_name(block)} cannot have: {reason}")
    shape = _shape(block, mistake, largest_side)
    right = random_block(_prepared(block, mistake), seed).train(usable is Mode.TRAIN)
    wrong = broken_form(right, mistake)
    x = torch.randn(shape, generator=torch.Generator().manual_seed(seed + 1), dtype=torch.float64)
    ours, theirs = layer_outputs(wrong, x), layer_outputs(right, x)
    return _located(mistake, usable, block, shape, theirs, ours, _running(right, wrong))


def break_block(
    spec: ResNeXtSpec, stage: int, block: int, fault: str, mode: str = Mode.TRAIN, image_size: ImageSize | None = None
) -> Located:
    """`break_form` for one block of `spec`, stage and block counted from 1 as on screen."""
    return break_form(block_of(spec, stage, block, image_size), fault, mode)


def try_faults(
    spec: ResNeXtSpec,
    faults: Iterable[str] = tuple(Fault),
    modes: Iterable[str] = tuple(Mode),
    *,
    place: tuple[int, int] | None = None,
) -> Iterator[Tried]:
    """Every mistake at C = 1, C = 2 and the spec's C, on small maps, computed as they are asked for.

    Args:
        spec: the network.
        faults: which mistakes.
        modes: which modes of batch norm.
        place: stage and block, from 1; None takes a block that can have the mistake.

    Raises:
        UserError: no such fault, mode or block; a network of two-layer blocks.
    """
    chosen, usable = members(Fault, faults), members(Mode, modes)
    cardinality_of(block_of(spec, *(place or (1, 1))))
    return (
        _tried(with_cardinality(spec, cardinality), fault, mode, place)
        for fault in chosen
        for mode in usable
        for cardinality in cardinalities(spec)
    )


def _tried(spec: ResNeXtSpec, fault: Fault, mode: Mode, place: tuple[int, int] | None) -> Tried:
    block = block_of(spec, *(place or suited_block(spec, fault)))
    reason = obstacle(fault, block)
    located = None if reason else break_form(block, fault, mode, largest_side=SMALL_SIDE)
    return Tried(fault, spec.cardinality, mode, located, reason)


def _prepared(block: Block, fault: Fault) -> Block:
    """The block with a bias on its last 1x1, where the mistake is about that."""
    if fault is not Fault.BIAS_IN_PATHS:
        return block
    return block._replace(main=(*block.main[:-1], block.main[-1]._replace(bias=True)))


def _shape(block: Block, fault: Fault, largest_side: int) -> Shape:
    """The input, on a map small enough for what the wrong form takes: without groups, C times the weights."""
    if fault is not Fault.GROUPS_FORGOTTEN:
        return input_shape(block, largest_side)
    reduce, transform, expand = block.main
    dense = transform._replace(groups=1)
    if dense.weights > WEIGHTS_LIMIT:
        raise UserError(
            f"without its groups the 3×3 of {block_name(block)} has {dense.weights:,} weights; a check takes up to "
            f"{WEIGHTS_LIMIT:,}, so choose an earlier stage, or a smaller C or d"
        )
    without_groups = block._replace(main=(reduce, dense, expand))
    return min(input_shape(block, largest_side), input_shape(without_groups, largest_side))


def _located(
    fault: Fault, mode: Mode, block: Block, shape: Shape, right: Outputs, wrong: Outputs, running: float | None
) -> Located:
    paths, form = cardinality_of(block), Form(fault.form)
    shortcut = "shortcut, ReLU" if block.identity or block.projection else "ReLU"
    steps = zip(("bn1", "bn2", "bn3", "output"), ("reduce", "transform", _EXPAND[form], shortcut), strict=True)
    layers = (_compared(layer, layer, right, wrong, paths) for layer in wrong)
    first = next((layer for layer in layers if layer.differs), None)
    return Located(
        fault,
        block_name(block),
        paths,
        mode,
        shape,
        what_it_does(fault, block, mode),
        tuple(_compared(layer, words, right, wrong, paths) for layer, words in steps),
        _place(first, form, block) if first else None,
        first.max_abs if first else None,
        _STEP_OF[first.name] if first else None,
        running if mode is Mode.TRAIN else None,
        tuple((right["output"] - wrong["output"]).abs().amax((0, 2, 3)).tolist()),
        float(right["output"].abs().max()),
    )


def _compared(layer: str, name: str, right: Outputs, wrong: Outputs, paths: int) -> LocatedStep:
    """How far the outputs of one layer are apart, behind its ReLU where it has one."""
    a, b = (torch.relu(side[layer]) if layer in ("bn1", "bn2") else side[layer] for side in (right, wrong))
    shapes = tuple(a.shape[1:]), tuple(b.shape[1:])
    apart = (a - b).abs() if a.shape == b.shape else torch.tensor(math.nan)
    largest, scale = float(apart.max()), max(float(a.abs().max()), float(b.abs().max()))
    if not math.isfinite(largest):
        return LocatedStep(name, *shapes, None, None)
    by_path = apart.unflatten(1, (paths, -1)).amax((0, 2, 3, 4)).tolist() if layer in IN_PATHS else []
    return LocatedStep(name, *shapes, largest, largest / scale if scale else 0.0, tuple(by_path))


def _place(first: LocatedStep, form: Form, block: Block) -> str:
    """The layer's path in the wrong form; of separate paths, the first that differs."""
    name, layer = block_name(block), first.name
    if layer == "output":
        return name
    if layer in IN_PATHS and form is not Form.C:
        worst = max(first.by_path, default=0.0)
        path = next((i for i, apart in enumerate(first.by_path) if apart > ROUNDING * worst), 0)
        return f"{name}.paths.{path}.{layer}"
    return f"{name}.paths, their sum" if layer == "conv3" and form is Form.A else f"{name}.{layer}"


def _running(right: Residual, wrong: Residual) -> float | None:
    """How far the running statistics of the last batch norm are apart after one batch; None if one form has none."""
    theirs, ours = (dict(form.get_submodule("bn3").named_buffers()) for form in (right, wrong))
    names = [name for name in ("running_mean", "running_var") if name in ours]
    return max((float((theirs[name] - ours[name]).abs().max()) for name in names), default=None)
