"""What a forward pass moves beside what it computes: why networks of equal MACs take different time.

Arithmetic intensity is MACs for each byte moved. A convolution or linear layer moves its weights once, and for each
image the whole map it reads and the map it puts out; batch norm and ReLU read and write what they work on, an addition
reads two maps and writes one. So it is where every operation is a kernel of its own and nothing stays in a cache:
torch's eager mode, on maps larger than caches. What is compared with what hardware takes at once:

- a 512-bit vector register holds 16 float32 (Intel, AVX-512);
- a tensor core's smallest tile takes 8 output channels (NVIDIA, PTX ISA, `mma.m16n8k16`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from resnext_viz.complexity import BYTES_PER_FLOAT32
from resnext_viz.conventions import tallies
from resnext_viz.layers import Layer, Op, Part, Walk, walk
from resnext_viz.spec import BlockKind, ImageSize, ResNeXtSpec

VECTOR_LANES, TILE_CHANNELS = 16, 8


class Workload(NamedTuple):
    """What some layers compute and move in one forward pass."""

    macs: int
    bytes_moved: int

    @property
    def intensity(self) -> float:
        """MACs for each byte."""
        return self.macs / self.bytes_moved if self.bytes_moved else 0.0

    def plus(self, other: Workload) -> Workload:
        return Workload(self.macs + other.macs, self.bytes_moved + other.bytes_moved)


class GroupWidth(NamedTuple):
    """Channels of one group of a stage's 3x3: what one filter reads, and how many filters read the same."""

    stage: int  # from 1
    channels: int

    @property
    def vector_fill(self) -> float:
        """Share of the lanes of 512-bit float32 vectors that a group's output channels fill."""
        return _fill(self.channels, VECTOR_LANES)

    @property
    def tile_fill(self) -> float:
        """Share of a tensor core's smallest tiles that a group's output channels fill."""
        return _fill(self.channels, TILE_CHANNELS)


def _fill(channels: int, at_once: int) -> float:
    return channels / (-(-channels // at_once) * at_once)


@dataclass(frozen=True)
class Movement:
    """A forward pass of one network: loads of its parts, widths of its groups, and its tensor operations."""

    walk: Walk
    batch_size: int = 1
    element_bytes: int = BYTES_PER_FLOAT32

    @cached_property
    def by_part(self) -> dict[Part, Workload]:
        """The loads of convolutions and the linear layer, by the parts that the network has."""
        loads: dict[Part, Workload] = {}
        for layer in self._computing:
            loads[layer.part] = loads.get(layer.part, Workload(0, 0)).plus(self._load(layer))
        return {part: loads[part] for part in Part if part in loads}

    @property
    def convolutions(self) -> Workload:
        """All of `by_part`."""
        total = Workload(0, 0)
        for load in self.by_part.values():
            total = total.plus(load)
        return total

    @cached_property
    def elementwise_bytes(self) -> int:
        """Moved by batch norm, ReLU and the additions of the shortcuts, which compute no counted MACs."""
        there = tallies(self.walk)
        return self._bytes(2 * there.norm_elements + 2 * there.relu_elements + 3 * there.added_elements)

    @cached_property
    def group_widths(self) -> tuple[GroupWidth, ...]:
        """Of each stage; none for two-layer blocks, which have no groups."""
        if self.walk.spec.block is BlockKind.BASIC:
            return ()
        return tuple(GroupWidth(stage.index + 1, stage.group_width) for stage in self.walk.stages)

    @cached_property
    def operations(self) -> int:
        """Tensor operations of an eager forward pass: at least as many kernels are started."""
        # A block's end is an addition and a ReLU.
        return sum(1 + layer.norm + layer.relu for layer in self.walk.layers) + 2 * tallies(self.walk).additions

    @property
    def _computing(self) -> Iterator[Layer]:
        return (layer for layer in self.walk.layers if layer.weights)

    def _load(self, layer: Layer) -> Workload:
        read = layer.c_in * (1 if layer.op is Op.LINEAR else layer.size_in.places)
        moved = self.element_bytes * layer.weights + self._bytes(read + layer.acts)
        return Workload(self.batch_size * layer.macs, moved)

    def _bytes(self, elements: int) -> int:
        return self.element_bytes * self.batch_size * elements

    def to_dict(self) -> dict[str, Any]:
        """As JSON types."""
        whole = self.convolutions
        return {
            "batch_size": self.batch_size,
            "element_bytes": self.element_bytes,
            "operations": self.operations,
            "elementwise_bytes": self.elementwise_bytes,
            **_load_dict(whole),
            "parts": [{"part": part.value, **_load_dict(load)} for part, load in self.by_part.items()],
            "group_widths": [
                {**width._asdict(), "vector_fill": width.vector_fill, "tile_fill": width.tile_fill}
                for width in self.group_widths
            ],
        }


def _load_dict(load: Workload) -> dict[str, int | float]:
    return {**load._asdict(), "intensity": load.intensity}


def movement(
    spec: ResNeXtSpec, image_size: ImageSize | None = None, batch_size: int = 1, element_bytes: int = BYTES_PER_FLOAT32
) -> Movement:
    """What a forward pass of `spec` moves on square images (its usual size if None).

    Raises:
        SpecError: `image_size` is out of range.
    """
    return Movement(walk(spec, image_size), batch_size, element_bytes)
