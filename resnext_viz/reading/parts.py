"""Several networks in one file: student and teacher, a network and its running average, an encoder beside a decoder.

Found by folders: two folders of which each holds a whole network. Which one is meant cannot be seen; one is proposed,
with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from resnext_viz.errors import UserError
from resnext_viz.reading.inventory import Inventory

_LEAST_CONVS = 3  # of a folder that could hold a network
_MOST_COLOURS = 4
_DEEPEST = 6
_MOST_FOLDERS = 50  # tried as networks
# What stands beside a network that is meant, whatever order the file has: averages of it, and who taught it.
_COPIES = re.compile(r"ema|teacher|averag|momentum|target|swa|shadow|encoder_k|discriminator", re.IGNORECASE)


class PartError(UserError):
    """There is no such network in the file."""


class FilePart(NamedTuple):
    """One of the networks in a file.

    Attributes:
        name: its folder; empty if the whole file is one network.
        others: the other networks.
        beside: folders that hold no network and are not read.
        why: why this one, in words; empty where there is no other.
    """

    name: str
    others: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    why: str = ""


WHOLE = FilePart("")


def choose_part(
    inventory: Inventory,
    asked: str | None,
    is_network: Callable[[Inventory], bool],
    is_one: Callable[[Inventory], bool],
) -> FilePart:
    """The network that is asked for, else the one that is proposed.

    Args:
        inventory: all that was found.
        asked: a folder, or its last name.
        is_network: whether a folder's layers are a whole network.
        is_one: whether all layers together are one network, with a place for every convolution.

    Raises:
        PartError: no network has the name asked for.
    """
    names, beside = _networks(inventory, is_network)
    if names and is_one(inventory):  # its stages look like networks of their own
        names, beside = (), ()
    if asked is not None:
        fitting = [name for name in names if asked in (name, name.rpartition(".")[2])]
        if len(fitting) != 1:
            has = f"use one of {', '.join(name[:80] for name in names)}" if names else "leave it out: it holds only one"
            raise PartError(f"The file holds no network called {asked[:80]!r}; {has}.")
        return FilePart(fitting[0], tuple(name for name in names if name != fitting[0]), beside, "it was asked for")
    if not names:
        return WHOLE
    plain = [name for name in names if not _COPIES.search(name)]
    chosen = (plain or names)[0]
    why = "it comes first"
    if plain and len(plain) < len(names):
        why = "the other is a copy or a teacher of it by its name" if len(names) == 2 else "the others are copies of it"
    others = tuple(name for name in names if name != chosen)
    return FilePart(chosen, others, beside, why if others else "")


def _networks(inventory: Inventory, is_network: Callable[[Inventory], bool]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The folders that hold a network each, and those beside them that hold convolutions but no network."""
    folder = ""
    children: list[str] = []
    for _ in range(_DEEPEST):
        children = [child for child, convs in _children(inventory, folder) if convs >= _LEAST_CONVS]
        if len(children) != 1:
            break
        folder = children[0]
    if not 2 <= len(children) <= _MOST_FOLDERS:
        return (), ()
    seeing = {child for child in children if _takes_images(inventory, child)}
    names = tuple(child for child in children if child in seeing and is_network(within(inventory, child)))
    held = sum(convs for child, convs in _children(inventory, folder) if child in names)
    if 2 * held < len(within(inventory, folder).convs):  # a few layers that look like a network, of another one
        return (), ()
    return names, tuple(child for child in children if names and child not in names)


def _children(inventory: Inventory, folder: str) -> Iterator[tuple[str, int]]:
    """Folders in `folder`, with how many convolutions they hold."""
    begin = f"{folder}." if folder else ""
    counts: dict[str, int] = {}
    for conv in inventory.convs:
        name, dot, _ = conv.path.removeprefix(begin).partition(".")
        if conv.path.startswith(begin) and dot:
            counts[f"{begin}{name}"] = counts.get(f"{begin}{name}", 0) + 1
    yield from counts.items()


def _takes_images(inventory: Inventory, folder: str) -> bool:
    return any(
        conv.path.startswith(f"{folder}.") and (conv.per_group or _MOST_COLOURS) <= _MOST_COLOURS
        for conv in inventory.convs
    )


def within(inventory: Inventory, folder: str) -> Inventory:
    """What lies in a folder; all of it if that is empty."""
    if not folder:
        return inventory

    def inside(found: Sequence[Any] | None) -> tuple[Any, ...]:
        return tuple(each for each in found or () if each.path.startswith(f"{folder}."))

    sizes = {path: size for path, size in inventory.sizes.items() if path.startswith(f"{folder}.")}
    return replace(
        inventory,
        convs=inside(inventory.convs),
        norms=inside(inventory.norms),
        linears=inside(inventory.linears),
        pools=None if inventory.pools is None else inside(inventory.pools),
        others=inside(inventory.others),
        params=None if inventory.params is None else sum(sizes.values()),
        sizes=sizes,
        tensors={path: roles for path, roles in inventory.tensors.items() if path.startswith(f"{folder}.")},
    )
