"""The mapping between the three forms: exact, in every direction, and right."""

from itertools import product

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from resnext_viz.block_forms.terms import Form
from resnext_viz.errors import UserError
from resnext_viz.layers import Block, walk
from resnext_viz.nn.network import Residual, ResidualBlock
from resnext_viz.nn.proof.equivalence import block_of, input_shape
from resnext_viz.nn.proof.form_run import random_block
from resnext_viz.nn.proof.forms import build_form, cardinality_of, form_of, to_form
from resnext_viz.spec import BlockKind, ResNeXtSpec, StrideOn

EPSILON = torch.finfo(torch.float64).eps


@st.composite
def blocks(draw: st.DrawFn) -> Block:
    """Small bottlenecks of every kind: with or without projection, shortcut and bias, stride 1 or 2 on either layer."""
    spec = ResNeXtSpec(
        (2, 2),
        cardinality=draw(st.integers(1, 9)),
        base_width=draw(st.integers(1, 6)),
        expansion=draw(st.sampled_from([1, 2])),
        stride_on=draw(st.sampled_from(StrideOn)),
        shortcut=draw(st.booleans()),
        conv_bias=draw(st.booleans()),
    )
    return draw(st.sampled_from([block for stage in walk(spec, 32).stages for block in stage.blocks]))


def bits(module: nn.Module) -> dict[str, tuple[torch.dtype, bytes]]:
    return {name: (value.dtype, value.contiguous().numpy().tobytes()) for name, value in module.state_dict().items()}


def output(module: Residual, x: Tensor) -> Tensor:
    result: Tensor = module(x).detach()
    return result


@given(blocks(), st.lists(st.sampled_from(Form), min_size=1, max_size=4))
@settings(max_examples=60)
def test_any_journey_through_the_forms_gives_every_bit_back(block: Block, journey: list[Form]) -> None:
    start = random_block(block, seed=1)
    module: Residual = start
    for form in journey:
        module = to_form(module, form)
        assert form_of(module) is form
    assert bits(to_form(module, Form.C)) == bits(start)


@given(blocks(), st.booleans(), st.integers(0, 99))
@settings(max_examples=60)
def test_forms_give_the_same_output_and_running_statistics(block: Block, train: bool, seed: int) -> None:
    grouped = random_block(block, seed).train(train)
    x = torch.randn(2, block.main[0].c_in, 7, 7, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
    forms = [to_form(grouped, form) for form in Form]
    expected = output(forms[-1], x)
    for module in forms[:-1]:
        assert (output(module, x) - expected).abs().max() <= 64 * EPSILON * expected.abs().max()
        for name, value in to_form(module, Form.C).state_dict().items():
            torch.testing.assert_close(value, forms[-1].state_dict()[name], rtol=1e-12, atol=1e-12)
    moved = not torch.equal(forms[-1].state_dict()["bn3.running_mean"], grouped.state_dict()["bn3.running_mean"])
    assert moved is train


def test_form_a_is_the_formula_of_figure_3a() -> None:
    """Path by path with torch's functions only, from the grouped weights, in eval mode."""
    block = block_of(ResNeXtSpec((1, 1), cardinality=3, base_width=4, conv_bias=True), 2, 1, 32)
    state = random_block(block, seed=3).state_dict()
    x = torch.randn(2, 256, 9, 9, dtype=torch.float64)

    def norm(y: Tensor, name: str, channels: slice = slice(None)) -> Tensor:
        mean, var, scale, shift = (
            state[f"{name}.{key}"][channels] for key in ("running_mean", "running_var", "weight", "bias")
        )
        return nn.functional.batch_norm(y, mean, var, scale, shift)

    total = state["conv3.bias"][:, None, None]
    for i in range(3):
        own = slice(8 * i, 8 * i + 8)  # d doubles in stage 2
        y = nn.functional.conv2d(x, state["conv1.weight"][own], state["conv1.bias"][own])
        y = nn.functional.conv2d(
            norm(y, "bn1", own).relu(), state["conv2.weight"][own], state["conv2.bias"][own], stride=2, padding=1
        )
        total = total + nn.functional.conv2d(norm(y, "bn2", own).relu(), state["conv3.weight"][:, own])
    shortcut = norm(
        nn.functional.conv2d(x, state["downsample.0.weight"], state["downsample.0.bias"], stride=2), "downsample.1"
    )
    expected = (norm(total, "bn3") + shortcut).relu()
    for form in Form:
        found = output(to_form(random_block(block, seed=3), form).eval(), x)
        torch.testing.assert_close(found, expected, rtol=1e-12, atol=1e-11)


@pytest.mark.parametrize(("form", "convolutions", "norms"), [(Form.A, 96, 65), (Form.B, 65, 65), (Form.C, 3, 3)])
def test_forms_have_the_layers_of_figure_3_and_the_same_weights(form: Form, convolutions: int, norms: int) -> None:
    block = block_of(ResNeXtSpec(cardinality=32, base_width=4), 1, 2)
    with torch.device("meta"):
        module = build_form(block, form)
    assert sum(isinstance(part, nn.Conv2d) for part in module.modules()) == convolutions
    assert sum(isinstance(part, nn.BatchNorm2d) for part in module.modules()) == norms
    weights = [part.weight.numel() for part in module.modules() if isinstance(part, nn.Conv2d)]
    assert sum(weights) == 256 * 128 + 9 * 4 * 128 + 128 * 256  # Eq. 4: C·(256·d + 9·d·d + d·256)


@pytest.mark.parametrize(("form", "dtype", "train"), [*product(Form, [torch.float32, torch.bfloat16], [True, False])])
def test_a_copy_keeps_dtype_and_mode_and_shares_no_storage(form: Form, dtype: torch.dtype, train: bool) -> None:
    block = block_of(ResNeXtSpec((2,), cardinality=2, base_width=4), 1, 2, 32)
    original = random_block(block, seed=0).to(dtype).train(train)
    before = {name: value.clone() for name, value in original.state_dict().items()}
    copy = to_form(original, form)
    assert copy.training is train
    assert {value.dtype for value in copy.parameters()} == {dtype}
    assert all(value.requires_grad for value in copy.parameters())
    with torch.no_grad():
        for value in copy.parameters():
            value.zero_()
    assert all(torch.equal(value, before[name]) for name, value in original.state_dict().items())


def test_a_two_layer_block_has_no_forms() -> None:
    block = walk(ResNeXtSpec((2, 2, 2, 2), block=BlockKind.BASIC, expansion=1)).stages[0].first
    for refused in (
        cardinality_of,
        input_shape,
        lambda basic: build_form(basic, Form.A),
        lambda basic: to_form(ResidualBlock(basic), Form.B),
    ):
        with pytest.raises(UserError, match=r"only a bottleneck has three forms"):
            refused(block)
