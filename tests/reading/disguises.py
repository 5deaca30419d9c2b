"""A network's tensors as strangers save them: renamed, wrapped, prefixed, shuffled, folded, masked, written out.

Each disguise keeps what the network computes; written for tests, nothing of the reader's.
"""

from __future__ import annotations

import random
from collections.abc import Callable

import torch
from torch import Tensor, nn

from resnext_viz.block_forms.terms import Form
from resnext_viz.nn import ResNeXt, build
from resnext_viz.nn.proof.network_forms import network_in_form
from resnext_viz.spec import BlockKind, ResNeXtSpec

State = dict[str, Tensor]
# A part of a name -> what others call it; numbers stay, because they are what tells blocks apart.
WORDS = {
    "detectron": {"layer": "res", "downsample.0": "shortcut", "downsample.1": "shortcut.norm", "fc": "linear"},
    "plain words": {"layer": "stage_", "conv": "kernel", "bn": "scale", "downsample": "skip", "fc": "answer"},
    "lists": {"layer": "features.", "conv": "c", "bn": "n", "downsample": "proj", "fc": "last_linear"},
}


def random_network(spec: ResNeXtSpec, seed: int) -> ResNeXt:
    """The network of `spec` in float64 and eval mode, no weight or statistic at its default."""
    torch.manual_seed(seed)
    model = build(spec).double()
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.running_mean, -0.3, 0.3)
            nn.init.uniform_(module.running_var, 0.5, 1.5)
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.uniform_(module.bias, -0.3, 0.3)
        elif isinstance(module, nn.Conv2d) and module.bias is not None:
            nn.init.uniform_(module.bias, -0.3, 0.3)
    return model.eval()


def written_out(model: ResNeXt, form: Form) -> State:
    """Every path of every block for itself, as in the paper's Fig. 3 (a) or (b)."""
    if model.spec.block is BlockKind.BASIC or model.spec.cardinality == 1:
        return dict(model.state_dict())
    return dict(network_in_form(model, form).state_dict())


def norm_of(conv: str) -> str:
    return conv.replace("downsample.0", "downsample.1").replace("conv", "bn")


def folded(state: State) -> State:
    """Each batch norm folded into its convolution: w·γ/σ and (b − μ)·γ/σ + β."""
    found: State = {}
    for key, weight in state.items():
        conv, _, leaf = key.rpartition(".")
        if leaf == "weight" and weight.dim() == 4:
            gamma, beta, mean, variance = (
                state[f"{norm_of(conv)}.{part}"] for part in ("weight", "bias", "running_mean", "running_var")
            )
            scale = gamma / torch.sqrt(variance + 1e-5)
            found[key] = weight * scale[:, None, None, None]
            found[f"{conv}.bias"] = (state.get(f"{conv}.bias", torch.zeros_like(mean)) - mean) * scale + beta
        elif conv.startswith("fc"):
            found[key] = weight
    return found


def masked(state: State, rng: random.Random) -> State:
    """Weights as torch's pruning keeps them; what the mask takes away is anything."""
    found: State = {}
    for key, value in state.items():
        if key.endswith(".weight") and value.dim() > 1 and rng.random() < 0.5:
            mask = (value.abs() > -1).double()
            mask.view(-1)[:: rng.randint(2, 5)] = 0
            mask = torch.where(value == 0, torch.ones_like(mask), mask)
            found[f"{key}_orig"] = torch.where(mask == 1, value, torch.full_like(value, 7.0))
            found[f"{key}_mask"] = mask
        else:
            found[key] = value
    return found


def unmasked(state: State) -> State:
    """What masked tensors compute with."""
    return {
        key.removesuffix("_orig"): value * state[f"{key[:-5]}_mask"] if key.endswith("_orig") else value
        for key, value in state.items()
        if not key.endswith("_mask")
    }


def renamed(state: State, words: dict[str, str]) -> State:
    found = {}
    for key, value in state.items():
        name = key
        for ours, theirs in words.items():
            name = name.replace(ours, theirs)
        found[name] = value
    return found


def wrapped_head(state: State, at: int) -> State:
    """The linear layer at a place in a Sequential, behind a dropout."""
    return {key.replace("fc.", f"fc.{at}."): value for key, value in state.items()}


def prefixed(state: State, begin: str) -> State:
    return {begin + key: value for key, value in state.items()}


def shuffled(state: State, rng: random.Random) -> State:
    keys = list(state)
    rng.shuffle(keys)
    return {key: state[key] for key in keys}


def alphabetical(state: State, _rng: random.Random) -> State:
    return dict(sorted(state.items()))


def as_it_is(state: State, _rng: random.Random) -> State:
    return state


ORDERS: dict[str, Callable[[State, random.Random], State]] = {
    "as saved": as_it_is,
    "alphabetical": alphabetical,
    "shuffled": shuffled,
}
PREFIXES = ("", "module.", "encoder.", "model.model.", "net.backbone.", "_orig_mod.module.", "0.")
