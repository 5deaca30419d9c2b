"""Each mistake of `faults` as a module: the right form with its weights, changed in the one place that is wrong."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any, cast

import torch
from torch import Tensor, nn

from resnext_viz.block_forms.faults import Fault
from resnext_viz.block_forms.terms import Form
from resnext_viz.nn.network import Residual
from resnext_viz.nn.proof.forms import Path, cardinality_of, to_form


def broken_form(module: Residual, fault: Fault) -> Residual:
    """A copy of `module`, weights and all, wired in the form that the mistake belongs to, with the mistake.

    What the mistake needs beside those weights is said by `faults.what_it_does`. For a bias in every path the expanding
    1x1 must have one.
    """
    form = to_form(module, Form(fault.form))
    _BREAK[fault](form)
    return form


def _paths(form: Residual) -> list[Path]:
    return [path for path in form.get_submodule("paths").children() if isinstance(path, Path)]


def _conv(form: nn.Module, name: str) -> nn.Conv2d:
    return cast(nn.Conv2d, form.get_submodule(name))


def _after(module: nn.Module, change: Callable[[Tensor], Any]) -> None:
    """`module`, followed by `change`."""
    module.register_forward_hook(lambda _module, _inputs, y: change(y))


def _before(module: nn.Module, change: Callable[[Tensor], Tensor]) -> None:
    """`module`, preceded by `change`."""
    module.register_forward_pre_hook(lambda _module, inputs: (change(inputs[0]),))


def _norm_in_paths(form: Residual) -> None:
    paths, bias = _paths(form), getattr(form, "bias", None)
    if bias is not None:  # behind a batch norm it would be another mistake
        _after(paths[0], lambda y: y + bias[:, None, None])
        form.register_parameter("bias", None)
    for path in paths:
        _after(path, deepcopy(form.get_submodule("bn3")))
    form.add_module("bn3", nn.Identity())


def _relu_on_paths(form: Residual) -> None:
    for path in _paths(form):
        _after(path, torch.relu)


def _bias_in_paths(form: Residual) -> None:
    bias = form.get_parameter("bias")
    for path in _paths(form)[1:]:  # the form itself adds it once
        _after(path, lambda y: y + bias[:, None, None])


def _split_input(form: Residual) -> None:
    paths = _paths(form)
    for i, path in enumerate(paths):

        def own(x: Tensor, i: int = i) -> Tensor:
            return x.chunk(len(paths), dim=1)[i]

        conv = _conv(path, "conv1")
        conv.weight = nn.Parameter(own(conv.weight).detach().clone())
        conv.in_channels //= len(paths)
        _before(path, own)


def _joined_last_first(form: Residual) -> None:
    paths = len(_paths(form))
    _before(_conv(form, "conv3"), lambda joined: torch.cat(joined.chunk(paths, dim=1)[::-1], dim=1))


def _stride_on_reduce(form: Residual) -> None:
    for path in _paths(form):
        reduce, transform = _conv(path, "conv1"), _conv(path, "conv2")
        reduce.stride, transform.stride = transform.stride, reduce.stride


def _forget_groups(form: Residual) -> None:
    conv = _conv(form, "conv2")
    conv.weight = nn.Parameter(conv.weight.detach().repeat(1, conv.groups, 1, 1))
    conv.groups = 1


def _group(name: str) -> Callable[[Residual], None]:
    """The 1x1 called `name` in as many groups as there are paths; of its weights the block diagonal is kept."""

    def group(form: Residual) -> None:
        paths = cardinality_of(form.block)
        conv = _conv(form, name)
        rows = conv.weight.detach().chunk(paths, dim=0)
        conv.weight = nn.Parameter(torch.cat([row.chunk(paths, dim=1)[i] for i, row in enumerate(rows)], dim=0))
        conv.groups = paths

    return group


_BREAK: dict[Fault, Callable[[Residual], None]] = {
    Fault.BN_IN_PATHS: _norm_in_paths,
    Fault.RELU_ON_PATHS: _relu_on_paths,
    Fault.GROUPS_FORGOTTEN: _forget_groups,
    Fault.PATH_ORDER: _joined_last_first,
    Fault.BIAS_IN_PATHS: _bias_in_paths,
    Fault.STRIDE_ON_REDUCE: _stride_on_reduce,
    Fault.INPUT_SPLIT: _split_input,
    Fault.GROUPED_REDUCE: _group("conv1"),
    Fault.GROUPED_EXPAND: _group("conv3"),
}
