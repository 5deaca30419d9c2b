"""The split identity: numpy's product of the joined matrices is the sum of what each path adds."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from resnext_viz.errors import UserError
from resnext_viz.nn.proof.equivalence import block_of
from resnext_viz.nn.proof.form_run import random_block
from resnext_viz.nn.proof.path_shares import path_shares
from resnext_viz.spec import BlockKind, ResNeXtSpec

SPEC = ResNeXtSpec((2,), cardinality=3, base_width=4, conv_bias=True)


def columns(spec: ResNeXtSpec, channel: int, seed: int) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    """Row A of the expanding 1x1, column B of the channels that come to it at the middle, and the bias: by numpy."""
    block = block_of(spec, 1, 2)
    state = {name: value.numpy() for name, value in random_block(block, seed).state_dict().items()}
    generator = torch.Generator().manual_seed(seed + 1)
    x = torch.randn(1, 256, 3, 3, generator=generator, dtype=torch.float64).numpy()[0]

    def norm(y: NDArray[np.float64], name: str) -> NDArray[np.float64]:
        mean, var, weight, bias = (
            state[f"{name}.{kind}"].reshape(-1, *[1] * (y.ndim - 1))
            for kind in ("running_mean", "running_var", "weight", "bias")
        )
        return np.maximum((y - mean) / np.sqrt(var + 1e-5) * weight + bias, 0)

    reduced = norm(
        np.einsum("oi,ihw->ohw", state["conv1.weight"][:, :, 0, 0], x) + state["conv1.bias"][:, None, None], "bn1"
    )
    grouped = reduced.reshape(3, 4, 3, 3)
    middle = np.einsum("poikl,pikl->po", state["conv2.weight"].reshape(3, 4, 4, 3, 3), grouped).reshape(12)
    joined = norm(middle + state["conv2.bias"], "bn2")
    return state["conv3.weight"][channel - 1, :, 0, 0], joined, float(state["conv3.bias"][channel - 1])


@pytest.mark.parametrize("channel", [1, 200])
def test_each_share_is_its_columns_times_its_rows_and_all_add_up(channel: int) -> None:
    found = path_shares(block_of(SPEC, 1, 2), channel, seed=4)
    row, joined, bias = columns(SPEC, channel, seed=4)
    expected = [row[4 * i : 4 * i + 4] @ joined[4 * i : 4 * i + 4] for i in range(3)]
    assert found.shares == pytest.approx(expected, rel=1e-12)
    assert found.bias == bias
    assert found.total == pytest.approx(row @ joined + bias, rel=1e-12)
    assert found.product == pytest.approx(row @ joined + bias, rel=1e-12)
    for i in range(3):
        rest = sum(share for number, share in enumerate(found.shares) if number != i)
        assert found.shares[i] + rest + found.bias == pytest.approx(found.product, rel=1e-12)


def test_what_is_not_there_is_refused_in_words() -> None:
    with pytest.raises(UserError, match="channel is 257; use a whole number from 1 to 256"):
        path_shares(block_of(SPEC, 1, 2), 257)
    with pytest.raises(UserError, match="only a bottleneck has three forms"):
        path_shares(block_of(ResNeXtSpec((1,), block=BlockKind.BASIC, expansion=1), 1, 1))
