"""Engines that are torch itself: the exact one, and a faster one in half precision.

The faster one has batch norm folded into the convolutions. Which memory layout and which half type are fastest differs
from device to device (grouped convolutions are slow in some of them), so they are measured, once for each device. On
CUDA its kernels are recorded as a graph and replayed, because at batch 1 launching them takes longer than they do.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product
from math import isfinite
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from resnext_viz.inference.engines.engine import Engine
from resnext_viz.nn.device import exact_float32
from resnext_viz.nn.module_style import in_modules
from resnext_viz.nn.network import Residual, ResNeXt

# On some CPUs torch computes float16 by a reference kernel that takes a thousand times as long: not even to be tried.
_HALVES = {"cpu": (torch.bfloat16,), "mps": (torch.float16, torch.bfloat16), "cuda": (torch.float16, torch.bfloat16)}
EXACT_NAME = "torch eager, float32"
_LAYOUTS = (torch.contiguous_format, torch.channels_last)
_LAYOUT_WORDS = {torch.contiguous_format: "NCHW", torch.channels_last: "channels-last"}
_BUCKETS = (1, 2, 4, 8, 16, 32, 64)  # batch sizes that are recorded; others are filled up to the next one
_RUNS = 3


@dataclass(frozen=True)
class HalfWay:
    """A layout and a half type."""

    layout: torch.memory_format
    dtype: torch.dtype

    @property
    def name(self) -> str:
        return f"{str(self.dtype).removeprefix('torch.')}, {_LAYOUT_WORDS[self.layout]}"


# What was measured, by device; a process meets few devices. It decides how fast, never what: each engine is proven.
_FASTEST: dict[torch.device, HalfWay] = {}


def exact_engine(model: ResNeXt, device: torch.device) -> Engine:
    """The network as torch runs it, operation by operation, in float32 without TF32 and by deterministic kernels.

    In torchvision's style: a map that nobody reads again is overwritten. A new one for each ReLU and each sum, as
    `model` itself makes for those who look at its layers, costs about a tenth of the time at batch 1.
    """
    network = in_modules(model)

    def run(inputs: Tensor) -> Tensor:
        with exact_float32(device), torch.inference_mode():
            logits: Tensor = network(inputs.to(device)).float().cpu()  # the copy back waits for the device
        return logits

    return Engine(EXACT_NAME, run)


def half(model: ResNeXt, device: torch.device, inputs: Tensor, max_batch: int) -> Engine:
    """The network folded, in the half type and layout that are fastest on `device`.

    Args:
        model: in eval mode; it is read, not changed.
        device: where it runs.
        inputs: `(N, C, H, W)` to measure with, and whose C, H, W are those of all inputs to come.
        max_batch: the largest N to come.
    """
    way = fastest_way(model, device, inputs)
    how = "torch CUDA graph" if device.type == "cuda" else "torch eager"
    return Engine(f"{how}, {way.name}, folded", _runner(model, device, way, max_batch))


def fastest_way(model: ResNeXt, device: torch.device, inputs: Tensor, ways: Sequence[HalfWay] | None = None) -> HalfWay:
    """The layout and half type in which `model` is fastest on `device`, measured at the first call for it.

    Where none could be run, memory may have been short: the first one is tried, and the next call measures again.
    """
    if device in _FASTEST:
        return _FASTEST[device]
    ways = ways or [HalfWay(layout, dtype) for layout, dtype in product(_LAYOUTS, _HALVES[device.type])]
    times = {way: _time_of(model, device, inputs, way) for way in ways}
    fastest = min(times, key=times.__getitem__)
    if isfinite(times[fastest]):
        _FASTEST[device] = fastest
    return fastest


def with_folded_norms(model: ResNeXt) -> ResNeXt:
    """A copy of `model` in which every batch norm is part of the convolution before it."""
    with torch.device("meta"):
        copy = ResNeXt(model.spec)
    copy.load_state_dict({key: value.clone() for key, value in model.state_dict().items()}, assign=True)
    copy.eval().requires_grad_(False)
    copy.add_module("conv1", _fused(copy.conv1, copy.bn1))
    copy.add_module("bn1", nn.Identity())
    for block in (module for module in copy.modules() if isinstance(module, Residual)):
        for conv, norm in getattr(block, "steps", ()):
            block.add_module(conv, _fused(block.get_submodule(conv), block.get_submodule(norm)))
            block.add_module(norm, nn.Identity())
        if block.downsample is not None:
            block.downsample = nn.Sequential(_fused(*block.downsample))
    return copy


def _fused(conv: Any, norm: Any) -> nn.Module:
    fused: nn.Module = fuse_conv_bn_eval(conv, norm)
    return fused


def _runner(model: ResNeXt, device: torch.device, way: HalfWay, max_batch: int) -> Callable[[Tensor], Tensor]:
    network = with_folded_norms(model).to(device, way.dtype).to(memory_format=way.layout)
    return _Recorded(network, device, way, max_batch).run if device.type == "cuda" else _caster(network, device, way)


def _caster(network: nn.Module, device: torch.device, way: HalfWay) -> Callable[[Tensor], Tensor]:
    def run(inputs: Tensor) -> Tensor:
        with torch.inference_mode():
            logits: Tensor = network(inputs.to(device, way.dtype, memory_format=way.layout)).float().cpu()
        return logits

    return run


def _time_of(model: ResNeXt, device: torch.device, inputs: Tensor, way: HalfWay) -> float:
    """Seconds for `inputs`, the best of a few runs; infinite where the device cannot do it."""
    try:
        run = _runner(model, device, way, len(inputs))
        run(inputs)
        return min(_seconds(run, inputs) for _ in range(_RUNS))
    except (RuntimeError, TypeError, NotImplementedError):
        return float("inf")


def _seconds(run: Callable[[Tensor], Tensor], inputs: Tensor) -> float:
    began = time.perf_counter()
    run(inputs)
    return time.perf_counter() - began


class _Recorded:
    """The network's kernels as CUDA graphs, one for each batch size of `_BUCKETS`, recorded when first needed."""

    def __init__(self, network: nn.Module, device: torch.device, way: HalfWay, max_batch: int) -> None:
        self.network, self.device, self.way = network, device, way
        self.buckets = [size for size in _BUCKETS if size <= max_batch] or [1]
        self.side = torch.cuda.Stream(device)  # to record on; one for all, as libraries keep memory for each
        self.graphs: dict[int, tuple[torch.cuda.CUDAGraph, Tensor, Tensor]] = {}

    def run(self, inputs: Tensor) -> Tensor:
        """`(N, C, H, W)` -> `(N, classes)`; N above the largest bucket goes in pieces."""
        largest = self.buckets[-1]
        return torch.cat([self._piece(inputs[start : start + largest]) for start in range(0, len(inputs), largest)])

    def _piece(self, inputs: Tensor) -> Tensor:
        size = next(bucket for bucket in self.buckets if bucket >= len(inputs))
        with torch.inference_mode():
            if size not in self.graphs:
                self.graphs[size] = self._record(size, inputs.shape[1:])
            graph, given, found = self.graphs[size]
            given[: len(inputs)].copy_(inputs)
            graph.replay()
            return found[: len(inputs)].float().cpu()

    def _record(self, size: int, shape: torch.Size) -> tuple[torch.cuda.CUDAGraph, Tensor, Tensor]:
        given = torch.zeros(size, *shape, device=self.device, dtype=self.way.dtype)
        given = given.contiguous(memory_format=self.way.layout)
        self.side.wait_stream(torch.cuda.current_stream(self.device))
        with torch.cuda.stream(self.side):  # also behind a recording that fails, the thread is back on its own stream
            for _ in range(_RUNS):  # kernels are chosen and their memory taken before anything is recorded
                self.network(given)
            graph = torch.cuda.CUDAGraph()
            # Only this thread is kept from what a recording cannot hold: others explain and train here meanwhile.
            with torch.cuda.graph(graph, stream=self.side, capture_error_mode="thread_local"):
                found = self.network(given)
        torch.cuda.current_stream(self.device).wait_stream(self.side)
        return graph, given, found
