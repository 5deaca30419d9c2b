"""Bytes alive at once, against what the shapes say."""

import pytest
import torch
from torch import Tensor

from resnext_viz.nn.live_memory import LiveBytes, peak_bytes

CPU = torch.device("cpu")
FLOATS = 1000
BYTES = 4 * FLOATS


def chain(x: Tensor) -> Tensor:
    y = x * 2  # x stays, y lives
    z = y + 1  # y and z live
    del y
    return z * z  # z and the product live


def test_what_is_freed_no_longer_counts() -> None:
    x = torch.ones(FLOATS)
    with LiveBytes([x]) as live:
        out = chain(x)
        assert live.now == BYTES
    assert live.peak == 2 * BYTES
    assert float(out[0]) == 9


def test_views_and_writes_in_place_take_nothing() -> None:
    x = torch.ones(FLOATS)
    assert peak_bytes(lambda: x.view(10, 100).t().mul_(2), CPU, [x]) == 0


def test_without_gradients_less_stays_alive() -> None:
    """Six times exp: each result is kept for the backward pass, or else freed after the next one."""
    x = torch.ones(FLOATS, requires_grad=True)

    def six() -> Tensor:
        y = x
        for _ in range(6):
            y = torch.sigmoid(y)
        return y

    def backward() -> None:
        torch.autograd.backward(six(), torch.ones(FLOATS))

    assert peak_bytes(six, CPU, [x]) == 6 * BYTES
    with torch.no_grad():
        assert peak_bytes(six, CPU, [x]) == 2 * BYTES
    # All six, the upstream gradient, and the gradient that is made of it.
    assert peak_bytes(backward, CPU, [x]) == pytest.approx(8 * BYTES, abs=BYTES)


def test_a_device_that_cannot_tell_does_not() -> None:
    assert peak_bytes(lambda: None, torch.device("mps"), []) is None
