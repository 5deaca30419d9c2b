"""Two networks in turns: both are the named ones, and what is too much for a machine is refused."""

import pytest
import torch

from resnext_viz import complexity, parse
from resnext_viz.nn.network_timing import TooLargeError, forward_passes, rounds
from tests.support.one_thread import one_thread

__all__ = ["one_thread"]


def test_a_pass_is_the_named_network_on_pictures_of_its_size() -> None:
    ours, theirs = (complexity(parse(name), 16) for name in ("resnext11_4x4d_cifar100", "resnet11_cifar10"))
    passes = forward_passes(ours, theirs, "cpu")
    shapes = [tuple(run(torch.rand(3, 3, 16, 16)).shape) for run in passes]
    assert shapes == [(3, 100), (3, 10)]
    assert all(elapsed_ms > 0 for elapsed_ms in next(rounds(ours, theirs, passes, 1)))


@pytest.mark.parametrize(
    ("name", "size", "words"),
    [
        ("resnet18", 4096, "GB for 8 images"),
        ("resnext101_64x4d", 512, "MACs for 8 images"),
        ("resnext29_1024x1024d_cifar10", 32, "TB for 8 images"),
    ],
)
def test_what_is_too_much_for_a_machine_is_refused_before_it_is_built(name: str, size: int, words: str) -> None:
    with pytest.raises(TooLargeError, match=f"{words}, at most .* choose a smaller network"):
        forward_passes(complexity(parse(name), size), complexity(parse("resnet18")))
