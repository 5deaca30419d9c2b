"""A module's layers as an inventory, and `audit`. The module is only looked at: nothing is run, set, moved or kept.

Layers are told by their attributes, not by their class: quantised, lazy and scripted convolutions have the same ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from resnext_viz.auditing import Audit, Inventory, audit_inventory, inventory_of_shapes
from resnext_viz.errors import UserError
from resnext_viz.nn.network import ResNeXt
from resnext_viz.nn.tensor_tree import named_tensors
from resnext_viz.reading.inventory import Conv, Linear, Norm, Other, Pool, folders_of
from resnext_viz.spec import ResNeXtSpec

_MOST_ATTRIBUTE = 1_000_000
_MOST_NOTES = 9
# What modules call C and d.
_SAID = {
    "cardinality": "cardinality",
    "groups": "cardinality",
    "base_width": "base_width",
    "bottleneck_width": "base_width",
    "width_per_group": "base_width",
}


def audit(
    module_or_state_dict: nn.Module | Mapping[str, Any],
    *,
    claimed: ResNeXtSpec | None = None,
    image_size: int | None = None,
    part: str | None = None,
) -> Audit:
    """What network a module or a state_dict is, and what is wrong with it; neither is changed.

    Args:
        module_or_state_dict: any network; names and classes do not matter. A state_dict tells no strides.
        claimed: what it is said to be; without it the paper's rules are what it is compared with.
        image_size: side of the image that MACs are counted for; 224, or 32 for CIFAR stems, if None.
        part: which network, by its folder, where there are several, such as "student".

    Raises:
        UserError: it is neither a module nor a mapping of names, or has no such part.
    """
    if isinstance(module_or_state_dict, nn.Module):
        inventory = inventory_of_module(module_or_state_dict)
    elif isinstance(module_or_state_dict, Mapping):
        inventory = inventory_of_state(module_or_state_dict)
    else:
        kind = type(module_or_state_dict).__name__
        raise UserError(f"A {kind} cannot be audited; give a torch.nn.Module or its state_dict.")
    return audit_inventory(inventory, claimed, image_size, part)


def inventory_of_state(state: Mapping[Any, Any]) -> Inventory:
    """What the names and shapes of a state_dict tell, whatever it is wrapped in; what is no tensor is named."""
    tensors, strange = named_tensors(state)
    note = f"{len(strange)} entries are no tensors with a shape and were left out: {', '.join(strange[:3])}."
    return inventory_of_shapes({key: tuple(value.shape) for key, value in tensors.items()}, (note,) if strange else ())


def inventory_of_module(module: nn.Module) -> Inventory:
    """What a module's layers tell, in the order in which they were registered."""
    found = _SortedModules()
    for place, (path, layer) in enumerate(module.named_modules()):
        inside = any(folder in found.whole for folder in folders_of(path))
        try:
            found.add(path, place, layer, inside)
        except Exception as error:  # a stranger's layer may do anything when it is looked at
            found.notes.append(f"{path[:80] or 'The network'} could not be looked at ({type(error).__name__}).")
    params = _params(module)
    tensors = inventory_of_state(_state_of(module))
    if params is None:
        found.notes.append("Lazy layers have no tensors before a first image, so params are not counted.")
    return Inventory(
        tuple(found.convs),
        tuple(found.norms),
        tuple(found.linears),
        tuple(found.pools),
        tuple(found.others),
        params,
        _said_of(module),
        tuple(found.notes[:_MOST_NOTES]),
        tensors.tensors,
        tensors.sizes,
    )


def _state_of(module: nn.Module) -> dict[str, Tensor]:
    """A module's tensors by name, taken from where they are: `state_dict` runs a stranger's hooks."""
    return dict([*module.named_parameters(remove_duplicate=False), *module.named_buffers(remove_duplicate=False)])


class _SortedModules:
    """Layers sorted by what they are."""

    def __init__(self) -> None:
        self.convs: list[Conv] = []
        self.norms: list[Norm] = []
        self.linears: list[Linear] = []
        self.pools: list[Pool] = []
        self.others: list[Other] = []
        self.notes: list[str] = []
        self.whole: set[str] = set()  # layers whose parts are not layers of their own

    def add(self, path: str, place: int, layer: Any, inside: bool) -> None:
        """Puts a layer where it belongs; of what lies inside one, only a norm that a convolution holds."""
        kind = str(getattr(layer, "original_name", type(layer).__name__)).lower()
        tensors = _own_tensors(layer)
        if inside and not ("norm" in kind and _channels(layer, tensors)):
            return
        if _is_conv(layer):
            self.convs.append(_conv(path, place, layer))
            self.whole.add(path)
        elif _are_whole(layer, "in_features", "out_features"):
            self.linears.append(Linear(path, place, layer.in_features, layer.out_features, _has_bias(layer)))
            self.whole.add(path)
        elif "norm" in kind and ("lazy" in kind or _channels(layer, tensors)):
            self.norms.append(Norm(path, place, _channels(layer, tensors), "batchnorm" in kind))
        elif "pool" in kind and (stride := _first(getattr(layer, "stride", None))):
            self.pools.append(Pool(path, place, stride, "max" in kind))
        else:
            self.others += [
                Other(f"{path}.{name}".lstrip("."), "×".join(map(str, value.shape)))
                for name, value in layer.named_parameters(recurse=False)
                if not is_lazy(value)
            ]


def _own_tensors(layer: nn.Module) -> dict[str, Tensor]:
    """A layer's own tensors, taken from where it keeps them: asked by name, a parametrised layer would compute."""
    return dict([*layer.named_buffers(recurse=False), *layer.named_parameters(recurse=False)])


def _are_whole(layer: Any, *names: str) -> bool:
    return all(type(getattr(layer, name, None)) is int for name in names)


def _is_conv(layer: Any) -> bool:
    """Over maps, and not transposed."""
    kernel = getattr(layer, "kernel_size", None)
    return (
        isinstance(kernel, tuple)
        and len(kernel) == 2
        and all(type(side) is int for side in kernel)
        and _are_whole(layer, "in_channels", "out_channels", "groups")
        and layer.groups > 0
        and not getattr(layer, "transposed", False)
    )


def _conv(path: str, place: int, layer: Any) -> Conv:
    return Conv(
        path,
        place,
        layer.out_channels,
        layer.in_channels // layer.groups if layer.in_channels else None,
        layer.kernel_size,
        layer.groups,
        _has_bias(layer),
        _first(layer.stride) or 1,
        _first(layer.dilation) or 1,
    )


def _channels(layer: Any, tensors: Mapping[str, Tensor]) -> int | None:
    """Channels of a norm; None where it is lazy, or over more than channels."""
    for name in ("num_features", "num_channels", "normalized_shape"):
        value = _first(getattr(layer, name, None))
        if value:
            return value
    weight = tensors.get("weight")
    return int(weight.shape[0]) if weight is not None and not is_lazy(weight) and weight.dim() == 1 else None


def _has_bias(layer: Any) -> bool:
    if type(layer).__module__.startswith("torch.ao"):  # quantised layers keep it packed, behind a method
        return layer.bias() is not None
    return "bias" in _own_tensors(layer) or "bias" in getattr(layer, "parametrizations", ())


def _first(value: object) -> int | None:
    if isinstance(value, (tuple, list)) and value:
        value = value[0]
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _params(module: nn.Module) -> int | None:
    """Learned elements; None where a lazy layer has none yet."""
    parameters = list(module.parameters())
    return None if any(map(is_lazy, parameters)) else sum(parameter.numel() for parameter in parameters)


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
