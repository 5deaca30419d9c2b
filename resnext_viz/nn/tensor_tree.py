"""Whatever a training script saved -> its tensors by name: wrappers of any name become folders before the names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import Tensor
from torch.nn.parameter import is_lazy

_DEEPEST = 8  # mappings in mappings; one can hold itself
_OPTIMISER = {"state", "param_groups"}  # what each of torch's writes: its tensors look like a network's and are none
_SHOWN = 80


def named_tensors(tree: Mapping[Any, Any]) -> tuple[dict[str, Tensor], tuple[str, ...]]:
    """Tensors with a shape by name, in their order, and the names of what is none; optimisers are left out."""
    tensors: dict[str, Tensor] = {}
    strange: list[str] = []
    _collect(tree, "", _DEEPEST, tensors, strange)
    return tensors, tuple(strange)


def _collect(tree: Mapping[Any, Any], begin: str, deep: int, tensors: dict[str, Tensor], strange: list[str]) -> None:
    for key, value in tree.items():
        name = f"{begin}{key}"
        if isinstance(value, Tensor) and not is_lazy(value):
            tensors[name] = value
        elif isinstance(value, Mapping) and deep and not value.keys() >= _OPTIMISER:
            _collect(value, f"{name}.", deep - 1, tensors, strange)
        elif isinstance(value, tuple) and len(value) == 2 and all(isinstance(each, Tensor) for each in value):
            # Quantised linear layers keep both so.
            tensors[f"{name}.weight"], tensors[f"{name}.bias"] = value
        elif not begin or deep == _DEEPEST or isinstance(value, Tensor):
            strange.append(name[:_SHOWN])
