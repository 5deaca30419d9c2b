"""`audit` on strangers' modules: torchvision's and timm's constructors, faulty networks; and nothing is changed."""

from __future__ import annotations

import copy
import warnings
from typing import Any

import pytest
import timm
import torch
import torchvision
from hypothesis import given, settings
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from resnext_viz.auditing import Audit, Mistake
from resnext_viz.complexity import complexity
from resnext_viz.errors import UserError
from resnext_viz.names import parse
from resnext_viz.nn import audit, build_on_meta
from resnext_viz.reading.plan import bare, plan_of
from resnext_viz.spec import ResNeXtSpec, StrideOn
from tests.inference.weights.test_dialects import Mmpretrain, Prlz77, Weiaicunzai, transformers_names
from tests.nn.strangers import (
    Handmade,
    KuangliuResNeXt,
    PreActivated,
    d2l_resnext,
    flat_net,
    on_meta,
    split_net,
    stickcui_se_resnext50,
)
from tests.nn.test_network import SHALLOW, TORCHVISION

X50 = ResNeXtSpec(cardinality=32, base_width=4)
X50_PARAMS = 25_028_904  # torchvision's documented count
TIMM = {  # name -> what timm's own constructor arguments say
    "resnext50_32x4d": ((3, 4, 6, 3), 32, 4), "resnext101_32x16d": ((3, 4, 23, 3), 32, 16),
    "resnext50d_32x4d": ((3, 4, 6, 3), 32, 4), "seresnext50_32x4d": ((3, 4, 6, 3), 32, 4),
    "seresnext26d_32x4d": ((2, 2, 2, 2), 32, 4), "resnet50d": ((3, 4, 6, 3), 1, 64), "resnet26": ((2, 2, 2, 2), 1, 64),
    "resnetblur50": ((3, 4, 6, 3), 1, 64), "legacy_seresnext50_32x4d": ((3, 4, 6, 3), 32, 4),
}  # fmt: skip
NOT_FAMILY = ("vgg11_bn", "mobilenet_v2", "vit_b_32", "densenet121", "squeezenet1_1", "regnet_x_400mf", "convnext_tiny")


def model(name: str) -> nn.Module:
    if name.startswith("regnet"):  # cannot be built on meta
        built: nn.Module = torchvision.models.get_model(name)
        return built
    return on_meta(torchvision.models.get_model, name, **({"init_weights": False} if "vgg" in name else {}))


def both_ways(module: nn.Module, **options: Any) -> tuple[Audit, Audit]:
    return audit(module, **options), audit(module.state_dict(), **options)


def numel(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def flops(module: nn.Module, size: int) -> int:
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        module.eval()(torch.empty(1, 3, size, size, device="meta"))
    return int(counter.get_total_flops())


def kinds(found: Audit) -> list[Mistake]:
    return [finding.mistake for finding in found.mistakes]


@pytest.mark.parametrize("name", TORCHVISION)
def test_torchvisions_constructors_give_their_spec(name: str) -> None:
    module = model(name)
    for found in both_ways(module):
        assert found.spec == TORCHVISION[name]
        assert not found.mistakes
        assert found.params == numel(module) == complexity(TORCHVISION[name]).params
        assert not found.unaccounted
    assert "Stride placement cannot be read from tensors" in audit(module.state_dict()).reading.unread[0]


@pytest.mark.parametrize("name", TIMM)
def test_timms_networks_and_relatives_give_their_c_d_and_depths(name: str) -> None:
    module = on_meta(timm.create_model, name)
    for found in both_ways(module):
        assert found.target
        assert (found.target.depths, found.target.cardinality, found.target.base_width) == TIMM[name]
        assert not found.mistakes
    found = audit(module)
    relatives = {relative.trait.value for relative in found.reading.relatives}
    assert ("attention in its blocks" in relatives) == ("seres" in name)
    assert ("a stem of several convolutions" in relatives) == ("d_" in name or name.endswith("50d"))
    assert (found.spec is None) == bool(relatives)


@settings(max_examples=60)
@given(SHALLOW)
def test_any_spec_is_read_back_from_its_module(spec: ResNeXtSpec) -> None:
    module = build_on_meta(spec)
    found = audit(module)
    assert found.spec
    assert bare(plan_of(found.spec)) == bare(plan_of(spec))
    of_tensors = audit(module.state_dict()).spec
    usual = spec.with_options(stride_on=StrideOn.CONV3X3, stem="cifar" if spec.stem == "cifarpool" else spec.stem)
    assert of_tensors
    assert bare(plan_of(of_tensors)) == bare(plan_of(usual))


# Options of `Handmade` -> the mistakes in it, and where the first one is.
FAULTY: dict[str, tuple[dict[str, Any], Mistake, str]] = {
    "groups on the first 1x1": ({"groups_on": "squeeze"}, Mistake.GROUPS_ON_1X1, "trunk.0.0.squeeze"),
    "groups on the last 1x1": ({"groups_on": "grow"}, Mistake.GROUPS_ON_1X1, "trunk.0.0.grow"),
    "groups grow": ({"groups": [32, 64, 128, 256]}, Mistake.GROUPS_GROW, "trunk.1.0.mix"),
    "groups of one stage": ({"groups": [32, 32, 8, 32]}, Mistake.GROUPS_VARY, "trunk.2.0.mix"),
    "groups of one block": ({"odd_block": {"at": (2, 3), "groups_here": 16}}, Mistake.GROUPS_VARY, "trunk.2.3.mix"),
    "width stays": ({"widths": [128] * 4}, Mistake.WIDTH_STAYS, "trunk.1.0.mix"),
    "width of one block": ({"odd_block": {"at": (2, 3), "width_here": 1024}}, Mistake.WIDTH_VARIES, "trunk.2.3.mix"),
    "output 4d": ({"outputs": [16, 32, 64, 128]}, Mistake.OUTPUT_D, "trunk.0.0.grow"),
    "output stays": ({"outputs": [256] * 4}, Mistake.OUTPUT, "trunk.1.0.grow"),
    "stride on the 1x1": ({"stride_on": 0}, Mistake.STRIDE_1X1, "trunk.1.0.squeeze"),
    "stride on the last 1x1": ({"stride_on": 2}, Mistake.STRIDE, "trunk.1.0"),
    "kernel 5": ({"kernel": 5}, Mistake.KERNEL, "trunk.0.0.mix"),
    "no projection": ({"project": False}, Mistake.NO_PROJECTION, "trunk.0.0"),
    "projections everywhere": ({"project_always": True}, Mistake.PROJECTION, "trunk.0.1.bypass.0"),
    "bias": ({"bias": True}, Mistake.BIAS, "entry.0"),
    "no batch norm": ({"norms": 0}, Mistake.NO_NORM, "trunk.0.0.grow"),
    "two batch norms": ({"norms": 2}, Mistake.TWO_NORMS, "trunk.0.0.grow"),
}
INVISIBLE_TO_TENSORS = (Mistake.STRIDE_1X1, Mistake.STRIDE)


@pytest.mark.parametrize("name", FAULTY)
def test_a_mistake_is_named_placed_and_priced(name: str) -> None:
    options, mistake, where = FAULTY[name]
    module = on_meta(Handmade, **options)
    for claimed in (None, X50):
        found = audit(module, claimed=claimed)
        assert kinds(found) == [mistake]
        assert found.target == X50
        (finding,) = found.mistakes
        assert finding.where[0] == where
        assert finding.effect
        assert finding.effect.params == numel(module) - X50_PARAMS
        assert finding.effect.macs == flops(module, 224) // 2 - complexity(X50).macs
        assert finding.remedy
        assert finding.source.startswith(("arXiv 1611.05431", "Ioffe"))
        assert found.fully_mended
    assert kinds(audit(module.state_dict())) == ([] if mistake in INVISIBLE_TO_TENSORS else [mistake])


def test_c_and_d_the_wrong_way_round() -> None:
    module = on_meta(Handmade, c=4, d=32)
    assert not audit(module).mistakes
    (remark,) = audit(module).remarks
    assert (remark.mistake, remark.there) == (Mistake.SWAPPED, "32 groups of width 4, if ResNeXt-50 (32×4d) was meant")
    for found in both_ways(module, claimed=X50):
        assert kinds(found) == [Mistake.SWAPPED]
        assert found.mistakes[0].effect
        assert found.mistakes[0].effect.params == numel(module) - X50_PARAMS
    vars(module).update(cardinality=32, base_width=4)  # what its constructor was given
    assert kinds(audit(module)) == [Mistake.SWAPPED]


def test_groups_that_were_forgotten_make_a_wide_resnet() -> None:
    module = on_meta(Handmade, groups=[1] * 4)
    (remark,) = audit(module).remarks
    assert remark.mistake is Mistake.FORGOTTEN
    (finding,) = audit(module, claimed=X50).mistakes
    assert finding.mistake is Mistake.FORGOTTEN
    assert finding.effect == remark.effect
    assert finding.effect
    assert finding.effect.params == 68_883_240 - X50_PARAMS  # torchvision's wide_resnet50_2
    vars(module)["cardinality"] = 32
    assert kinds(audit(module)) == [Mistake.FORGOTTEN]


# Params of kuangliu's networks, as people report them: titu1994/Keras-ResNeXt#6 and #15 less their stem and buffers.
@pytest.mark.parametrize(("c", "params", "wrong"), [(8, 89_598_282, True), (2, 9_128_778, False)])
def test_outputs_that_follow_the_width(c: int, params: int, wrong: bool) -> None:
    module = on_meta(KuangliuResNeXt, (3, 3, 3), c, 64)
    for found in both_ways(module):
        assert found.params == params
        assert kinds(found) == [Mistake.STEM, *([Mistake.OUTPUT_WIDTH] if wrong else [])]
        assert found.mistakes[0].here == "1×1 3 → 64 stride 1"
        assert found.difference
        assert found.difference.params == params - complexity(parse(f"resnext29_{c}x64d_cifar10")).params
        assert found.difference.params == sum(finding.effect.params for finding in found.mistakes if finding.effect)


def test_d2l_before_and_after_its_lazy_layers_have_seen_an_image() -> None:
    module = d2l_resnext(4)
    assert not audit(module.state_dict()).is_family
    lazy = audit(module)
    assert lazy.params is None
    assert "Lazy layers" in lazy.reading.unread[0]
    assert kinds(lazy) == [Mistake.GROUPS_GROW, Mistake.BIAS]
    module(torch.zeros(2, 3, 32, 32))
    for found in both_ways(module):
        assert kinds(found) == kinds(lazy)
        assert found.mistakes[0].here == "3×3 in 32, 64, 128, 256 groups"
        assert found.params == numel(module)
        assert not found.unaccounted


def test_a_se_network_with_plain_names_and_no_groups() -> None:
    module = on_meta(stickcui_se_resnext50)
    found = audit(module, claimed=X50)
    assert kinds(found) == [Mistake.FORGOTTEN, Mistake.RELATIVE]
    assert found.mistakes[1].where[:2] == ("3.0.conv_down", "3.0.conv_up")
    squeezing = [value for name, value in module.named_parameters() if "conv_down" in name or "conv_up" in name]
    assert found.unaccounted == 0
    assert found.counted
    assert found.cost
    assert found.counted.params - found.cost.total.params == sum(value.numel() for value in squeezing)


def test_networks_without_folders_and_with_split_convolutions() -> None:
    assert audit(flat_net()).spec == parse("resnext20_4x4d_cifar10")
    assert audit(flat_net().state_dict()).spec == parse("resnext20_4x4d_cifar10")
    for found in both_ways(split_net(4, 8)):
        assert found.spec == parse("resnext20_4x8d_cifar10")
    assert kinds(audit(split_net(8, 8, outputs=(32, 64, 128)))) == [Mistake.OUTPUT_D]


DIALECTS = {
    "prlz77": (lambda: Prlz77(8, 4, 2, 5, widen=4), "resnext20_8x4d_cifar5"),
    "weiaicunzai": (lambda: Weiaicunzai((1, 2, 1, 1), 5, bottleneck=True), "resnet17_cifar5_b1-2-1-1"),
    "mmpretrain": (Mmpretrain, "resnext17_4x8d_b1-2-1-1_k4"),
}


@pytest.mark.parametrize("name", DIALECTS)
def test_other_peoples_names_do_not_matter(name: str) -> None:
    make, spec = DIALECTS[name]
    for found in both_ways(make()):
        assert found.spec == parse(spec)
    of_transformers = audit(transformers_names(model("resnet50").state_dict()))
    assert of_transformers.spec == TORCHVISION["resnet50"]


def test_four_stages_behind_a_cifar_stem() -> None:
    found = audit(on_meta(Handmade, stem=3, depths=(3, 3, 3, 3), classes=10))
    assert kinds(found) == [Mistake.CIFAR_STAGES]
    assert found.target == parse("resnext29_32x4d_cifar10")
    assert found.mistakes[0].where == ("trunk.3.0", "trunk.3.1", "trunk.3.2")


def test_against_a_claim_depth_stem_block_and_classes_are_compared() -> None:
    small = on_meta(torchvision.models.resnet34, num_classes=10)
    found = audit(small, claimed=X50)
    assert kinds(found) == [Mistake.BLOCK, Mistake.CLASSES]
    assert found.fully_mended
    assert found.spec == TORCHVISION["resnet34"].with_options(num_classes=10)
    claimed = parse("resnext29_32x4d_cifar10")
    found = audit(on_meta(Handmade), claimed=claimed)
    assert kinds(found) == [Mistake.STEM, Mistake.CIFAR_STAGES, Mistake.DEPTHS, Mistake.CLASSES]
    assert found.difference
    assert found.difference.params == X50_PARAMS - complexity(claimed).params
    assert found.difference.params == sum(finding.effect.params for finding in found.mistakes if finding.effect)


def test_norms_before_convolutions_are_a_relative() -> None:
    blocks = [PreActivated(64, 64, 256, 1), PreActivated(256, 64, 256, 1)]
    found = audit(nn.Sequential(nn.Conv2d(3, 64, 3, 1, 1, bias=False), nn.Sequential(*blocks), nn.Linear(256, 10)))
    assert [finding.here for finding in found.remarks] == ["norms before the convolutions (ResNet v2)"]
    assert found.spec is None


@pytest.mark.parametrize("name", NOT_FAMILY)
def test_other_families_are_told_apart(name: str) -> None:
    for found in both_ways(model(name)):
        assert not found.is_family
        assert found.verdict.startswith("This is no network of the ResNet family: ")
        assert found.spec is None
        assert not found.findings


def test_networks_without_maps_and_odd_things_are_answered_in_words() -> None:
    odd = [
        nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 2)), nn.LSTM(4, 4), nn.Identity(), nn.Conv2d(3, 4, 3),
        nn.TransformerEncoderLayer(8, 2, 8), nn.Conv1d(3, 4, 3), nn.ConvTranspose2d(3, 4, 3), nn.LazyConv2d(8, 3),
    ]  # fmt: skip
    for module in odd:
        for found in (audit(module), audit(module.state_dict())):
            assert not found.is_family
            assert found.to_dict()["verdict"] == found.verdict
    assert not audit({}).is_family
    assert not audit({"a": 3, "b": None, 7: torch.zeros(0, 0, 0, 0), "c.weight": torch.zeros(())}).is_family  # type: ignore[dict-item]
    with pytest.raises(UserError, match="A list cannot be audited"):
        audit([])  # type: ignore[arg-type]


def test_quantised_scripted_wrapped_and_parametrised_modules() -> None:
    net = torchvision.models.resnet18(num_classes=3)
    spec = TORCHVISION["resnet18"].with_options(num_classes=3)
    assert audit(nn.DataParallel(copy.deepcopy(net))).spec == spec
    assert audit(torch.jit.script(net)).spec == spec
    assert audit({f"module.{key}": value.half() for key, value in net.state_dict().items()}).spec == spec
    for part in (net.conv1, net.layer2[0].conv1):
        nn.utils.parametrizations.weight_norm(part)
    for found in both_ways(net):
        assert found.target == spec
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*deprecated", UserWarning)  # newer releases of torch say so, 2.11 does not
        numbers = torch.quantize_per_tensor(torch.zeros(64, 64, 1, 1), 0.1, 0, torch.qint8)
    state = {**model("resnet50").state_dict(), "layer1.0.conv1.weight": numbers}
    assert audit(state).spec == TORCHVISION["resnet50"]


class Hostile(nn.Module):
    """Looks like a convolution, and fails when it is looked at."""

    kernel_size, in_channels, out_channels, groups, dilation = (3, 3), 4, 4, 1, 1

    @property
    def stride(self) -> int:
        raise RuntimeError("not for you")


def test_a_layer_that_fails_when_looked_at_is_named() -> None:
    net = nn.Sequential(Handmade(depths=(1, 1), c=2, d=3, outputs=(16, 32), classes=3), Hostile())
    found = audit(net)
    assert found.is_family
    assert found.reading.unread[0] == "1 could not be looked at (RuntimeError)."


def test_sorted_names_as_files_have_them_do_no_harm() -> None:
    for module in (on_meta(Handmade), on_meta(KuangliuResNeXt, (3, 3, 3), 2, 64), flat_net()):
        state = module.state_dict()
        mixed = {key: state[key] for key in sorted(state)}
        assert audit(mixed).to_dict()["findings"] == audit(state).to_dict()["findings"]
        assert audit(mixed).spec == audit(state).spec


def everything(module: nn.Module) -> dict[str, Any]:
    """All that could be changed about a module, by name."""
    seen: dict[str, Any] = {"rng": torch.get_rng_state().tolist()}
    for name, part in module.named_modules():
        seen[f"{name} is"] = (type(part), part.training, sorted(vars(part)), sorted(part._modules))
        seen[f"{name} hooks"] = {key: list(value.items()) for key, value in vars(part).items() if "hooks" in key}
    for name, value in module.state_dict(keep_vars=True).items():
        seen[name] = (
            value.data_ptr(),
            value.tolist(),
            value.requires_grad,
            value.dtype,
            value.device,
            value._version,
            None if value.grad is None else (value.grad.data_ptr(), value.grad.tolist()),
        )
    return seen


def test_nothing_is_changed() -> None:
    torch.manual_seed(0)
    net = Handmade(depths=(1, 1), c=2, d=3, outputs=(16, 32), classes=3)
    unit = net.get_submodule("trunk.1.0")
    unit.eval()
    unit.get_parameter("squeeze.weight").requires_grad_(False)
    calls: list[str] = []
    unit.get_submodule("mix").register_forward_hook(lambda *_: calls.append("forward"))
    net.register_forward_pre_hook(lambda *_: calls.append("before"))
    net.answer.register_full_backward_hook(lambda *_: calls.append("backward"))
    net.entry.register_buffer("extra", torch.rand(3))
    for name in ("squeeze", "grow"):  # these compute, and change their buffers, whenever their weight is asked for
        nn.utils.parametrizations.spectral_norm(unit.train().get_submodule(name))
    nn.utils.parametrizations.spectral_norm(net.answer)
    net(torch.rand(2, 3, 32, 32)).sum().backward()
    state = net.state_dict()
    before, keys, calls_before = everything(net), list(state), list(calls)
    found = audit(net, claimed=X50)
    audit(state)
    assert everything(net) == before
    assert list(net.state_dict()) == keys == list(state)
    assert calls == calls_before
    assert found.reading.plan
