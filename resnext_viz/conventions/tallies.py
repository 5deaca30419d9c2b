"""How much of everything a tool might count there is in a network: multiply-adds, elements, params, by where they are.

A rule of counting is a weight for each of these tallies. One image.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

from resnext_viz.layers import Layer, Op, Part, Walk


class Tallies(NamedTuple):
    """How much of everything a tool might count there is in a network, on one image."""

    conv_macs: int  # multiply-adds
    projection_macs: int  # of them, in projection shortcuts
    grouped_macs: int  # of them, in convolutions of more than one group
    linear_macs: int
    linear_map_macs: int  # of a linear layer that runs on every place of the last map, before the pool
    linear_bias: int  # elements that a bias is added to
    conv_bias: int
    conv_bias_params: int  # learned elements
    norm_params: int
    norm_elements: int  # elements out of batch norm
    relu_elements: int
    max_pool_in: int  # elements into it
    max_pool_out: int
    avg_pool_in: int
    avg_pool_out: int
    added_elements: int  # elements out of the additions of the shortcuts
    additions: int  # how many such additions
    image_elements: int
    conv_elements: int  # elements out of convolutions
    block_elements: int  # elements out of residual blocks
    conv_weights: int  # learned elements
    grouped_weights: int  # of them, in convolutions of more than one group
    linear_weights: int
    norms: int  # how many batch norms

    @property
    def macs(self) -> int:
        return self.conv_macs + self.linear_macs

    @property
    def params(self) -> int:
        """All learned elements; the linear layer has one bias for each element that it puts out."""
        return self.conv_weights + self.linear_weights + self.linear_bias + self.conv_bias_params + self.norm_params

    @property
    def acts(self) -> int:
        return self.conv_elements + self.linear_bias


class _Convs(NamedTuple):
    """One distinct convolution, all of its repetitions together."""

    layer: Layer
    times: int
    weights: int
    macs: int
    elements: int  # out of it
    channels: int


def tallies(network: Walk) -> Tallies:
    """The tallies of a walk."""
    convs = tuple(_convolutions(network))
    linear = [layer for layer in network.head if layer.op is Op.LINEAR]
    max_pools = [layer for layer in network.stem if layer.op is Op.MAX_POOL]
    avg_pools = [layer for layer in network.head if layer.op is Op.AVG_POOL]
    projections = [conv for conv in convs if conv.layer.part is Part.SHORTCUT]
    grouped = [conv for conv in convs if conv.layer.groups > 1]
    biased = [conv for conv in convs if conv.layer.bias]
    normed = [conv for conv in convs if conv.layer.norm]
    blocks = tuple(_blocks(network))
    added = [(last, times) for last, times, has_shortcut in blocks if has_shortcut]
    added_elements = _all_out(added)
    return Tallies(
        conv_macs=sum(conv.macs for conv in convs),
        projection_macs=sum(conv.macs for conv in projections),
        grouped_macs=sum(conv.macs for conv in grouped),
        linear_macs=sum(layer.macs for layer in linear),
        linear_map_macs=sum(layer.macs * avg_pools[-1].size_in.places for layer in linear),
        linear_bias=sum(layer.acts for layer in linear if layer.bias),
        conv_bias=sum(conv.elements for conv in biased),
        conv_bias_params=sum(conv.channels for conv in biased),
        norm_params=2 * sum(conv.channels for conv in normed),
        norm_elements=sum(conv.elements for conv in normed),
        relu_elements=added_elements + sum(conv.elements for conv in convs if conv.layer.relu),
        max_pool_in=sum(map(_elements_in, max_pools)),
        max_pool_out=sum(map(_elements_out, max_pools)),
        avg_pool_in=sum(map(_elements_in, avg_pools)),
        avg_pool_out=sum(map(_elements_out, avg_pools)),
        added_elements=added_elements,
        additions=sum(times for _, times in added),
        image_elements=_elements_in(network.stem[0]),
        conv_elements=sum(conv.elements for conv in convs),
        block_elements=_all_out((last, times) for last, times, _ in blocks),
        conv_weights=sum(conv.weights for conv in convs),
        grouped_weights=sum(conv.weights for conv in grouped),
        linear_weights=sum(layer.weights for layer in linear),
        norms=sum(conv.times for conv in normed),
    )


def _convolutions(network: Walk) -> Iterator[_Convs]:
    for layer, times in _layers(network):
        if layer.op is Op.CONV:
            weights, places = layer.weights * times, layer.size_out.places
            channels = layer.c_out * times
            yield _Convs(layer, times, weights, weights * places, channels * places, channels)


def _layers(network: Walk) -> Iterator[tuple[Layer, int]]:
    """Each distinct layer of stem and blocks, with how often it is there."""
    for layer in network.stem:
        yield layer, 1
    for stage in network.stages:
        for layer in stage.first.layers:
            yield layer, 1
        for layer in stage.rest.layers if stage.rest else ():
            yield layer, stage.depth - 1


def _blocks(network: Walk) -> Iterator[tuple[Layer, int, bool]]:
    """The last layer of each distinct block, how often the block is there, and whether it has a shortcut."""
    for stage in network.stages:
        for block, times in ((stage.first, 1), (stage.rest, stage.depth - 1)):
            if block:
                yield block.main[-1], times, block.identity or block.projection is not None


def _elements_in(layer: Layer) -> int:
    return layer.c_in * layer.size_in.places


def _elements_out(layer: Layer) -> int:
    return layer.c_out * layer.size_out.places


def _all_out(layers: Iterable[tuple[Layer, int]]) -> int:
    return sum(_elements_out(layer) * times for layer, times in layers)


# What the tallies are called beside a number, in the order in which terms are told.
WORDS: Mapping[str, str] = MappingProxyType({
    "conv_macs": "convolutions",
    "projection_macs": "projection shortcuts",
    "grouped_macs": "grouped convolutions",
    "linear_macs": "linear layer",
    "linear_map_macs": "linear layer on every place of the last map",
    "linear_bias": "bias of the linear layer",
    "conv_bias": "bias of convolutions",
    "conv_bias_params": "bias of convolutions, params",
    "norm_params": "batch norm, params",
    "norm_elements": "batch norm",
    "relu_elements": "ReLU",
    "max_pool_in": "max pool",
    "avg_pool_in": "average pool",
    "avg_pool_out": "average pool, out",
    "image_elements": "image",
    "conv_elements": "out of convolutions",
    "max_pool_out": "max pool, out",
    "block_elements": "out of blocks",
    "conv_weights": "weights of convolutions",
    "linear_weights": "weights of the linear layer",
})  # fmt: skip
