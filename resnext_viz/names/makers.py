"""Networks of one name that differ by their maker: what Keras, Caffe and "v1" build, and how that is written here.

Source: keras_applications, resnet_common.py: `stack1` has a bias in every convolution and the stride on the first 1×1;
`stack3`, of its ResNeXt, has neither.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any, NamedTuple

from resnext_viz.errors import SpecError
from resnext_viz.names.canonical import name_of
from resnext_viz.names.depths import usual_shape
from resnext_viz.names.told import USUAL_LAYERS
from resnext_viz.spec import BlockKind, ResNeXtSpec, StrideOn


class _OwnForm(NamedTuple):
    """What a maker's ResNet is that ours is not, in words and as options; the alternative, if the word has one."""

    words: str
    options: dict[str, Any]
    alternative: str = ""


_ON_1X1 = {"stride_on": StrideOn.CONV1X1}
_KERAS = _OwnForm("in Keras, convolutions have a bias and the stride is on the 1×1", {**_ON_1X1, "conv_bias": True})
_MAKERS = {
    "keras": _KERAS,
    "tf": _KERAS,
    "v1": _OwnForm("v1 can put the stride on the 1×1", _ON_1X1, ", or {} for what is also called v1.5"),
    "caffe": _OwnForm("Caffe's puts the stride on the 1×1", _ON_1X1),
}
MAKERS = frozenset(_MAKERS)


def makes_the_same(word: str, words: frozenset[str], family: str | None, layers: int | None) -> bool:
    """Whether that maker builds this network as everybody does: Keras its ResNeXt, all those without a 1×1."""
    if word in {"v1", "caffe"}:
        shape = usual_shape(layers or USUAL_LAYERS, False)
        return shape is not None and shape[1] is BlockKind.BASIC
    return word in MAKERS and family == "resnext" and "keras" in words


def how_written_here(word: str, plain: ResNeXtSpec) -> str:
    """How that maker's form of a network is written here."""
    words, options, alternative = _MAKERS[word]
    with suppress(SpecError):
        return f"{words}: write {name_of(plain.with_options(**options))}{alternative.format(name_of(plain))}"
    return words
