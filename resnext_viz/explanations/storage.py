"""How many bytes a network's weights take, stored in the ways that people measure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from resnext_viz.complexity import BYTES_PER_FLOAT32
from resnext_viz.explanations.terms import Convention, Term
from resnext_viz.layers import Layer, Walk

_COUNTER_BYTES = 8  # of each batch norm: how many batches it has seen
_FRAME_BYTES = 311  # of a torch.save for each tensor: its name, its place, padding; within 2 % (torch 2.15)
# What torchvision states for its weights, in MB that are MiB; some are in torch's older, shorter file format, and the
# first weights of Wide ResNet-50-2 and 101-2 in float16.
_STATED_MIB = {
    "resnet18": (44.661,), "resnet34": (83.275,), "resnet50": (97.781, 97.790), "resnet101": (170.511, 170.530),
    "resnet152": (230.434, 230.474), "resnext50_32x4d": (95.789, 95.833), "resnext101_32x8d": (339.586, 339.673),
    "resnext101_64x4d": (319.318,), "resnet50_1x128d": (131.820, 263.124), "resnet101_1x128d": (242.896, 484.747),
}  # fmt: skip


class Storage(NamedTuple):
    """Bytes for each learned element, and what lies beside them."""

    convention: Convention
    each: int
    buffers: bool = False  # running mean and variance, and a counter for each batch norm
    file: bool = False  # torch's file around them


def _storage(key: str, words: str, farness: float, each: int, buffers: bool = False, file: bool = False) -> Storage:
    return Storage(Convention(key, words, "bytes", farness), each, buffers, file)


STORAGES = (
    _storage("float32", "params in float32, four bytes each", 0.0, BYTES_PER_FLOAT32),
    _storage("state_dict", "the state_dict in float32, buffers included", 0.2, BYTES_PER_FLOAT32, buffers=True),
    _storage("file", "a file of torch.save in float32", 0.1, BYTES_PER_FLOAT32, buffers=True, file=True),
    _storage("float16", "params in float16 or bfloat16, two bytes each", 1.2, 2),
    _storage("float64", "params in float64, eight bytes each", 1.5, 8),
    _storage("int8", "params in int8, one byte each", 1.5, 1),
)
# Nearer than anything else: of Wide ResNets, too, whose counts mostly are a ResNeXt's gone wrong.
STATED = Convention("stated", "the file that torchvision offers, as it states it (in MB that are MiB)", "bytes", -1.0)


def stated_bytes(name: str) -> tuple[int, ...]:
    """What torchvision states of the network of that canonical name, to three decimals of a MiB."""
    return tuple(round(size * 2**20) for size in _STATED_MIB.get(name, ()))


def stored(network: Walk, params: int, storage: Storage) -> Iterator[Term]:
    """What is stored: the params first, then what lies beside them."""
    yield Term("params", params, storage.each)
    if storage.buffers:
        norms = [layer for layer in network.layers if layer.norm]
        yield Term("running mean and variance of batch norm", 2 * sum(layer.c_out for layer in norms), storage.each)
        yield Term("counters of batch norm", len(norms), _COUNTER_BYTES)
    if storage.file:
        yield Term("name and place of each tensor in the file, about", sum(map(_tensors, network.layers)), _FRAME_BYTES)


def stated(network: Walk, params: int, size: int) -> Iterator[Term]:
    """What is in a file whose size is stated; the last line is what the tensors leave of it."""
    name = "float32" if size > BYTES_PER_FLOAT32 * params else "float16"
    each = next(storage.each for storage in STORAGES if storage.convention.key == name)
    tensors = tuple(stored(network, params, Storage(STATED, each, buffers=True)))
    yield from tensors
    yield Term("the rest of the file", size - sum(int(term.value) for term in tensors), 1)


def _tensors(layer: Layer) -> int:
    """In a state_dict: weight, bias, and five of a batch norm."""
    return bool(layer.weights) + layer.bias + 5 * layer.norm
