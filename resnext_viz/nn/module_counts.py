"""Counts taken from the built module instead of the walk: the outside check of `complexity`.

Both run on torch's meta device, so nothing is computed and a network of any size fits.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from resnext_viz.nn.network import ResNeXt, build
from resnext_viz.reading.ends import HeadStep
from resnext_viz.spec import ResNeXtSpec


def build_on_meta(spec: ResNeXtSpec, head: Sequence[HeadStep] = ()) -> ResNeXt:
    """The network of `spec` without storage, in eval mode: shapes and counts only."""
    with torch.device("meta"):
        return build(spec, head).eval()


def measured_params(module: nn.Module) -> int:
    """Elements of all parameters of `module`."""
    return sum(parameter.numel() for parameter in module.parameters())


def measured_macs(module: ResNeXt, image_size: int | None = None) -> int:
    """Multiply-adds torch's own counter finds in one forward pass of one image through `module`, built on meta.

    `FlopCounterMode` counts two operations for each multiply-add of convolutions and linear layers, and nothing else.
    """
    size = module.spec.default_image_size if image_size is None else image_size
    image = torch.empty(1, module.spec.in_channels, size, size, device="meta")
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        module(image)
    return int(counter.get_total_flops()) // 2
