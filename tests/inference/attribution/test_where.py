"""Grad-CAM: the published formula by torch's own slopes; the shared network never gets a hook."""

import subprocess
import sys

import pytest
import torch
from torch import Tensor

from resnext_viz.errors import UserError
from resnext_viz.inference.attribution.where import grad_cam
from resnext_viz.nn.network import ResNeXt
from resnext_viz.spec import BlockKind, ResNeXtSpec, Stem
from tests.inference.conftest import trained

BOTTLENECK = ResNeXtSpec(depths=(1, 2), cardinality=4, base_width=4, stem=Stem.CIFAR, num_classes=5)
BASIC = ResNeXtSpec(depths=(1, 1), block=BlockKind.BASIC, stem=Stem.CIFAR, num_classes=5)


@pytest.fixture(params=[BOTTLENECK, BASIC], ids=["bottleneck", "basic"])
def model(request: pytest.FixtureRequest) -> ResNeXt:
    return trained(request.param).requires_grad_(False)


def picture() -> Tensor:
    return torch.randn(3, 16, 16, generator=torch.Generator().manual_seed(1))


def by_formula(model: ResNeXt, class_index: int, stage: int) -> Tensor:
    """relu(Σ_k α_k A_k) with α_k the mean over places of ∂logit/∂A_k."""
    x = model.maxpool(torch.relu(model.bn1(model.conv1(picture()[None]))))
    for name in model.stage_names[:stage]:
        x = model.get_submodule(name)(x)
    maps = x.detach().requires_grad_()
    y = maps
    for name in model.stage_names[stage:]:
        y = model.get_submodule(name)(y)
    (slope,) = torch.autograd.grad(model.fc(y.mean((2, 3)))[0, class_index], maps)
    return torch.relu((slope.mean((2, 3), keepdim=True) * maps).sum(1))[0].detach()


@pytest.mark.parametrize("stage", [1, 2])
def test_heat_is_the_published_formula(model: ResNeXt, stage: int) -> None:
    seen_any = False
    for class_index in range(5):
        expected = by_formula(model, class_index, stage)
        heat = grad_cam(model, picture(), class_index, stage)
        assert heat.largest == pytest.approx(float(expected.max()), rel=1e-4, abs=1e-7)
        if heat.largest:
            seen_any = True
            torch.testing.assert_close(heat.values, expected / expected.max(), rtol=1e-3, atol=1e-4)
        else:
            assert not heat.values.any()
    assert seen_any


def test_the_last_stage_is_meant_when_none_is_named(model: ResNeXt) -> None:
    assert torch.equal(grad_cam(model, picture(), 0).values, grad_cam(model, picture(), 0, 2).values)


def test_a_stage_that_is_not_there_is_refused_in_words(model: ResNeXt) -> None:
    with pytest.raises(UserError, match="stage is 3; this network has stages 1 to 2"):
        grad_cam(model, picture(), 0, 3)


def test_the_shared_network_stays_as_it_was(
    model: ResNeXt, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {name: (tensor.data_ptr(), tensor.clone()) for name, tensor in model.state_dict().items()}
    hooked: list[torch.nn.Module] = []
    register = torch.nn.Module.register_forward_hook

    def noted(module: torch.nn.Module, *args: object, **options: object) -> object:
        hooked.append(module)
        return register(module, *args, **options)

    monkeypatch.setattr(torch.nn.Module, "register_forward_hook", noted)
    grad_cam(model, picture(), 0)
    assert hooked
    assert not set(hooked) & set(model.modules())
    for name, tensor in model.state_dict().items():
        assert (tensor.data_ptr(), True) == (before[name][0], bool(torch.equal(tensor, before[name][1])))
    assert not any(module.training for module in model.modules())
    assert not any(each.requires_grad or each.grad is not None for each in model.parameters())
    assert capfd.readouterr() == ("", "")


def test_captum_is_loaded_only_when_a_map_is_asked_for() -> None:
    code = "import sys, resnext_viz.inference.attribution.where\nprint(*({'captum', 'matplotlib'} & {*sys.modules}))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == []
