"""The proof by computing for a whole network: forms A and B against form C, place by place, and through training.

One set of random weights (none at its default) is wired in forms A, B and C. For each dtype:

- eval: stem, each stage and the logits, with the running statistics.
- train: the same places with the batch's own statistics; the gradients of the cross-entropy with respect to every
  weight, mapped to form C; then weights and running statistics, mapped to form C, after each of some steps of SGD
  with momentum and weight decay, taken on each form by itself.

How near is near enough? Depth amplifies rounding, and so does every step, so a fixed number of machine epsilons says
nothing here. It is measured instead: a fourth network is form C with every weight moved by one epsilon, up or down at
random. How far it is from form C at a place is what rounding alone does there (`rounding`). Two forms are equal at a
place if they are apart by at most `TIMES_ROUNDING` times that. Random signs are kinder than they might be, and what
diverges does so by chance: in 4,664 rows of 100 small networks of every kind the forms were up to 1.8 times as far
apart as that, and up to 3.3 times after five steps of a network of 68 layers. Where so much would be more than
`CEILING`, as after some steps of a deep network in float32, a place decides nothing.

In train mode ReLU inputs that rounding puts on different sides of zero are taken on form C's side (`relu_sides`), and
so is a max pool's choice between two values (`pool_places`); `kinks` counts both. Relative is as in `equivalence`:
max|a − b| over the larger of max|a| and max|b| in one layer.
Source: arXiv 1611.05431, section 4: "strictly equivalent, when BN and ReLU are appropriately addressed. We have
trained all three forms and obtained the same results".
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from resnext_viz.block_forms.terms import TIMES_ROUNDING, Form, Mode
from resnext_viz.errors import UserError
from resnext_viz.layers import walk
from resnext_viz.nn.device import choose_device
from resnext_viz.nn.network import ResNeXt
from resnext_viz.nn.proof.equivalence import BATCH, Dtype, members, usable_dtypes
from resnext_viz.nn.proof.form_run import largest_difference
from resnext_viz.nn.proof.network_forms import (
    gradients_by_layer,
    network_in_form,
    nudged,
    random_network,
    weights_by_layer,
)
from resnext_viz.nn.proof.network_run import Between, NetworkRun, PlaceOutput
from resnext_viz.spec import ResNeXtSpec

CEILING = 0.05
DTYPES = (Dtype.FLOAT64, Dtype.FLOAT32)  # bfloat16's epsilon, amplified by a whole network, decides nothing
STEPS_LIMITS = (0, 20)
VALUES = 16  # that a channel's batch statistics should be over in the last stage, where the batch may grow to that
LARGEST_BATCH = 8
Parts = Iterator[dict[str, Tensor]]


@dataclass(frozen=True)
class NetworkRow:
    """One form compared with form C at one place of the network, or after some steps of training."""

    place: str  # "stem", "stage 1" ..., "logits", "gradients", "weights after 1 step"
    dtype: Dtype
    mode: Mode
    forms: str  # "A-C"
    max_abs: float
    max_rel: float
    rounding: float  # the relative difference that rounding alone makes there
    kinks: int

    @property
    def allowed(self) -> float:
        """The relative difference that still counts as equal."""
        return TIMES_ROUNDING * max(self.rounding, self.dtype.epsilon)

    @property
    def equal(self) -> bool | None:
        """Whether rounding explains the difference; None where rounding alone explains anything."""
        return self.max_rel <= self.allowed if self.allowed <= CEILING else None

    def to_dict(self) -> dict[str, Any]:
        """JSON types; a difference that is no number (something overflowed) is None."""
        return {
            "place": self.place,
            "dtype": self.dtype.value,
            "mode": self.mode.value,
            "forms": self.forms,
            "max_abs": _finite(self.max_abs),
            "max_rel": _finite(self.max_rel),
            "rounding": _finite(self.rounding),
            "allowed": _finite(self.allowed),
            "kinks": self.kinks,
            "equal": self.equal,
        }


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def planned_places(spec: ResNeXtSpec, mode: Mode, steps: int) -> tuple[str, ...]:
    """The places that a run compares, in order."""
    outputs = ("stem", *(f"stage {number}" for number in range(1, len(spec.depths) + 1)), *["logits"] * spec.head)
    return outputs if mode is Mode.EVAL else (*outputs, "gradients", *map(_after, range(1, steps + 1)))


def _after(step: int) -> str:
    return f"weights after {step} {'step' if step == 1 else 'steps'}"


def check_network(
    spec: ResNeXtSpec,
    image: Tensor | None = None,
    image_size: int | None = None,
    *,
    dtypes: Iterable[str] = DTYPES,
    steps: int = 3,
    device: str = "auto",
    seed: int = 0,
    between: Between = lambda: None,
) -> Iterator[NetworkRow]:
    """Rows for the whole network, computed as they are asked for: stop iterating to stop.

    Args:
        spec: a network of bottlenecks.
        image: `(in_channels, S, S)`; None for a random one of `image_size` (the spec's own if None).
        image_size: side of the random image.
        dtypes: float64, float32, or both.
        steps: of SGD, 0 to 20.
        device: as for `choose_device`.
        seed: everything random comes from it and is drawn on the CPU, so that every device gets the same.
        between: called between two parts of a network; may raise to end the run at once.

    Raises:
        UserError: no such device, dtype or number of steps; blocks of two layers; an image that does not fit.
    """
    place = choose_device(device)
    chosen = check_options(spec, dtypes, steps, place)
    generator = torch.Generator().manual_seed(seed + 1)
    if image is None:
        size = image_size or spec.default_image_size
        image = torch.randn(spec.in_channels, size, size, generator=generator, dtype=torch.float64)
    images = batch_of(spec, image)
    classes = spec.num_classes if spec.head else 2
    labels = torch.randint(0, classes, (len(images),), generator=generator)
    return _rows(random_network(spec, seed), images, labels, chosen, steps, place, between)


def check_options(spec: ResNeXtSpec, dtypes: Iterable[str], steps: int, device: torch.device) -> tuple[Dtype, ...]:
    """The dtypes, if all of it can be computed.

    Raises:
        UserError: as `check_network`.
    """
    chosen = members(Dtype, dtypes)
    usable = [dtype for dtype in usable_dtypes(device) if dtype in DTYPES]
    for dtype in chosen:
        if dtype not in usable:
            raise UserError(f"dtype is '{dtype}'; for a whole network on '{device.type}' use {' or '.join(usable)}")
    low, high = STEPS_LIMITS
    if not low <= steps <= high:
        raise UserError(f"steps is {steps}; use a whole number from {low} to {high}")
    if spec.head and spec.num_classes == 1:
        raise UserError("num_classes is 1; the cross-entropy of one class is always zero, so use 2 or more")
    return chosen


def batch_size(spec: ResNeXtSpec, image_size: int) -> int:
    """Images at once: 2, and more where the last map is so small that batch norm would see a handful of values."""
    values, batch = walk(spec, image_size).stages[-1].size_out.places, BATCH
    while batch * values < VALUES and batch < LARGEST_BATCH:
        batch *= 2
    return batch


def batch_of(spec: ResNeXtSpec, image: Tensor) -> Tensor:
    """`(N, in_channels, S, S)` of one image: itself, mirrored, turned by a quarter, ..., as many as `batch_size`.

    Raises:
        UserError: not a square image with the network's channels.
    """
    if image.ndim != 3 or image.shape[0] != spec.in_channels or image.shape[1] != image.shape[2]:
        shape = "×".join(map(str, image.shape))
        raise UserError(f"image is {shape}; this network takes {spec.in_channels}×S×S, a square")
    turned = [torch.rot90(image, quarter, (1, 2)) for quarter in range(4)]
    all_of_it = [side for each in turned for side in (each, each.flip(2))]
    return torch.stack(all_of_it[: batch_size(spec, image.shape[1])]).double()


def _rows(
    network: ResNeXt,
    images: Tensor,
    labels: Tensor,
    dtypes: tuple[Dtype, ...],
    steps: int,
    place: torch.device,
    between: Between,
) -> Iterator[NetworkRow]:
    for dtype in dtypes:  # each begins with the same weights
        in_c = network_in_form(network, Form.C).to(dtype.torch_dtype).to(place)
        forms = {form: network_in_form(in_c, form) for form in (Form.A, Form.B)}
        yield from compare_networks(
            in_c, forms, images.to(dtype.torch_dtype).to(place), labels.to(place), dtype, steps, between
        )


def compare_networks(
    in_c: ResNeXt,
    forms: Mapping[Form, ResNeXt],
    images: Tensor,
    labels: Tensor,
    dtype: Dtype,
    steps: int,
    between: Between = lambda: None,
) -> Iterator[NetworkRow]:
    """Rows for networks that are held to be equal to `in_c`, which is in form C. Training moves all of them."""
    comparison = _Comparison(in_c, forms, dtype, between)
    yield from comparison.evaluated(images)
    for step in range(1, max(1, steps) + 1):
        yield from comparison.passed(images, labels, is_first=step == 1)
        if steps:
            yield from comparison.stepped(step)


class _Comparison:
    """Form C, form C moved by one epsilon, and what is held to be equal to form C, in lockstep."""

    def __init__(self, in_c: ResNeXt, forms: Mapping[Form, ResNeXt], dtype: Dtype, between: Between) -> None:
        self._reference, self._moved = NetworkRun(in_c, between), NetworkRun(nudged(in_c, seed=1), between)
        self._others = {f"{form}-{Form.C}": NetworkRun(network, between) for form, network in forms.items()}
        self._dtype = dtype

    def evaluated(self, images: Tensor) -> Iterator[NetworkRow]:
        """Each place in eval mode."""
        expected = list(self._reference.evaluate(images))
        rounding = _each_apart(self._moved.evaluate(images), expected)
        for pair, run in self._others.items():
            for here, there, (_, by_rounding) in zip(run.evaluate(images), expected, rounding, strict=True):
                yield self._row(here.name, Mode.EVAL, pair, _apart(here, there), by_rounding)

    def passed(self, images: Tensor, labels: Tensor, *, is_first: bool) -> Iterator[NetworkRow]:
        """Forward and backward of all in train mode; rows of the first time, before any step was taken."""
        expected = list(self._reference.forward(images))
        self._reference.backward(labels)
        rounding = _each_apart(self._moved.forward(images, self._reference), expected)
        self._moved.backward(labels)
        of_gradients = self._largest(self._moved, gradients_by_layer)[1] if is_first else 0.0
        for pair, run in self._others.items():
            places = run.forward(images, self._reference)
            for here, there, (_, by_rounding) in zip(places, expected, rounding, strict=True):
                if is_first:
                    yield self._row(here.name, Mode.TRAIN, pair, _apart(here, there), by_rounding, run.kinks)
            run.backward(labels)
            if is_first:
                found = self._largest(run, gradients_by_layer)
                yield self._row("gradients", Mode.TRAIN, pair, found, of_gradients, run.kinks)

    def stepped(self, step: int) -> Iterator[NetworkRow]:
        """One step of SGD of all, each by itself."""
        for run in (self._reference, self._moved, *self._others.values()):
            run.step()
        of_weights = self._largest(self._moved, weights_by_layer)[1]
        for pair, run in self._others.items():
            found = self._largest(run, weights_by_layer)
            yield self._row(_after(step), Mode.TRAIN, pair, found, of_weights, run.kinks)

    def _largest(self, run: NetworkRun, by_layer: Callable[[ResNeXt], Parts]) -> tuple[float, float]:
        """The largest absolute and relative difference from form C over all layers."""
        both = zip(by_layer(run.network), by_layer(self._reference.network), strict=True)
        found = [largest_difference(ours, theirs) for ours, theirs in both]
        return max(each[0] for each in found), max(each[1] for each in found)

    def _row(
        self, place: str, mode: Mode, pair: str, found: tuple[float, float], rounding: float, kinks: int = 0
    ) -> NetworkRow:
        return NetworkRow(place, self._dtype, mode, pair, *found, rounding, kinks)


def _each_apart(ours: Iterator[PlaceOutput], theirs: Sequence[PlaceOutput]) -> list[tuple[float, float]]:
    return [_apart(*both) for both in zip(ours, theirs, strict=True)]


def _apart(ours: PlaceOutput, theirs: PlaceOutput) -> tuple[float, float]:
    """The largest absolute and relative difference at one place."""
    return largest_difference({ours.name: ours.output}, {theirs.name: theirs.output})
