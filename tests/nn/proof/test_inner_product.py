"""Fig. 2 with numbers: products add up to what the convolution computes."""

import numpy as np
import pytest

from resnext_viz.errors import UserError
from resnext_viz.layers import Block
from resnext_viz.nn.proof.equivalence import block_of
from resnext_viz.nn.proof.form_run import random_block
from resnext_viz.nn.proof.inner_product import SHOWN, neuron
from resnext_viz.spec import BlockKind, ResNeXtSpec, StrideOn


def block(stage: int = 1, **options: object) -> Block:
    spec = ResNeXtSpec((2, 1), cardinality=4, base_width=3).with_options(**options)
    return block_of(spec, stage, 1, image_size=64)


@pytest.mark.parametrize(
    ("stage", "options"),
    [
        (1, {}),
        (2, {}),
        (2, {"stride_on": StrideOn.CONV1X1, "conv_bias": True}),
    ],
    ids=["64 channels", "256 channels", "stride and bias"],
)
@pytest.mark.parametrize(("channel", "place"), [(1, 1), (7, 12)])
def test_a_neuron_is_the_sum_of_its_products(stage: int, options: dict[str, object], channel: int, place: int) -> None:
    product = neuron(block(stage, **options), channel, place)
    assert len(product.terms) == SHOWN
    assert product.hidden == (64, 256)[stage - 1] - SHOWN
    assert product.total == pytest.approx(product.computed, rel=1e-12)
    assert abs(product.computed) > 1e-3
    assert divmod(place - 1, product.side) == (product.row - 1, product.column - 1)
    assert bool(product.bias) is ("conv_bias" in options)


def test_the_weights_are_those_of_the_block() -> None:
    rows = random_block(block(), seed=0).state_dict()["conv1.weight"].numpy()[:, :, 0, 0]
    terms = neuron(block(), channel=5).terms
    np.testing.assert_array_equal([term.weight for term in terms], rows[4, :SHOWN])
    assert [term.channel for term in terms] == list(range(1, SHOWN + 1))


@pytest.mark.parametrize(
    ("at", "words"),
    [
        ((0, 1), "channel is 0; use a whole number from 1 to 12"),
        ((13, 1), "channel is 13; use a whole number from 1 to 12"),
        ((1, 50), "place is 50; use a whole number from 1 to 49"),
    ],
)
def test_what_is_not_there_is_refused_in_words(at: tuple[int, int], words: str) -> None:
    with pytest.raises(UserError, match=words):
        neuron(block(), *at)
    with pytest.raises(UserError, match="only a bottleneck has three forms"):
        neuron(block(block=BlockKind.BASIC, cardinality=1, expansion=1))
