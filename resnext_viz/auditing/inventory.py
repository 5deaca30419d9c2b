"""What a network is made of, as it was found: convolutions, norms, linear layers, each with its place and path.

A bare tensor tells kernel, outputs and inputs per group; it does not tell groups, stride or what runs between layers.
`None` stands for what is not told. A module tells more: `nn.module_inventory` fills the same records from its layers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from math import prod
from typing import NamedTuple

Shapes = Mapping[str, tuple[int, ...]]
MAX_TENSORS = 20_000  # a network of 200 blocks in each of four stages has fewer
MAX_NAME_LENGTH = 500
_DEEPEST = 12  # folders looked at, from the layer outwards
# Buffers: they are in a state_dict but are not learned.
_COUNTERS = ("num_batches_tracked", "n_averaged")
_BUFFERS = ("running_mean", "running_var", "scale", "zero_point")
# Where weight norm, spectral norm and pruning keep the tensor that has the layer's shape.
_WEIGHT_LEAVES = ("weight", "weight_orig", "weight_v", "original", "original1")
_PARAMETRISED = re.compile(r"\.?parametrizations\.(weight|bias)$")


class Conv(NamedTuple):
    """One convolution over maps."""

    path: str
    place: int  # counts all layers in the order in which they were found
    c_out: int
    per_group: int | None  # input channels of one group; None for a lazy layer
    kernel: tuple[int, int]
    groups: int | None
    bias: bool
    stride: int | None = None
    dilation: int | None = None

    @property
    def is_pointwise(self) -> bool:
        return self.kernel == (1, 1)

    @property
    def is_spatial(self) -> bool:
        return self.kernel[0] == self.kernel[1] > 1

    def groups_on(self, c_in: int) -> int | None:
        """The groups it must have to take `c_in` channels; None if it cannot take them."""
        if self.per_group is None:
            fits = bool(self.groups) and c_in % (self.groups or 1) == 0
            return self.groups if fits else None
        groups, rest = divmod(c_in, self.per_group) if self.per_group else (0, 1)
        if rest or groups < 1 or self.c_out % groups or self.groups not in (None, groups):
            return None
        return groups


class Norm(NamedTuple):
    """One normalisation over channels."""

    path: str
    place: int
    channels: int | None
    is_batch_norm: bool


class Linear(NamedTuple):
    """One linear layer."""

    path: str
    place: int
    c_in: int
    c_out: int
    bias: bool


Layer = Conv | Norm | Linear


class Pool(NamedTuple):
    """One pooling layer with a stride; a function called in `forward` leaves no trace."""

    path: str
    place: int
    stride: int
    is_max: bool


class Other(NamedTuple):
    """Anything else with learned elements."""

    path: str
    what: str


@dataclass(frozen=True)
class Inventory:
    """All that was found.

    Attributes:
        pools: None where only tensors were given.
        params: learned elements; None where a lazy layer has none yet.
        attributes: what the module says of itself, such as cardinality and base_width.
        notes: what could not be looked at, in words.
    """

    convs: tuple[Conv, ...] = ()
    norms: tuple[Norm, ...] = ()
    linears: tuple[Linear, ...] = ()
    pools: tuple[Pool, ...] | None = None
    others: tuple[Other, ...] = ()
    params: int | None = 0
    attributes: Mapping[str, int] | None = None
    notes: tuple[str, ...] = ()

    @property
    def has_strides(self) -> bool:
        return all(conv.stride is not None for conv in self.convs)

    def in_natural_order(self) -> Inventory:
        """The same, sorted by name with numbers as numbers: for files that keep no order of their own."""
        found: tuple[Layer, ...] = (*self.convs, *self.norms, *self.linears)
        layers = sorted(found, key=lambda layer: natural_key(layer.path))
        places = {layer.path: place for place, layer in enumerate(layers)}

        def placed(layer: Layer) -> int:
            return places[layer.path]

        return Inventory(
            tuple(conv._replace(place=placed(conv)) for conv in sorted(self.convs, key=placed)),
            tuple(norm._replace(place=placed(norm)) for norm in sorted(self.norms, key=placed)),
            tuple(linear._replace(place=placed(linear)) for linear in sorted(self.linears, key=placed)),
            self.pools, self.others, self.params, self.attributes, self.notes,
        )


def folders_of(path: str) -> Iterator[str]:
    """The folders that a path lies in, the innermost first."""
    for _ in range(_DEEPEST):
        path, dot, _ = path.rpartition(".")
        if not dot:
            return
        yield path


def natural_key(path: str) -> list[tuple[int, int, str]]:
    """Sorts `layer2.10` behind `layer2.9`."""
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part)
            for part in re.split(r"(\d{1,18})|\.", path) if part]


def inventory_of_shapes(shapes: Shapes, notes: tuple[str, ...] = ()) -> Inventory:
    """What the names and shapes of a state_dict tell."""
    layers: dict[str, dict[str, tuple[int, ...]]] = {}
    if len(shapes) > MAX_TENSORS:
        notes = (*notes, f"Only the first {MAX_TENSORS:,} of {len(shapes):,} tensors were looked at.")
    for key, shape in islice(shapes.items(), MAX_TENSORS):
        if len(key) > MAX_NAME_LENGTH:
            notes = (*notes, f"{key[:40]}… was left out: its name is longer than {MAX_NAME_LENGTH} characters.")[:9]
            continue
        path, _, leaf = key.rpartition(".")
        if leaf in _COUNTERS:  # files keep them apart from the others, which would spoil the order
            continue
        parametrised = _PARAMETRISED.search(path)
        if parametrised:
            path, leaf = path[: parametrised.start()], leaf if parametrised[1] == "weight" else "bias"
        layers.setdefault(path, {})[leaf] = shape
    found = _Found()
    for place, (path, tensors) in enumerate(layers.items()):
        found.add(path, place, tensors)
    return Inventory(tuple(found.convs), tuple(found.norms), tuple(found.linears), None, tuple(found.others),
                     found.params, None, notes)


class _Found:
    """Layers sorted by what their tensors look like."""

    def __init__(self) -> None:
        self.convs: list[Conv] = []
        self.norms: list[Norm] = []
        self.linears: list[Linear] = []
        self.others: list[Other] = []
        self.params = 0

    def add(self, path: str, place: int, tensors: Mapping[str, tuple[int, ...]]) -> None:
        self.params += sum(prod(shape) for leaf, shape in tensors.items() if leaf not in _BUFFERS)
        weight = next((tensors[leaf] for leaf in _WEIGHT_LEAVES if leaf in tensors), None)
        bias = "bias" in tensors
        if weight is not None and len(weight) == 4 and min(weight) > 0:
            self.convs.append(Conv(path, place, weight[0], weight[1], (weight[2], weight[3]), None, bias))
        elif weight is not None and len(weight) == 2 and min(weight) > 0:
            self.linears.append(Linear(path, place, weight[1], weight[0], bias))
        elif "running_mean" in tensors or (weight is not None and len(weight) == 1 and weight[0] > 1):
            shape = tensors.get("running_mean") or weight
            self.norms.append(Norm(path, place, shape[0] if shape else None, "running_mean" in tensors))
        elif any(leaf not in _BUFFERS for leaf in tensors):
            leaf, shape = next((leaf, shape) for leaf, shape in tensors.items() if leaf not in _BUFFERS)
            words = "×".join(map(str, shape)) or "a single number"
            self.others.append(Other(f"{path}.{leaf}" if path else leaf, words))
