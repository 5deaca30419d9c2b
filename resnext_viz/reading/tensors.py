"""Names of tensors -> layers: which tensors of a file are the weight, the bias and the statistics of which layer.

Weight norm, spectral norm and pruning keep a weight in two tensors; both are found here, and what joins them is said.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from itertools import islice
from math import prod
from typing import NamedTuple

Shape = tuple[int, ...]
Shapes = Mapping[str, Shape]
MAX_TENSORS = 100_000  # a network of 200 blocks in each of four stages has fewer, and 64 written-out paths in 50 too
MAX_NAME_LENGTH = 500
_MOST_NOTES = 9
_PARAMETRISED = re.compile(r"\.?parametrizations\.(weight|bias)$")
_COUNTERS = ("num_batches_tracked", "n_averaged")
_PACKED = "_packed_params"  # where quantised linear layers keep weight and bias
# Where weight norm, spectral norm and pruning keep the tensor that has the layer's shape.
_WEIGHTS = ("weight", "weight_orig", "weight_v", "original", "original1")
_BIASES = ("bias", "bias_orig")
_OTHER_WORDS = {"gamma": "weight", "beta": "bias", "moving_mean": "running_mean", "moving_variance": "running_var"}
ROLES = ("weight", "bias", "running_mean", "running_var")


class Joined(StrEnum):
    """How two tensors make one."""

    ALONE = ""
    MASKED = "mask"  # torch's pruning: one times the other
    WEIGHT_NORM = "weight norm"  # a direction, and the length of each output's
    SPECTRAL_NORM = "spectral norm"  # divided by its largest singular value, estimated as it trained


class Piece(NamedTuple):
    """One tensor of a file, with the one it is kept apart from."""

    name: str
    how: Joined = Joined.ALONE
    other: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        return (self.name, self.other) if self.other else (self.name,)


class TensorSource(NamedTuple):
    """What one tensor of a layer is made of: one piece, or the pieces of parallel paths along an axis."""

    shape: Shape
    pieces: tuple[Piece, ...]
    axis: int = 0


Roles = Mapping[str, TensorSource]  # of `ROLES`


class LayerTensors(NamedTuple):
    """The tensors of one layer."""

    roles: Roles  # those that make it compute
    others: Shapes  # those that have no role
    params: int  # learned elements; masks and statistics are none


def is_used(key: str) -> bool:
    """Whether a tensor of that name has a say in an answer; counters of batches and of averaged weights have none."""
    return not key.endswith(_COUNTERS)


def layers_of(shapes: Shapes, notes: tuple[str, ...] = ()) -> tuple[dict[str, LayerTensors], tuple[str, ...]]:
    """The layers by path, in the order of their first tensors, and in words what was not looked at."""
    leaves: dict[str, dict[str, tuple[str, Shape]]] = {}
    if len(shapes) > MAX_TENSORS:
        notes = (*notes, f"Only the first {MAX_TENSORS:,} of {len(shapes):,} tensors were looked at.")
    for key, shape in islice(shapes.items(), MAX_TENSORS):
        if len(key) > MAX_NAME_LENGTH:
            notes = (*notes, f"{key[:40]}… was left out: its name is longer than {MAX_NAME_LENGTH} characters.")
            continue
        if is_used(key):  # files keep counters apart from the others, which would spoil the order
            path, leaf = _split(key)
            leaves.setdefault(path, {})[leaf] = key, shape
    return {path: _layer(found) for path, found in leaves.items()}, notes[:_MOST_NOTES]


def _split(key: str) -> tuple[str, str]:
    """Path of the layer and name of the tensor in it."""
    path, _, leaf = key.rpartition(".")
    parametrised = _PARAMETRISED.search(path)
    if parametrised:
        return path[: parametrised.start()], leaf if parametrised[1] == "weight" else "bias"
    if path.rpartition(".")[2] == _PACKED:
        return path.rpartition(".")[0], leaf
    return path, leaf


def _layer(leaves: dict[str, tuple[str, Shape]]) -> LayerTensors:
    roles: dict[str, TensorSource] = {}
    params = 0
    if "moving_mean" in leaves:
        leaves = {_OTHER_WORDS.get(leaf, leaf): found for leaf, found in leaves.items()}
    left = dict(leaves)
    for role, names in (("weight", _WEIGHTS), ("bias", _BIASES), *((each, (each,)) for each in ROLES[2:])):
        name = next((name for name in names if name in left), None)
        if name is None:
            continue
        key, shape = left.pop(name)
        piece, partners = _joined(name, key, left)
        roles[role] = TensorSource(shape, (piece,))
        if role in ROLES[:2]:
            params += prod(shape)
        for partner in partners:
            _, other = left.pop(partner)
            params += prod(other) if piece.how is Joined.WEIGHT_NORM else 0
    if "weight" in roles:  # quantised layers say the scale of their outputs
        left.pop("scale", None)
        left.pop("zero_point", None)
    elif not roles:
        left = {leaf: found for leaf, found in left.items() if leaf not in ("scale", "zero_point")}
    others = dict(left.values())
    return LayerTensors(roles, others, params + sum(map(prod, others.values())))


def _joined(name: str, key: str, left: Mapping[str, tuple[str, Shape]]) -> tuple[Piece, tuple[str, ...]]:
    """The piece that a tensor is, and the names of those that it is joined with."""
    mask = name.replace("_orig", "_mask")
    if name.endswith("_orig") and mask in left:
        return Piece(key, Joined.MASKED, left[mask][0]), (mask,)
    length = {"weight_v": "weight_g", "original1": "original0"}.get(name)
    if length in left and length is not None:
        return Piece(key, Joined.WEIGHT_NORM, left[length][0]), (length,)
    if name == "weight_orig":
        estimates = tuple(each for each in ("weight_u", "weight_v") if each in left)
        return Piece(key, Joined.SPECTRAL_NORM), estimates
    if name == "original":
        return Piece(key, Joined.SPECTRAL_NORM), ()
    return Piece(key), ()
