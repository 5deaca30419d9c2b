"""Networks as strangers write them, each with the mistake it is known for; written for these tests, nothing of ours.

`Handmade` is one hand-written ResNeXt under names of its own, with one switch for each mistake. The others follow the
layout of public repositories and tutorials.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn


class Unit(nn.Module):
    """A bottleneck whose parts have unusual names and come in an unusual order: the shortcut first."""

    def __init__(
        self, c_in: int, widths: Sequence[int], groups: Sequence[int], strides: Sequence[int], **how: Any
    ) -> None:
        super().__init__()
        a, b, c_out = widths
        bias, kernel = how.get("bias", False), how.get("kernel", 3)
        needed = c_in != c_out or max(strides) > 1 or how.get("project_always", False)
        self.bypass: nn.Module = nn.Identity()
        if needed and how.get("project", True):
            self.bypass = nn.Sequential(nn.Conv2d(c_in, c_out, 1, max(strides), bias=bias), nn.BatchNorm2d(c_out))
        self.squeeze = nn.Conv2d(c_in, a, 1, strides[0], groups=groups[0], bias=bias)
        self.squeeze_norm = nn.BatchNorm2d(a)
        self.mix = nn.Conv2d(a, b, kernel, strides[1], kernel // 2, groups=groups[1], bias=bias)
        self.mix_norm = nn.BatchNorm2d(b)
        self.grow = nn.Conv2d(b, c_out, 1, strides[2], groups=groups[2], bias=bias)
        if how.get("norms", 1):
            self.grow_norm = nn.BatchNorm2d(c_out)
        if how.get("norms", 1) == 2:
            self.grow_norm_again = nn.BatchNorm2d(c_out)

    def forward(self, x: Tensor) -> Tensor:
        y = self.mix_norm(self.mix(self.squeeze_norm(self.squeeze(x)).relu())).relu()
        y = self.grow(y)
        for name in ("grow_norm", "grow_norm_again"):
            y = getattr(self, name)(y) if hasattr(self, name) else y
        skip = self.bypass(x)
        return torch.relu(y + skip if skip.shape == y.shape else y)


class Handmade(nn.Module):
    """ResNeXt-50 32x4d under names of its own. Each switch is one mistake."""

    def __init__(
        self,
        depths: Sequence[int] = (3, 4, 6, 3),
        c: int = 32,
        d: int = 4,
        classes: int = 1000,
        stem: int = 7,
        widths: Sequence[int] | None = None,
        outputs: Sequence[int] | None = None,
        groups: Sequence[int] | None = None,
        groups_on: str = "mix",
        stride_on: int = 1,
        odd_block: dict[str, Any] | None = None,
        **how: Any,
    ) -> None:
        super().__init__()
        stages = len(depths)
        widths = widths or [c * d * 2**s for s in range(stages)]
        outputs = outputs or [256 * 2**s for s in range(stages)]
        groups = groups or [c] * stages
        first = nn.Conv2d(3, 64, stem, 2 if stem == 7 else 1, stem // 2, bias=how.get("bias", False))
        self.entry = nn.Sequential(first, nn.BatchNorm2d(64), *([nn.MaxPool2d(3, 2, 1)] if stem == 7 else []))
        c_in = 64
        self.trunk = nn.ModuleList()
        for s in range(stages):
            units = nn.ModuleList()
            for n in range(depths[s]):
                options = {**how, **(odd_block or {})} if odd_block and (s, n) == odd_block.get("at") else how
                stride = 2 if s and not n else 1
                g = options.get("groups_here", groups[s])
                in_groups = {"mix": (1, g, 1), "squeeze": (g, 1, 1), "grow": (1, 1, g)}[groups_on]
                strides = [stride if i == stride_on else 1 for i in range(3)]
                width = options.get("width_here", widths[s])
                units.append(Unit(c_in, (width, width, outputs[s]), in_groups, strides, **options))
                c_in = outputs[s]
            self.trunk.append(units)
        self.answer = nn.Linear(c_in, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.entry(x).relu()
        for unit in (unit for units in self.trunk for unit in units.children()):
            x = unit(x)
        logits: Tensor = self.answer(x.mean((2, 3)))
        return logits


class KuangliuResNeXt(nn.Module):
    """kuangliu/pytorch-cifar, models/resnext.py: 1×1 stem, outputs of twice the width, stages by `num_blocks`."""

    def __init__(self, num_blocks: Sequence[int], cardinality: int, bottleneck_width: int, classes: int = 10) -> None:
        super().__init__()
        self.cardinality, self.bottleneck_width = cardinality, bottleneck_width
        self.conv1, self.bn1 = nn.Conv2d(3, 64, 1, bias=False), nn.BatchNorm2d(64)
        c_in = 64
        for stage, depth in enumerate(num_blocks, start=1):
            blocks = []
            for number in range(depth):
                width, stride = cardinality * self.bottleneck_width, 2 if stage > 1 and not number else 1
                blocks.append(KuangliuBlock(c_in, width, cardinality, stride))
                c_in = 2 * width
            self.bottleneck_width *= 2
            self.add_module(f"layer{stage}", nn.Sequential(*blocks))
        self.linear = nn.Linear(c_in, classes)


class KuangliuBlock(nn.Module):
    """Its block."""

    def __init__(self, c_in: int, width: int, cardinality: int, stride: int) -> None:
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(c_in, width, 1, bias=False), nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride, 1, groups=cardinality, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3, self.bn3 = nn.Conv2d(width, 2 * width, 1, bias=False), nn.BatchNorm2d(2 * width)
        self.shortcut = nn.Sequential()
        if stride != 1 or c_in != 2 * width:
            self.shortcut = nn.Sequential(nn.Conv2d(c_in, 2 * width, 1, stride, bias=False), nn.BatchNorm2d(2 * width))


class D2lBlock(nn.Module):
    """d2l-en before pull request 2730: the 3×3 has `bot_channels // groups` groups; biases; lazy layers."""

    def __init__(self, num_channels: int, groups: int, bot_mul: float, use_1x1conv: bool, strides: int) -> None:
        super().__init__()
        bot = round(num_channels * bot_mul)
        self.conv1 = nn.LazyConv2d(bot, kernel_size=1, stride=1)
        self.conv2 = nn.LazyConv2d(bot, kernel_size=3, stride=strides, padding=1, groups=bot // groups)
        self.conv3 = nn.LazyConv2d(num_channels, kernel_size=1, stride=1)
        self.bn1, self.bn2, self.bn3 = nn.LazyBatchNorm2d(), nn.LazyBatchNorm2d(), nn.LazyBatchNorm2d()
        self.conv4, self.bn4 = None, None
        if use_1x1conv:
            self.conv4, self.bn4 = nn.LazyConv2d(num_channels, kernel_size=1, stride=strides), nn.LazyBatchNorm2d()

    def forward(self, x: Tensor) -> Tensor:
        y = self.bn1(self.conv1(x)).relu()
        y = self.bn3(self.conv3(self.bn2(self.conv2(y)).relu()))
        if self.conv4 is not None and self.bn4 is not None:
            x = self.bn4(self.conv4(x))
        return torch.relu(y + x)


def d2l_resnext(groups: int, depths: Sequence[int] = (3, 4, 6, 3)) -> nn.Sequential:
    """An AnyNet of those blocks, all of it in one Sequential."""
    net = nn.Sequential(
        nn.Sequential(nn.LazyConv2d(64, 7, 2, 3), nn.LazyBatchNorm2d(), nn.ReLU(), nn.MaxPool2d(3, 2, 1))
    )
    for stage, depth in enumerate(depths):
        c_out = 256 * 2**stage
        net.append(
            nn.Sequential(
                *(D2lBlock(c_out, groups, 0.5, not number, 2 if stage and not number else 1) for number in range(depth))
            )
        )
    net.append(nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.LazyLinear(1000)))
    return net


def flat_net() -> nn.Sequential:
    """ResNeXt-14-like: every layer in one row, no folders at all, as functional code with numbered layers has them."""
    layers: list[nn.Module] = [nn.Conv2d(3, 64, 3, 1, 1, bias=False), nn.BatchNorm2d(64)]
    c_in = 64
    for stage in range(3):
        width, c_out, stride = 16 * 2**stage, 256 * 2**stage, 2 if stage else 1
        for number in range(2):
            step = stride if not number else 1
            for conv in (
                nn.Conv2d(c_in, width, 1, bias=False),
                nn.Conv2d(width, width, 3, step, 1, groups=4, bias=False),
                nn.Conv2d(width, c_out, 1, bias=False),
                *([nn.Conv2d(c_in, c_out, 1, step, bias=False)] if not number else []),
            ):
                layers += [conv, nn.BatchNorm2d(conv.out_channels)]
            c_in = c_out
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(c_in, 10))


class SplitBlock(nn.Module):
    """titu1994's grouped convolution: one 3×3 for each path, concatenated."""

    def __init__(self, c_in: int, c: int, d: int, c_out: int, stride: int) -> None:
        super().__init__()
        self.reduce, self.norm1 = nn.Conv2d(c_in, c * d, 1, bias=False), nn.BatchNorm2d(c * d)
        self.paths = nn.ModuleList(nn.Conv2d(d, d, 3, stride, 1, bias=False) for _ in range(c))
        self.norm2 = nn.BatchNorm2d(c * d)
        self.expand, self.norm3 = nn.Conv2d(c * d, c_out, 1, bias=False), nn.BatchNorm2d(c_out)
        self.project = None
        if c_in != c_out or stride > 1:
            self.project = nn.Sequential(nn.Conv2d(c_in, c_out, 1, stride, bias=False), nn.BatchNorm2d(c_out))


def split_net(
    c: int, d: int, depths: Sequence[int] = (2, 2, 2), outputs: Sequence[int] = (256, 512, 1024)
) -> nn.Sequential:
    """A CIFAR network of such blocks."""
    net = nn.Sequential(nn.Sequential(nn.Conv2d(3, 64, 3, 1, 1, bias=False), nn.BatchNorm2d(64)))
    c_in = 64
    for stage, depth in enumerate(depths):
        blocks = nn.Sequential()
        for number in range(depth):
            blocks.append(SplitBlock(c_in, c, d * 2**stage, outputs[stage], 2 if stage and not number else 1))
            c_in = outputs[stage]
        net.append(blocks)
    return net.append(nn.Linear(c_in, 10))


class StickCuiBlock(nn.Module):
    """StickCui/PyTorch-SE-ResNet: "ResNeXt" with a dense 3×3, and squeeze-and-excitation of two plain 1×1."""

    def __init__(self, c_in: int, planes: int, stride: int) -> None:
        super().__init__()
        c_out = 2 * planes
        self.conv1, self.bn1 = nn.Conv2d(c_in, planes, 1, bias=False), nn.BatchNorm2d(planes)
        self.conv2, self.bn2 = nn.Conv2d(planes, planes, 3, stride, 1, bias=False), nn.BatchNorm2d(planes)
        self.conv3, self.bn3 = nn.Conv2d(planes, c_out, 1, bias=False), nn.BatchNorm2d(c_out)
        self.conv_down = nn.Conv2d(c_out, planes // 8, 1, bias=False)
        self.conv_up = nn.Conv2d(planes // 8, c_out, 1, bias=False)
        self.downsample = None
        if stride != 1 or c_in != c_out:
            self.downsample = nn.Sequential(nn.Conv2d(c_in, c_out, 1, stride, bias=False), nn.BatchNorm2d(c_out))


def stickcui_se_resnext50() -> nn.Sequential:
    """Its network."""
    net = nn.Sequential(nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.MaxPool2d(3, 2, 1))
    c_in = 64
    for stage, depth in enumerate((3, 4, 6, 3)):
        planes = 128 * 2**stage
        blocks = []
        for number in range(depth):
            blocks.append(StickCuiBlock(c_in, planes, 2 if stage and not number else 1))
            c_in = 2 * planes
        net.append(nn.Sequential(*blocks))
    return net.append(nn.Linear(c_in, 1000))


class PreActivated(nn.Module):
    """A bottleneck of ResNet v2: norm, ReLU, convolution."""

    def __init__(self, c_in: int, width: int, c_out: int, stride: int) -> None:
        super().__init__()
        self.bn1, self.conv1 = nn.BatchNorm2d(c_in), nn.Conv2d(c_in, width, 1, bias=False)
        self.bn2, self.conv2 = nn.BatchNorm2d(width), nn.Conv2d(width, width, 3, stride, 1, bias=False)
        self.bn3, self.conv3 = nn.BatchNorm2d(width), nn.Conv2d(width, c_out, 1, bias=False)
        if c_in != c_out:
            self.shortcut = nn.Conv2d(c_in, c_out, 1, stride, bias=False)


def on_meta(make: Any, *arguments: Any, **options: Any) -> nn.Module:
    """The module without storage."""
    with torch.device("meta"):
        module: nn.Module = make(*arguments, **options)
    return module
