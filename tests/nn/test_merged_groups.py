"""Merged paths give what torch's grouped convolution gives: output, input gradient and weight gradient."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn.functional import conv2d

from resnext_viz.nn import build
from resnext_viz.nn.merged_groups import MergedGroups, fastest_merge, merge_narrow_groups, merged_weight
from resnext_viz.spec import ResNeXtSpec, Stem

CPU, BF16 = torch.device("cpu"), torch.bfloat16
SPEC = ResNeXtSpec((1, 1), cardinality=8, base_width=4, stem=Stem.CIFAR, num_classes=10)


def conv(groups: int, width: int, out: int | None = None, stride: int = 1) -> nn.Conv2d:
    c_in, c_out = groups * width, groups * (out or width)
    return nn.Conv2d(c_in, c_out, 3, stride, padding=1, groups=groups, dtype=torch.float64)


def run(module: nn.Conv2d, x: Tensor, towards: Tensor) -> list[Tensor]:
    start = x.clone().requires_grad_()
    module.zero_grad()
    y = module(start)
    y.backward(towards)
    gradients = [tensor.grad for tensor in (start, module.weight, module.bias) if tensor is not None]
    return [y.detach(), *(gradient.clone() for gradient in gradients if gradient is not None)]


@settings(max_examples=40)
@given(
    merged=st.integers(1, 4), others=st.integers(1, 3), width=st.integers(1, 5), out=st.integers(1, 4),
    stride=st.integers(1, 2), side=st.integers(3, 7), seed=st.integers(0, 999), channels_last=st.booleans(),
)  # fmt: skip
def test_output_and_gradients_are_those_of_torchs_grouped_convolution(
    merged: int, others: int, width: int, out: int, stride: int, side: int, seed: int, channels_last: bool
) -> None:
    torch.manual_seed(seed)
    layout = torch.channels_last if channels_last else torch.contiguous_format
    plain = conv(merged * others, width, out, stride)
    x = torch.randn(2, plain.in_channels, side, side, dtype=torch.float64).contiguous(memory_format=layout)
    towards = torch.randn_like(plain(x))
    expected = run(plain, x, towards)
    found = run(MergedGroups(plain, merged).train(), x, towards)
    assert len(found) == 4
    for name, ours, theirs in zip(("output", "input", "weight", "bias"), found, expected, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-12, atol=1e-12, msg=name)


def test_the_merged_weight_is_block_diagonal() -> None:
    """Two paths of 1 -> 2 channels as one of 2 -> 4: by hand."""
    weight = torch.tensor([1.0, 2.0, 3.0, 4.0]).view(4, 1, 1, 1)
    by_hand = torch.tensor([[1.0, 0.0], [2.0, 0.0], [0.0, 3.0], [0.0, 4.0]])
    assert torch.equal(merged_weight(weight, groups=2, merged=2)[:, :, 0, 0], by_hand)
    assert torch.equal(merged_weight(weight, groups=2, merged=1), weight)


def test_only_train_mode_merges(monkeypatch: pytest.MonkeyPatch) -> None:
    groups: list[int] = []

    def counted(*arguments: Any) -> Tensor:
        groups.append(arguments[-1])
        return conv2d(*arguments)

    monkeypatch.setattr("resnext_viz.nn.merged_groups.conv2d", counted)
    module = MergedGroups(conv(8, 2), 4)
    x = torch.randn(1, 16, 3, 3, dtype=torch.float64)
    module.train()(x)
    assert groups == [2]
    module.eval()(x)
    assert groups == [2]


@pytest.mark.parametrize(("groups", "width", "merged"), [
    (32, 4, 2), (32, 2, 4), (8, 4, 2), (16, 3, 4), (16, 6, 2), (16, 7, 2), (5, 2, 5),  # 8 wide or a little more
    (2, 3, 2), (2, 2, 2),  # all there are
    (32, 8, 1), (4, 16, 1), (64, 1, 1), (1, 64, 1), (1, 4, 1),
])  # fmt: skip
def test_narrow_paths_are_merged_to_eight_channels(groups: int, width: int, merged: int) -> None:
    assert fastest_merge(conv(groups, width), CPU, BF16) == merged
    assert fastest_merge(conv(groups, width), CPU, torch.float32) == 1
    assert fastest_merge(conv(groups, width), torch.device("cuda"), BF16) == 1


def test_a_network_keeps_parameters_names_and_answers() -> None:
    torch.manual_seed(0)
    plain = build(SPEC).double()
    merged = copy.deepcopy(plain)
    before, parameters = list(merged.state_dict()), list(merged.parameters())
    merge_narrow_groups(merged, CPU, BF16)
    kinds = {name: type(module) for name, module in merged.named_modules() if isinstance(module, nn.Conv2d)}
    assert [name for name, kind in kinds.items() if kind is MergedGroups] == ["layer1.0.conv2"]  # layer2's are 8 wide
    assert list(merged.state_dict()) == before
    assert all(ours is theirs for ours, theirs in zip(merged.parameters(), parameters, strict=True))
    x, labels = torch.randn(3, 3, 8, 8, dtype=torch.float64), torch.tensor([1, 2, 3])
    for model in (plain, merged):
        nn.functional.cross_entropy(model.train()(x), labels).backward()
    for (name, ours), theirs in zip(merged.named_parameters(), plain.parameters(), strict=True):
        torch.testing.assert_close(ours.grad, theirs.grad, rtol=1e-9, atol=1e-9, msg=name)
    assert torch.equal(merged.eval()(x), plain.eval()(x))
