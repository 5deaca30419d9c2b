"""Sharpness-aware minimisation: the gradient is taken a little uphill, so that the weights end where the loss is flat.

Source: Foret et al., Sharpness-Aware Minimization for Efficiently Improving Generalization, arXiv 2010.01412,
equations 2 and 3.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.utils import get_total_norm


@contextmanager
def uphill(model: nn.Module, radius: float) -> Iterator[None]:
    """Moves what is trained of `model` by `radius` along its gradient; afterwards all is as it was, to the bit.

    Gradients are cleared on the way, for those of the place up there. Batch norm gathers no statistics meanwhile: they
    are of the weights that stay.
    """
    moved = [parameter for parameter in model.parameters() if parameter.grad is not None]
    gradients = [parameter.grad for parameter in moved if parameter.grad is not None]
    share = radius / get_total_norm(gradients).clamp(min=1e-12)
    norms = [module for module in model.modules() if isinstance(module, _BatchNorm)]
    momenta = [module.momentum for module in norms]
    with torch.no_grad():
        before = [parameter.clone() for parameter in moved]
        for parameter, gradient in zip(moved, gradients, strict=True):
            parameter.add_(gradient * share)
            parameter.grad = None
    for module in norms:
        module.momentum = 0.0
    try:
        yield
    finally:
        for module, momentum in zip(norms, momenta, strict=True):
            module.momentum = momentum
        with torch.no_grad():
            for parameter, value in zip(moved, before, strict=True):
                parameter.copy_(value)
