"""The forms in turns: both kinds of pass do what they say, and memory is as the shapes have it."""

import pytest
import torch

from resnext_viz.nn.form_timing import calls_of
from resnext_viz.nn.proof.equivalence import block_of
from resnext_viz.spec import ResNeXtSpec, Stem
from tests.support.one_thread import one_thread

__all__ = ["one_thread"]

SPEC = ResNeXtSpec((2,), cardinality=4, base_width=4, stem=Stem.CIFAR)
SIDE = 8


def test_the_memory_of_form_c_is_that_of_its_maps() -> None:
    """Forward, batch 2 on 8×8: the expanded map, its batch norm, and the 3×3's map behind ReLU are alive at once."""
    block = block_of(SPEC, 1, 2, SIDE)
    calls = calls_of(block, "cpu")
    place = 4 * 2 * SIDE**2  # bytes of one channel
    assert calls["forward"]["(c) grouped convolution"].extra_bytes == pytest.approx(place * (256 + 256 + 16), rel=0.02)


def test_both_passes_leave_gradients_and_forward_none() -> None:
    calls = calls_of(block_of(SPEC, 1, 2, SIDE), "cpu")
    for call in calls["forward"].values():
        call.run()
    assert torch.is_grad_enabled()
    module = calls["forward and backward"]["(a) sum of paths"].run.args[0]  # type: ignore[attr-defined]  # a partial
    assert all(weight.grad is None for weight in module.parameters())
    calls["forward and backward"]["(a) sum of paths"].run()
    assert all(weight.grad is not None for weight in module.parameters())
