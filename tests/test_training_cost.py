"""The work of a training step against torch's own counter: where it is right, and to the unit where it is wrong."""

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from resnext_viz import ResNeXtSpec, complexity, parse
from resnext_viz.errors import SpecError
from resnext_viz.layers import Block, Part, walk
from resnext_viz.nn import Form, build_form, build_on_meta
from resnext_viz.spec import OutputRule, StrideOn
from resnext_viz.training_cost import (
    Precision,
    StepMacs,
    epoch_images,
    training_cost,
)
from tests.support.one_thread import one_thread
from tests.support.specs import specs

__all__ = ["one_thread"]


def counted(module: nn.Module, x: torch.Tensor) -> int:
    """What `FlopCounterMode` prints for forward and backward; on meta nothing is computed."""
    with FlopCounterMode(display=False) as counter:
        module.train()(x).sum().backward()
    return int(counter.get_total_flops())


def counted_network(spec: ResNeXtSpec, size: int, batch: int) -> int:
    return counted(build_on_meta(spec), torch.empty(batch, spec.in_channels, size, size, device="meta"))


# GFLOPs of the counter, the right ones, and the counter's whole step over its forward pass, measured with torch 2.15.
@pytest.mark.parametrize(
    ("name", "printed", "right", "ratio"),
    [
        ("resnet50", 24.30, 24.30, 2.971),
        ("resnext50_32x4d", 39.48, 25.15, 4.666),
        ("resnext101_32x8d", 216.5, 98.2, 6.595),
    ],
)
def test_whole_networks_as_measured(name: str, printed: float, right: float, ratio: float) -> None:
    cost = training_cost(parse(name), batch_size=1)
    digits = 2 if printed < 100 else 1
    assert (round(cost.flop_counter / 1e9, digits), round(2 * cost.work.total / 1e9, digits)) == (printed, right)
    assert round(cost.flop_counter / (2 * cost.work.forward), 3) == ratio


@pytest.mark.parametrize(("name", "batch"), [("resnet50", 2), ("resnext50_32x4d", 3), ("resnet18", 1)])
def test_the_counters_number_is_known_to_the_unit_with_its_mistake(name: str, batch: int) -> None:
    spec = parse(name)
    assert training_cost(spec, 64, batch).flop_counter == counted_network(spec, 64, batch)


@given(specs(), st.integers(1, 40), st.integers(2, 3))
@settings(max_examples=15)
def test_the_counters_number_of_any_network(spec: ResNeXtSpec, size: int, batch: int) -> None:
    assume(sum(spec.depths) < 9)
    assert training_cost(spec, size, batch).flop_counter == counted_network(spec, size, batch)


@st.composite
def grouped_blocks(draw: st.DrawFn) -> Block:
    spec = ResNeXtSpec(
        (1, 2),
        cardinality=draw(st.integers(2, 9)),
        base_width=draw(st.integers(1, 6)),
        expansion=draw(st.sampled_from([1, 4])),
        stride_on=draw(st.sampled_from(StrideOn)),
        shortcut=draw(st.booleans()),
        conv_bias=draw(st.booleans()),
    )
    return draw(st.sampled_from([block for stage in walk(spec, 32).stages for block in stage.blocks]))


@given(grouped_blocks(), st.integers(1, 3), st.sampled_from([Form.A, Form.B]))
@settings(max_examples=25)
def test_ungrouped_forms_of_a_block_show_what_its_backward_costs(block: Block, batch: int, form: Form) -> None:
    """The counter is right where nothing is grouped, and forms A and B do the very same work without groups."""
    x = torch.empty(batch, block.main[0].c_in, *block.main[0].size_in, device="meta")
    with torch.device("meta"):
        ungrouped, grouped = build_form(block, form), build_form(block, Form.C)
    forward = batch * sum(layer.macs for layer in block.layers)
    right = counted(ungrouped, x.requires_grad_())
    assert right == 2 * 3 * forward
    transform = block.main[1]
    assert counted(grouped, x) - right == 2 * batch * (transform.groups - 1) * transform.macs


def test_only_the_first_convolution_has_no_gradient_of_its_input() -> None:
    cost = training_cost(parse("resnext50_32x4d"), batch_size=1)
    macs = complexity(parse("resnext50_32x4d")).macs
    stem = 64 * 3 * 7 * 7 * 112 * 112
    assert cost.work == StepMacs(macs, macs - stem, macs)
    assert [layer.layer.name for layer in cost.layers if layer.work.grad_input == 0] == ["conv1"]
    assert all(layer.work.backward == 2 * layer.work.forward for layer in cost.layers[1:])


@given(specs(), st.integers(1, 64), st.integers(1, 9))
def test_parts_and_batches_add_up(spec: ResNeXtSpec, size: int, batch: int) -> None:
    one, cost = training_cost(spec, size, 1), training_cost(spec, size, batch)
    assert cost.work == one.work.times(batch)
    assert sum(work.total for work in cost.by_part.values()) == cost.work.total
    assert cost.work.forward == batch * complexity(spec, size).macs
    assert cost.epoch_work(7 * batch) == 7 * cost.work.total
    assert cost.flop_counter == 2 * (cost.work.total + cost.miscounted)
    if spec.cardinality == 1:
        assert cost.miscounted == 0


def test_the_mistake_is_in_the_grouped_convolutions_only() -> None:
    cost = training_cost(parse("resnext50_32x4d"), batch_size=4)
    assert {layer.layer.part for layer in cost.layers if layer.miscounted} == {Part.TRANSFORM}
    assert cost.miscounted == 31 * cost.by_part[Part.TRANSFORM].forward


def test_the_training_sets() -> None:
    assert epoch_images(parse("resnext50_32x4d")) == 1_281_167
    assert epoch_images(parse("resnext29_8x64d_cifar10")) == 50_000


@pytest.mark.parametrize("batch", [0, -1, 10**7, 2.5, True, "8"])
def test_an_impossible_batch_is_refused_in_words(batch: object) -> None:
    with pytest.raises(SpecError, match="batch_size is .*whole number from 1 to 1000000"):
        training_cost(parse("resnet50"), batch_size=batch)  # type: ignore[arg-type]


def test_tutorials_networks_are_counted_too() -> None:
    spec = parse("resnet50").with_options(output_rule=OutputRule.WIDTH, depths=(1, 1), cardinality=2, base_width=8)
    assert training_cost(spec, 32, 2).flop_counter == counted_network(spec, 32, 2)
    assert training_cost(spec, 32, precision=Precision.BFLOAT16).work == training_cost(spec, 32).work
