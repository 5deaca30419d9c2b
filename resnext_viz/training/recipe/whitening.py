"""A first convolution that starts as a whitening of the pictures' patches, after Jordan, arXiv 2404.00498."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

WHITENED_BY = 2000  # pictures, at most
_PIXELS_AT_ONCE = 100 * 32 * 32  # each is copied once for every place that it takes in a patch
_SOFTENED = 1e-2  # added to each variance, so that noise is not blown up


def whiten_by_some(conv: nn.Conv2d, images: Tensor, normalise: Callable[[Tensor], Tensor]) -> None:
    """As `whiten`, by pictures from all over `images` `(N, c_in, H, W)`, in which classes follow one another."""
    whiten(conv, normalise(images[:: math.ceil(len(images) / WHITENED_BY)]))


def whiten(conv: nn.Conv2d, pictures: Tensor) -> None:
    """Sets filters of `conv` to the whitened principal patches of `pictures` `(N, c_in, H, W)`, and to their negatives.

    As many as there are patches' dimensions, or half the filters; the others stay as they are. All that are set have
    the mean norm that the filters had, so that what follows sees the scale it would have seen.
    """
    high, wide = conv.kernel_size
    products, count = torch.zeros(()), 0
    for some in pictures.split(max(1, _PIXELS_AT_ONCE // (pictures.shape[2] * pictures.shape[3]))):
        patches = some.unfold(2, high, 1).unfold(3, wide, 1).permute(0, 2, 3, 1, 4, 5).flatten(0, 2).flatten(1)
        products, count = products + patches.T @ patches, count + len(patches)
    variances, directions = torch.linalg.eigh(products / count)  # ascending, one column each
    pairs = min(len(variances), conv.out_channels // 2)
    filters = (directions / (variances + _SOFTENED).sqrt()).T.flip(0)[:pairs].reshape(pairs, *conv.weight.shape[1:])
    with torch.no_grad():
        filters *= conv.weight.flatten(1).norm(dim=1).mean() / filters.flatten(1).norm(dim=1).mean()
        conv.weight[: 2 * pairs] = torch.cat([filters, -filters])
