"""A network whose fresh weights follow from a seed alone, whatever else draws random numbers in the process."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from resnext_viz.nn.module_counts import build_on_meta
from resnext_viz.nn.network import ResNeXt
from resnext_viz.spec import ResNeXtSpec


def build_seeded(spec: ResNeXtSpec, seed: int = 0) -> ResNeXt:
    """The network of `spec`, initialised as `build` does it, by a generator of its own; in eval mode, on the CPU."""
    model = build_on_meta(spec).to_empty(device="cpu")
    generator = torch.Generator().manual_seed(seed)
    for module in model.modules():
        _initialise(module, generator)
    return model


@torch.no_grad()
def randomise_norms(model: nn.Module, seed: int = 0) -> None:
    """Batch-norm statistics and affine as no network starts with: the usual ones hide mistakes."""
    generator = torch.Generator().manual_seed(seed)
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d) and module.running_mean is not None and module.running_var is not None:
            module.weight.uniform_(0.3, 0.7, generator=generator)
            module.bias.normal_(0, 0.2, generator=generator)
            module.running_mean.normal_(0, 0.2, generator=generator)
            module.running_var.uniform_(0.5, 2.0, generator=generator)


@torch.no_grad()
def _initialise(module: nn.Module, generator: torch.Generator) -> None:
    """He et al. 2015 for convolutions, as torchvision; biases and the linear layer as torch has them by default."""
    if isinstance(module, nn.BatchNorm2d):
        module.reset_parameters()  # ones and zeros
    elif isinstance(module, nn.Conv2d):
        nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu", generator=generator)
        _draw_bias(module.bias, module.weight[0].numel(), generator)
    elif isinstance(module, nn.Linear):
        nn.init.kaiming_uniform_(module.weight, a=math.sqrt(5), generator=generator)
        _draw_bias(module.bias, module.in_features, generator)


def _draw_bias(bias: Tensor | None, fan_in: int, generator: torch.Generator) -> None:
    if bias is not None:
        bias.uniform_(-1 / math.sqrt(fan_in), 1 / math.sqrt(fan_in), generator=generator)
