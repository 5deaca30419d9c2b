"""Sharpness-aware steps: the gradient is that of a place uphill, and nothing else is left of having been there."""

import pytest
import torch
from torch import Tensor, nn

from resnext_viz.training.recipe.sharpness_aware import uphill

CURVATURE = torch.tensor([[3.0, 1.0], [1.0, 2.0]])


def test_the_gradient_is_that_of_the_place_uphill() -> None:
    model = nn.Linear(2, 1, bias=False)
    begin = torch.tensor([[1.0, -2.0]])
    model.weight.data.copy_(begin)

    def climb() -> None:
        (0.5 * (model.weight @ CURVATURE * model.weight).sum()).backward()

    climb()
    with uphill(model, 0.25):
        climb()
    there = begin @ CURVATURE  # the gradient of w·A·w/2
    expected = (begin + 0.25 * there / there.norm()) @ CURVATURE
    assert model.weight.grad is not None
    torch.testing.assert_close(model.weight.grad, expected)
    assert torch.equal(model.weight, begin)


def a_step(model: nn.Module, pictures: Tensor) -> None:
    model(pictures).square().sum().backward()


@pytest.mark.parametrize("breaks", [False, True])
def test_all_else_stays_to_the_bit_even_if_a_step_fails(breaks: bool) -> None:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4, momentum=0.3), nn.ReLU(), nn.Conv2d(4, 2, 3))
    model[0].requires_grad_(False)  # a part that is kept still
    pictures = torch.randn(5, 3, 8, 8)
    a_step(model, pictures)
    state = {name: value.clone() for name, value in model.state_dict().items()}

    def up_there() -> None:
        with uphill(model, 0.5):
            assert torch.equal(model[0].weight, state["0.weight"])
            assert not torch.equal(model[3].weight, state["3.weight"])
            a_step(model, pictures)
            if breaks:
                raise KeyboardInterrupt

    if breaks:
        with pytest.raises(KeyboardInterrupt):
            up_there()
    else:
        up_there()
    for name, value in model.state_dict().items():
        if not name.endswith("num_batches_tracked"):  # nothing reads it
            assert torch.equal(value, state[name]), name
    assert model[1].momentum == 0.3


def test_a_place_without_slope_is_no_mistake() -> None:
    model = nn.Linear(2, 1)
    (0 * model(torch.ones(1, 2))).sum().backward()
    before = model.weight.detach().clone()
    with uphill(model, 1.0):
        assert torch.equal(model.weight, before)
