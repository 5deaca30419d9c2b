import math

import torch

from resnext_viz.names import parse
from resnext_viz.nn.network import build
from resnext_viz.nn.seeded import build_seeded

NETWORK = parse("resnext11_8x4d_b2-1_bias")


def test_a_seed_gives_the_same_weights_and_leaves_everybody_elses_chance_alone() -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    first, again, other = (build_seeded(NETWORK, seed).state_dict() for seed in (3, 3, 4))
    assert torch.equal(torch.rand(3), expected)
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not torch.equal(first["conv1.weight"], other["conv1.weight"])


def test_the_weights_are_spread_as_those_of_build() -> None:
    ours = build_seeded(NETWORK).state_dict()
    torch.manual_seed(0)
    for name, expected in build(NETWORK).state_dict().items():
        value = ours[name]
        assert (value.shape, value.dtype) == (expected.shape, expected.dtype)
        if name.endswith("weight") and value.ndim == 4:  # He et al. 2015, Eq. 14: sqrt(2 / (k² · c_out))
            fan_out = value.shape[0] * value.shape[2] * value.shape[3]
            assert abs(value.std() / math.sqrt(2 / fan_out) - 1) < 0.15
        elif "bn" in name or "downsample.1" in name:
            assert torch.equal(value, expected)
        elif value.numel() >= 64:
            assert abs(value.std() / expected.std() - 1) < 0.3
            assert value.abs().max() <= 1.2 * expected.abs().max()


def test_it_is_ready_to_answer() -> None:
    model = build_seeded(NETWORK)
    assert not model.training
    assert all(bool(torch.isfinite(value).all()) for value in model.state_dict().values())
