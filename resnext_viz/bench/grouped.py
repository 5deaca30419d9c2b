"""The grouped 3x3s of networks on this machine, in every way to compute them that gives the same answer.

The layer as torch computes it, in each number type and layout that trains here; and, in those that `train` uses, paths
merged into wider groups (`nn.merged_groups`), as many convolutions as there are paths, one dense convolution with a
block mask, and a matrix product over unfolded windows. Weights are float32 and cast in each call, as when training.
Multiply-adds are those of the grouped layer, backward twice forward: computing zeros as well earns no praise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from statistics import median

import torch
from torch import Tensor
from torch.nn.functional import conv2d, unfold

from resnext_viz.bench.result import BenchError, BenchRow, four_digits, rows_of
from resnext_viz.bench.train import network_of
from resnext_viz.complexity import complexity
from resnext_viz.kit.timing import in_turns, timed
from resnext_viz.layers import Layer
from resnext_viz.nn.device import choose_device
from resnext_viz.nn.merged_groups import merged_weight
from resnext_viz.training.run.precision import training_type

NAMES = ("cifar10", "resnext29_32x4d_cifar10", "resnext29_16x8d_cifar10", "resnext29_8x64d_cifar10")
PASSES = {"forward": 1, "forward and backward": 3}  # times the multiply-adds of forward
BATCH = {"cpu": 32, "cuda": 256}
ROUNDS = 5
LIMIT_S = 5.0  # of one pass through one layer
MOST_ELEMENTS = 200_000_000  # of the unfolded windows of a batch
MERGED_WIDTHS = (8, 16, 32)

Way = Callable[[Tensor, Tensor, Layer], Tensor]
_LAYOUTS = {"NCHW": torch.contiguous_format, "NHWC": torch.channels_last}


def measure(names: Sequence[str] = NAMES, device: str = "auto") -> list[BenchRow]:
    """Rows for each different grouped 3x3 of the networks, forward, then forward and backward, and each way.

    All against float32 in NCHW, grouped: what torch does by itself.

    Raises:
        UserError: no such network or device, no grouped layer among them, or one too large.
    """
    place = choose_device(device)
    layers = [layer for name in names for layer in grouped_layers(name)]
    if not layers:
        raise BenchError(f"names is {' '.join(names)[:60]!r}, without a grouped 3x3; use one with cardinality above 1")
    rows: list[BenchRow] = []
    for layer in {_shape(layer): layer for layer in layers}.values():
        rows += _rows(layer, place)
    return rows


def grouped_layers(name: str) -> list[Layer]:
    """The 3x3s in groups of a network, as they follow each other.

    Raises:
        UserError: no such network, or its windows would fill the memory.
    """
    layers = [layer for layer in complexity(network_of(name)).layers if layer.groups > 1]
    for layer in layers:
        if layer.c_in * layer.kernel**2 * layer.size_out.places * BATCH["cpu"] > MOST_ELEMENTS:
            raise BenchError(
                f"{name} has {layer.c_in} channels at {layer.size_in.plain}, too many to "
                "measure every way; choose a narrower network"
            )
    return layers


def ways_of(layer: Layer) -> dict[str, Way]:
    """Every other way to compute a grouped layer, by its name; each gives the layer's output."""
    width = layer.c_in // layer.groups
    merges = [
        merged for merged in range(2, layer.groups) if layer.groups % merged == 0 and merged * width in MERGED_WIDTHS
    ]
    return {
        **{f"{merged} paths merged, {merged * width} wide": partial(_merged, merged) for merged in merges},
        f"{layer.groups} convolutions": _split,
        "dense with a block mask": partial(_merged, layer.groups),
        "unfold and matrix product": _unfolded,
    }


def grouped(x: Tensor, weight: Tensor, layer: Layer) -> Tensor:
    """The layer as it is: `(N, c_in, H, W)` -> `(N, c_out, H', W')`."""
    return conv2d(x, weight, None, layer.stride, layer.padding, 1, layer.groups)


def _merged(merged: int, x: Tensor, weight: Tensor, layer: Layer) -> Tensor:
    return grouped(x, merged_weight(weight, layer.groups, merged), layer._replace(groups=layer.groups // merged))


def _split(x: Tensor, weight: Tensor, layer: Layer) -> Tensor:
    pieces = zip(x.chunk(layer.groups, 1), weight.chunk(layer.groups), strict=True)
    return torch.cat([grouped(piece, own, layer._replace(groups=1)) for piece, own in pieces], 1)


def _unfolded(x: Tensor, weight: Tensor, layer: Layer) -> Tensor:
    windows = unfold(x, layer.kernel, padding=layer.padding, stride=layer.stride)  # (N, c_in·k·k, H'·W')
    columns = windows.view(len(x), layer.groups, -1, windows.shape[-1])  # (N, C, d·k·k, H'·W')
    paths = weight.reshape(layer.groups, layer.c_out // layer.groups, -1)  # (C, d, d·k·k)
    return (paths @ columns).reshape(len(x), layer.c_out, *layer.size_out)


def _rows(layer: Layer, device: torch.device) -> Iterator[BenchRow]:
    batch = BATCH.get(device.type, BATCH["cpu"])
    calls = _calls(layer, device, batch)
    for what, times in PASSES.items():
        named = {f"{_shape_in_words(layer)}, {what}: {way}": timed(call[what]) for way, call in calls.items()}
        samples = in_turns(named, ROUNDS, LIMIT_S)
        fastest = min(samples, key=lambda name: median(samples[name]))
        macs = times * layer.macs * batch
        for row in rows_of("grouped", samples, next(iter(named)), batch):
            yield replace(
                row,
                against=row.against and next(iter(calls)),
                gmacs_per_s=four_digits(macs / row.median_ms / 1e6),
                is_fastest=row.engine == fastest,
            )


def _calls(layer: Layer, device: torch.device, batch: int) -> dict[str, dict[str, Callable[[], object]]]:
    """What to time: way in words -> kind of pass -> call; the first is what others are compared with."""
    usual = training_type(device)
    calls = {}
    for number_type in dict.fromkeys((torch.float32, usual)):
        for layout, memory_format in _LAYOUTS.items():
            ways: dict[str, Way] = {"grouped": grouped}
            if number_type is usual and layout == "NHWC":
                ways |= ways_of(layer)
            for name, way in ways.items():
                words = f"{str(number_type).removeprefix('torch.')} {layout}, {name}"
                calls[words] = _passes(way, layer, device, batch, number_type, memory_format)
    return calls


def _passes(
    way: Way, layer: Layer, device: torch.device, batch: int, number_type: torch.dtype, layout: torch.memory_format
) -> dict[str, Callable[[], object]]:
    """Both kinds of pass of one way, over random pictures, weight and gradient."""
    seeded = torch.Generator().manual_seed(0)

    def drawn(*shape: int) -> Tensor:
        return torch.randn(shape, generator=seeded).to(device).contiguous(memory_format=layout)

    x = drawn(batch, layer.c_in, *layer.size_in).to(number_type)
    weight = drawn(layer.c_out, layer.c_in // layer.groups, layer.kernel, layer.kernel)
    towards = drawn(batch, layer.c_out, *layer.size_out).to(number_type)

    def forward() -> None:
        with torch.no_grad():
            way(x, weight.to(number_type), layer)
        _wait(device)

    def both() -> None:
        start, own = x.detach().requires_grad_(), weight.detach().requires_grad_()
        way(start, own.to(number_type), layer).backward(towards)
        _wait(device)

    return dict(zip(PASSES, (forward, both), strict=True))


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()


def _shape(layer: Layer) -> tuple[int, ...]:
    return layer.c_in, layer.c_out, layer.groups, layer.stride, *layer.size_in


def _shape_in_words(layer: Layer) -> str:
    there = "" if layer.stride == 1 else f" to {layer.size_out.plain}"
    return f"{layer.groups} paths of {layer.c_in // layer.groups} at {layer.size_in.plain}{there}"
