"""The order of layers: files keep the order of a module, of the alphabet, or none; numbers in names are trusted first.

`layer2.10` comes behind `layer2.9` whatever the file says. Siblings without numbers stand as the file has them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from resnext_viz.reading.inventory import Inventory, Layer

_NUMBER = re.compile(r"(\d{1,18})")


def natural_key(path: str) -> list[tuple[int, int, str]]:
    """Sorts `layer2.10` behind `layer2.9`."""
    return [
        (0, int(part), "") if part.isdecimal() else (1, 0, part) for part in re.split(r"(\d{1,18})|\.", path) if part
    ]


def in_order_of_names(inventory: Inventory) -> Inventory:
    """The same, sorted by name with numbers as numbers."""
    return _sorted(inventory, lambda layer: natural_key(layer.path))


def in_order_of_numbers(inventory: Inventory) -> Inventory:
    """The same, folder by folder as they come, but numbered siblings in the order of their numbers."""
    layers = sorted(_layers(inventory), key=lambda layer: layer.place)
    ranks = _ranks([layer.path for layer in layers])
    return _sorted(inventory, lambda layer: ranks[layer.path])


def is_by_number(paths: Sequence[str]) -> bool:
    """Whether neighbours whose paths are alike but for numbers stand by these."""
    return all(
        natural_key(before) < natural_key(behind)
        for before, behind in pairwise(paths)
        if _NUMBER.sub("0", before) == _NUMBER.sub("0", behind)
    )


def _layers(inventory: Inventory) -> tuple[Layer, ...]:
    return (*inventory.convs, *inventory.norms, *inventory.linears)


def _ranks(paths: Sequence[str]) -> dict[str, list[int]]:
    """For each path its rank among its siblings, folder by folder."""
    children: dict[str, dict[str, None]] = {}
    for path in paths:
        folder = ""
        for part in path.split("."):
            children.setdefault(folder, {})[part] = None
            folder = f"{folder}.{part}"
    ranks = {folder: _ranked(list(parts)) for folder, parts in children.items()}
    found = {}
    for path in paths:
        folder, key = "", []
        for part in path.split("."):
            key.append(ranks[folder][part])
            folder = f"{folder}.{part}"
        found[path] = key
    return found


def _ranked(parts: list[str]) -> dict[str, int]:
    """Ranks of siblings: those alike but for a number share out their places by number."""
    alike: dict[tuple[str, str], list[tuple[int, str]]] = {}
    for part in parts:
        text, number, rest = (*_NUMBER.split(part, maxsplit=1), "", "")[:3]
        if number:
            alike.setdefault((text, rest), []).append((int(number), part))
    ordered = dict(zip(parts, parts, strict=True))
    for numbered in alike.values():
        ordered.update(zip((part for _, part in numbered), (part for _, part in sorted(numbered)), strict=True))
    return {ordered[part]: rank for rank, part in enumerate(parts)}


def _sorted(inventory: Inventory, key: Callable[[Layer], Any]) -> Inventory:
    places = {id(layer): place for place, layer in enumerate(sorted(_layers(inventory), key=key))}

    def placed(layers: Sequence[Any]) -> tuple[Any, ...]:
        moved = [layer._replace(place=places[id(layer)]) for layer in layers]
        return tuple(sorted(moved, key=lambda layer: layer.place))

    return replace(
        inventory,
        convs=placed(inventory.convs),
        norms=placed(inventory.norms),
        linears=placed(inventory.linears),
    )
