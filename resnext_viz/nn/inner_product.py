"""Inner products of a real block, term by term: a neuron as split, transform, aggregate (Fig. 2), and a sum cut in two.

A 1x1 convolution at one place is an inner product for each of its output channels: Σ_i w_i x_i over the channels that
come in. `neuron` takes it apart for the reducing 1x1; `split_sum` for the expanding one, cut into the columns of one
path and all others, [A₁ A₂][B₁; B₂] = A₁B₁ + A₂B₂. Weights, affine and statistics are random and fixed by the seed
(`random_block`), the input too, and batch norm is in eval mode; everything is float64.
Source: arXiv 1611.05431, section 3.2, Fig. 2, Eq. 1 and 2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor

from resnext_viz.errors import UserError
from resnext_viz.layers import Block, Layer
from resnext_viz.nn.equivalence import input_shape
from resnext_viz.nn.form_run import random_block
from resnext_viz.nn.forms import cardinality_of
from resnext_viz.nn.layer_outputs import layer_outputs

MAP_SIDE = 7  # of the map that is computed
SHOWN = 8  # terms one by one


class Term(NamedTuple):
    """One w·x."""

    channel: int  # that comes in, from 1
    weight: float
    value: float

    @property
    def product(self) -> float:
        return self.weight * self.value


class Part(NamedTuple):
    """Some terms of a sum: the first one by one, the others as what they come to."""

    terms: tuple[Term, ...]
    hidden: int  # how many others
    hidden_sum: float

    @property
    def total(self) -> float:
        return sum(term.product for term in self.terms) + self.hidden_sum


@dataclass(frozen=True)
class InnerProduct:
    """One output channel of a convolution at one place.

    Attributes:
        layer: the convolution, "layer1.1.conv1".
        channel: the output channel, of `channels`, from 1.
        row, column: the place in the output's map, from 1, of `side`.
        parts: the terms, in order.
        bias: added to them; 0 where the convolution has none.
        computed: what torch's convolution puts out there.
    """

    layer: str
    channel: int
    channels: int
    row: int
    column: int
    side: int
    parts: tuple[Part, ...]
    bias: float
    computed: float

    @property
    def total(self) -> float:
        """Terms and bias, added up."""
        return sum(part.total for part in self.parts) + self.bias

    def to_dict(self) -> dict[str, Any]:
        return {
            "layer": self.layer, "channel": self.channel, "channels": self.channels, "row": self.row,
            "column": self.column, "side": self.side, "bias": self.bias, "total": self.total,
            "computed": self.computed, "parts": [
                {"terms": [term._asdict() | {"product": term.product} for term in part.terms], "hidden": part.hidden,
                 "hidden_sum": part.hidden_sum, "total": part.total} for part in self.parts
            ],
        }


def neuron(block: Block, channel: int = 1, place: int = 1, seed: int = 0) -> InnerProduct:
    """Output `channel` of the block's first 1x1, at `place` of its map, both from 1, rows first.

    Raises:
        UserError: no such channel or place; a two-layer block, or one too large.
    """
    layer = block.main[0]
    x, state = _input(block, seed), random_block(block, seed).state_dict()
    return _inner_product(layer, x, state["conv1.weight"], state.get("conv1.bias"), channel, place, [layer.c_in])


def places_of(block: Block) -> int:
    """How many places the map of the block's first 1x1 has, as computed here.

    Raises:
        UserError: a two-layer block, or one too large.
    """
    side: int = input_shape(block, MAP_SIDE)[-1]
    return int(-(-side // block.main[0].stride)) ** 2


def split_sum(block: Block, path: int, channel: int = 1, place: int | None = None, seed: int = 0) -> InnerProduct:
    """Output `channel` of the block's last 1x1 in two parts: the columns of `path` (from 1), and all others.

    Without a place, where that path adds most.

    Raises:
        UserError: no such path, channel or place; a two-layer block, or one too large.
    """
    paths, layer = cardinality_of(block), block.main[-1]
    _check("path", path, paths)
    width = layer.c_in // paths
    module = random_block(block, seed).eval()
    inner = torch.relu(layer_outputs(module, _input(block, seed))["bn2"])
    own = slice((path - 1) * width, path * width)
    order = torch.tensor([*range(layer.c_in)[own], *range(own.start), *range(own.stop, layer.c_in)])
    state = module.state_dict()
    parts = [width, layer.c_in - width]
    if place is None:
        _check("channel", channel, layer.c_out)
        adds = torch.einsum("i,ihw->hw", state["conv3.weight"][channel - 1, own, 0, 0], inner[0, own])
        place = int(adds.abs().argmax()) + 1
    return _inner_product(layer, inner, state["conv3.weight"], state.get("conv3.bias"), channel, place, parts, order)


def _inner_product(
    layer: Layer, x: Tensor, weight: Tensor, bias: Tensor | None, channel: int, place: int, lengths: list[int],
    order: Tensor | None = None,
) -> InnerProduct:
    """The terms in `order` of incoming channels, cut into parts of the `lengths`."""
    y = torch.nn.functional.conv2d(x, weight, bias, layer.stride)
    side = y.shape[-1]
    _check("channel", channel, layer.c_out)
    _check("place", place, side**2)
    row, column = divmod(place - 1, side)
    values = x[0, :, row * layer.stride, column * layer.stride]
    weights = weight[channel - 1, :, 0, 0]
    order = torch.arange(len(values)) if order is None else order
    first, *others = order.split(lengths)
    parts = (_part(first, values, weights, SHOWN), *(_part(piece, values, weights, 0) for piece in others))
    return InnerProduct(layer.name, channel, layer.c_out, row + 1, column + 1, side, parts,
                        0.0 if bias is None else float(bias[channel - 1]), float(y[0, channel - 1, row, column]))


def _part(channels: Tensor, values: Tensor, weights: Tensor, shown: int) -> Part:
    terms = [Term(int(i) + 1, float(weights[i]), float(values[i])) for i in channels[:shown]]
    rest = channels[shown:]
    return Part(tuple(terms), len(rest), float(weights[rest] @ values[rest]))


def _input(block: Block, seed: int) -> Tensor:
    """One image's map, `(1, c_in, H, W)`."""
    _, *shape = input_shape(block, MAP_SIDE)
    return torch.randn((1, *shape), generator=torch.Generator().manual_seed(seed + 1), dtype=torch.float64)


def _check(name: str, value: int, most: int) -> None:
    if not 1 <= value <= most:
        raise UserError(f"{name} is {value}; use a whole number from 1 to {most:,}")
