"""Fig. 4: C paths of two layers are one wide dense block, and a wrong mapping of weights is noticed."""

from fractions import Fraction

import pytest
import torch
import torch.nn.functional as nnf
from torch import Tensor

from resnext_viz.block_forms.terms import Mode
from resnext_viz.errors import UserError
from resnext_viz.nn.network import ResidualBlock
from resnext_viz.nn.proof.collapse import check_collapse, density
from resnext_viz.nn.proof.equivalence import Dtype
from resnext_viz.nn.proof.form_run import What
from resnext_viz.nn.proof.forms import State
from resnext_viz.nn.proof.two_layer_paths import collapsed, random_paths, wide_block


@pytest.mark.parametrize(("cardinality", "width"), [(2, 3), (5, 1), (32, 4)])
def test_paths_and_the_wide_block_are_equal(cardinality: int, width: int) -> None:
    rows = list(check_collapse(cardinality, width))
    assert [(row.dtype, row.mode, row.what) for row in rows] == [
        (dtype, mode, what) for dtype in (Dtype.FLOAT64, Dtype.FLOAT32) for mode in Mode for what in What
    ]
    assert [row for row in rows if not row.equal] == []
    assert {row.forms for row in rows} == {"paths-wide"}


def test_the_paths_compute_the_sum_of_figure_4() -> None:
    """By hand, with torch's functions: Σ_i V_i · relu(BN_i(U_i · x)), batch norm behind it, the shortcut, ReLU."""
    block = wide_block(3, 2)
    paths = random_paths(block, 3, seed=1).eval()
    state = paths.state_dict()
    x = torch.randn((2, 64, 5, 5), dtype=torch.float64)

    def norm(name: str, y: Tensor) -> Tensor:
        return nnf.batch_norm(y, *(state[f"{name}.{p}"] for p in ("running_mean", "running_var", "weight", "bias")))

    total = torch.zeros_like(x)
    for i in range(3):
        inner = torch.relu(norm(f"paths.{i}.bn1", nnf.conv2d(x, state[f"paths.{i}.conv1.weight"], padding=1)))
        total = total + nnf.conv2d(inner, state[f"paths.{i}.conv2.weight"], padding=1)
    expected = torch.relu(norm("bn2", total) + x)
    torch.testing.assert_close(paths(x), expected)
    wide = ResidualBlock(block).double().eval()
    wide.load_state_dict(collapsed(state, 3))
    torch.testing.assert_close(wide(x), expected)


def test_no_weight_is_added_or_lost() -> None:
    block = wide_block(4, 6)
    state = random_paths(block, 4, seed=0).state_dict()
    convs = [value for name, value in state.items() if "conv" in name]
    assert sum(value.numel() for value in convs) == sum(layer.weights for layer in block.main) == 2 * 9 * 64 * 24
    wide = collapsed(state, 4)
    assert wide["conv1.weight"].shape == (24, 64, 3, 3)
    assert wide["conv2.weight"].shape == (64, 24, 3, 3)


@pytest.mark.parametrize("cardinality", [2, 3, 32])
def test_the_wide_block_is_dense_and_the_bottleneck_keeps_one_part_in_c(cardinality: int) -> None:
    found = density(cardinality, 4)
    assert found.first == found.second == 1
    assert Fraction(found.bottleneck).limit_denominator(1000) == Fraction(1, cardinality)


def test_columns_of_the_wrong_path_are_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def swapped(state: State, paths: int) -> State:
        wide = collapsed(state, paths)
        if "conv1.weight" in wide and "bn2.running_mean" in wide:  # the block's tensors, not its gradients
            wide["conv2.weight"] = torch.cat(wide["conv2.weight"].chunk(paths, dim=1)[::-1], dim=1)
        return wide

    monkeypatch.setattr("resnext_viz.nn.proof.collapse.collapsed", swapped)
    assert not any(row.equal for row in check_collapse(2, 3, dtypes=["float64"]))


@pytest.mark.parametrize(
    ("cardinality", "width", "words"),
    [
        (1, 4, "one path is one block already"),
        (4, 0, "one path is one block already"),
        (64, 64, "cardinality times base_width is 4,096; a check takes up to 1,024"),
    ],
)
def test_what_cannot_be_checked_is_refused_in_words(cardinality: int, width: int, words: str) -> None:
    for ask in (check_collapse, density):
        with pytest.raises(UserError, match=words):
            ask(cardinality, width)
