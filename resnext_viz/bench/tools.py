"""The counting tools themselves, asked about a network: what `conventions` says they print is compared with this.

Tools leave traces (thop adds buffers, ptflops leaves eval mode), so each gets a module of its own, in eval mode. On the
CPU: on the meta device a linear layer calls functions that some tools replace, and they count it twice.
"""

from __future__ import annotations

import importlib
import importlib.util
import io
import logging
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from functools import partial
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from resnext_viz.conventions.installable import INSTALLABLE, Installable
from resnext_viz.nn.module_counts import build_on_meta
from resnext_viz.nn.module_style import in_modules
from resnext_viz.spec import BlockKind, ImageSize, ResNeXtSpec, map_size


class ToolReading(NamedTuple):
    """What a tool says of a module; None for what it does not say."""

    total: int
    params: int | None = None
    acts: int | None = None
    macs: int | None = None  # where it prints them beside its total
    sizes: tuple[tuple[str, int], ...] = ()  # keys of `conventions.SUMMARY_SIZES` -> bytes, where it prints them


class CountingTool(NamedTuple):
    """A tool that can be installed.

    Attributes:
        name: as people know it.
        rule: key of the rule in `conventions.TOOLS` that it follows.
        package: its distribution, which tells the version.
        read: what it says of a network on an image of a size; None for a network that it does not have.
    """

    name: str
    rule: str
    package: str
    read: Callable[[ResNeXtSpec, ImageSize], ToolReading | None]

    @property
    def version(self) -> str | None:
        """Of the installed package; None if it is not installed."""
        return Installable(self.name, self.rule, self.package).version


@contextmanager
def quiet() -> Iterator[None]:
    """Within it tools print nothing, log nothing and warn of nothing: they tell what they do not count."""
    disabled = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings(), redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(disabled)


def counted_module(spec: ResNeXtSpec, linear: bool = True) -> nn.Module:
    """A fresh module of `spec` for a tool to count; its values do not matter and are zero."""
    return in_memory(in_modules(build_on_meta(spec), linear))


@torch.no_grad()
def in_memory(module: nn.Module) -> nn.Module:
    """A module from the meta device on the CPU, in eval mode; zeros, for what lies in memory may be slow to compute."""
    module.to_empty(device="cpu").eval()
    for values in (*module.parameters(), *module.buffers()):
        values.zero_()
    return module


Read = Callable[[nn.Module, Tensor], ToolReading]


def _on_ours(read: Read, linear: bool, spec: ResNeXtSpec, image_size: ImageSize) -> ToolReading:
    return read(counted_module(spec, linear), _image(spec, image_size))


def _image(spec: ResNeXtSpec, image_size: ImageSize) -> Tensor:
    return torch.zeros(1, spec.in_channels, *map_size(image_size))


def read_fvcore(module: nn.Module, image: Tensor) -> ToolReading:
    """What fvcore says."""
    from fvcore.nn import ActivationCountAnalysis, FlopCountAnalysis, parameter_count

    flops, acts = FlopCountAnalysis(module, image).total(), ActivationCountAnalysis(module, image).total()
    return ToolReading(int(flops), parameter_count(module)[""], int(acts))


def read_mmengine(module: nn.Module, image: Tensor) -> ToolReading:
    """What mmengine's own analysis says, a fork of fvcore."""
    from mmengine.analysis import get_model_complexity_info

    found = get_model_complexity_info(module, inputs=(image,), show_table=False, show_arch=False)
    return ToolReading(int(found["flops"]), found["params"], int(found["activations"]))


def read_mmcv(module: nn.Module, image: Tensor) -> ToolReading:
    """What mmcv says, a fork of an early ptflops."""
    from mmcv.cnn import get_model_complexity_info

    flops, params = get_model_complexity_info(
        module, tuple(image.shape[1:]), print_per_layer_stat=False, as_strings=False
    )
    return ToolReading(int(flops), int(params))


def read_ptflops(backend: str, module: nn.Module, image: Tensor) -> ToolReading:
    """What ptflops says, with one of its two ways of counting."""
    from ptflops import get_model_complexity_info

    macs, params = get_model_complexity_info(
        module, tuple(image.shape[1:]), print_per_layer_stat=False, as_strings=False, backend=backend
    )
    return ToolReading(int(macs), int(params))


def read_thop(module: nn.Module, image: Tensor) -> ToolReading:
    """What thop says."""
    from thop import profile

    macs, params = profile(module, inputs=(image,), verbose=False)
    return ToolReading(int(macs), int(params))


def read_torchinfo(module: nn.Module, image: Tensor) -> ToolReading:
    """What torchinfo says."""
    from torchinfo import summary

    found = summary(module, input_data=image, verbose=0, device="cpu")
    # Its own total has the image's Python object besides, a few bytes.
    total = image.nbytes + found.total_output_bytes + found.total_param_bytes
    sizes = (("torchinfo-pass", found.total_output_bytes), ("torchinfo-total", total))
    return ToolReading(found.total_mult_adds, found.total_params, sizes=sizes)


def read_calflops(module: nn.Module, image: Tensor) -> ToolReading:
    """What calflops says."""
    with _transformers_stand_in():
        from calflops import calculate_flops
    flops, macs, params = calculate_flops(
        module, tuple(image.shape), print_results=False, print_detailed=False, output_as_string=False
    )
    return ToolReading(int(flops), int(params), macs=int(macs))


@contextmanager
def _transformers_stand_in() -> Iterator[None]:
    """For calflops, which imports `transformers` for language models only and does not ask pip for it."""
    if "calflops" in sys.modules or importlib.util.find_spec("transformers"):
        yield
        return
    stand_in = ModuleType("transformers")
    stand_in.__dict__.update(AutoTokenizer=None, __spec__=ModuleSpec("transformers", None))
    sys.modules["transformers"] = stand_in
    try:
        yield
    finally:
        del sys.modules["transformers"]


def read_deepspeed(module: nn.Module, image: Tensor) -> ToolReading:
    """What DeepSpeed's profiler says; calflops is its twin, and easier to install."""
    profiler = importlib.import_module("deepspeed.profiling.flops_profiler")
    flops, macs, params = profiler.get_model_profile(
        module, tuple(image.shape), print_profile=False, detailed=False, as_string=False
    )
    return ToolReading(int(flops), int(params), macs=int(macs))


def read_torch(module: nn.Module, image: Tensor) -> ToolReading:
    """What torch's own counter says."""
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        module(image)
    return ToolReading(int(counter.get_total_flops()))


def _read_timm(spec: ResNeXtSpec, image_size: ImageSize) -> ToolReading | None:
    """The network as timm builds it, counted as its results tables are: by fvcore."""
    if not is_plain(spec):
        return None
    from timm.models.resnet import BasicBlock, Bottleneck, ResNet

    block: Any = BasicBlock if spec.block is BlockKind.BASIC else Bottleneck
    with torch.device("meta"):
        module = ResNet(block, spec.depths, spec.num_classes, spec.in_channels,
                        cardinality=spec.cardinality, base_width=spec.base_width)  # fmt: skip
    return read_fvcore(in_memory(module), _image(spec, image_size))


def is_plain(spec: ResNeXtSpec) -> bool:
    """Whether torchvision's and timm's constructors have the network: four stages and no option of its own."""
    plain = ResNeXtSpec(
        spec.depths, spec.cardinality, spec.base_width, spec.block, 1 if spec.block is BlockKind.BASIC else 4,
        num_classes=spec.num_classes, in_channels=spec.in_channels,
    )  # fmt: skip
    return spec == plain and len(spec.depths) == 4 and (spec.block is BlockKind.BOTTLENECK or spec.base_width == 64)


_READERS: Mapping[str, Callable[[ResNeXtSpec, ImageSize], ToolReading | None]] = {
    "ptflops (aten)": partial(_on_ours, partial(read_ptflops, "aten"), True),
    "torchinfo": partial(_on_ours, read_torchinfo, True),
    "fvcore": partial(_on_ours, read_fvcore, True),
    "timm's own model, by fvcore": _read_timm,
    "mmengine": partial(_on_ours, read_mmengine, True),
    "mmengine, no linear layer": partial(_on_ours, read_mmengine, False),
    "mmcv": partial(_on_ours, read_mmcv, True),
    "mmcv, no linear layer": partial(_on_ours, read_mmcv, False),
    "ptflops (pytorch)": partial(_on_ours, partial(read_ptflops, "pytorch"), True),
    "thop": partial(_on_ours, read_thop, True),
    "torch FlopCounterMode": partial(_on_ours, read_torch, True),
    "calflops": partial(_on_ours, read_calflops, True),
    "DeepSpeed": partial(_on_ours, read_deepspeed, True),
}
COUNTING_TOOLS: tuple[CountingTool, ...] = tuple(CountingTool(*tool, _READERS[tool.name]) for tool in INSTALLABLE)
