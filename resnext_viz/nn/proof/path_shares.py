"""One output element of a block's expanding 1x1, and what each path adds to it: [A₁ … A_C][B₁; …; B_C] = Σ_i A_i·B_i.

A is the element's row of the weight, cut into the columns of each path; B the column of what the paths hold at that
place. Weights and statistics are random (`random_block`), so is the input; batch norm is in eval mode; all is float64.
Source: arXiv 1611.05431, section 3.3: why summed paths (Fig. 3a) equal one 1x1 over all (Fig. 3b).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch

from resnext_viz.layers import Block
from resnext_viz.nn.layer_outputs import layer_outputs
from resnext_viz.nn.proof.form_run import random_block
from resnext_viz.nn.proof.forms import cardinality_of
from resnext_viz.nn.proof.inner_product import random_map, require_within

_SIDE = 3  # of the input map: enough for one element behind the 3x3


@dataclass(frozen=True)
class PathShares:
    """One element before batch norm.

    Attributes:
        channel: the output channel, from 1.
        shares: what each path adds, path 1 first.
        bias: added once; 0 where the convolution has none.
        product: the element as the 1x1 over all paths computes it.
    """

    channel: int
    shares: tuple[float, ...]
    bias: float
    product: float

    @property
    def total(self) -> float:
        """Shares and bias, added up."""
        return math.fsum(self.shares) + self.bias

    def to_dict(self) -> dict[str, Any]:
        return {
            "channel": self.channel,
            "shares": list(self.shares),
            "bias": self.bias,
            "sum": self.total,
            "product": self.product,
        }


def path_shares(block: Block, channel: int = 1, seed: int = 0) -> PathShares:
    """What each path of `block` adds to an output `channel` (from 1) at the middle of a small map.

    Raises:
        UserError: no such channel; a two-layer block, or one too large.
    """
    require_within("channel", channel, block.main[-1].c_out)
    x = random_map(block, _SIDE, seed)
    module = random_block(block, seed).eval()
    outputs = layer_outputs(module, x)
    inner = torch.relu(outputs["bn2"])
    middle = inner.shape[-1] // 2
    state = module.state_dict()
    row = state["conv3.weight"][channel - 1, :, 0, 0]
    terms = (row * inner[0, :, middle, middle]).reshape(cardinality_of(block), -1)
    bias = float(state["conv3.bias"][channel - 1]) if "conv3.bias" in state else 0.0
    product = float(outputs["conv3"][0, channel - 1, middle, middle])
    return PathShares(channel, tuple(terms.sum(1).tolist()), bias, product)
