"""One form of a block run forward and backward, and how far two such runs are apart."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from enum import StrEnum

import torch
from torch import Tensor

from resnext_viz.block_forms.terms import Form
from resnext_viz.layers import Block
from resnext_viz.nn.device import reproducible
from resnext_viz.nn.network import Residual
from resnext_viz.nn.proof.forms import State, build_form, cardinality_of, form_of, grouped_state
from resnext_viz.nn.proof.relu_sides import ReluRecord, agree_sides, in_call_order


class What(StrEnum):
    """What is compared."""

    OUTPUT = "output"
    GRADIENT = "gradient"


class FormRun:
    """`module` run on `x` `(N, C, H, W)`, cast to the module's dtype and device; `backward` for the gradients.

    Attributes:
        output: `(N, c_out, H', W')`.
        relu_inputs: of the block's three ReLUs, over all paths.
    """

    def __init__(self, module: Residual, x: Tensor) -> None:
        self._module = module
        self._like = next(module.parameters())
        self._x = self._cast(x).clone().requires_grad_()  # of its own: gradients gather in it
        with reproducible(), ReluRecord() as record:
            self.output: Tensor = module(self._x)
        self.relu_inputs = record.by_step
        self._statistics = {name: value.clone() for name, value in module.named_buffers() if module.training}

    def backward(self, upstream: Tensor, reference: FormRun, tolerance: float) -> int:
        """The number of ReLU inputs taken on the reference's side of zero; see `relu_sides`.

        Leaves the gradients of Σ output·upstream.
        """
        sides, kinks = agree_sides(self.relu_inputs, reference.relu_inputs, tolerance)
        with reproducible():
            torch.autograd.backward(self._on(sides, kinks), self._cast(upstream))
        return kinks

    def results(self, what: What) -> dict[str, Tensor]:
        """What was computed, one float64 vector for each layer, in the order of form C's channels."""
        if what is What.OUTPUT:
            return {"output": _float64(self.output), **self._by_layer(self._statistics)}
        return {
            "input": _float64(_gradient(self._x)),
            **self._by_layer({name: _gradient(weight) for name, weight in self._module.named_parameters()}),
        }

    def _on(self, sides: list[Tensor], kinks: int) -> Tensor:
        if not kinks:
            return self.output
        form = form_of(self._module)
        calls = in_call_order(sides, 1 if form is Form.C else cardinality_of(self._module.block))
        with ReluRecord(calls):
            output: Tensor = self._module(self._x)
        return output

    def _by_layer(self, state: State) -> dict[str, Tensor]:
        grouped = grouped_state(state, form_of(self._module), cardinality_of(self._module.block))
        layers: dict[str, list[Tensor]] = defaultdict(list)
        for name in sorted(grouped):
            if not name.endswith("num_batches_tracked"):
                layers[name.rpartition(".")[0]].append(_float64(grouped[name]))
        return {layer: torch.cat(tensors) for layer, tensors in layers.items()}

    def _cast(self, x: Tensor) -> Tensor:
        return x.to(self._like.dtype).to(self._like.device)  # in this order: Apple's GPU takes no float64


def largest_difference(ours: Mapping[str, Tensor], theirs: Mapping[str, Tensor]) -> tuple[float, float]:
    """The largest absolute and the largest relative difference over tensors; infinite if anything is not a number."""
    worst_abs = worst_rel = 0.0
    for name, a in ours.items():
        b = theirs[name]
        difference = float((a - b).abs().max())
        scale = max(float(a.abs().max()), float(b.abs().max()))
        if not difference < float("inf"):
            return float("inf"), float("inf")
        worst_abs = max(worst_abs, difference)
        worst_rel = max(worst_rel, difference / scale if scale else 0.0)
    return worst_abs, worst_rel


def random_block(block: Block, seed: int) -> Residual:
    """`block` in form C, float64 on the CPU, with weights, affine and statistics drawn at random, none at its default.

    Raises:
        UserError: a two-layer block.
    """
    cardinality_of(block)
    generator = torch.Generator().manual_seed(seed)
    module = build_form(block, Form.C).double()
    module.load_state_dict({name: drawn_tensor(name, value, generator) for name, value in module.state_dict().items()})
    return module


def drawn_tensor(name: str, like: Tensor, generator: torch.Generator) -> Tensor:
    """A random tensor for what is called `name` in a state_dict, in the shape and dtype of `like`."""
    if not like.is_floating_point():
        return like  # the count of batches
    if like.ndim > 1:  # a convolution or the linear layer, of the scale that keeps variance through a ReLU
        return torch.randn(like.shape, generator=generator, dtype=like.dtype) * math.sqrt(2 / like[0].numel())
    if name.endswith(("running_var", "weight")):
        return 0.5 + 1.5 * torch.rand(like.shape, generator=generator, dtype=like.dtype)
    return 0.5 * torch.randn(like.shape, generator=generator, dtype=like.dtype)


def _gradient(tensor: Tensor) -> Tensor:
    return torch.zeros_like(tensor) if tensor.grad is None else tensor.grad


def _float64(tensor: Tensor) -> Tensor:
    return tensor.detach().cpu().double().flatten()
