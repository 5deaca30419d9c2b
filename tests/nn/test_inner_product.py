"""Fig. 2 with numbers: products add up to what the convolution computes, in whatever parts."""

import numpy as np
import pytest

from resnext_viz.errors import UserError
from resnext_viz.layers import Block
from resnext_viz.nn.equivalence import block_of
from resnext_viz.nn.form_run import random_block
from resnext_viz.nn.inner_product import SHOWN, neuron, split_sum
from resnext_viz.spec import BlockKind, ResNeXtSpec, StrideOn


def block(stage: int = 1, **options: object) -> Block:
    spec = ResNeXtSpec((2, 1), cardinality=4, base_width=3).with_options(**options)
    return block_of(spec, stage, 1, image_size=64)


@pytest.mark.parametrize(("stage", "options"), [
    (1, {}), (2, {}), (2, {"stride_on": StrideOn.CONV1X1, "conv_bias": True}),
], ids=["64 channels", "256 channels", "stride and bias"])
@pytest.mark.parametrize(("channel", "place"), [(1, 1), (7, 12)])
def test_a_neuron_is_the_sum_of_its_products(stage: int, options: dict[str, object], channel: int, place: int) -> None:
    product = neuron(block(stage, **options), channel, place)
    (part,) = product.parts
    assert len(part.terms) == SHOWN
    assert part.hidden == (64, 256)[stage - 1] - SHOWN
    assert product.total == pytest.approx(product.computed, rel=1e-12)
    assert abs(product.computed) > 1e-3
    assert divmod(place - 1, product.side) == (product.row - 1, product.column - 1)
    assert bool(product.bias) is ("conv_bias" in options)


def test_the_weights_are_those_of_the_block() -> None:
    rows = random_block(block(), seed=0).state_dict()["conv1.weight"].numpy()[:, :, 0, 0]
    terms = neuron(block(), channel=5).parts[0].terms
    np.testing.assert_array_equal([term.weight for term in terms], rows[4, :SHOWN])
    assert [term.channel for term in terms] == list(range(1, SHOWN + 1))


def test_the_sum_over_all_paths_is_the_sum_of_every_path_alone() -> None:
    """[A₁, A₂][B₁; B₂] = A₁B₁ + A₂B₂ for every path, and the A₁B₁ of all paths add up to the output."""
    products = [split_sum(block(), path, channel=9, place=3) for path in (1, 2, 3, 4)]
    for path, product in enumerate(products, start=1):
        own, others = product.parts
        assert product.total == pytest.approx(product.computed, rel=1e-12)
        assert [term.channel for term in own.terms] == [3 * path - 2, 3 * path - 1, 3 * path]
        assert (own.hidden, others.terms, others.hidden) == (0, (), 9)
        assert all(term.value >= 0 for term in own.terms)  # behind a ReLU
    assert len({product.computed for product in products}) == 1
    assert sum(product.parts[0].total for product in products) == pytest.approx(products[0].computed, rel=1e-12)


def test_without_a_place_it_is_where_the_path_adds_most() -> None:
    chosen = abs(split_sum(block(), 2, channel=4).parts[0].total)
    side = split_sum(block(), 2, channel=4).side
    everywhere = [abs(split_sum(block(), 2, 4, place).parts[0].total) for place in range(1, side**2 + 1)]
    assert chosen == max(everywhere) > min(everywhere)


def test_one_path_is_the_whole_sum() -> None:
    own, others = split_sum(block(cardinality=1, base_width=20), 1).parts
    assert (len(own.terms), own.hidden) == (SHOWN, 12)
    assert (others.hidden, others.total) == (0, 0)


@pytest.mark.parametrize(("at", "words"), [
    ((0, 1), "channel is 0; use a whole number from 1 to 12"),
    ((13, 1), "channel is 13; use a whole number from 1 to 12"),
    ((1, 50), "place is 50; use a whole number from 1 to 49"),
])
def test_what_is_not_there_is_refused_in_words(at: tuple[int, int], words: str) -> None:
    with pytest.raises(UserError, match=words):
        neuron(block(), *at)
    with pytest.raises(UserError, match="path is 5; use a whole number from 1 to 4"):
        split_sum(block(), 5)
    with pytest.raises(UserError, match="only a bottleneck has three forms"):
        neuron(block(block=BlockKind.BASIC, cardinality=1, expansion=1))
