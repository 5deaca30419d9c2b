"""Mistakes on purpose: each wrong form is recomputed by hand in numpy, and each mistake is found where it was made."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest
import torch

from resnext_viz.block_forms.faults import Fault, obstacle, suited_block
from resnext_viz.block_forms.terms import Mode
from resnext_viz.errors import UserError
from resnext_viz.layers import Block
from resnext_viz.nn.network import Residual
from resnext_viz.nn.proof.broken_forms import broken_form
from resnext_viz.nn.proof.equivalence import block_of
from resnext_viz.nn.proof.fault_trials import break_form, try_faults
from resnext_viz.nn.proof.form_run import random_block
from resnext_viz.spec import BlockKind, ResNeXtSpec, StrideOn

Array = npt.NDArray[np.float64]
SPEC = ResNeXtSpec((2, 1), cardinality=4, base_width=2, conv_bias=True)
NO_BIAS = ResNeXtSpec((2, 1), cardinality=4, base_width=2)
SAME_WITH_ONE_PATH = set(Fault) - {Fault.RELU_ON_PATHS, Fault.STRIDE_ON_REDUCE}
HIDDEN = (Fault.BIAS_IN_PATHS, Mode.TRAIN)  # batch norm takes the bias away again


def block_for(fault: Fault, spec: ResNeXtSpec = SPEC) -> Block:
    return block_of(spec, *suited_block(spec, fault), image_size=64)


class ByHand:
    """A block's arithmetic in numpy: one path after the other, nothing grouped."""

    def __init__(self, module: Residual, paths: int) -> None:
        self.state = {name: value.numpy().copy() for name, value in module.state_dict().items()}
        self.paths, self.train, self.made = paths, module.training, module.block

    def norm(self, name: str, x: Array, rows: slice = slice(None)) -> Array:
        gain, shift, mean, var = (
            self.state[f"{name}.{part}"][rows] for part in ("weight", "bias", "running_mean", "running_var")
        )
        if self.train:
            mean, var = x.mean((0, 2, 3)), x.var((0, 2, 3))
        scale = gain / np.sqrt(var + 1e-5)
        return np.asarray(x * scale[:, None, None] + (shift - mean * scale)[:, None, None])

    def conv(self, name: str, x: Array, weight: Array, stride: int, rows: slice = slice(None)) -> Array:
        y = convolved(x, weight, stride)
        bias = self.state.get(f"{name}.bias")
        return y if bias is None else y + bias[rows][:, None, None]

    def cut(self, array: Array, i: int) -> Array:
        """The columns, or channels, of path i."""
        return np.split(array, self.paths, axis=1)[i]

    def inner(self, x: Array, fault: Fault | None) -> list[Array]:
        """The d channels of each path behind its 3x3, batch norm and ReLU."""
        w1, w2 = self.state["conv1.weight"], self.state["conv2.weight"]
        first, second = (layer.stride for layer in self.made.main[:2])
        if fault is Fault.STRIDE_ON_REDUCE:
            first, second = second, first
        split = fault in (Fault.INPUT_SPLIT, Fault.GROUPED_REDUCE)
        share = len(w1) // self.paths
        rows = [slice(i * share, (i + 1) * share) for i in range(self.paths)]
        reduced = []
        for i, own in enumerate(rows):
            seen, weight = (self.cut(x, i), self.cut(w1[own], i)) if split else (x, w1[own])
            reduced.append(relu(self.norm("bn1", self.conv("conv1", seen, weight, first, own), own)))
        if fault is Fault.GROUPS_FORGOTTEN:  # one kernel for several slices is that kernel for their sum
            reduced = [np.add.reduce(reduced)] * self.paths
        return [
            relu(self.norm("bn2", self.conv("conv2", reduced[i], w2[own], second, own), own))
            for i, own in enumerate(rows)
        ]

    def main_path(self, x: Array, fault: Fault | None) -> Array:
        bias = self.state.get("conv3.bias", np.zeros(self.made.main[-1].c_out))[:, None, None]
        inner = self.inner(x, fault)
        if fault is Fault.PATH_ORDER:
            inner.reverse()
        outer = [convolved(y, self.cut(self.state["conv3.weight"], i), 1) for i, y in enumerate(inner)]
        if fault is Fault.BN_IN_PATHS:
            return np.asarray(sum(self.norm("bn3", y + (bias if i == 0 else 0)) for i, y in enumerate(outer)))
        if fault is Fault.RELU_ON_PATHS:
            outer = [relu(y) for y in outer]
        if fault is Fault.GROUPED_EXPAND:
            outer = [np.concatenate([self.cut(y, i) for i, y in enumerate(outer)], axis=1)]
        return self.norm("bn3", np.add.reduce(outer) + bias * (self.paths if fault is Fault.BIAS_IN_PATHS else 1))

    def __call__(self, x: Array, fault: Fault | None) -> Array:
        y = self.main_path(x, fault)
        if self.made.projection:
            x = self.norm(
                "downsample.1",
                self.conv("downsample.0", x, self.state["downsample.0.weight"], self.made.projection.stride),
            )
        return relu(y + x)


def relu(x: Array) -> Array:
    return np.maximum(x, 0)


def convolved(x: Array, weight: Array, stride: int) -> Array:
    """Zero-padded so that stride 1 keeps the map."""
    size, (height, width) = weight.shape[-1], x.shape[2:]
    padded = np.pad(x, [(0, 0), (0, 0), (size // 2, size // 2), (size // 2, size // 2)])
    y = sum(
        np.einsum("oi,nihw->nohw", weight[:, :, a, b], padded[:, :, a : a + height, b : b + width])
        for a in range(size)
        for b in range(size)
    )
    return np.asarray(y)[:, :, ::stride, ::stride]


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("fault", Fault)
def test_a_wrong_form_computes_what_it_says(fault: Fault, mode: Mode) -> None:
    block = block_for(fault)
    right = random_block(block, seed=3).train(mode is Mode.TRAIN)
    x = torch.randn((2, block.main[0].c_in, 7, 7), dtype=torch.float64, generator=torch.Generator().manual_seed(4))
    by_hand = ByHand(right, 4)
    expected = by_hand(x.numpy(), fault)
    np.testing.assert_allclose(broken_form(right, fault)(x).detach().numpy(), expected, rtol=1e-9, atol=1e-9)
    without = by_hand(x.numpy(), None)
    np.testing.assert_allclose(right(x).detach().numpy(), without, rtol=1e-9, atol=1e-9)
    assert bool(np.abs(expected - without).max() > 0.1) is ((fault, mode) != HIDDEN)


STARTS = {  # where each mistake was made: layer of the wrong form, and the step it belongs to
    Fault.BN_IN_PATHS: ("layer1.1.bn3", "expand, sum, BN"),
    Fault.RELU_ON_PATHS: ("layer1.1.paths, their sum", "expand, sum, BN"),
    Fault.GROUPS_FORGOTTEN: ("layer1.1.conv2", "transform"),
    Fault.PATH_ORDER: ("layer1.1.conv3", "join, expand, BN"),
    Fault.BIAS_IN_PATHS: ("layer1.1.paths, their sum", "expand, sum, BN"),
    Fault.STRIDE_ON_REDUCE: ("layer2.0.paths.0.conv1", "reduce"),
    Fault.INPUT_SPLIT: ("layer1.1.paths.0.conv1", "reduce"),
    Fault.GROUPED_REDUCE: ("layer1.1.conv1", "reduce"),
    Fault.GROUPED_EXPAND: ("layer1.1.conv3", "expand, BN"),
}
STEPS = ("reduce", "transform", "expand", "shortcut, ReLU")


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("fault", Fault)
def test_the_first_layer_that_differs_is_where_the_mistake_was_made(fault: Fault, mode: Mode) -> None:
    located = break_form(block_for(fault, NO_BIAS), fault, mode, largest_side=7)
    layer, step = STARTS[fault]
    assert located.found
    assert located.layer == layer
    assert located.layer_step is not None
    assert located.steps[located.layer_step].name == step
    if (fault, mode) == HIDDEN:
        assert located.first_step is None
        return
    assert located.first_step is located.steps[located.layer_step]
    assert not any(before.differs for before in located.steps[: located.layer_step])
    assert all(after.differs for after in located.steps[located.layer_step :])
    assert max(located.channels) == located.output.max_abs
    assert len(located.channels) == 256 * (2 if fault is Fault.STRIDE_ON_REDUCE else 1)


@pytest.mark.parametrize("cardinality", [2, 4, 32])
def test_every_mistake_is_found_with_two_paths_and_more_and_most_are_not_with_one(cardinality: int) -> None:
    spec = ResNeXtSpec((2, 1), cardinality=cardinality, base_width=4)
    rows = list(try_faults(spec))
    assert {row.cardinality for row in rows} == {1, 2, cardinality}
    assert {(row.fault, row.mode) for row in rows} == {(fault, mode) for fault in Fault for mode in Mode}
    for row in rows:
        located = row.located
        assert located is not None
        assert located.found is (row.cardinality > 1 or row.fault not in SAME_WITH_ONE_PATH), row
        if not located.found and row.fault is not Fault.BIAS_IN_PATHS:  # its bias is added at another time: rounding
            assert located.output.max_abs == 0
            assert set(located.channels) == {0.0}


def test_bn_in_each_path_is_off_by_what_algebra_says() -> None:
    """In eval mode batch norm is affine: C paths add C − 1 times β − γμ/σ too much."""
    block = block_for(Fault.BN_IN_PATHS, NO_BIAS)
    state = random_block(block, seed=0).state_dict()
    gain, shift, mean, var = (state[f"bn3.{part}"] for part in ("weight", "bias", "running_mean", "running_var"))
    expected = float((3 * (shift - gain * mean / (var + 1e-5).sqrt())).abs().max())
    located = break_form(block, Fault.BN_IN_PATHS, Mode.EVAL, seed=0)
    assert located.steps[2].max_abs == pytest.approx(expected, rel=1e-12)


def test_a_bias_in_every_path_hides_in_the_running_mean() -> None:
    """The sum is off by C − 1 times the bias, and a tenth of that, torch's momentum, goes into the running mean."""
    located = break_form(block_for(Fault.BIAS_IN_PATHS), Fault.BIAS_IN_PATHS, Mode.TRAIN, seed=0)
    bias = float(random_block(block_for(Fault.BIAS_IN_PATHS), seed=0).state_dict()["conv3.bias"].abs().max())
    assert located.layer_max_abs == pytest.approx(3 * bias)
    assert located.running == pytest.approx(0.3 * bias)
    assert not located.output.differs


def test_groups_on_the_first_1x1_and_a_split_input_are_one_mistake() -> None:
    split, grouped = (break_form(block_for(fault), fault) for fault in (Fault.INPUT_SPLIT, Fault.GROUPED_REDUCE))
    assert grouped.channels == pytest.approx(split.channels)
    assert min(split.steps[0].by_path) > 0.1


def test_a_stride_on_the_wrong_layer_shows_in_the_size() -> None:
    step = break_form(block_for(Fault.STRIDE_ON_REDUCE), Fault.STRIDE_ON_REDUCE).steps[0]
    assert (step.shape, step.wrong_shape) == ((16, 16, 16), (16, 8, 8))
    assert step.differs
    assert step.to_dict()["max_abs"] is None


@pytest.mark.parametrize(
    ("fault", "changes", "reason"),
    [
        (Fault.STRIDE_ON_REDUCE, {"depths": (2,), "stem": "cifar"}, "this block has no stride"),
        (Fault.STRIDE_ON_REDUCE, {"stride_on": StrideOn.CONV1X1}, "the stride is dialled there already"),
        (Fault.INPUT_SPLIT, {"cardinality": 24}, "256 channels do not split into 24 equal parts"),
        (Fault.GROUPED_EXPAND, {"cardinality": 24}, "256 channels do not split into 24 equal parts"),
    ],
)
def test_an_impossible_mistake_says_why(fault: Fault, changes: dict[str, object], reason: str) -> None:
    spec = SPEC.with_options(**changes)
    block = block_of(spec, len(spec.depths), 1) if fault is Fault.STRIDE_ON_REDUCE else block_for(fault, spec)
    assert obstacle(fault, block) == reason
    with pytest.raises(UserError, match=reason):
        break_form(block, fault)


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda: break_form(block_for(Fault.PATH_ORDER), "typo"), "fault is 'typo'; use bn-in-paths"),
        (lambda: break_form(block_for(Fault.PATH_ORDER), "path-order", "test"), "mode is 'test'; use train, eval"),
        (lambda: try_faults(ResNeXtSpec(block=BlockKind.BASIC, expansion=1)), "only a bottleneck has three forms"),
        (
            lambda: break_form(block_of(ResNeXtSpec(cardinality=64, base_width=4), 4, 1), "groups-forgotten"),
            "without its groups the 3×3 of layer4.0 has 37,748,736 weights",
        ),
    ],
)
def test_nonsense_and_too_large_blocks_are_refused_in_words(ask: Callable[[], object], words: str) -> None:
    with pytest.raises(UserError, match=words):
        ask()
