"""Paths written out one by one -> the grouped convolutions that they are: the paper's forms (a) and (b).

A block's paths stand in folders, or under names, that differ in one number and are alike in all else. In form (b) they
end behind the 3x3 and one 1x1 expands them all; in form (a) each expands for itself, and one norm follows the sum.
Source: arXiv 1611.05431, Fig. 3.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import NamedTuple

from resnext_viz.reading.inventory import Conv, Inventory, Layer, Norm, Other, folders_of
from resnext_viz.reading.tensors import Roles, TensorSource

_NUMBER = re.compile(r"\d{1,9}")
_MOST_IN_PATH = 6  # layers: three convolutions and their norms


class Joining(NamedTuple):
    """An inventory in which parallel paths stand as grouped convolutions, and the blocks that had them."""

    inventory: Inventory
    summed: tuple[str, ...]  # blocks of form (a)
    concatenated: tuple[str, ...]  # blocks of form (b)
    split: tuple[str, ...]  # blocks in which only the grouped 3x3 was written as several


class _Paths(NamedTuple):
    """Parallel paths of one block."""

    block: str  # its folder
    begin: str  # what their names begin with, up to the number
    numbers: tuple[int, ...]
    parts: Mapping[str, tuple[Layer, ...]]  # what their names end with -> that layer of each path
    reduce: str | None  # not where one 1x1 reduces for all paths
    transform: str
    expand: str | None  # only in form (a)

    def path_of(self, end: str) -> str:
        """The name of a joined layer: one part below the block, so that blocks are still found by their folders."""
        return f"{self.begin.removesuffix('.')}[{self.numbers[0]}…{self.numbers[-1]}]{end.replace('.', '/')}"


def with_paths_joined(inventory: Inventory) -> Joining:
    """The inventory with every block's parallel paths joined; blocks without them stay as they are."""
    found = list(_all_paths(inventory))
    for paths in found:
        inventory = _joined(inventory, paths)
    summed = tuple(paths.block for paths in found if paths.expand is not None)
    split = tuple(paths.block for paths in found if paths.reduce is None)
    rest = tuple(paths.block for paths in found if paths.block not in summed and paths.block not in split)
    return Joining(inventory, summed, rest, split)


def _all_paths(inventory: Inventory) -> Iterator[_Paths]:
    layers: tuple[Layer, ...] = (*inventory.convs, *inventory.norms)
    families: dict[str, dict[int, dict[str, Layer]]] = {}
    for layer in sorted(layers, key=lambda layer: layer.place):
        for number in _NUMBER.finditer(layer.path):
            begin, end = layer.path[: number.start()], layer.path[number.end() :]
            families.setdefault(begin, {}).setdefault(int(number[0]), {})[end] = layer
    folders = _Folders(layers)
    taken: set[str] = set()
    for begin, family in families.items():
        paths = _paths(begin, family, folders) if len(family) > 1 else None
        if paths and paths.block not in taken:
            taken.add(paths.block)
            yield paths


class _Folders:
    """Which layers lie in which folder, right in it or one further in."""

    def __init__(self, layers: Sequence[Layer]) -> None:
        self.held: dict[str, list[Layer]] = {}
        for layer in layers:
            for folder in islice(folders_of(layer.path), 2):
                self.held.setdefault(folder, []).append(layer)

    def beside(self, folder: str) -> list[Layer]:
        return self.held.get(folder, [])


def _paths(begin: str, family: Mapping[int, Mapping[str, Layer]], folders: _Folders) -> _Paths | None:
    numbers = tuple(sorted(family))
    first = family[numbers[0]]
    if len(first) > _MOST_IN_PATH:
        return None
    kinds = {end: _kind(layer) for end, layer in first.items()}
    if any({end: _kind(layer) for end, layer in path.items()} != kinds for path in family.values()):
        return None
    ends = _ends(first)
    if ends is None:
        return None
    reduce, transform, expand = ends
    parts = {end: tuple(family[number][end] for number in numbers) for end in first}
    folder = begin.removesuffix(".") if begin.endswith(".") else begin.rpartition(".")[0]
    for is_sure in (True, False):
        for block in dict.fromkeys((folder, folder.rpartition(".")[0])):
            outside = [layer for layer in folders.beside(block) if not layer.path.startswith(begin)]
            if block and _are_parallel(first, ends, len(numbers), outside, is_sure):
                return _Paths(block, begin, numbers, parts, reduce, transform, expand)
    return None


def _kind(layer: Layer) -> tuple[object, ...]:
    return type(layer), *layer._replace(path="", place=0)


_Ends = tuple[str | None, str, str | None]


def _ends(path: Mapping[str, Layer]) -> _Ends | None:
    """Which part of a path reduces, transforms and, if any, expands; None if it is no such path."""
    convs = sorted(
        ((end, layer) for end, layer in path.items() if isinstance(layer, Conv)), key=lambda item: item[1].place
    )
    spatial = [(end, conv) for end, conv in convs if conv.is_spatial]
    pointwise = [(end, conv) for end, conv in convs if conv.is_pointwise]
    if len(spatial) != 1 or len(convs) - 1 != len(pointwise) or len(pointwise) > 2:
        return None
    transform, middle = spatial[0]
    if middle.per_group != middle.c_out:  # each path is dense
        return None
    if not pointwise:
        return None, transform, None
    for (reduce, first), *more in (pointwise, pointwise[::-1]):
        fits_behind = all(conv.per_group == middle.c_out for _, conv in more)
        if first.c_out == middle.c_out and fits_behind:
            return reduce, transform, more[0][0] if more else None
    return None


def _are_parallel(path: Mapping[str, Layer], ends: _Ends, count: int, outside: Sequence[Layer], is_sure: bool) -> bool:
    """Whether paths stand side by side and not behind each other, told by what else their block holds.

    Paths that expand and are followed by no norm are parallel if they cannot follow each other, but not surely.
    """
    reduce, transform, expand = (path[end] if end is not None else None for end in ends)
    pointwise = [layer for layer in outside if isinstance(layer, Conv) and layer.is_pointwise]
    if not isinstance(transform, Conv):
        return False
    width = count * transform.c_out
    if not isinstance(reduce, Conv) and not any(conv.c_out == width for conv in pointwise):
        return False
    if not isinstance(expand, Conv):
        return any(conv.per_group == width for conv in pointwise)
    norms = sum(isinstance(layer, Norm) for layer in path.values())
    norm_follows = any(isinstance(layer, Norm) and layer.channels == expand.c_out for layer in outside)
    chains = isinstance(reduce, Conv) and expand.c_out == reduce.per_group
    return norms < 3 and (norm_follows or not (chains or is_sure))


def _joined(inventory: Inventory, paths: _Paths) -> Inventory:
    """The inventory with these paths joined."""
    gone = {layer.path for layers in paths.parts.values() for layer in layers}
    convs = [conv for conv in inventory.convs if conv.path not in gone]
    norms = [norm for norm in inventory.norms if norm.path not in gone]
    others = list(inventory.others)
    tensors = {path: roles for path, roles in inventory.tensors.items() if path not in gone}
    for end, layers in paths.parts.items():
        path, axis = paths.path_of(end), int(end == paths.expand)
        if isinstance(layers[0], Norm):
            channels = layers[0].channels
            norms.append(layers[0]._replace(path=path, channels=channels and channels * len(layers)))
        elif isinstance(layers[0], Conv):
            convs.append(_joined_conv(layers[0], paths, end)._replace(path=path))
        tensors[path] = _joined_roles([inventory.tensors.get(layer.path, {}) for layer in layers], axis)
    bias = next((other for other in others if other.path == f"{paths.block}.bias"), None)
    if bias is not None and paths.expand is not None:
        others.remove(bias)
        path = paths.path_of(paths.expand)
        convs = [conv._replace(bias=True) if conv.path == path else conv for conv in convs]
        tensors[path] = {**tensors[path], **_bias_of(inventory, paths, bias)}
    return replace(
        inventory,
        convs=tuple(sorted(convs, key=lambda conv: conv.place)),
        norms=tuple(sorted(norms, key=lambda norm: norm.place)),
        others=tuple(others),
        tensors=tensors,
    )


def _joined_conv(conv: Conv, paths: _Paths, end: str) -> Conv:
    """The convolution that every path's is a part of."""
    count = len(paths.numbers)
    if end == paths.expand:
        return conv._replace(per_group=(conv.per_group or 0) * count)
    groups = conv.groups and conv.groups * (count if end == paths.transform else 1)
    return conv._replace(c_out=conv.c_out * count, groups=groups)


def _joined_roles(layers: Sequence[Roles], axis: int) -> Roles:
    """The tensors of a layer's paths, concatenated; a bias of each path's expanding 1x1 has no place in the sum."""
    joined = {}
    for role, source in layers[0].items():
        if (axis and role != "weight") or any(role not in roles for roles in layers):
            continue
        shape = list(source.shape)
        if shape:
            shape[axis] *= len(layers)
        pieces = tuple(piece for roles in layers for piece in roles[role].pieces)
        joined[role] = TensorSource(tuple(shape), pieces, axis)
    return joined


def _bias_of(inventory: Inventory, paths: _Paths, bias: Other) -> Roles:
    """The bias that form (a) adds once to the sum, as the tensors' own layer has it."""
    found = inventory.tensors.get(paths.block, {}).get("bias")
    return {"bias": found} if found and found.pieces[0].name == bias.path else {}
