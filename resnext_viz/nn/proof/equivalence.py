"""The proof by computing that forms A, B and C are one block: their outputs and gradients, side by side.

Weights, batch-norm affine and running statistics are random (defaults hide mistakes) and the same in all forms. A row
compares two forms:

- output: what the forward pass leaves: the output, and in train mode also the updated running statistics.
- gradient: of Σ output·r for random r, with respect to the input and to every weight, mapped to form C. ReLU inputs
  that rounding puts on different sides of zero are taken on form C's side (`relu_sides`); `kinks` counts them.
- max_abs, max_rel: the worst over all those tensors. Relative is max|a − b| over the larger of max|a| and max|b|, in
  one tensor. A layer's weight and bias count as one tensor, and so do its mean and variance: in front of batch norm
  the gradient of a bias is zero, and nothing is small relative to zero.
- equal: max_rel is at most `ACCEPTED_EPSILONS` machine epsilons of the dtype.

Source: arXiv 1611.05431, section 4 ("strictly equivalent, when BN and ReLU are appropriately addressed"), footnote 6.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from typing import Any, NamedTuple, TypeVar

import torch

from resnext_viz.block_forms.terms import ACCEPTED_EPSILONS, EPSILON, Form, Mode
from resnext_viz.errors import UserError
from resnext_viz.layers import Block, walk
from resnext_viz.nn.device import choose_device
from resnext_viz.nn.network import Residual
from resnext_viz.nn.proof.form_run import FormRun, What, largest_difference, random_block
from resnext_viz.nn.proof.forms import cardinality_of, form_of, to_form
from resnext_viz.spec import ImageSize, ResNeXtSpec

BATCH = 2
LARGEST_SIDE = 56  # of the input map, in stage 1 at 224 pixels
OVERVIEW_SIDE = 14
SMALLEST_SIDE = 7  # below, batch norm over a handful of values leaves a gradient that is mere rounding
WORK_MACS = 1_000_000_000  # of one forward pass: a block that needs more gets a smaller map
WEIGHTS_LIMIT = 2**24
PAIRS = ((Form.A, Form.B), (Form.A, Form.C), (Form.B, Form.C))
Shape = tuple[int, int, int, int]  # (N, C, H, W)


class Dtype(StrEnum):
    """What the check computes in."""

    FLOAT64 = "float64"
    FLOAT32 = "float32"
    BFLOAT16 = "bfloat16"

    @property
    def torch_dtype(self) -> torch.dtype:
        """Torch's object for it."""
        dtype: torch.dtype = getattr(torch, self.value)
        return dtype

    @property
    def epsilon(self) -> float:
        """Distance from 1 to the next number."""
        return EPSILON[self.value]


class Planned(NamedTuple):
    """One row that a check will give, before it has."""

    dtype: Dtype
    mode: Mode
    what: What
    forms: str  # "A-B"


@dataclass(frozen=True)
class Check:
    """One row: two forms of one block compared."""

    block: str  # "layer1.0"
    input_shape: Shape
    forms: str  # "A-B"
    dtype: Dtype
    mode: Mode
    what: What
    max_abs: float
    max_rel: float
    kinks: int  # ReLU inputs that rounding put on different sides of zero

    @property
    def epsilons(self) -> float:
        """The relative difference in machine epsilons of the dtype."""
        return self.max_rel / self.dtype.epsilon

    @property
    def equal(self) -> bool:
        """Whether rounding explains the difference."""
        return self.epsilons <= ACCEPTED_EPSILONS

    def to_dict(self) -> dict[str, Any]:
        """JSON types; a difference that is no number (something overflowed) is None."""
        return {
            "block": self.block,
            "input_shape": list(self.input_shape),
            "forms": self.forms,
            "dtype": self.dtype.value,
            "mode": self.mode.value,
            "what": self.what.value,
            "max_abs": self.max_abs if math.isfinite(self.max_abs) else None,
            "max_rel": self.max_rel if math.isfinite(self.max_rel) else None,
            "kinks": self.kinks,
            "equal": self.equal,
        }


def check_forms(
    spec: ResNeXtSpec,
    image_size: ImageSize | None = None,
    *,
    dtypes: Iterable[str] | None = None,
    modes: Iterable[str] = tuple(Mode),
    device: str = "auto",
    seed: int = 0,
) -> Iterator[Check]:
    """Rows for the blocks of `spec` that differ in kind: first of stage 1, one with identity, first of stage 2.

    Maps are small, so that all of it takes seconds; see `check`.
    """
    stages = walk(spec, image_size).stages
    identities = [stage.rest for stage in stages if stage.rest]
    blocks = [stages[0].first, *identities[:1], *(stage.first for stage in stages[1:2])]
    modes = tuple(modes)
    dtypes = None if dtypes is None else tuple(dtypes)
    return chain.from_iterable(
        [
            check(block, dtypes=dtypes, modes=modes, device=device, seed=seed, largest_side=OVERVIEW_SIDE)
            for block in blocks
        ]
    )


def check_block(
    spec: ResNeXtSpec,
    stage: int,
    block: int,
    image_size: ImageSize | None = None,
    *,
    dtypes: Iterable[str] | None = None,
    modes: Iterable[str] = tuple(Mode),
    device: str = "auto",
    seed: int = 0,
) -> Iterator[Check]:
    """Rows for one block of `spec`, stage and block counted from 1 as on screen; see `check`.

    Raises:
        UserError: no such block, and as `check`.
    """
    return check(block_of(spec, stage, block, image_size), dtypes=dtypes, modes=modes, device=device, seed=seed)


def check(
    block: Block,
    *,
    dtypes: Iterable[str] | None = None,
    modes: Iterable[str] = tuple(Mode),
    device: str = "auto",
    seed: int = 0,
    largest_side: int = LARGEST_SIDE,
) -> Iterator[Check]:
    """Rows for one block of a walk, in the order of `planned`, computed as they are asked for: stop iterating to stop.

    All dtypes that the device has, if `dtypes` is None. Everything random comes from `seed` and is drawn on the CPU, so
    that every device gets the same.

    Raises:
        UserError: no such device, dtype or mode; a two-layer block; a block too large to check.
    """
    place = choose_device(device)
    usable = usable_dtypes(place)
    chosen = usable if dtypes is None else members(Dtype, dtypes)
    for dtype in chosen:
        if dtype not in usable:
            raise UserError(f"dtype is '{dtype}', which device '{place.type}' lacks; use float32, or device cpu")
    settings = [(dtype, mode) for dtype in chosen for mode in members(Mode, modes)]
    return _rows(block, input_shape(block, largest_side), settings, place, seed)


def _rows(
    block: Block, shape: Shape, settings: Sequence[tuple[Dtype, Mode]], place: torch.device, seed: int
) -> Iterator[Check]:
    grouped = random_block(block, seed)
    for dtype, mode in settings:
        forms = [to_form(grouped, form).to(place, dtype.torch_dtype) for form in Form]
        yield from compare(forms, shape, dtype, mode, seed)


def compare(forms: Sequence[Residual], shape: Shape, dtype: Dtype, mode: Mode, seed: int = 0) -> Iterator[Check]:
    """Rows for the modules `forms`, one of each form, in `dtype`; outputs first, then gradients.

    In train mode the running statistics of the modules move.
    """
    generator = torch.Generator().manual_seed(seed + 1)
    x = torch.randn(shape, generator=generator, dtype=torch.float64)
    runs = {form_of(module): FormRun(module.train(mode is Mode.TRAIN), x) for module in forms}
    y = runs[Form.C].output
    upstream = torch.randn(y.shape, generator=generator, dtype=torch.float64)
    for what in What:
        kinks = 0
        if what is What.GRADIENT:
            kinks = max(
                run.backward(upstream, runs[Form.C], ACCEPTED_EPSILONS * dtype.epsilon) for run in runs.values()
            )
        for a, b in PAIRS:
            found = largest_difference(runs[a].results(what), runs[b].results(what))
            yield Check(block_name(forms[0].block), shape, f"{a}-{b}", dtype, mode, what, *found, kinks)


def planned(dtypes: Iterable[str] = tuple(Dtype), modes: Iterable[str] = tuple(Mode)) -> tuple[Planned, ...]:
    """The rows that one block will give, in order, so that a page can say which comes next."""
    settings = [(dtype, mode) for dtype in members(Dtype, dtypes) for mode in members(Mode, modes)]
    return tuple(Planned(*setting, what, f"{a}-{b}") for setting in settings for what in What for a, b in PAIRS)


def usable_dtypes(device: torch.device) -> tuple[Dtype, ...]:
    """The dtypes `device` computes in: all, but no float64 on Apple's GPU."""
    return tuple(dtype for dtype in Dtype if device.type != "mps" or dtype is not Dtype.FLOAT64)


def block_of(spec: ResNeXtSpec, stage: int, block: int, image_size: ImageSize | None = None) -> Block:
    """One block of the walk, stage and block counted from 1.

    Raises:
        UserError: the network has no such block.
    """
    if not 1 <= stage <= len(spec.depths):
        raise UserError(f"stage is {stage}; this network has stages 1 to {len(spec.depths)}")
    if not 1 <= block <= spec.depths[stage - 1]:
        raise UserError(f"block is {block}; stage {stage} of this network has blocks 1 to {spec.depths[stage - 1]}")
    return walk(spec, image_size).stages[stage - 1].blocks[block - 1]


def block_name(block: Block) -> str:
    """The block's name in the network: "layer1.0"."""
    return block.main[0].name.rpartition(".")[0]


def input_shape(block: Block, largest_side: int = LARGEST_SIDE) -> Shape:
    """The input `(N, C, H, W)` a check of `block` runs on: the network's own map, if not too large or small.

    At most `largest_side` and about `WORK_MACS` per forward pass; at least `SMALLEST_SIDE`.

    Raises:
        UserError: a two-layer block, or one with more weights than `WEIGHTS_LIMIT`.
    """
    cardinality_of(block)
    weights = sum(layer.weights for layer in block.layers)
    if weights > WEIGHTS_LIMIT:
        raise UserError(
            f"block {block_name(block)} has {weights:,} weights; a check takes up to {WEIGHTS_LIMIT:,}, "
            "so choose an earlier stage, or a smaller C or d"
        )
    first = block.main[0]
    affordable = math.isqrt(WORK_MACS * first.size_in.places // (BATCH * sum(layer.macs for layer in block.layers)))
    side = max(SMALLEST_SIDE, min(largest_side, *first.size_in, affordable))
    return BATCH, first.c_in, side, side


def estimate_macs(block: Block, rows: Sequence[Planned]) -> int:
    """About how many multiply-adds the `rows` of `block` take: each form forward once, backward at twice that.

    Raises:
        UserError: as `input_shape`.
    """
    batch, _, side, _ = input_shape(block)
    forward = batch * sum(layer.macs for layer in block.layers) * side**2 // block.main[0].size_in.places
    return 3 * len(Form) * forward * len({(row.dtype, row.mode) for row in rows})


_Choice = TypeVar("_Choice", bound=StrEnum)


def members(kind: type[_Choice], names: Iterable[str]) -> tuple[_Choice, ...]:
    """The members of `kind` called `names`.

    Raises:
        UserError: one is none of them.
    """
    names = tuple(names)
    for name in names:
        if name not in list(kind):
            raise UserError(f"{kind.__name__.lower()} is {str(name)[:40]!r}; use {', '.join(kind)}")
    return tuple(kind(name) for name in names)
