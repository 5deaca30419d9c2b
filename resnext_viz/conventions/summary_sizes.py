"""The megabytes that summary tools print for a network, as terms that add up: each a weight for every tally.

They assume four bytes for each number, and that training keeps every output and its gradient.
"""

from __future__ import annotations

from types import MappingProxyType

from resnext_viz.conventions.rules import Tool

_FLOAT32 = 4  # bytes
_KEPT = 2 * _FLOAT32  # an output and its gradient
MB, MIB = 10**6, 2**20
_PARAMS = dict.fromkeys(("conv_weights", "linear_weights", "linear_bias", "conv_bias_params", "norm_params"), _FLOAT32)
# torchinfo keeps what layers with params put out; torchsummary what every module does, blocks too.
_LEARNED_OUT = {"conv_elements": _KEPT, "norm_elements": _KEPT}
_EVERY_OUT = {
    **_LEARNED_OUT,
    **dict.fromkeys(("relu_elements", "max_pool_out", "avg_pool_out", "block_elements"), _KEPT),
}


def _size(key: str, title: str, why: str, weights: dict[str, int], linear: int = 0, source: str = "") -> Tool:
    """A rule that counts each tally so many bytes, and `linear` bytes for each output of the linear layer."""
    summed = {**weights, "linear_bias": weights.get("linear_bias", 0) + linear}
    return Tool(key, title, "MB", 0, MappingProxyType({name: n for name, n in summed.items() if n}), why, source)


_READ = "Read in its source, and recomputed with a hook on every module."
SUMMARY_SIZES: tuple[Tool, ...] = (
    _size("torchinfo-pass", "torchinfo’s forward/backward pass size",
          "8 bytes for each element out of a convolution, batch norm or the linear layer; MB are 10⁶.",
          _LEARNED_OUT, _KEPT),
    _size("torchinfo-total", "torchinfo’s estimated total size",
          "The pass, and 4 bytes for each param and each number of the image; MB are 10⁶.",
          {**_LEARNED_OUT, **_PARAMS, "image_elements": _FLOAT32}, _KEPT),
    _size("torchsummary-pass", "torchsummary’s forward/backward pass size",
          "8 bytes for each element out of any module, blocks too, and a ReLU as often as it runs; MB are 2²⁰.",
          _EVERY_OUT, _KEPT, source=_READ),
    _size("torchsummary-total", "torchsummary’s estimated total size",
          "The pass, and 4 bytes for each param and each number of the image; MB are 2²⁰.",
          {**_EVERY_OUT, **_PARAMS, "image_elements": _FLOAT32}, _KEPT, source=_READ),
    _size("keras", "the size in Keras’ model.summary()",
          "4 bytes for each param, running mean and variance of batch norm included; MB are 2²⁰.",
          {**_PARAMS, "norm_params": 2 * _FLOAT32}, source="It prints it behind its count of params."),
)  # fmt: skip
MEGABYTES = MappingProxyType({tool.key: MB if tool.key.startswith("torchinfo") else MIB for tool in SUMMARY_SIZES})
