"""The C paths of one bottleneck block for one image: what each adds, and what the network says without it.

The last 1×1 of a bottleneck reads the C paths side by side, path i in the channels `[(i−1)·d', i·d')` of its input h.
So its output, before batch norm, is exactly a sum with one term for each path:

    z = Σ_i z_i (+ bias),   z_i = W[:, (i−1)·d' : i·d'] · h[(i−1)·d' : i·d']

A bias belongs to no path. Switching paths off takes their terms out of z, which is the same as setting their columns of
W to zero; everything before the block stays as it is and is not computed again. Stages, blocks and paths count from 1.
Source: arXiv 1611.05431, section 3.2, Eq. 2, and Fig. 3 (a, b).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, conv2d, conv_transpose2d, pad

from resnext_viz.complexity import complexity
from resnext_viz.errors import UserError
from resnext_viz.inference.predictor.predictor import largest_batch
from resnext_viz.nn.device import exact_float32
from resnext_viz.nn.network import ResidualBlock, ResNeXt
from resnext_viz.nn.proof.equivalence import block_of
from resnext_viz.spec import BlockKind

MOST_CELLS = 8  # of a path's picture, along each side
CHUNK_MACS = 2**34  # of one pass through the network: about half a second on two cores


@dataclass(frozen=True)
class Contributions:
    """What each path adds to the score of one class, by place.

    First order: Σ over channels of ∂score/∂z[c, p] · z_i[c, p] at the place p, where the score is the class's logit.
    For the last block that is exact as long as no unit changes sides at the ReLU behind it: there the terms of all
    paths, of the bias, the batch norm's shift and the shortcut add up to the logit. For earlier blocks it is the slope.

    Attributes:
        cells: `(C, rows, columns)`, each the sum over a square of places, so that they still add up.
        side: places along each side of such a square; those at the right and lower edge may hold fewer.
        map_size: height and width of the block's map, in places.
    """

    cells: Tensor
    side: int
    map_size: tuple[int, int]

    @property
    def totals(self) -> Tensor:
        """Each path's sum over all places, `(C,)`."""
        return self.cells.sum((1, 2))


@dataclass(frozen=True)
class OpenedBlock:
    """One image at one block of a network, opened between the paths and the batch norm behind them.

    Attributes:
        model: the network; it is only read.
        stage, block: which block, from 1.
        shortcut: what is added behind the batch norm, `(1, c_out, H, W)`, or None.
        h: the paths' outputs side by side, `(1, C·d', H, W)`: what the last 1×1 reads.
        z: that 1×1's output, `(1, c_out, H, W)`.
        logits: the network's answer with all paths on, `(classes,)`.
        batch: images that the rest of the network is given at once.
    """

    model: ResNeXt
    stage: int
    block: int
    shortcut: Tensor | None
    h: Tensor
    z: Tensor
    logits: Tensor
    batch: int

    @property
    def cardinality(self) -> int:
        return self.model.spec.cardinality

    def path_output(self, path: int) -> Tensor:
        """z_i of one path, `(c_out, H, W)`."""
        with exact_float32(self.z.device):
            return self._sum_of((path,))[0]

    def shares(self) -> Tensor:
        """Each path's share of the sum s = Σ z_i, `(C,)`: ⟨z_i, s⟩ / ⟨s, s⟩.

        They add up to 1 (all are 0 where s is); a path that works against the others is below 0.
        """
        with exact_float32(self.z.device), torch.no_grad():
            total = self._sum_of(range(1, self.cardinality + 1))
            backwards = conv_transpose2d(total, self._expand.weight)  # ⟨W_i·h_i, s⟩ = ⟨h_i, W_iᵀ·s⟩
            along = (self.h * backwards).reshape(self.cardinality, -1).sum(1)
            whole = along.sum()
            return (along / whole if whole > 0 else torch.zeros_like(along)).cpu()

    def contributions(self, class_index: int) -> Contributions:
        """What each path adds to the logit of a class, by place."""
        z = self.z.detach().requires_grad_()
        with exact_float32(self.z.device), torch.enable_grad():
            score = self._rest(z)[0, class_index]
            (slope,) = torch.autograd.grad(score, z)
        with exact_float32(self.z.device), torch.no_grad():
            by_channel = self.h * conv_transpose2d(slope, self._expand.weight)
            height, width = by_channel.shape[2:]
            by_path = by_channel.reshape(self.cardinality, -1, height, width).sum(1)
        side = -(-max(height, width) // MOST_CELLS)
        return Contributions(_summed(by_path, side).cpu(), side, (height, width))

    def logits_without(self, paths: Iterable[int]) -> Tensor:
        """The network's answer with a set of paths off, `(classes,)`."""
        with exact_float32(self.z.device), torch.no_grad():
            return self._rest(self.z - self._sum_of(sorted(set(paths))))[0].cpu()

    def logits_without_each(self) -> Iterator[Tensor]:
        """The network's answers with one path off at a time: `(n, classes)` for the next n paths, until all C are done.

        It can be left off after any of them.
        """
        for first in range(1, self.cardinality + 1, self.batch):
            chunk = range(first, min(first + self.batch, self.cardinality + 1))
            with exact_float32(self.z.device), torch.no_grad():
                logits = self._rest(torch.cat([self.z - self._sum_of((path,)) for path in chunk])).cpu()
            yield logits  # outside: nobody waits for whoever looks at them

    @property
    def _block(self) -> ResidualBlock:
        return _block_at(self.model, self.stage, self.block)

    @property
    def _expand(self) -> torch.nn.Conv2d:
        return _expand_of(self._block)

    def _sum_of(self, paths: Iterable[int]) -> Tensor:
        """Σ z_i over some paths, `(1, c_out, H, W)`."""
        width = self.h.shape[1] // self.cardinality
        columns = [channel for path in paths for channel in range((path - 1) * width, path * width)]
        if not columns:
            return torch.zeros_like(self.z)
        return conv2d(self.h[:, columns], self._expand.weight[:, columns])

    def _rest(self, z: Tensor) -> Tensor:
        """What the network makes of z: `(N, c_out, H, W)` -> logits `(N, classes)`."""
        return _rest(self.model, self.stage, self.block, z, self.shortcut)


def open_block(model: ResNeXt, image: Tensor, stage: int, block: int) -> OpenedBlock:
    """The block of a network in eval mode with `image` `(channels, side, side)`, prepared as the predictor does.

    Raises:
        UserError: the network has no such block, or its blocks have no paths.
    """
    if model.spec.block is BlockKind.BASIC:
        raise UserError("Blocks of two layers are not split into paths. Choose weights whose blocks have three layers.")
    block_of(model.spec, stage, block)
    device = next(model.parameters()).device
    with exact_float32(device), torch.no_grad():
        x = image.to(device)[None]
        x = model.maxpool(torch.relu(model.bn1(model.conv1(x))))
        for other in _blocks_before(model, stage, block):
            x = other(x)
        opened = _block_at(model, stage, block)
        shortcut = None if not opened.has_shortcut else x if opened.downsample is None else opened.downsample(x)
        for conv, norm in opened.steps[:-1]:
            x = torch.relu(opened.get_submodule(norm)(opened.get_submodule(conv)(x)))
        z = _expand_of(opened)(x)
        logits = _rest(model, stage, block, z, shortcut)[0].cpu()
    return OpenedBlock(model, stage, block, shortcut, x, z, logits, _batch(model, image.shape[-1]))


def _batch(model: ResNeXt, side: int) -> int:
    """Images in one pass: as memory allows, and few enough that whoever waits can stop it soon."""
    soon = CHUNK_MACS // max(1, complexity(model.spec, side).macs)
    return max(1, min(largest_batch(model.spec, side), soon))


def _rest(model: ResNeXt, stage: int, block: int, z: Tensor, shortcut: Tensor | None) -> Tensor:
    opened = _block_at(model, stage, block)
    y = opened.get_submodule(opened.steps[-1][1])(z)
    y = torch.relu(y if shortcut is None else y + shortcut)
    for other in _blocks_behind(model, stage, block):
        y = other(y)
    return model.head(y)


def _stages(model: ResNeXt) -> list[list[ResidualBlock]]:
    stages = [model.get_submodule(name).children() for name in model.stage_names]
    return [[block for block in stage if isinstance(block, ResidualBlock)] for stage in stages]


def _block_at(model: ResNeXt, stage: int, block: int) -> ResidualBlock:
    return _stages(model)[stage - 1][block - 1]


def _blocks_before(model: ResNeXt, stage: int, block: int) -> list[ResidualBlock]:
    stages = _stages(model)
    return [each for earlier in stages[: stage - 1] for each in earlier] + stages[stage - 1][: block - 1]


def _blocks_behind(model: ResNeXt, stage: int, block: int) -> list[ResidualBlock]:
    stages = _stages(model)
    return stages[stage - 1][block:] + [each for later in stages[stage:] for each in later]


def _expand_of(block: ResidualBlock) -> torch.nn.Conv2d:
    conv = block.get_submodule(block.steps[-1][0])
    return cast(torch.nn.Conv2d, conv)


def _summed(maps: Tensor, side: int) -> Tensor:
    """Sums over squares of side×side places: `(C, H, W)` -> `(C, ⌈H/side⌉, ⌈W/side⌉)`; padding adds zeros."""
    height, width = maps.shape[1:]
    padded = pad(maps, (0, -width % side, 0, -height % side))
    return side**2 * avg_pool2d(padded, side)
