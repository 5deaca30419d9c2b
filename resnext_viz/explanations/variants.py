"""Tallies of many variants of a network: what differs only in its head or in biases is told from one walk."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any, NamedTuple

from resnext_viz.conventions import Tallies, tallies
from resnext_viz.layers import walk
from resnext_viz.spec import ResNeXtSpec

REMEMBERED = 4096  # networks of which the process keeps all tallies: about what one search without a network asks for
_PLAIN: dict[str, Any] = {"head": True, "conv_bias": False, "num_classes": 1000}
_NO_HEAD = dict.fromkeys(
    ("linear_macs", "linear_map_macs", "linear_bias", "linear_weights", "avg_pool_in", "avg_pool_out"), 0
)


class SizedSpec(NamedTuple):
    """A spec on an image."""

    spec: ResNeXtSpec
    image_size: int


@lru_cache(maxsize=REMEMBERED)
def tallies_of(network: SizedSpec) -> Tallies:
    """What `tallies` gives of the network's walk."""
    spec = network.spec
    if all(getattr(spec, name) == value for name, value in _PLAIN.items()):
        return tallies(walk(*network))
    plain = tallies_of(SizedSpec(replace(spec, **_PLAIN), network.image_size))
    return plain._replace(**_biases(plain, spec), **_head(plain, spec))


def _biases(plain: Tallies, spec: ResNeXtSpec) -> dict[str, int]:
    """Every convolution has a batch norm, of two params for each channel."""
    return {"conv_bias": plain.conv_elements, "conv_bias_params": plain.norm_params // 2} if spec.conv_bias else {}


def _head(plain: Tallies, spec: ResNeXtSpec) -> dict[str, int]:
    if not spec.head:
        return _NO_HEAD
    classes, before = spec.num_classes, plain.linear_bias
    changed = ("linear_macs", "linear_map_macs", "linear_bias", "linear_weights")
    return {name: getattr(plain, name) // before * classes for name in changed}
