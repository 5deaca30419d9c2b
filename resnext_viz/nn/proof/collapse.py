"""Why a block needs three layers: C paths of two layers, summed, are one wide dense block of two layers (Fig. 4).

With path i = 3x3 to d channels, BN, ReLU, 3x3 back, and one batch norm behind the sum:

    Σ_i V_i · relu(BN_i(U_i · x)) = V · relu(BN(U · x)),   U = the U_i on top of each other, V = the V_i side by side

U and V are dense: nothing is left of the paths but how many channels they had. In a bottleneck the 3x3 stands between
the two, maps each path's channels to its own alone, and stays block-diagonal, with 1/C of a dense one's weights.
Source: arXiv 1611.05431, section 3.3 ("nontrivial topologies only when the block has depth >= 3"), Fig. 4.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from copy import deepcopy
from typing import NamedTuple

import torch
from torch import Tensor

from resnext_viz.block_forms.terms import ACCEPTED_EPSILONS, Mode
from resnext_viz.layers import Block, walk
from resnext_viz.nn.device import reproducible
from resnext_viz.nn.network import Residual, ResidualBlock
from resnext_viz.nn.proof.equivalence import Check, Dtype, Shape, block_name, members
from resnext_viz.nn.proof.form_run import What, largest_difference, random_block
from resnext_viz.nn.proof.forms import State
from resnext_viz.nn.proof.relu_sides import ReluRecord, agree_sides
from resnext_viz.nn.proof.two_layer_paths import collapsed, random_paths, wide_block
from resnext_viz.spec import ResNeXtSpec

PAIR = "paths-wide"
DTYPES = (Dtype.FLOAT64, Dtype.FLOAT32)
SIDE, BATCH = 14, 2


class Density(NamedTuple):
    """Shares of weights that are not zero, written as a dense convolution over all C·d channels."""

    first: float  # the wide block's two 3x3
    second: float
    bottleneck: float  # the grouped 3x3 of a bottleneck of the same C and d


def check_collapse(
    cardinality: int,
    base_width: int,
    *,
    dtypes: Iterable[str] = DTYPES,
    modes: Iterable[str] = tuple(Mode),
    seed: int = 0,
) -> Iterator[Check]:
    """Rows: C paths of two layers against the one wide block with their weights, outputs and gradients.

    Weights, affine and statistics are random. Each row is as in `equivalence`, computed as it is asked for, on the CPU.

    Raises:
        UserError: no such dtype or mode, fewer than two paths, or too many channels.
    """
    block = wide_block(cardinality, base_width)
    settings = [(dtype, mode) for dtype in members(Dtype, dtypes) for mode in members(Mode, modes)]
    return _rows(block, cardinality, settings, seed)


def density(cardinality: int, base_width: int, seed: int = 0) -> Density:
    """How much of the wide block's 3x3 is not zero, beside a bottleneck's 3x3 of the same C and d.

    Raises:
        UserError: as `wide_block`.
    """
    block = wide_block(cardinality, base_width)
    wide = collapsed(random_paths(block, cardinality, seed).state_dict(), cardinality)
    bottleneck = walk(ResNeXtSpec((2,), cardinality, base_width)).stages[0].blocks[1]
    grouped = random_block(bottleneck, seed).state_dict()["conv2.weight"]  # (C·d, d, 3, 3)
    dense = torch.zeros(len(grouped), len(grouped), 3, 3, dtype=grouped.dtype)
    for i, kernel in enumerate(grouped.chunk(cardinality)):
        dense[i * base_width : (i + 1) * base_width, i * base_width : (i + 1) * base_width] = kernel
    return Density(*map(_filled, (wide["conv1.weight"], wide["conv2.weight"], dense)))


def _rows(block: Block, paths: int, settings: list[tuple[Dtype, Mode]], seed: int) -> Iterator[Check]:
    separate = random_paths(block, paths, seed)
    wide = ResidualBlock(block).double()
    wide.load_state_dict(collapsed(separate.state_dict(), paths))
    shape: Shape = (BATCH, block.main[0].c_in, SIDE, SIDE)
    x = torch.randn(shape, generator=torch.Generator().manual_seed(seed + 1), dtype=torch.float64)
    for dtype, mode in settings:
        one, many = (_Run(module, x, dtype, mode) for module in (wide, separate))
        found = largest_difference(many.outputs(), one.outputs())
        yield Check(block_name(block), shape, PAIR, dtype, mode, What.OUTPUT, *found, 0)
        upstream = torch.randn(one.output.shape, generator=torch.Generator().manual_seed(seed + 2), dtype=torch.float64)
        kinks = max(run.backward(upstream, one, ACCEPTED_EPSILONS * dtype.epsilon) for run in (one, many))
        found = largest_difference(many.gradients(), one.gradients())
        yield Check(block_name(block), shape, PAIR, dtype, mode, What.GRADIENT, *found, kinks)


class _Run:
    """A copy of `module` run on `x`, and its results under the wide block's names."""

    def __init__(self, module: Residual, x: Tensor, dtype: Dtype, mode: Mode) -> None:
        self._module = deepcopy(module).to(dtype.torch_dtype).train(mode is Mode.TRAIN)
        self._x = x.to(dtype.torch_dtype, copy=True).requires_grad_()  # of its own: gradients gather in it
        with reproducible(), ReluRecord() as record:
            self.output: Tensor = self._module(self._x)
        *inner, last = record.inputs
        self._paths, self._relu_inputs = len(inner), (torch.cat(inner, dim=1), last)

    def backward(self, upstream: Tensor, reference: _Run, tolerance: float) -> int:
        """Gradients of Σ output·upstream; how many ReLU inputs were taken on the reference's side of zero."""
        statistics = {name: value.clone() for name, value in self._module.named_buffers()}
        (inner, last), kinks = agree_sides(self._relu_inputs, reference._relu_inputs, tolerance)
        output = self.output
        with reproducible():
            if kinks:
                with ReluRecord([*inner.chunk(self._paths, dim=1), last]):
                    output = self._module(self._x)
            torch.autograd.backward(output, upstream.to(output.dtype))
        self._module.load_state_dict(statistics, strict=False)  # a second run moved them again
        return kinks

    def outputs(self) -> dict[str, Tensor]:
        """The output, and in train mode the running statistics."""
        buffers = dict(self._module.named_buffers()) if self._module.training else {}
        return {"output": _float64(self.output), **self._by_layer(buffers)}

    def gradients(self) -> dict[str, Tensor]:
        """With respect to the input and to every weight."""
        weights = {name: _gradient(weight) for name, weight in self._module.named_parameters()}
        return {"input": _float64(_gradient(self._x)), **self._by_layer(weights)}

    def _by_layer(self, state: State) -> dict[str, Tensor]:
        layers: dict[str, list[Tensor]] = defaultdict(list)
        for name, value in (state if self._paths == 1 else collapsed(state, self._paths)).items():
            if not name.endswith("num_batches_tracked"):
                layers[name.rpartition(".")[0]].append(_float64(value))
        return {layer: torch.cat(tensors) for layer, tensors in layers.items()}


def _gradient(tensor: Tensor) -> Tensor:
    return torch.zeros_like(tensor) if tensor.grad is None else tensor.grad


def _float64(tensor: Tensor) -> Tensor:
    return tensor.detach().double().flatten()


def _filled(weight: Tensor) -> float:
    return int(weight.count_nonzero()) / weight.numel()
