"""What a network is made of, as it was found: convolutions, norms, linear layers, each with its place and path.

A bare tensor tells kernel, outputs and inputs per group; it does not tell groups, stride or what runs between layers.
`None` stands for what is not told. A module tells more: `nn.module_inventory` fills the same records from its layers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from resnext_viz.reading.tensors import LayerTensors, Roles, Shapes, layers_of

_DEEPEST = 12  # folders looked at, from the layer outwards


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
        tensors: of each layer that makes it compute, by path; of a module under the names of its state_dict.
        sizes: learned elements of each layer, by path.
    """

    convs: tuple[Conv, ...] = ()
    norms: tuple[Norm, ...] = ()
    linears: tuple[Linear, ...] = ()
    pools: tuple[Pool, ...] | None = None
    others: tuple[Other, ...] = ()
    params: int | None = 0
    attributes: Mapping[str, int] | None = None
    notes: tuple[str, ...] = ()
    tensors: Mapping[str, Roles] = field(default_factory=dict)
    sizes: Mapping[str, int] = field(default_factory=dict)

    @property
    def has_strides(self) -> bool:
        return all(conv.stride is not None for conv in self.convs)


def folders_of(path: str) -> Iterator[str]:
    """The folders that a path lies in, the innermost first."""
    for _ in range(_DEEPEST):
        path, dot, _ = path.rpartition(".")
        if not dot:
            return
        yield path


def inventory_of_shapes(shapes: Shapes, notes: tuple[str, ...] = ()) -> Inventory:
    """What the names and shapes of a state_dict tell."""
    layers, notes = layers_of(shapes, notes)
    found = _SortedTensors()
    for place, (path, tensors) in enumerate(layers.items()):
        found.add(path, place, tensors)
    return Inventory(
        tuple(found.convs),
        tuple(found.norms),
        tuple(found.linears),
        None,
        tuple(found.others),
        sum(layer.params for layer in layers.values()),
        None,
        notes,
        {path: layer.roles for path, layer in layers.items()},
        {path: layer.params for path, layer in layers.items()},
    )


class _SortedTensors:
    """Layers sorted by what their tensors look like."""

    def __init__(self) -> None:
        self.convs: list[Conv] = []
        self.norms: list[Norm] = []
        self.linears: list[Linear] = []
        self.others: list[Other] = []

    def add(self, path: str, place: int, tensors: LayerTensors) -> None:
        roles = {role: source.shape for role, source in tensors.roles.items()}
        weight, bias = roles.get("weight"), "bias" in roles
        if weight is not None and len(weight) == 4 and min(weight) > 0:
            self.convs.append(Conv(path, place, weight[0], weight[1], (weight[2], weight[3]), None, bias))
        elif weight is not None and len(weight) == 2 and min(weight) > 0:
            self.linears.append(Linear(path, place, weight[1], weight[0], bias))
        elif "running_mean" in roles or (weight is not None and len(weight) == 1 and weight[0] > 1):
            shape = roles.get("running_mean") or weight
            self.norms.append(Norm(path, place, shape[0] if shape else None, "running_mean" in roles))
        else:
            for source in tensors.roles.values():
                self._add_other(source.pieces[0].name, source.shape)
        for key, shape in tensors.others.items():
            self._add_other(key, shape)

    def _add_other(self, key: str, shape: tuple[int, ...]) -> None:
        self.others.append(Other(key, "×".join(map(str, shape)) or "a single number"))
