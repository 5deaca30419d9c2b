"""What one training step costs: multiply-adds forward and backward, and the memory that it keeps, from the one walk.

Work: a convolution or linear layer of M multiply-adds takes M for the gradient of its weight and M for the gradient of
its input, whatever its groups; the first convolution needs no gradient of its input, the image. As elsewhere, bias,
batch norm, ReLU and pooling are left out.

Memory: what exists when the forward pass has ended. For the backward pass are kept: the images; what each batch norm
reads, with its saved mean and inverse deviation; what each ReLU puts out, which the next layer reads; what the max pool
puts out, with an 8-byte index for each element; and what the linear layer reads. Batch norm keeps its input and not its
output, so an in-place ReLU saves nothing here. Not counted: gradients of activations, which come and go, workspaces of
convolutions, and what an allocator loses. `tests/test_training_memory.py` compares with what torch keeps, to the
byte, in every precision (on a CPU).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any, NamedTuple

from resnext_viz.conventions import tallies
from resnext_viz.errors import SpecError
from resnext_viz.layers import Layer, Op, Part, Walk, walk
from resnext_viz.spec import ImageSize, ResNeXtSpec, Stem, map_size

BATCH_LIMITS = (1, 1_000_000)
DEFAULT_BATCH = 32  # the paper: 256 over 8 GPUs, 32 on each (section 4)
IMAGENET_IMAGES, CIFAR_IMAGES = 1_281_167, 50_000  # of the training sets
_FLOAT32, _HALF, _INT64 = 4, 2, 8  # bytes


class Optimizer(StrEnum):
    """What is kept for each learned element from step to step."""

    SGD = "sgd"  # nothing
    MOMENTUM = "momentum"  # one buffer: the paper's choice
    ADAM = "adam"  # two moments, and a step count for each tensor; AdamW keeps the same


class Precision(StrEnum):
    """Number formats of a step. Mixed is torch's autocast: learned elements stay in float32, weights are cast."""

    FLOAT32 = "float32"
    MIXED_BFLOAT16 = "mixed-bfloat16"
    MIXED_FLOAT16 = "mixed-float16"
    BFLOAT16 = "bfloat16"

    @property
    def is_mixed(self) -> bool:
        return self in (Precision.MIXED_BFLOAT16, Precision.MIXED_FLOAT16)

    @property
    def learned_bytes(self) -> int:
        """Of a learned element, its gradient, and batch norm's statistics."""
        return _HALF if self is Precision.BFLOAT16 else _FLOAT32

    @property
    def computed_bytes(self) -> int:
        """Of an element that a convolution reads or puts out."""
        return _FLOAT32 if self is Precision.FLOAT32 else _HALF


class StepMacs(NamedTuple):
    """Multiply-adds of one layer, a part or a network."""

    forward: int
    grad_input: int
    grad_weight: int

    @property
    def backward(self) -> int:
        return self.grad_input + self.grad_weight

    @property
    def total(self) -> int:
        return self.forward + self.backward

    def times(self, factor: int) -> StepMacs:
        return StepMacs(*(factor * term for term in self))


class LayerWork(NamedTuple):
    """The work of one layer on one image."""

    layer: Layer
    work: StepMacs

    @property
    def miscounted(self) -> int:
        """Multiply-adds that `FlopCounterMode` adds by mistake: its weight gradient is `groups` times too large."""
        return (self.layer.groups - 1) * self.work.grad_weight


class Memory(NamedTuple):
    """Bytes that a training step keeps, each once; `sum(memory)` is the whole."""

    weights: int  # learned elements; in mixed precision the cast weights of convolutions and the linear layer
    master_weights: int  # in mixed precision, the learned elements in float32
    running_statistics: int  # batch norm's running mean and variance, and its count of batches
    gradients: int
    optimizer_state: int
    images: int
    norm_inputs: int
    norm_statistics: int  # saved mean and inverse deviation
    relu_outputs: int
    pool_outputs: int
    pool_indices: int
    linear_inputs: int

    @property
    def total(self) -> int:
        return sum(self)

    @property
    def activations(self) -> int:
        """Bytes kept for the backward pass only, images included."""
        return sum(self[5:])


@dataclass(frozen=True)
class TrainingCost:
    """The cost of one step.

    Raises:
        SpecError: `batch_size` is out of range.
    """

    walk: Walk
    batch_size: int = DEFAULT_BATCH
    optimizer: Optimizer = Optimizer.MOMENTUM
    precision: Precision = Precision.FLOAT32

    def __post_init__(self) -> None:
        low, high = BATCH_LIMITS
        whole = isinstance(self.batch_size, int) and not isinstance(self.batch_size, bool)
        if not whole or not low <= self.batch_size <= high:
            raise SpecError("batch_size", self.batch_size, f"use a whole number from {low} to {high}")

    @cached_property
    def layers(self) -> tuple[LayerWork, ...]:
        """The work of each convolution and of the linear layer on one image, in order."""
        first = self.walk.stem[0]
        return tuple(
            LayerWork(layer, StepMacs(layer.macs, 0 if layer is first else layer.macs, layer.macs))
            for layer in self.walk.layers
            if layer.weights
        )

    @cached_property
    def by_part(self) -> dict[Part, StepMacs]:
        """The work of a step by the parts that the network has; adds up to `work`."""
        parts: dict[Part, StepMacs] = {}
        for layer, work in self.layers:
            before = parts.get(layer.part, StepMacs(0, 0, 0))
            parts[layer.part] = StepMacs(*(a + b for a, b in zip(before, work.times(self.batch_size), strict=True)))
        return {part: parts[part] for part in Part if part in parts}

    @cached_property
    def work(self) -> StepMacs:
        """The work of a step."""
        return StepMacs(*(sum(term) for term in zip(*self.by_part.values(), strict=True)))

    @property
    def miscounted(self) -> int:
        """Multiply-adds of a step that `FlopCounterMode` adds by mistake."""
        return self.batch_size * sum(layer.miscounted for layer in self.layers)

    @property
    def flop_counter(self) -> int:
        """What torch's `FlopCounterMode` prints for the step, two for each multiply-add, wrong for groups as it is.

        Its `conv_backward_flop` takes the gradient of a grouped weight for that of a plain one (torch 2.13.0, 2.15.0).
        """
        return 2 * (self.work.total + self.miscounted)

    def epoch_work(self, images: int) -> int:
        """Multiply-adds of one pass over so many images."""
        return images * (self.work.total // self.batch_size)

    @cached_property
    def memory(self) -> Memory:
        """Bytes that exist when the forward pass has ended, and gradients."""
        there, layers, learned, computed = (
            tallies(self.walk),
            self.walk.layers,
            self.precision.learned_bytes,
            self.precision.computed_bytes,
        )
        params = learned * sum(layer.params for layer in layers)
        mixed = self.precision.is_mixed
        pictures = self.walk.spec.in_channels * map_size(self.walk.image_size).places
        pooled = sum(layer.c_out * layer.size_out.places for layer in layers if layer.op is Op.MAX_POOL)
        kept = self.batch_size * computed  # bytes of one element of every image
        return Memory(
            weights=computed * sum(layer.weights for layer in layers) if mixed else params,
            master_weights=params if mixed else 0,
            running_statistics=learned * there.norm_params + _INT64 * sum(layer.norm for layer in layers),
            gradients=params,
            optimizer_state=self._optimizer_state(params),
            images=kept * pictures,
            norm_inputs=kept * there.norm_elements,
            norm_statistics=learned * there.norm_params,
            relu_outputs=kept * there.relu_elements,
            pool_outputs=kept * pooled,
            pool_indices=self.batch_size * _INT64 * pooled,
            linear_inputs=kept * sum(layer.c_in for layer in layers if layer.op is Op.LINEAR),
        )

    def _optimizer_state(self, params: int) -> int:
        if self.optimizer is Optimizer.ADAM:
            tensors = sum(bool(layer.weights) + layer.bias + 2 * layer.norm for layer in self.walk.layers)
            return 2 * params + _FLOAT32 * tensors
        return params if self.optimizer is Optimizer.MOMENTUM else 0

    def to_dict(self) -> dict[str, Any]:
        """The JSON document of `training-cost`."""
        from resnext_viz.names import name_of

        spec, work = self.walk.spec, self.work
        return {
            "name": name_of(spec),
            "spec": spec.to_dict(),
            "image_size": self.walk.image_size,
            "batch_size": self.batch_size,
            "optimizer": self.optimizer.value,
            "precision": self.precision.value,
            "macs": _work_dict(work),
            "operations": 2 * work.total,
            "flop_counter_mode": {"operations": self.flop_counter, "miscounted": 2 * self.miscounted},
            "memory_bytes": {**self.memory._asdict(), "total": self.memory.total},
            "parts": [{"part": part.value, **_work_dict(work)} for part, work in self.by_part.items()],
            "layers_of_one_image": [{"name": layer.name, **_work_dict(work)} for layer, work in self.layers],
        }


def _work_dict(work: StepMacs) -> dict[str, int]:
    return {**work._asdict(), "total": work.total}


def epoch_images(spec: ResNeXtSpec) -> int:
    """Images of the training set that goes with the stem: ImageNet-1K, or CIFAR."""
    return IMAGENET_IMAGES if spec.stem is Stem.IMAGENET else CIFAR_IMAGES


def training_cost(
    spec: ResNeXtSpec,
    image_size: ImageSize | None = None,
    batch_size: int = DEFAULT_BATCH,
    optimizer: Optimizer = Optimizer.MOMENTUM,
    precision: Precision = Precision.FLOAT32,
) -> TrainingCost:
    """The cost of one step of `spec` on square images (224 pixels, or 32 for CIFAR stems, if `image_size` is None).

    Raises:
        SpecError: `image_size` or `batch_size` is out of range.
    """
    return TrainingCost(walk(spec, image_size), batch_size, optimizer, precision)
