"""A spec's network as a torch module, built layer by layer from the walk.

Names and shapes of the state_dict are torchvision's (`conv1`, `layer1.0.conv2`, `layer1.0.downsample.0`, `fc`, ...), so
that its weights load as they are.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from resnext_viz.layers import Block, Layer, StageWalk, walk
from resnext_viz.nn.heads import MaximaAndAverages, layers_of, takes_maxima
from resnext_viz.reading.ends import HeadStep
from resnext_viz.spec import ResNeXtSpec, Stem


def conv_of(layer: Layer) -> nn.Conv2d:
    """The convolution that `layer` describes; `(N, c_in, size_in, size_in)` -> `(N, c_out, size_out, size_out)`."""
    return nn.Conv2d(
        layer.c_in, layer.c_out, layer.kernel, layer.stride, layer.padding, groups=layer.groups, bias=layer.bias
    )


def shortcut_of(block: Block) -> nn.Sequential | None:
    """The projection of `block` with its batch norm, or None where the shortcut is an identity or absent."""
    if block.projection is None:
        return None
    return nn.Sequential(conv_of(block.projection), nn.BatchNorm2d(block.projection.c_out))


class Residual(nn.Module):
    """A main path, added to the shortcut of `block`, then ReLU; subclasses say how the main path is wired."""

    downsample: nn.Sequential | None

    def __init__(self, block: Block) -> None:
        super().__init__()
        self.block = block
        self.has_shortcut = block.identity or block.projection is not None

    def main_path(self, x: Tensor) -> Tensor:
        """`(N, c_in, H, W)` -> `(N, c_out, H', W')`, up to and with the last batch norm."""
        raise NotImplementedError

    def forward(self, x: Tensor) -> Tensor:
        """`(N, c_in, H, W)` -> `(N, c_out, H', W')`."""
        y = self.main_path(x)
        if self.has_shortcut:
            y = y + (x if self.downsample is None else self.downsample(x))
        return torch.relu(y)


class ResidualBlock(Residual):
    """The block as one chain of convolutions, each with batch norm (form C, the paper's Fig. 3c)."""

    def __init__(self, block: Block) -> None:
        super().__init__(block)
        self.steps = tuple((f"conv{i}", f"bn{i}") for i in range(1, len(block.main) + 1))
        for (conv, norm), layer in zip(self.steps, block.main, strict=True):
            self.add_module(conv, conv_of(layer))
            self.add_module(norm, nn.BatchNorm2d(layer.c_out))
        self.downsample = shortcut_of(block)

    def main_path(self, x: Tensor) -> Tensor:
        """Convolution and batch norm in turn, a ReLU between."""
        for i, (conv, norm) in enumerate(self.steps, start=1):
            x = self.get_submodule(norm)(self.get_submodule(conv)(x))
            if i < len(self.steps):
                x = torch.relu(x)
        return x


class ResNeXt(nn.Module):
    """The network of a spec: images `(N, in_channels, H, W)` -> logits `(N, num_classes)`.

    Without head it gives the last stage's map `(N, C, H', W')`. Any image size goes; the spec does not fix it.

    Attributes:
        head_steps: of a stranger's head, in place of the spec's averages and linear layer; empty if it is the spec's.
        maxima: pools the last map in place of plain averages, or None.
    """

    def __init__(self, spec: ResNeXtSpec, head: Sequence[HeadStep] = ()) -> None:
        super().__init__()
        network = walk(spec)
        self.spec = spec
        self.conv1 = conv_of(network.stem[0])
        self.bn1 = nn.BatchNorm2d(network.stem[0].c_out)
        self.maxpool: nn.Module = nn.Identity() if spec.stem is Stem.CIFAR else nn.MaxPool2d(3, 2, 1)
        self.stage_names = tuple(f"layer{stage.index + 1}" for stage in network.stages)
        for name, stage in zip(self.stage_names, network.stages, strict=True):
            self.add_module(name, _stage(stage))
        self.head_steps = tuple(head)
        self.maxima = MaximaAndAverages() if takes_maxima(head) else None
        self.fc: nn.Module | None = layers_of(head) if head else None
        if network.head and not head:
            self.fc = nn.Linear(network.head[-1].c_in, network.head[-1].c_out)
        self.apply(_initialise)

    def stem(self, x: Tensor) -> Tensor:
        """Images `(N, in_channels, H, W)` -> the map that stage 1 gets."""
        stem: Tensor = self.maxpool(torch.relu(self.bn1(self.conv1(x))))
        return stem

    def features(self, x: Tensor) -> Tensor:
        """The last stage's map `(N, C, H', W')`."""
        x = self.stem(x)
        for name in self.stage_names:
            x = self.get_submodule(name)(x)
        return x

    def head(self, x: Tensor) -> Tensor:
        """The last stage's map -> logits `(N, num_classes)`; as it is where the network has no head."""
        if self.fc is None:
            return x
        logits: Tensor = self.fc(x.mean((2, 3)) if self.maxima is None else self.maxima(x))
        return logits

    def forward(self, x: Tensor) -> Tensor:
        """Logits `(N, num_classes)`."""
        return self.head(self.features(x))


def build(spec: ResNeXtSpec, head: Sequence[HeadStep] = ()) -> ResNeXt:
    """The network of `spec`, freshly initialised (He et al. 2015, as torchvision), in train mode.

    Args:
        spec: the network.
        head: a stranger's, of several layers, in place of the spec's.
    """
    return ResNeXt(spec, head)


def _stage(stage: StageWalk) -> nn.Sequential:
    return nn.Sequential(*(ResidualBlock(block) for block in stage.blocks))


def _initialise(module: nn.Module) -> None:
    if isinstance(module, nn.Conv2d) and not module.weight.is_meta:  # weights without values are not drawn, only slowly
        nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
