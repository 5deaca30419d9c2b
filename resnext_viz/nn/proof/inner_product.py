"""A neuron of a real block, term by term: an inner product as split, transform, aggregate (the paper's Fig. 2).

A 1x1 convolution at one place is an inner product for each of its output channels: Σ_i w_i x_i over the channels that
come in. `neuron` takes it apart for the reducing 1x1. Weights, affine and statistics are random and fixed by the seed
(`random_block`), the input too; everything is float64.
Source: arXiv 1611.05431, section 3.2, Fig. 2, Eq. 1 and 2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor

from resnext_viz.errors import UserError
from resnext_viz.layers import Block
from resnext_viz.nn.proof.equivalence import input_shape
from resnext_viz.nn.proof.form_run import random_block

MAP_SIDE = 7  # of the map that is computed
SHOWN = 8  # terms one by one


class ProductTerm(NamedTuple):
    """One w·x."""

    channel: int  # that comes in, from 1
    weight: float
    value: float

    @property
    def product(self) -> float:
        return self.weight * self.value


@dataclass(frozen=True)
class InnerProduct:
    """One output channel of a convolution at one place.

    Attributes:
        layer: the convolution, "layer1.1.conv1".
        channel: the output channel, of `channels`, from 1.
        row, column: the place in the output's map, from 1, of `side`.
        terms: the first ones, in the order of the channels that come in.
        hidden: how many others.
        hidden_sum: what those come to.
        bias: added to them; 0 where the convolution has none.
        computed: what torch's convolution puts out there.
    """

    layer: str
    channel: int
    channels: int
    row: int
    column: int
    side: int
    terms: tuple[ProductTerm, ...]
    hidden: int
    hidden_sum: float
    bias: float
    computed: float

    @property
    def total(self) -> float:
        """Terms and bias, added up."""
        return sum(term.product for term in self.terms) + self.hidden_sum + self.bias

    def to_dict(self) -> dict[str, Any]:
        return {
            "layer": self.layer,
            "channel": self.channel,
            "channels": self.channels,
            "row": self.row,
            "column": self.column,
            "side": self.side,
            "terms": [term._asdict() | {"product": term.product} for term in self.terms],
            "hidden": self.hidden,
            "hidden_sum": self.hidden_sum,
            "bias": self.bias,
            "total": self.total,
            "computed": self.computed,
        }


def neuron(block: Block, channel: int = 1, place: int = 1, seed: int = 0) -> InnerProduct:
    """Output `channel` of the block's first 1x1, at `place` of its map, both from 1, rows first.

    Raises:
        UserError: no such channel or place; a two-layer block, or one too large.
    """
    layer = block.main[0]
    require_within("channel", channel, layer.c_out)
    require_within("place", place, map_places(block))
    x, state = random_map(block, MAP_SIDE, seed), random_block(block, seed).state_dict()
    weight, bias = state["conv1.weight"], state.get("conv1.bias")
    y = torch.nn.functional.conv2d(x, weight, bias, layer.stride)
    side = y.shape[-1]
    row, column = divmod(place - 1, side)
    weights = weight[channel - 1, :, 0, 0]
    values = x[0, :, row * layer.stride, column * layer.stride]
    pairs = zip(weights[:SHOWN].tolist(), values[:SHOWN].tolist(), strict=True)
    return InnerProduct(
        layer.name,
        channel,
        layer.c_out,
        row + 1,
        column + 1,
        side,
        tuple(ProductTerm(number, *pair) for number, pair in enumerate(pairs, start=1)),
        len(weights[SHOWN:]),
        float(weights[SHOWN:] @ values[SHOWN:]),
        0.0 if bias is None else float(bias[channel - 1]),
        float(y[0, channel - 1, row, column]),
    )


def map_places(block: Block) -> int:
    """How many places the map of the block's first 1x1 has, as computed here."""
    return int(-(-MAP_SIDE // block.main[0].stride)) ** 2


def random_map(block: Block, side: int, seed: int) -> Tensor:
    """What comes to the block, `(1, c_in, side, side)`.

    Raises:
        UserError: a two-layer block, or one too large.
    """
    _, channels, *_ = input_shape(block)  # refuses
    generator = torch.Generator().manual_seed(seed + 1)
    return torch.randn(1, channels, side, side, generator=generator, dtype=torch.float64)


def require_within(name: str, value: int, most: int) -> None:
    """Refuses a `value` that does not count from 1 to `most`.

    Raises:
        UserError: it does not.
    """
    if not 1 <= value <= most:
        raise UserError(f"{name} is {value}; use a whole number from 1 to {most:,}")
