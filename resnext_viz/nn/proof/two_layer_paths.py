"""C paths of two layers, summed, and the exact mapping of their weights to one wide two-layer block (Fig. 4)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from resnext_viz.errors import UserError
from resnext_viz.layers import Block, walk
from resnext_viz.nn.network import Residual, conv_of
from resnext_viz.nn.proof.form_run import drawn_tensor
from resnext_viz.nn.proof.forms import State
from resnext_viz.spec import BlockKind, ResNeXtSpec

FEWEST_PATHS = 2
WIDEST = 1024  # C·d that is built


class TwoLayerPath(nn.Module):
    """3x3 to d channels, BN, ReLU, 3x3 back."""

    def __init__(self, block: Block, paths: int) -> None:
        super().__init__()
        first, second = block.main
        width = first.c_out // paths
        self.conv1 = conv_of(first._replace(c_out=width))
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = conv_of(second._replace(c_in=width))

    def forward(self, x: Tensor) -> Tensor:
        """`(N, c_in, H, W)` -> `(N, c_out, H, W)`."""
        return torch.as_tensor(self.conv2(torch.relu(self.bn1(self.conv1(x)))))


class SumOfTwoLayerPaths(Residual):
    """The two-layer `block` cut into paths, which are summed; batch norm behind the sum (Fig. 4 left)."""

    def __init__(self, block: Block, paths: int) -> None:
        super().__init__(block)
        self.paths = nn.ModuleList(TwoLayerPath(block, paths) for _ in range(paths))
        self.bn2 = nn.BatchNorm2d(block.main[-1].c_out)
        self.downsample = None

    def main_path(self, x: Tensor) -> Tensor:
        """Paths, sum, batch norm."""
        total = self.paths[0](x)
        for path in self.paths[1:]:
            total = total + path(x)
        return torch.as_tensor(self.bn2(total))


def wide_block(cardinality: int, base_width: int) -> Block:
    """The two-layer block with C·d channels inside, an identity block of the first stage of a network of 56x56 maps.

    Raises:
        UserError: fewer than two paths, or more channels than `WIDEST`.
    """
    if cardinality < FEWEST_PATHS or base_width < 1:
        raise UserError(
            f"cardinality is {cardinality} and base_width {base_width}; use at least {FEWEST_PATHS} and 1: one path is "
            "one block already"
        )
    if cardinality * base_width > WIDEST:
        raise UserError(
            f"cardinality times base_width is {cardinality * base_width:,}; a check takes up to {WIDEST:,}, so choose "
            "a smaller C or d"
        )
    spec = ResNeXtSpec((2,), 1, cardinality * base_width, BlockKind.BASIC, expansion=1)
    return walk(spec).stages[0].blocks[1]


def random_paths(block: Block, paths: int, seed: int) -> SumOfTwoLayerPaths:
    """`block` as paths, float64 on the CPU, nothing at its default."""
    generator = torch.Generator().manual_seed(seed)
    module = SumOfTwoLayerPaths(block, paths).double()
    module.load_state_dict({name: drawn_tensor(name, value, generator) for name, value in module.state_dict().items()})
    return module


def collapsed(state: State, paths: int) -> State:
    """The tensors of `paths` two-layer paths under the names and in the shapes of the wide block.

    Exact: tensors are only joined.
    """
    wide = {name: value for name, value in state.items() if not name.startswith("paths.")}
    for name in (name.removeprefix("paths.0.") for name in state if name.startswith("paths.0.")):
        slices = [state[f"paths.{i}.{name}"] for i in range(paths)]
        axis = 1 if name == "conv2.weight" else 0
        wide[name] = slices[0] if slices[0].ndim == 0 else torch.cat(slices, dim=axis)
    return wide
