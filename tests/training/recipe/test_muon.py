"""The optimizer with orthogonal steps, held against torch's own Muon, which knows no paths."""

from copy import deepcopy

import pytest
import torch
from torch import nn

from resnext_viz.nn import ResNeXt, build
from resnext_viz.spec import ResNeXtSpec, Stem
from resnext_viz.training.recipe.muon import MOMENTUM, Muon, orthogonal, path_groups
from resnext_viz.training.recipe.recipe import Recipe
from resnext_viz.training.run.preparation import optimizer_of

SPEC = ResNeXtSpec(depths=(1, 1), cardinality=4, base_width=8, expansion=1, stem=Stem.CIFAR, num_classes=3)


def with_gradients(model: ResNeXt, seed: int) -> ResNeXt:
    torch.manual_seed(seed)
    for parameter in model.parameters():
        parameter.grad = torch.randn_like(parameter)
    return model


@pytest.mark.parametrize("shape", [(3, 20, 20), (2, 8, 72), (1, 40, 10)])
def test_enough_iterations_bring_all_singular_values_near_one(shape: tuple[int, ...]) -> None:
    torch.manual_seed(0)
    values = torch.linalg.svdvals(orthogonal(torch.randn(shape, dtype=torch.float64), iterations=8))
    assert values.min() > 0.6  # where the iteration settles, by its authors
    assert values.max() < 1.3


def test_the_directions_that_a_matrix_turns_stay() -> None:
    """As an SVD says: U and V remain, only the singular values change."""
    torch.manual_seed(0)
    matrix = torch.randn(6, 9, dtype=torch.float64)
    u, _, v = torch.linalg.svd(matrix, full_matrices=False)
    middle = u.mT @ orthogonal(matrix[None])[0] @ v.mT
    torch.testing.assert_close(middle, torch.diag(middle.diagonal()))


@pytest.mark.parametrize("shape", [(12, 12, 1, 1), (24, 6, 1, 1), (6, 24, 1, 1)])
def test_steps_of_one_path_are_those_of_torch(shape: tuple[int, ...]) -> None:
    torch.manual_seed(0)
    weight = nn.Parameter(nn.functional.normalize(torch.randn(shape).flatten(), dim=0).view(shape) * shape[0] ** 0.5)
    flat = nn.Parameter(weight.detach().flatten(1).clone())
    mine = Muon([{"params": [weight], "paths": 1, "momentum": 0.0}], lr=0.1)
    theirs = torch.optim.Muon([flat], lr=0.1, momentum=MOMENTUM, weight_decay=0.0, ns_steps=3)
    for seed in range(4):
        torch.manual_seed(seed)
        gradient = torch.randn(shape)
        weight.grad, flat.grad = gradient.clone(), gradient.flatten(1).clone()
        mine.step()
        with torch.no_grad():  # the norm of the weights is kept here and not there
            flat.mul_(shape[0] ** 0.5 / flat.norm()) if seed else None
        theirs.step()
    torch.testing.assert_close(weight.detach().flatten(1), flat.detach(), atol=0.02, rtol=0.02)  # theirs in bfloat16


def test_each_path_steps_as_if_it_were_alone() -> None:
    torch.manual_seed(0)
    grouped = nn.Conv2d(12, 12, 3, groups=3, bias=False)
    gradient = torch.randn_like(grouped.weight)
    norm = 12**0.5 / grouped.weight.detach().norm()
    before = grouped.weight.detach() * norm
    grouped.weight.grad = gradient.clone()
    Muon(path_groups(grouped), lr=0.1).step()
    for path in range(3):
        rows = slice(4 * path, 4 * path + 4)
        alone = nn.Parameter(before[rows] * 4**0.5 / before[rows].norm())
        start = alone.detach().clone()
        alone.grad = gradient[rows].clone()
        Muon([{"params": [alone], "paths": 1, "momentum": 0.0}], lr=0.1).step()
        torch.testing.assert_close(grouped.weight.detach()[rows] - before[rows], alone.detach() - start)


def test_every_convolution_but_the_stem_steps_so_and_the_rest_as_sgd() -> None:
    model = with_gradients(build(SPEC), 1)
    twin = with_gradients(build(SPEC), 1)
    twin.load_state_dict(model.state_dict())
    recipe = Recipe(epochs=1, peak_rate=0.1)
    for network, muon in ((model, True), (twin, False)):
        optimizer_of(network, Recipe(**{**recipe.to_dict(), "muon": muon})).step()
    theirs = dict(twin.named_parameters())
    same = {name for name, value in model.named_parameters() if torch.equal(value, theirs[name])}
    convolutions = {f"{name}.weight" for name, module in model.named_modules() if isinstance(module, nn.Conv2d)}
    assert same == set(theirs) - convolutions | {"conv1.weight"}


def test_frozen_weights_stay() -> None:
    model = build(SPEC)
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(name.startswith("fc"))
    assert path_groups(model) == []


def test_a_restored_optimizer_goes_on_alike() -> None:
    recipe = Recipe(epochs=1, peak_rate=0.1, muon=True)
    model = with_gradients(build(SPEC), 1)
    whole = optimizer_of(model, recipe)
    whole.step()
    other = build(SPEC)
    other.load_state_dict(model.state_dict())
    rest = optimizer_of(other, recipe)
    rest.load_state_dict(deepcopy(whole.state_dict()))
    for network, optimizer in ((model, whole), (other, rest)):
        with_gradients(network, 2)
        optimizer.step()
    for mine, theirs in zip(model.parameters(), other.parameters(), strict=True):
        assert torch.equal(mine, theirs)
