"""A whole network run part by part, forward and backward, on another one's sides of what has no derivative."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import torch
from torch import Tensor, nn

from resnext_viz.block_forms.terms import Form
from resnext_viz.nn.device import reproducible
from resnext_viz.nn.network import Residual, ResNeXt
from resnext_viz.nn.pool_places import PoolGuide
from resnext_viz.nn.proof.forms import cardinality_of, form_of
from resnext_viz.nn.proof.network_forms import NetworkPart, network_parts
from resnext_viz.nn.proof.relu_sides import ReluGuide, ReluRecord, in_call_order

LEARNING_RATE, MOMENTUM, WEIGHT_DECAY = 0.1, 0.9, 1e-4  # the paper's, section 4
Between = Callable[[], None]  # called between two parts; may raise to end the run


class PlaceOutput(NamedTuple):
    """What has come out at one place of the chain, float64 on the CPU."""

    name: str
    output: Tensor


class NetworkRun:
    """`network` in training or not, run on images `(N, C, H, W)`; after `forward`, `backward` and `step`.

    Attributes:
        network: what is run.
        relu_inputs: of each part's ReLUs in the last forward pass, paths joined; only where nothing guided it.
        pool_places: of the stem's max pool in the last forward pass; None where it has none.
        kinks: ReLU inputs and pool windows of the last forward pass that were taken on the guide's side.
    """

    def __init__(self, network: ResNeXt, between: Between) -> None:
        self.network = network
        self.relu_inputs: list[tuple[Tensor, ...]] = []
        self.pool_places: Tensor | None = None
        self.kinks = 0
        self._parts = network_parts(network)
        self._between = between
        self._optimizer = torch.optim.SGD(
            network.parameters(), lr=LEARNING_RATE, momentum=MOMENTUM, weight_decay=WEIGHT_DECAY
        )
        self._ends: list[tuple[Tensor, Tensor]] = []  # input and output of each part

    def evaluate(self, images: Tensor) -> Iterator[PlaceOutput]:
        """What comes out at each place in eval mode."""
        self.network.eval()
        x = images
        for part in self._parts:
            with torch.no_grad(), reproducible():
                x = part.run(x)
            if part.ends_place:
                yield _place(part, x)
            self._between()

    def forward(self, images: Tensor, guide: NetworkRun | None = None) -> Iterator[PlaceOutput]:
        """What comes out at each place in train mode, on the sides of `guide` where only rounding parts them."""
        self.network.train()
        self.relu_inputs, self._ends, self.kinks = [], [], 0
        x = images
        for number, part in enumerate(self._parts):
            start = x.detach().requires_grad_()
            with reproducible():
                x = self._guided(part, start, guide, number) if guide else self._recorded(part, start)
            self._ends.append((start, x))
            if part.ends_place:
                yield _place(part, x)
            self._between()

    def _recorded(self, part: NetworkPart, x: Tensor) -> Tensor:
        with ReluRecord() as relus, PoolGuide() as pool:
            y = part.run(x)
        self.relu_inputs.append(relus.by_step if part.block else tuple(relus.inputs))
        self.pool_places = self.pool_places if pool.places is None else pool.places
        return y

    def _guided(self, part: NetworkPart, x: Tensor, guide: NetworkRun, number: int) -> Tensor:
        """Values that differ by less than ∛ε of the layer's largest count as rounding; no fault is that small."""
        tolerance = torch.finfo(x.dtype).eps ** (1 / 3)
        sides = _relu_guide(part.block, guide.relu_inputs[number], tolerance)
        with sides, PoolGuide(guide.pool_places, tolerance) as pool:
            y = part.run(x)
        self.kinks += sides.kinks + pool.parted
        return y

    def backward(self, labels: Tensor) -> None:
        """Leaves the gradients of the cross-entropy; a network without head gives its mean map for scores."""
        self.network.zero_grad()
        *_, (_, last) = self._ends
        scores = last if last.ndim == 2 else last.mean((2, 3))
        with reproducible():
            (upstream,) = torch.autograd.grad(nn.functional.cross_entropy(scores, labels), last, retain_graph=True)
        while self._ends:
            start, end = self._ends.pop()  # what it held for the gradient is free afterwards
            with reproducible():
                torch.autograd.backward(end, upstream)
            upstream = torch.zeros_like(start) if start.grad is None else start.grad
            self._between()

    def step(self) -> None:
        """One step of SGD; the gradients are gone afterwards."""
        self._optimizer.step()
        self.network.zero_grad()


def _place(part: NetworkPart, x: Tensor) -> PlaceOutput:
    return PlaceOutput(part.name, x.detach().cpu().double())


def _relu_guide(block: Residual | None, by_step: tuple[Tensor, ...], tolerance: float) -> ReluGuide:
    """A guide for the ReLUs of one part, in order of calls."""
    scales = [float(step.abs().max()) for step in by_step]
    if block is None:
        return ReluGuide(by_step, scales, tolerance)
    paths = 1 if form_of(block) is Form.C else cardinality_of(block.block)
    *inner, last = scales
    return ReluGuide(in_call_order(by_step, paths), [*(inner * paths), last], tolerance)
