"""What each stage makes of one image: its strongest channels and the mean of all, as small maps."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d

from resnext_viz.nn.device import exact_float32
from resnext_viz.nn.network import ResNeXt

LARGEST_SIDE = 64  # places along each side of a map; larger ones are averaged over squares


@dataclass(frozen=True)
class StageMaps:
    """The map behind the stem or a stage, a ReLU being the last thing done to it, so that no value is below 0.

    Attributes:
        name: "stem", "stage 1", ...
        channels: in all.
        side: of the map in places, before any averaging.
        numbers: of the channels shown, from 1, the one with the largest mean over all places first.
        maps: `(n, H, W)`, those channels.
        mean: `(H, W)`, the mean over all channels.
        largest: the largest value of `maps`, where the scale of the stage ends; it begins at 0.
    """

    name: str
    channels: int
    side: int
    numbers: tuple[int, ...]
    maps: Tensor
    mean: Tensor
    largest: float


def stage_maps(model: ResNeXt, image: Tensor, shown: int = 8) -> list[StageMaps]:
    """The maps behind the stem (its pooling included) and behind each stage for `image` `(channels, side, side)`."""
    device = next(model.parameters()).device
    with exact_float32(device), torch.no_grad():
        x = image.to(device)[None]
        x = model.maxpool(torch.relu(model.bn1(model.conv1(x))))
        maps = [_of("stem", x, shown)]
        for number, name in enumerate(model.stage_names, start=1):
            x = model.get_submodule(name)(x)
            maps.append(_of(f"stage {number}", x, shown))
    return maps


def _of(name: str, x: Tensor, shown: int) -> StageMaps:
    x = x[0]
    strongest = x.mean((1, 2)).topk(min(shown, len(x))).indices
    side = -(-max(x.shape[1:]) // LARGEST_SIDE)
    maps = avg_pool2d(x[strongest], side, ceil_mode=True, count_include_pad=False).cpu()
    mean = avg_pool2d(x.mean(0, keepdim=True), side, ceil_mode=True, count_include_pad=False)[0].cpu()
    numbers = tuple(index + 1 for index in strongest.tolist())
    return StageMaps(name, len(x), x.shape[-1], numbers, maps, mean, float(maps.max()))
