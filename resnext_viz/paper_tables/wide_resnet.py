"""Params of the Wide ResNet that Table 7 compares with, which the walk cannot build.

Its stem has 16 channels, its two-layer blocks 16·k, 32·k and 64·k, and batch norm and ReLU stand before each
convolution. Source: Zagoruyko and Komodakis, Wide Residual Networks, arXiv 1605.07146, Table 1 and section 2.
"""

from __future__ import annotations

_STEM, _STAGES = 16, (16, 32, 64)


def wide_resnet_params(layers: int, widening: int, num_classes: int) -> int:
    """Learned elements of WRN-`layers`-`widening`; `layers` is 6·n + 4 for n blocks in each of the three stages.

    A block: 9·c_in·c + 9·c² + batch norm of c_in and c, and c_in·c for a projection where the width changes.
    """
    blocks = (layers - 4) // 6
    total, c_in = 9 * 3 * _STEM, _STEM
    for width in _STAGES:
        c = width * widening
        first = 9 * c_in * c + 9 * c * c + 2 * (c_in + c) + (c_in * c if c_in != c else 0)
        total += first + (blocks - 1) * (18 * c * c + 4 * c)
        c_in = c
    return total + 2 * c_in + (c_in + 1) * num_classes
