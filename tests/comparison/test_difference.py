"""Differences that sum to the whole: the paper's footnote 5, torchvision's networks, and algebra."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resnext_viz import ResNeXtSpec, complexity, parse
from resnext_viz.comparison import Comparison, TermKind, compare
from resnext_viz.complexity import NOTHING, Cost
from resnext_viz.spec import BlockKind, StrideOn
from tests.support.specs import image_sizes, specs

X50, R50 = parse("resnext50_32x4d"), parse("resnet50")
# Params and MACs of ResNeXt-50 less ResNet-50, block by block, taken from the built modules by torch's own counters.
FIRST_BLOCKS = {
    "conv2.0": (-11_520, -36_929_536),
    "conv3.0": (-30_208, 52_985_856),
    "conv4.0": (-121_856, 52_985_856),
    "conv5.0": (-489_472, 52_985_856),
}


def summed(costs: list[Cost]) -> Cost:
    total = NOTHING
    for cost in costs:
        total = total.plus(cost)
    return total


def test_footnote_5_block_by_block() -> None:
    pair = compare(X50, R50)
    assert pair.total.difference[:2] == (-528_128, 141_295_616)
    places = {place.paper_name: pair.difference[:2] for place, pair in pair.by_place.items()}
    assert {name: places[name] for name in FIRST_BLOCKS} == FIRST_BLOCKS
    assert pair.elsewhere.difference[:2] == (124_928, 19_267_584)
    assert places["conv1"] == places["fc"] == (0, 0)
    # "mainly caused by the blocks where the map sizes change": these three alone are more than the whole.
    changing = [FIRST_BLOCKS[name] for name in ("conv3.0", "conv4.0", "conv5.0")]
    expected = (sum(params for params, _ in changing), sum(macs for _, macs in changing))
    assert pair.where_maps_change.difference[:2] == expected
    assert expected[0] < -528_128
    assert expected[1] > 141_295_616


def test_a_kind_against_torchvisions_modules() -> None:
    """The params of every kind from torchvision's parameters, told apart by their names."""
    import torch
    import torchvision

    kinds = {"conv1": TermKind.REDUCE, "conv2": TermKind.TRANSFORM, "conv3": TermKind.EXPAND, "0": TermKind.SHORTCUT}
    sums: dict[TermKind, int] = dict.fromkeys(TermKind, 0)
    with torch.device("meta"):
        networks = ((1, torchvision.models.resnext50_32x4d()), (-1, torchvision.models.resnet50()))
    for sign, network in networks:
        for name, parameter in network.named_parameters():
            parts = name.split(".")
            if name == "conv1.weight":
                kind = TermKind.STEM
            elif parts[0] == "fc":
                kind = TermKind.FC
            elif parts[-2].startswith("bn") or parts[-2] == "1":
                kind = TermKind.NORM
            else:
                kind = kinds[parts[-2]]
            sums[kind] += sign * parameter.numel()
    assert {kind: pair.difference.params for kind, pair in compare(X50, R50).by_kind.items()} == sums


@given(specs(), specs(), image_sizes(), image_sizes())
def test_every_way_to_sum_gives_the_difference_of_the_totals(
    ours: ResNeXtSpec, theirs: ResNeXtSpec, size: int, their_size: int
) -> None:
    pair = compare(ours, theirs, size, their_size)
    expected = complexity(ours, size).total.minus(complexity(theirs, their_size).total)
    for parts in (pair.terms, pair.by_place, pair.by_kind):
        assert summed([each.difference for each in parts.values()]) == expected
        assert summed([each.ours for each in parts.values()]) == complexity(ours, size).total
    assert pair.first_blocks.plus(pair.elsewhere).difference == expected


@given(specs(), specs(), image_sizes())
def test_the_other_way_round_every_sign_turns(ours: ResNeXtSpec, theirs: ResNeXtSpec, size: int) -> None:
    there, back = compare(ours, theirs, size), compare(theirs, ours, size)
    assert list(there.terms) == list(back.terms)
    for key, pair in there.terms.items():
        assert pair.difference == back.terms[key].difference.times(-1)
    assert [(each.ours, each.theirs) for each in there.strides] == [(each.theirs, each.ours) for each in back.strides]


@given(specs(), image_sizes())
def test_a_network_does_not_differ_from_itself(spec: ResNeXtSpec, size: int) -> None:
    assert {pair.difference for pair in compare(spec, spec, size).terms.values()} == {NOTHING}


@given(specs(), st.integers(1, 4))
def test_one_more_block_is_one_more_of_the_other_blocks(spec: ResNeXtSpec, stage: int) -> None:
    stage = min(stage, len(spec.depths))
    deeper = spec.with_options(
        depths=tuple(depth + (number == stage) for number, depth in enumerate(spec.depths, start=1))
    )
    changed = {place for place, pair in compare(deeper, spec).by_place.items() if pair.difference != NOTHING}
    assert {(place.stage, place.others) for place in changed} == {(stage, True)}


# He et al. 2015 put the stride on the 1x1 ("v1"), this paper and torchvision on the 3x3: counted with torch.
def test_with_the_stride_on_the_1x1_the_order_turns_round() -> None:
    on_3x3, on_1x1 = compare(X50, R50).strides
    assert (on_3x3.stride_on, on_3x3.ours, on_3x3.theirs) == (StrideOn.CONV3X3, 4_230_479_872, 4_089_184_256)
    assert (on_1x1.stride_on, round(on_1x1.ours / 1e3), round(on_1x1.theirs / 1e3)) == (
        StrideOn.CONV1X1,
        3_768_058,
        3_857_973,
    )
    assert on_3x3.ours > on_3x3.theirs
    assert on_1x1.ours < on_1x1.theirs


def test_a_two_layer_block_has_no_stride_to_place() -> None:
    basic = parse("resnet34")
    assert basic.block is BlockKind.BASIC
    assert compare(basic, parse("resnet18")).strides == ()
    assert {each.theirs for each in compare(X50, basic).strides} == {complexity(basic).macs}


@pytest.mark.parametrize(("size", "their_size"), [(None, None), (160, None), (160, 192)])
def test_image_sizes(size: int | None, their_size: int | None) -> None:
    pair: Comparison = compare(X50, parse("resnext29_8x64d_cifar10"), size, their_size)
    assert (pair.ours.walk.image_size, pair.theirs.walk.image_size) == (size or 224, their_size or size or 32)
