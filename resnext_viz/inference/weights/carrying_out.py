"""A recipe carried out: our network's tensors made of a file's, as the reader said; nothing is decided here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import pad

from resnext_viz.inference.errors import CheckpointError
from resnext_viz.inference.weights.pickles import TORCH_ERRORS
from resnext_viz.reading.recipe import Taken, WeightRecipe
from resnext_viz.reading.tensors import Joined, Piece

MAX_ELEMENTS = 500_000_000  # 2 GB as float32; a small file can claim more, with one value for a whole tensor
_SHOWN = 80


def carried_out(
    recipe: WeightRecipe, tensors: Mapping[str, Any], dtype: torch.dtype = torch.float32
) -> dict[str, Tensor]:
    """The tensors of `recipe.spec`'s network, copied, in `dtype`.

    Raises:
        CheckpointError: one is no tensor of finite real numbers, or they are too large.
    """
    pieces = [piece for taken in recipe.tensors for piece in (*taken.pieces, *taken.minus)]
    names = {name for piece in pieces for name in piece.names}
    for name in names:
        value = tensors.get(name)
        if not isinstance(value, Tensor) or not _is_plain(value):
            raise _no_tensor(name)
    if sum(tensors[name].numel() for name in names) > MAX_ELEMENTS:
        raise CheckpointError(f"The checkpoint holds more than {MAX_ELEMENTS // 10**6} M numbers. Use a smaller one.")
    try:
        made = {taken.name: _made(taken, tensors, dtype) for taken in recipe.tensors}
    except TORCH_ERRORS:
        raise CheckpointError(
            "The checkpoint's numbers are of a kind that torch cannot turn into float32; save it in float16 or float32."
        ) from None
    for taken in recipe.tensors:
        _check_finite(taken.pieces[0].name if taken.pieces else taken.name, made[taken.name])
    return made


def check_whole(recipe: WeightRecipe, content: Mapping[str, Any]) -> None:
    """Refuses a layer of which something is no tensor: it would be filled as if it had not been there.

    Raises:
        CheckpointError: with its name.
    """
    layers = {name.rpartition(".")[0] for taken in recipe.tensors for piece in taken.pieces for name in piece.names}
    for name, value in content.items():
        if not isinstance(value, Tensor) and name.rpartition(".")[0] in layers:
            raise _no_tensor(name)


def _no_tensor(name: str) -> CheckpointError:
    words = f"The checkpoint holds {name[:_SHOWN]!r}, which is no tensor of real numbers"
    return CheckpointError(f"{words}; save only the network's state_dict.")


def _made(taken: Taken, tensors: Mapping[str, Tensor], dtype: torch.dtype) -> Tensor:
    if not taken.pieces:
        return torch.full(taken.shape, taken.fill, dtype=dtype)
    value = _joined(taken.pieces, taken.axis, tensors, dtype)
    if taken.minus:
        value = value - _joined(taken.minus, 0, tensors, dtype)
    if taken.padding:
        value = pad(value, (taken.padding,) * 4)
    return value.reshape(taken.shape)


def _joined(pieces: Sequence[Piece], axis: int, tensors: Mapping[str, Tensor], dtype: torch.dtype) -> Tensor:
    values = [_piece(piece, tensors, dtype) for piece in pieces]
    return values[0] if len(values) == 1 else torch.cat(values, axis)


def _piece(piece: Piece, tensors: Mapping[str, Tensor], dtype: torch.dtype) -> Tensor:
    value = _in(dtype, tensors[piece.name])
    if piece.how is Joined.MASKED:
        return value * _in(dtype, tensors[piece.other])
    if piece.how is Joined.WEIGHT_NORM:
        length = torch.linalg.vector_norm(value.flatten(1), dim=1).reshape(-1, *(1,) * (value.dim() - 1))
        normed: Tensor = value / length * _in(dtype, tensors[piece.other])
        return normed
    return value


def _in(dtype: torch.dtype, value: Tensor) -> Tensor:
    """A copy, because tensors of a file are windows on it, and the file may change."""
    return value.dequantize().to(dtype) if value.is_quantized else value.to(dtype, copy=True)


def _is_plain(value: Tensor) -> bool:
    """Whether the numbers of `value` are all there, real, one after the other: not sparse, no empty shell."""
    real = value.is_floating_point() or value.is_quantized
    return real and value.layout == torch.strided and value.device.type == "cpu"


def _check_finite(name: str, value: Tensor) -> None:
    if not bool(torch.isfinite(value).all()):
        raise CheckpointError(
            f"{name[:_SHOWN]} holds values that are no numbers (NaN or infinite), so no answer can come of it. "
            "Use an earlier checkpoint, or save in float32."
        )
