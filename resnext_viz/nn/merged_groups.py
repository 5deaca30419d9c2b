"""Grouped convolutions computed as fewer and wider groups, for training on processors that are slow at narrow ones.

m paths side by side are one group, m times as wide, whose weight has the paths' own on its diagonal, else zeros. Output
and gradients are the same, the zeros' gradients are dropped, parameters and their names stay. A processor's kernels
take 8 channels at once, so paths of 4 leave half of each idle; `python -m resnext_viz bench grouped` measures it.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import conv2d

# Measured in bfloat16, channels last, with AVX-512: paths of 2 to 7 are faster when merged to 8 or a little more, wider
# ones are fastest as they are, and paths of 1 (depthwise) have kernels of their own. In float32 little is gained.
WIDTH = 8


class MergedGroups(nn.Conv2d):
    """The grouped convolution `conv`, its parameters shared; in train mode computed with `merged` paths as one."""

    def __init__(self, conv: nn.Conv2d, merged: int) -> None:
        super().__init__(
            conv.in_channels, conv.out_channels,
            conv.kernel_size, conv.stride, conv.padding, conv.dilation,  # type: ignore[arg-type]  # any length, they say
            conv.groups, conv.bias is not None, device="meta",
        )  # fmt: skip
        self.weight, self.bias = conv.weight, conv.bias
        self.merged = merged

    def forward(self, x: Tensor) -> Tensor:
        """`(N, c_in, H, W)` -> `(N, c_out, H', W')`."""
        if not self.training:
            return super().forward(x)
        weight = merged_weight(self.weight, self.groups, self.merged)
        return conv2d(x, weight, self.bias, self.stride, self.padding, self.dilation, self.groups // self.merged)


def merged_weight(weight: Tensor, groups: int, merged: int) -> Tensor:
    """The weight `(c_out, d, k, k)` of `groups` groups as that of `groups / merged`, `(c_out, merged·d, k, k)`."""
    c_out, width, *kernel = weight.shape
    paths = weight.view(groups // merged, merged, c_out // groups, 1, width, *kernel)
    diagonal = torch.eye(merged, dtype=weight.dtype, device=weight.device).view(1, merged, 1, merged, 1, 1, 1)
    return (paths * diagonal).reshape(c_out, merged * width, *kernel)


def fastest_merge(conv: nn.Conv2d, device: torch.device, number_type: torch.dtype) -> int:
    """How many paths of `conv` are best computed as one when training on `device` in `number_type`; 1 for none.

    A rule rather than a measurement in each run, so that a run that goes on computes as it began.
    """
    width = conv.in_channels // conv.groups
    if device.type != "cpu" or number_type is not torch.bfloat16 or not 1 < width < WIDTH:
        return 1
    fitting = (count for count in range(1, conv.groups + 1) if conv.groups % count == 0 and count * width >= WIDTH)
    return next(fitting, conv.groups)


def merge_narrow_groups(model: nn.Module, device: torch.device, number_type: torch.dtype) -> None:
    """Replaces the grouped convolutions of `model` that train faster with merged paths; parameters stay as they are."""
    for parent in list(model.modules()):
        for name, conv in list(parent.named_children()):
            if type(conv) is nn.Conv2d and conv.padding_mode == "zeros":
                merged = fastest_merge(conv, device, number_type)
                if merged > 1:
                    setattr(parent, name, MergedGroups(conv, merged))
