"""A network as one file that imports torch alone, written for it: no option, no branch that it does not use.

Names and shapes of the state_dict are torchvision's, as those of `nn.build`; so are the operations and their order.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from resnext_viz.complexity import complexity
from resnext_viz.layers import Layer, StageWalk, Walk, walk
from resnext_viz.source_code.source import Source, Target, counts_in_words, plain_title, projects_by_shape
from resnext_viz.spec import BlockKind, ImageSize, ResNeXtSpec, Stem, StrideOn

_WIDTH = 88  # of a line of prose
_INITIALISE = """
for module in self.modules():
    if isinstance(module, nn.Conv2d):
        nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
""".strip()


class Projects(StrEnum):
    """How a block knows whether its shortcut is a projection."""

    NEVER = "never"
    BY_SHAPE = "by shape"
    TOLD = "told"


def torch_file(spec: ResNeXtSpec, image_size: ImageSize | None = None) -> Source:
    """The file; shapes in its comments are for one image side."""
    return _File(walk(spec, image_size)).source()


@dataclass(frozen=True)
class _File:
    """The parts of the file, in the order they are written."""

    network: Walk

    def source(self) -> Source:
        parts = (self._head, self._block, self._stage, self._model, self._main)
        notes = ("One file, with torch alone. Names and shapes of the state_dict are torchvision’s.",)
        return Source(Target.TORCH, self.spec, "\n\n\n".join(parts) + "\n", self.class_name, notes)

    @property
    def spec(self) -> ResNeXtSpec:
        return self.network.spec

    @cached_property
    def class_name(self) -> str:
        return f"{'ResNeXt' if self.spec.cardinality > 1 else 'ResNet'}{self.spec.layer_count}"

    @cached_property
    def block_name(self) -> str:
        if self.spec.block is BlockKind.BASIC:
            return "BasicBlock"
        return "ResNeXtBlock" if self.spec.cardinality > 1 else "Bottleneck"

    @cached_property
    def projects(self) -> Projects:
        if all(stage.first.projection is None for stage in self.network.stages):
            return Projects.NEVER
        return Projects.BY_SHAPE if projects_by_shape(self.network) else Projects.TOLD

    @cached_property
    def has_strides(self) -> bool:
        return len(self.network.stages) > 1

    @property
    def _head(self) -> str:
        side = self.network.image_size
        title = _filled(f"{plain_title(self.spec)}, in plain PyTorch.")
        counts = _filled(
            f"{counts_in_words(self.spec, side)} (1 MAC = 1 multiply-add of a convolution or the linear "
            "layer). Names in the state_dict are torchvision's."
        )
        paper = _filled(
            'Source: Xie et al., "Aggregated Residual Transformations for Deep Neural Networks", arXiv 1611.05431.'
        )
        return f'"""{title}\n\n{counts}\n{paper}\n"""\n\nimport torch\nfrom torch import Tensor, nn'

    @property
    def _arguments(self) -> list[str]:
        told = ["project"] if self.projects is Projects.TOLD else []
        return ["c_in", "width", "c_out", *(["stride"] if self.has_strides else []), *told]

    @property
    def _block(self) -> str:
        kinds = {"project": "bool"}
        typed = ", ".join(f"{name}: {kinds.get(name, 'int')}" for name in self._arguments)
        made = [self._unit(number, layer) for number, layer in enumerate(self._convolutions, start=1)]
        lines = [
            f"class {self.block_name}(nn.Module):",
            f'    """{self._block_words}"""',
            "",
            f"    def __init__(self, {typed}) -> None:",
            "        super().__init__()",
            *_indented("\n".join(made), 8),
            *_indented(self._downsample, 8),
            "",
            "    def forward(self, x: Tensor) -> Tensor:",
            *_indented(self._block_forward, 8),
        ]
        return "\n".join(lines)

    @property
    def _block_words(self) -> str:
        after = "added to the shortcut, then ReLU" if self.spec.shortcut else "then ReLU; no shortcut"
        if self.spec.block is BlockKind.BASIC:
            return f"Two 3x3 convolutions; {after}."
        groups = f" in {self.spec.cardinality} groups" if self.spec.cardinality > 1 else ""
        return f"1x1 reduce, 3x3{groups}, 1x1 expand; {after}."

    @property
    def _convolutions(self) -> tuple[str, ...]:
        """The arguments of each convolution of a block."""
        stride = ", stride" if self.has_strides else ""
        groups = f", groups={self.spec.cardinality}" if self.spec.cardinality > 1 else ""
        if self.spec.block is BlockKind.BASIC:
            return f"c_in, width, 3{stride}, padding=1", "width, c_out, 3, padding=1"
        on_1x1, on_3x3 = (stride, "") if self.spec.stride_on is StrideOn.CONV1X1 else ("", stride)
        return f"c_in, width, 1{on_1x1}", f"width, width, 3{on_3x3}, padding=1{groups}", "width, c_out, 1"

    def _unit(self, number: int, arguments: str) -> str:
        """A convolution and its batch norm."""
        c_out = arguments.split(", ")[1]
        return f"self.conv{number} = nn.Conv2d({arguments}{self._bias})\nself.bn{number} = nn.BatchNorm2d({c_out})"

    @property
    def _bias(self) -> str:
        return "" if self.spec.conv_bias else ", bias=False"

    @property
    def _downsample(self) -> str:
        if self.projects is Projects.NEVER:
            return ""
        changes = "stride != 1 or c_in != c_out" if self.has_strides else "c_in != c_out"
        stride = ", stride" if self.has_strides else ""
        return (
            f"self.downsample = None\n"
            f"if {'project' if self.projects is Projects.TOLD else changes}:\n"
            f"    self.downsample = nn.Sequential(\n"
            f"        nn.Conv2d(c_in, c_out, 1{stride}{self._bias}),\n"
            f"        nn.BatchNorm2d(c_out),\n"
            f"    )"
        )

    @property
    def _block_forward(self) -> str:
        last = len(self._convolutions)
        lines = [f"y = torch.relu(self.bn{n}(self.conv{n}({'x' if n == 1 else 'y'})))" for n in range(1, last)]
        lines.append(f"y = self.bn{last}(self.conv{last}(y))")
        if not self.spec.shortcut:
            return "\n".join([*lines, "return torch.relu(y)"])
        if self.projects is Projects.NEVER:
            return "\n".join([*lines, "return torch.relu(y + x)"])
        return "\n".join(
            [
                *lines,
                "shortcut = x if self.downsample is None else self.downsample(x)",
                "return torch.relu(y + shortcut)",
            ]
        )

    @property
    def _stage(self) -> str:
        stride = ", stride: int" if self.has_strides else ""
        told = self.projects is Projects.TOLD
        name = self.block_name
        first = ", ".join(
            ["c_in, width, c_out", *(["stride"] if self.has_strides else []), *(["project=True"] if told else [])]
        )
        rest = ", ".join(
            ["c_out, width, c_out", *(["stride=1"] if self.has_strides else []), *(["project=False"] if told else [])]
        )
        return (
            f"def stage(depth: int, c_in: int, width: int, c_out: int{stride}) -> nn.Sequential:\n"
            f'    """`depth` blocks; the first one makes the change of shape."""\n'
            f"    first = {name}({first})\n"
            f"    rest = [{name}({rest}) for _ in range(depth - 1)]\n"
            f"    return nn.Sequential(first, *rest)"
        )

    @property
    def _model(self) -> str:
        made = [*map(self._stem_made, self.network.stem), *map(self._stage_made, self.network.stages)]
        if self.network.head:
            fc = self.network.head[-1]
            made.append(f"self.fc = nn.Linear({fc.c_in}, {fc.c_out})")
        lines = [
            f"class {self.class_name}(nn.Module):",
            *_indented(f'"""{self._model_words}"""', 4),
            "",
            "    def __init__(self) -> None:",
            "        super().__init__()",
            *_indented("\n".join([*made, _INITIALISE]), 8),
            "",
            "    def forward(self, x: Tensor) -> Tensor:",
            *_indented(self._forward, 8),
        ]
        return "\n".join(lines)

    @property
    def _model_words(self) -> str:
        spec = self.spec
        gives = f"logits (N, {spec.num_classes})" if spec.head else "the last map (N, C, H', W')"
        side = self.network.image_size
        return (
            f"Images (N, {spec.in_channels}, H, W) -> {gives}.\n\n"
            f"Any image size goes; shapes in comments are for {side} x {side} pixels.\n"
        )

    def _stem_made(self, layer: Layer) -> str:
        if layer.name == "maxpool":
            return f"self.maxpool = nn.MaxPool2d({layer.kernel}, stride={layer.stride}, padding={layer.padding})"
        stride = f", stride={layer.stride}" if layer.stride > 1 else ""
        return (
            f"self.conv1 = nn.Conv2d({layer.c_in}, {layer.c_out}, {layer.kernel}{stride}, "
            f"padding={layer.padding}{self._bias})\n"
            f"self.bn1 = nn.BatchNorm2d({layer.c_out})"
        )

    def _stage_made(self, stage: StageWalk) -> str:
        stride = f", stride={max(layer.stride for layer in stage.first.main)}" if self.has_strides else ""
        return (
            f"self.layer{stage.index + 1} = stage(depth={stage.depth}, c_in={stage.first.main[0].c_in}, "
            f"width={stage.width}, c_out={stage.c_out}{stride})"
        )

    @property
    def _forward(self) -> str:
        stem = self.network.stem
        lines = [f"x = torch.relu(self.bn1(self.conv1(x)))  # {_shape(stem[0])}"]
        if self.spec.stem is not Stem.CIFAR:
            lines.append(f"x = self.maxpool(x)  # {_shape(stem[1])}")
        lines += [
            f"x = self.layer{stage.index + 1}(x)  # {_shape(stage.first.main[-1])}" for stage in self.network.stages
        ]
        if not self.network.head:
            return "\n".join([*lines, "return x"])
        fc = self.network.head[-1]
        return "\n".join([*lines, f"x = x.mean((2, 3))  # (N, {fc.c_in})", f"return self.fc(x)  # (N, {fc.c_out})"])

    @property
    def _main(self) -> str:
        params = complexity(self.spec, self.network.image_size).params
        return (
            f'if __name__ == "__main__":\n'
            f'    with torch.device("meta"):  # counting needs no memory\n'
            f"        model = {self.class_name}()\n"
            f'    print(f"{{sum(p.numel() for p in model.parameters()):,}} params")  # {params:,} params'
        )


def _shape(layer: Layer) -> str:
    return f"(N, {layer.c_out}, {layer.size_out.height}, {layer.size_out.width})"


def _filled(words: str) -> str:
    return textwrap.fill(words, _WIDTH, break_on_hyphens=False)


def _indented(text: str, spaces: int) -> list[str]:
    return textwrap.indent(text, " " * spaces).splitlines() if text else []
