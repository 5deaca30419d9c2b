"""A network as code to paste, for four libraries; text only, nothing here is run.

`source_code(spec, target)` is instant for every spec. What it gives is run in the tests, and by `nn.code_check` for
whoever asks: names, shapes and counts equal ours, and so do the outputs with the same weights.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from resnext_viz.source_code.factories import timm_code, torchvision_code
from resnext_viz.source_code.own import own_code
from resnext_viz.source_code.source import NoCodeError, Source, Target
from resnext_viz.source_code.torch_file import torch_file
from resnext_viz.spec import ImageSize, ResNeXtSpec

__all__ = ["NoCodeError", "Source", "Target", "source_code"]

_WRITERS: Mapping[Target, Callable[[ResNeXtSpec, ImageSize | None], Source]] = {
    Target.TORCHVISION: torchvision_code,
    Target.TIMM: timm_code,
    Target.TORCH: torch_file,
    Target.RESNEXT_VIZ: own_code,
}


def source_code(spec: ResNeXtSpec, target: Target | str = Target.TORCH, image_size: ImageSize | None = None) -> Source:
    """The network of `spec` as code for `target`.

    Args:
        spec: the network.
        target: "torchvision", "timm", "torch" (one file that imports torch alone) or "resnext_viz".
        image_size: side of the image that comments speak of; 224, or 32 for CIFAR stems, if None.

    Raises:
        NoCodeError: the library cannot build this network; says why, and the nearest way.
        ValueError: no such target.
    """
    return _WRITERS[Target(target)](spec, image_size)
