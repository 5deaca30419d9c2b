"""Batch norm over a batch that several processes share, so that they train as one process would.

torch's `SyncBatchNorm` is that for GPUs and refuses tensors on a CPU.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn


class _WholeBatchNorm(torch.autograd.Function):
    """Normalises `x` `(N, C, H, W)` by mean and variance over all processes; gives these two and the count as well."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor, eps: float) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        values = x.float()
        own_variance, own_mean = torch.var_mean(values, (0, 2, 3), correction=0)
        own = torch.stack([torch.full_like(own_mean, values.numel() / len(own_mean)), own_mean, own_variance])
        everyones = [torch.empty_like(own) for _ in range(dist.get_world_size())]
        dist.all_gather(everyones, own)
        counts, means, variances = torch.stack(everyones, 1)  # each (processes, C)
        count = counts.sum(0)
        mean = (counts * means).sum(0) / count
        variance = (counts * (variances + (means - mean) ** 2)).sum(0) / count
        scale = (variance + eps).rsqrt()
        ctx.save_for_backward(x, weight, mean, scale, count)
        ctx.mark_non_differentiable(mean, variance, count)
        return (((values - _wide(mean)) * _wide(scale * weight)) + _wide(bias)).to(x.dtype), mean, variance, count

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor, Tensor, None]:
        x, weight, mean, scale, count = ctx.saved_tensors
        gradient, normalised = gradients[0].float(), (x.float() - _wide(mean)) * _wide(scale)
        own = torch.stack([gradient.sum((0, 2, 3)), (gradient * normalised).sum((0, 2, 3))])
        whole = own.clone()
        dist.all_reduce(whole)
        by_mean, by_scale = whole / count
        to_x = (gradient - _wide(by_mean) - normalised * _wide(by_scale)) * _wide(scale * weight)
        return to_x.to(x.dtype), own[1], own[0], None


class SharedBatchNorm2d(nn.BatchNorm2d):
    """`BatchNorm2d` whose statistics in training are those of the whole batch, over all processes."""

    running_mean: Tensor
    running_var: Tensor
    num_batches_tracked: Tensor
    momentum: float

    @torch.compiler.disable  # type: ignore[untyped-decorator]
    def forward(self, x: Tensor) -> Tensor:
        """`(N, C, H, W)` -> the same shape."""
        if not self.training:
            return super().forward(x)
        y: Tensor
        y, mean, variance, count = _WholeBatchNorm.apply(x, self.weight, self.bias, self.eps)
        with torch.no_grad():
            self.num_batches_tracked += 1
            self.running_mean.lerp_(mean, self.momentum)
            self.running_var.lerp_(variance * count / (count - 1), self.momentum)
        return y


def share_statistics(model: nn.Module, device: torch.device) -> None:
    """Makes batch norms in `model` those of the whole batch; names and shapes of its state_dict stay what they are."""
    if device.type == "cuda":
        nn.SyncBatchNorm.convert_sync_batchnorm(model)
        return
    for parent in list(model.modules()):
        for name, norm in parent.named_children():
            if type(norm) is nn.BatchNorm2d:
                shared = SharedBatchNorm2d(norm.num_features, norm.eps, norm.momentum)
                shared.load_state_dict(norm.state_dict())
                shared.weight, shared.bias = norm.weight, norm.bias  # the very parameters, whether trained or frozen
                setattr(parent, name, shared)


def _wide(values: Tensor) -> Tensor:
    """One value a channel, against `(N, C, H, W)`."""
    return values[:, None, None]
