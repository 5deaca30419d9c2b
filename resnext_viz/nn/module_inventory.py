"""A module's layers as an inventory, and `audit`. The module is only looked at: nothing is run, set, moved or kept.

Layers are told by their attributes, not by their class: quantised, lazy and scripted convolutions have the same ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from resnext_viz.auditing import Audit, Inventory, audit_inventory, inventory_of_shapes
from resnext_viz.auditing.inventory import Conv, Linear, Norm, Other, Pool
from resnext_viz.errors import UserError
from resnext_viz.nn.network import ResNeXt
from resnext_viz.spec import ResNeXtSpec

_MOST_ATTRIBUTE = 1_000_000
# What modules call C and d.
_SAID = {"cardinality": "cardinality", "groups": "cardinality", "base_width": "base_width",
         "bottleneck_width": "base_width", "width_per_group": "base_width"}


def audit(
    module_or_state_dict: nn.Module | Mapping[str, Any], *, claimed: ResNeXtSpec | None = None,
    image_size: int | None = None,
) -> Audit:
    """What network a module or a state_dict is, and what is wrong with it; neither is changed.

    Args:
        module_or_state_dict: any network; names and classes do not matter. A state_dict tells no strides.
        claimed: what it is said to be; without it the paper's rules are what it is compared with.
        image_size: side of the image that MACs are counted for; 224, or 32 for CIFAR stems, if None.

    Raises:
        UserError: it is neither a module nor a mapping of names.
    """
    if isinstance(module_or_state_dict, nn.Module):
        inventory = inventory_of_module(module_or_state_dict)
    elif isinstance(module_or_state_dict, Mapping):
        inventory = inventory_of_state(module_or_state_dict)
    else:
        kind = type(module_or_state_dict).__name__
        raise UserError(f"A {kind} cannot be audited; give a torch.nn.Module or its state_dict.")
    return audit_inventory(inventory, claimed, image_size)


def inventory_of_state(state: Mapping[str, Any]) -> Inventory:
    """What a state_dict's names and shapes tell; what is no tensor is named."""
    shapes: dict[str, tuple[int, ...]] = {}
    strange: list[str] = []
    for key, value in state.items():
        if isinstance(value, Tensor) and not is_lazy(value):
            shapes[str(key)] = tuple(value.shape)
        else:
            strange.append(str(key)[:80])
    note = f"{len(strange)} entries are no tensors with a shape and were left out: {', '.join(strange[:3])}."
    return inventory_of_shapes(shapes, (note,) if strange else ())


def inventory_of_module(module: nn.Module) -> Inventory:
    """What a module's layers tell, in the order in which they were registered."""
    convs, norms, linears, pools, others = [], [], [], [], []
    notes: dict[str, None] = {}
    inside: set[str] = set()  # of a layer that was taken as a whole
    for place, (path, layer) in enumerate(module.named_modules()):
        if any(path.startswith(f"{folder}.") for folder in inside):
            continue
        if _is_conv(layer):
            convs.append(_conv(path, place, layer))
            inside |= {path} if path else set()
        elif _is_linear(layer):
            linears.append(Linear(path, place, int(layer.in_features), int(layer.out_features), _has_bias(layer)))
            inside |= {path} if path else set()
        elif _is_norm(layer):
            norms.append(Norm(path, place, _channels(layer), "batchnorm" in _kind(layer)))
        elif "pool" in _kind(layer) and (stride := _first(getattr(layer, "stride", None))):
            pools.append(Pool(path, place, stride, "max" in _kind(layer)))
        else:
            others += [Other(f"{path}.{name}".lstrip("."), "×".join(map(str, value.shape)))
                       for name, value in layer.named_parameters(recurse=False) if not is_lazy(value)]
    params = _params(module, notes)
    return Inventory(tuple(convs), tuple(norms), tuple(linears), tuple(pools), tuple(others), params,
                     _said_of(module), tuple(notes))


def _kind(layer: nn.Module) -> str:
    return str(getattr(layer, "original_name", type(layer).__name__)).lower()


def _is_conv(layer: Any) -> bool:
    """Over maps, and not transposed."""
    kernel = getattr(layer, "kernel_size", None)
    return (isinstance(kernel, tuple) and len(kernel) == 2 and not getattr(layer, "transposed", False)
            and isinstance(getattr(layer, "out_channels", None), int) and hasattr(layer, "groups"))


def _conv(path: str, place: int, layer: Any) -> Conv:
    c_in, groups = int(layer.in_channels), int(layer.groups)
    return Conv(path, place, int(layer.out_channels), c_in // groups if c_in else None,
                (int(layer.kernel_size[0]), int(layer.kernel_size[1])), groups, _has_bias(layer),
                _first(layer.stride) or 1, _first(layer.dilation) or 1)


def _is_linear(layer: Any) -> bool:
    return all(isinstance(getattr(layer, name, None), int) for name in ("in_features", "out_features")) and hasattr(
        layer, "weight")


def _is_norm(layer: nn.Module) -> bool:
    return "norm" in _kind(layer) and (_channels(layer) is not None or "lazy" in _kind(layer))


def _channels(layer: Any) -> int | None:
    """Channels of a norm; None where it is lazy, or over more than channels."""
    for name in ("num_features", "num_channels", "normalized_shape"):
        value = _first(getattr(layer, name, None))
        if value:
            return value
    weight = getattr(layer, "weight", None)
    return int(weight.shape[0]) if isinstance(weight, Tensor) and not is_lazy(weight) and weight.dim() == 1 else None


def _has_bias(layer: Any) -> bool:
    bias = getattr(layer, "bias", None)
    return (bias() if callable(bias) else bias) is not None  # quantised layers keep it behind a method


def _first(value: object) -> int | None:
    if isinstance(value, (tuple, list)) and value:
        value = value[0]
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _params(module: nn.Module, notes: dict[str, None]) -> int | None:
    total = 0
    for parameter in module.parameters():
        if is_lazy(parameter):
            notes["Lazy layers have no tensors before a first image, so params are not counted."] = None
            return None
        total += parameter.numel()
    return total


def _said_of(module: nn.Module) -> dict[str, int]:
    """What the module, or one that it wraps, says of its own C and d."""
    said: dict[str, int] = {}
    for layer in (module, *module.children()):
        if isinstance(layer, ResNeXt) or _is_conv(layer):
            continue
        for name, meaning in _SAID.items():
            value = vars(layer).get(name)
            if isinstance(value, int) and not isinstance(value, bool) and 0 < value < _MOST_ATTRIBUTE:
                said.setdefault(meaning, value)
        if said:
            break
    return said


