"""A built network with every step a module, as torchvision writes it: what counting tools and the exact engine run.

`nn.build` calls ReLU and the global average as functions. Tools hook modules, or replace the functions that modules
call, so that some of them would give another number for the same network. And here ReLU and the sum overwrite what
they are given, as in torchvision, so that whoever looks at a layer's output looks at the network itself instead.
"""

from __future__ import annotations

from itertools import chain

from torch import Tensor, nn

from resnext_viz.nn.network import ResidualBlock, ResNeXt


def in_modules(network: ResNeXt, linear: bool = True) -> nn.Sequential:
    """The layers of `network` themselves, put together in torchvision's style; same inputs, same outputs.

    Args:
        network: what `build` gives.
        linear: False leaves the linear layer out, so that pooled features `(N, C)` come out.
    """
    stages = (_stage(network.get_submodule(name)) for name in network.stage_names)
    head: tuple[nn.Module, ...] = ()
    if network.fc is not None:
        pooling = (network.maxima,) if network.maxima else (nn.AdaptiveAvgPool2d(1), nn.Flatten())
        head = (*pooling, *((network.fc,) if linear else ()))
    return nn.Sequential(network.conv1, network.bn1, nn.ReLU(inplace=True), network.maxpool, *stages, *head)


def _stage(stage: nn.Module) -> nn.Sequential:
    return nn.Sequential(*(_ModuleBlock(block) for block in stage.children() if isinstance(block, ResidualBlock)))


class _ModuleBlock(nn.Module):
    """Convolutions, norms and ReLUs of `block` as modules, with the sum in place."""

    def __init__(self, block: ResidualBlock) -> None:
        super().__init__()
        steps = ((block.get_submodule(conv), block.get_submodule(norm)) for conv, norm in block.steps)
        between = ((conv, norm, nn.ReLU(inplace=True)) for conv, norm in steps)
        self.main = nn.Sequential(*tuple(chain.from_iterable(between))[:-1])
        self.downsample = block.downsample
        self.has_shortcut = block.has_shortcut
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.main(x)
        if self.has_shortcut:
            y += x if self.downsample is None else self.downsample(x)
        out: Tensor = self.relu(y)
        return out
