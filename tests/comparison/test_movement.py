"""What a forward pass moves, against the tensors and operations of torch's own forward pass."""

from collections import Counter
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from resnext_viz import ResNeXtSpec, parse
from resnext_viz.comparison import GroupWidth, movement
from resnext_viz.layers import Part
from resnext_viz.nn import build_on_meta
from tests.support.one_thread import one_thread
from tests.support.specs import specs

__all__ = ["one_thread"]

CONVOLVE = {"convolution", "addmm"}
ELEMENTWISE = {"_native_batch_norm_legit_no_training", "native_batch_norm", "relu", "add"}
POOLS = {"max_pool2d_with_indices", "mean"}


class Listener(TorchDispatchMode):
    """Every operation of a forward pass that computes, and the bytes of the maps that it reads and writes."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # torch's own
        self.calls: Counter[str] = Counter()
        self.moved: Counter[str] = Counter()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        name = func.overloadpacket.__name__
        if name in CONVOLVE | ELEMENTWISE | POOLS:
            outputs = result[:1] if isinstance(result, tuple) else [result]
            inputs = [each for each in args if isinstance(each, Tensor)]
            if name in ELEMENTWISE - {"add"}:
                inputs = inputs[:1]  # vectors of channels are not maps
            if name == "convolution":
                inputs = inputs[:2]  # a bias is not counted
            elif name == "addmm":
                inputs = inputs[1:]
            self.calls[name] += 1
            self.moved[name] += sum(each.numel() * each.element_size() for each in (*inputs, *outputs))
        return result


def heard(spec: ResNeXtSpec, size: int, batch: int) -> Listener:
    network, images = build_on_meta(spec), torch.empty(batch, spec.in_channels, size, size, device="meta")
    listener = Listener()
    with torch.no_grad(), listener:
        network(images)
    return listener


@given(specs(), st.integers(1, 40), st.integers(1, 3))
@settings(max_examples=15)
def test_bytes_and_operations_of_any_network(spec: ResNeXtSpec, size: int, batch: int) -> None:
    listener, moved = heard(spec, size, batch), movement(spec, size, batch)
    assert moved.operations == sum(listener.calls.values())
    assert moved.elementwise_bytes == sum(listener.moved[name] for name in ELEMENTWISE)
    assert moved.convolutions.bytes_moved == sum(listener.moved[name] for name in CONVOLVE)


def test_both_networks_start_equally_many_operations() -> None:
    ours, theirs = movement(parse("resnext50_32x4d")), movement(parse("resnet50"))
    assert ours.operations == theirs.operations == sum(heard(parse("resnet50"), 32, 1).calls.values())


def test_the_grouped_3x3_waits_for_memory() -> None:
    """At batch 1 a 3x3 of C groups does 9·d/2 MACs for each element of the two maps: less than one of C = 1."""
    grouped = movement(ResNeXtSpec((2,), cardinality=32, base_width=4), 224).by_part[Part.TRANSFORM]
    maps, weights = 2 * 2 * 128 * 56 * 56, 2 * 9 * 4 * 128
    assert grouped == (2 * 9 * 4 * 128 * 56 * 56, 4 * (maps + weights))
    assert grouped.intensity == pytest.approx(9 * 4 / 2 / 4, rel=0.02)
    plain = movement(ResNeXtSpec((2,)), 224).by_part[Part.TRANSFORM]
    assert plain.intensity / grouped.intensity > 10


def test_larger_batches_and_smaller_elements_move_less_for_each_mac() -> None:
    spec = parse("resnext50_32x4d")
    one, eight, half = movement(spec), movement(spec, batch_size=8), movement(spec, element_bytes=2)
    assert one.convolutions.intensity < eight.convolutions.intensity
    assert half.convolutions.intensity == 2 * one.convolutions.intensity


# 512 bits hold 16 float32; the smallest tile of mma.m16n8k16 has 8 columns.
@pytest.mark.parametrize(("channels", "vector", "tile"), [(4, 0.25, 0.5), (8, 0.5, 1), (12, 0.75, 0.75), (64, 1, 1)])
def test_narrow_groups_leave_lanes_empty(channels: int, vector: float, tile: float) -> None:
    width = GroupWidth(1, channels)
    assert (width.vector_fill, width.tile_fill) == (vector, tile)


def test_group_widths_double_from_stage_to_stage() -> None:
    assert [width.channels for width in movement(parse("resnext101_32x8d")).group_widths] == [8, 16, 32, 64]
    assert movement(parse("resnet34")).group_widths == ()
