"""A whole network wired in one of the three forms, from one set of weights, and its tensors as form C has them.

A network is a chain of parts: the stem, each block, the head. Running it part by part lets whoever waits for the
process's settings (`reproducible`) in between two parts, and lets a run be stopped there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from typing import NamedTuple

import torch
from torch import Tensor

from resnext_viz.block_forms.terms import Form
from resnext_viz.errors import UserError
from resnext_viz.nn.network import Residual, ResNeXt, build
from resnext_viz.nn.proof.form_run import drawn_tensor
from resnext_viz.nn.proof.forms import cardinality_of, form_of, grouped_state, to_form
from resnext_viz.spec import BlockKind, ResNeXtSpec

BRANCH_SCALE = 0.25  # of a block's last batch norm: what a block adds stays small, so that no depth overflows


class NetworkPart(NamedTuple):
    """One link of the chain: `run` maps `(N, C, H, W)` to the next part's input; `block` if it is one."""

    name: str  # "stem", "stage 1" ..., "logits"
    run: Callable[[Tensor], Tensor]
    block: Residual | None
    ends_place: bool  # whether it is the last part of that name, so that its output is compared


def random_network(spec: ResNeXtSpec, seed: int) -> ResNeXt:
    """The network of `spec` in form C, float64 on the CPU, all weights and statistics random, none at its default.

    Raises:
        UserError: a network of two-layer blocks, which has no three forms.
    """
    if spec.block is BlockKind.BASIC:
        raise UserError(
            "block is 'basic'; only bottlenecks have three forms (section 3.3, Fig. 4), so choose a bottleneck "
            "network, such as resnext50_32x4d"
        )
    with torch.device("meta"):
        network = build(spec)
    network = network.to_empty(device="cpu").double()
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, value in network.state_dict().items():
            scale = BRANCH_SCALE if name.endswith(("bn3.weight", "bn3.bias")) else 1
            value.copy_(
                drawn_tensor(name, value, generator) * scale if value.is_floating_point() else torch.zeros_like(value)
            )
    return network


def network_in_form(network: ResNeXt, form: Form) -> ResNeXt:
    """A copy of `network` with every block wired in `form`: the same weights, statistics, dtype, device and mode."""
    copy = deepcopy(network)
    for name in copy.stage_names:
        stage = copy.get_submodule(name)
        for number, block in stage.named_children():
            stage.add_module(number, to_form(block, form))  # type: ignore[arg-type]  # a stage holds blocks
    return copy


def nudged(network: ResNeXt, seed: int) -> ResNeXt:
    """A copy whose every weight and statistic is moved by one machine epsilon, up or down at random.

    How far its results move is how far rounding alone can move them.
    """
    copy = deepcopy(network)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for value in copy.state_dict().values():
            if value.is_floating_point():
                signs = torch.randint(0, 2, value.shape, generator=generator) * 2 - 1
                value.mul_(1 + torch.finfo(value.dtype).eps * signs.to(value))
    return copy


def network_parts(network: ResNeXt) -> tuple[NetworkPart, ...]:
    """The chain, first to last."""
    parts = [NetworkPart("stem", network.stem, None, ends_place=True)]
    for number, stage_name in enumerate(network.stage_names, start=1):
        blocks = [block for block in network.get_submodule(stage_name).children() if isinstance(block, Residual)]
        parts += [NetworkPart(f"stage {number}", block, block, block is blocks[-1]) for block in blocks]
    if network.fc is not None:
        parts.append(NetworkPart("logits", network.head, None, ends_place=True))
    return tuple(parts)


def gradients_by_layer(network: ResNeXt) -> Iterator[dict[str, Tensor]]:
    """Part by part, the gradients in form C's names and order: one float64 vector for each layer.

    A layer's weight and bias are one vector, as in the check of one block: in front of batch norm the gradient of a
    bias is zero, and nothing is small relative to zero.
    """
    gradients = {
        name: torch.zeros_like(each) if each.grad is None else each.grad for name, each in network.named_parameters()
    }
    return _by_layer(network, gradients)


def weights_by_layer(network: ResNeXt) -> Iterator[dict[str, Tensor]]:
    """Part by part, weights and running statistics in form C's names and order: two float64 vectors for each layer."""
    return _by_layer(network, network.state_dict())


def _by_layer(network: ResNeXt, tensors: Mapping[str, Tensor]) -> Iterator[dict[str, Tensor]]:
    """Block by block, because joining all of a network at once would take its memory again."""
    of_blocks: dict[str, dict[str, Tensor]] = defaultdict(dict)
    for name, value in tensors.items():
        stage, _, rest = name.partition(".")
        block, _, own = rest.partition(".") if stage in network.stage_names else ("", "", name)
        of_blocks[f"{stage}.{block}" if block else ""][own] = value
    yield _layers(of_blocks.pop("", {}))
    for where, state in of_blocks.items():
        module = network.get_submodule(where)
        assert isinstance(module, Residual)  # noqa: S101  # a stage holds blocks
        yield _layers(grouped_state(state, form_of(module), cardinality_of(module.block)), where)


def _layers(state: Mapping[str, Tensor], where: str = "") -> dict[str, Tensor]:
    layers: dict[str, list[Tensor]] = defaultdict(list)
    for name in sorted(state):
        if state[name].is_floating_point():
            layer, _, kind = name.rpartition(".")
            key = f"{where}.{layer}" + (".statistics" if kind.startswith("running") else "")
            layers[key].append(state[name].detach().cpu().double().flatten())
    return {layer: torch.cat(values) for layer, values in layers.items()}
