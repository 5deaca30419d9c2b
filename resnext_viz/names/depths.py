"""What a number of layers stands for: blocks in each stage and the kind of block, and back.

Source: He et al. 2015, Table 1, and 2016 (200 layers); 26 as in timm; 9n+2 for CIFAR: arXiv 1611.05431, section 5.3.
"""

from __future__ import annotations

from resnext_viz.spec import BlockKind

Shape = tuple[tuple[int, ...], BlockKind]

IMAGENET_SHAPES: dict[int, Shape] = {
    18: ((2, 2, 2, 2), BlockKind.BASIC),
    26: ((2, 2, 2, 2), BlockKind.BOTTLENECK),
    34: ((3, 4, 6, 3), BlockKind.BASIC),
    50: ((3, 4, 6, 3), BlockKind.BOTTLENECK),
    101: ((3, 4, 23, 3), BlockKind.BOTTLENECK),
    152: ((3, 8, 36, 3), BlockKind.BOTTLENECK),
    200: ((3, 24, 36, 3), BlockKind.BOTTLENECK),
}
CIFAR_STAGES = 3
DEFAULT_EXPANSION = {BlockKind.BOTTLENECK: 4, BlockKind.BASIC: 1}
KNOWN_LAYERS = f"use {', '.join(map(str, IMAGENET_SHAPES))}, or 9n+2 for CIFAR networks (11, 20, 29, ...)"


def cifar_shape(layers: int) -> Shape | None:
    """Three stages of n bottlenecks if there are 9n+2 layers."""
    each, rest = divmod(layers - 2, 3 * CIFAR_STAGES)
    return None if rest or each < 1 else ((each,) * CIFAR_STAGES, BlockKind.BOTTLENECK)


def usual_shape(layers: int, cifar: bool) -> Shape | None:
    """What that number of layers alone stands for, with a stem for CIFAR or for ImageNet."""
    return cifar_shape(layers) if cifar else IMAGENET_SHAPES.get(layers)
