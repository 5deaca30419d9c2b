"""Relatives and other families as timm and torchvision build them: named, counted alike, not accused."""

from __future__ import annotations

import warnings
from typing import Any

import pytest
import timm
import torch
import torchvision
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from resnext_viz.auditing import Audit, Mistake
from resnext_viz.names import parse
from resnext_viz.nn import audit
from tests.nn.strangers import on_meta


def of_timm(name: str) -> nn.Module:
    return on_meta(timm.create_model, name, pretrained=False)


def numel(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def macs(module: nn.Module, side: int = 224) -> int:
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        module.eval()(torch.empty(1, 3, side, side, device="meta"))
    return int(counter.get_total_flops()) // 2


def both_ways(module: nn.Module) -> tuple[Audit, Audit]:
    return audit(module), audit(module.state_dict())


# Squeeze-and-excitation in three libraries' ways, of which every layer is counted.
@pytest.mark.parametrize("name", ["seresnext50_32x4d", "seresnet50", "legacy_seresnext26_32x4d", "seresnext101_64x4d"])
def test_params_and_macs_of_one_line_count_the_same_layers(name: str) -> None:
    module = of_timm(name)
    for found in both_ways(module):
        assert found.counted
        assert (found.counted.params, found.params) == (numel(module), numel(module))
        assert found.counted.macs == macs(module)
        assert found.unaccounted == 0
        assert not found.mistakes


def test_what_is_not_counted_is_said() -> None:
    found = audit(of_timm("ecaresnext50t_32x4d"))
    assert found.counted
    assert found.counted.params == (found.params or 0) - found.unaccounted


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("skresnext50_32x4d", "an SKNet (selective kernels), a relative of ResNeXt: like it, it has stages of residual "
         "blocks (3, 4, 6, 3)"),
        ("skresnet18", "an SKNet"),
        ("resnest50d", "a ResNeSt (split attention), a relative of ResNeXt: like it, it has stages of residual "
         "blocks (3, 4, 6, 3)"),
        ("resnest14d", "a ResNeSt"),
        ("res2next50", "a Res2Net, a relative of ResNeXt: like it, it has stages of residual blocks (3, 4, 6, 3)"),
        ("res2net50_26w_4s", "a Res2Net"),
        ("botnet26t_256", "a network with attention in place of some 3×3s, a relative of ResNeXt"),
        ("lambda_resnet26t", "a network with attention in place of some 3×3s"),
        ("halonet26t", "a network with attention in place of some 3×3s"),
        ("sebotnet33ts_256", "a network with attention in place of some 3×3s"),
        ("legacy_senet154", "a SENet, a relative of ResNeXt: like it, it has stages of residual blocks (3, 8, 36, 3)"),
    ],
)  # fmt: skip
def test_relatives_with_other_blocks_are_named(name: str, words: str) -> None:
    module = of_timm(name)
    for found in both_ways(module):
        assert words in found.verdict
        assert "nothing in it is judged" in found.verdict
        assert found.params == numel(module)
        assert not found.findings


@pytest.mark.parametrize("name", ["r3d_18", "mc3_18"])
def test_networks_over_volumes_are_named(name: str) -> None:
    module = on_meta(torchvision.models.get_model, name)
    for found in both_ways(module):
        assert "a 3-D network, for video, a relative of ResNeXt" in found.verdict
        assert "residual blocks (2, 2, 2, 2)" in found.verdict
        assert found.params == numel(module)


@pytest.mark.parametrize("name", ["resnext50_32x4d", "resnet50", "wide_resnet50_2"])
def test_dilation_in_place_of_a_stride_is_a_remark(name: str) -> None:
    module = on_meta(torchvision.models.get_model, name, replace_stride_with_dilation=[False, True, True])
    found = audit(module)
    assert not found.mistakes
    assert "dilated convolutions" in [remark.here for remark in found.remarks]
    assert found.counted
    assert found.counted.macs == macs(module)


@pytest.mark.parametrize("name", ["resnext26ts", "resnet50d", "resnet50_gn", "resnetrs50", "resnext50d_32x4d",
                                  "resnet33ts", "seresnet33ts", "resnet32ts", "gcresnet33ts", "resnet51q"])  # fmt: skip
def test_variants_of_timm_are_not_accused(name: str) -> None:
    found = audit(of_timm(name))
    assert found.is_family
    assert not found.mistakes


@pytest.mark.parametrize(
    "name", ["ese_vovnet19b_dw", "xception41", "regnety_008", "regnetx_008", "dla60x", "xception65"]
)
def test_other_families_are_not_taken_for_a_network_of_a_few_of_their_layers(name: str) -> None:
    module = of_timm(name)
    for found in both_ways(module):
        assert "no network of the ResNet family" in found.verdict
        assert found.params == numel(module)
        assert not found.findings


def renamed_attention(squeeze: str, excite: str) -> dict[str, Any]:
    names = {"se.fc1": squeeze, "se.fc2": excite}
    state = of_timm("seresnext50_32x4d").state_dict()
    for ours, theirs in names.items():
        state = {key.replace(ours, theirs): value for key, value in state.items()}
    return state


@pytest.mark.parametrize(
    ("squeeze", "excite"),
    [
        ("se_layer.conv1.conv", "se_layer.conv2.conv"),  # mmpretrain's
        ("se_module.fc1", "se_module.fc2"),
        ("attn.0", "attn.2"),
        ("ca.squeeze", "ca.excite"),
    ],
)
def test_attention_under_any_name_is_counted_whole(squeeze: str, excite: str) -> None:
    found = audit(renamed_attention(squeeze, excite))
    assert found.counted
    assert (found.counted.params, found.unaccounted) == (27559896, 0)  # timm's
    assert found.counted.macs == 4232994816
    assert not found.mistakes


class GroupedBasic(nn.Module):
    """A two-layer block with groups, as many repositories' ResNeXt-18 has it."""

    expansion = 1

    def __init__(
        self, c_in: int, planes: int, stride: int = 1, downsample: nn.Module | None = None, *_: Any, **__: Any
    ) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(c_in, planes, 3, stride, 1, groups=32, bias=False)
        self.bn1 = nn.BatchNorm2d(planes)
        self.conv2 = nn.Conv2d(planes, planes, 3, 1, 1, groups=32, bias=False)
        self.bn2 = nn.BatchNorm2d(planes)
        self.downsample = downsample


@pytest.mark.parametrize("depths", [[2, 2, 2, 2], [3, 4, 6, 3], [1, 1, 1, 1]])
def test_two_layer_blocks_with_groups_are_a_resnet_with_a_remark(depths: list[int]) -> None:
    module = on_meta(torchvision.models.ResNet, GroupedBasic, depths)
    plain = on_meta(torchvision.models.ResNet, torchvision.models.resnet.BasicBlock, depths)
    for found in both_ways(module):
        assert found.target == audit(plain).spec
        (remark,) = found.findings
        assert (remark.mistake, remark.is_remark) == (Mistake.TWO_LAYER_GROUPS, True)
        assert "section 3.3" in remark.source
        assert remark.effect
        assert remark.effect.params == numel(module) - numel(plain)


@pytest.mark.parametrize("name", ["deeplabv3_resnet50", "fcn_resnet50", "deeplabv3_resnet101"])
def test_a_segmentation_head_is_no_linear_layer(name: str) -> None:
    module = on_meta(torchvision.models.get_model, name, weights=None, weights_backbone=None)
    for found in both_ways(module):
        assert found.plan
        assert found.plan.head is None
        assert found.reading.part.beside or found.reading.left_over
        assert not found.mistakes


def test_a_detector_is_its_backbone_with_the_rest_named() -> None:
    module = on_meta(torchvision.models.get_model, "fasterrcnn_resnet50_fpn", weights=None, weights_backbone=None)
    found = audit(module.state_dict())
    assert found.target == parse("resnet50").with_options(head=False)
    assert not found.mistakes


def test_quantised_layers_are_folded_ones() -> None:
    state: dict[str, Any] = {}
    for key, value in torchvision.models.resnet18(num_classes=3).state_dict().items():
        layer, _, leaf = key.rpartition(".")
        if leaf == "weight" and value.dim() == 4:
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", ".*deprecated", UserWarning)
                state[key] = torch.quantize_per_tensor(value, 0.1, 0, torch.qint8)
            state[f"{layer}.bias"] = torch.zeros(value.shape[0])
            state |= {f"{layer}.scale": torch.tensor(0.1), f"{layer}.zero_point": torch.tensor(0)}
        elif layer == "fc" and leaf == "weight":
            state["fc._packed_params._packed_params"] = (value, torch.zeros(3))
            state |= {"fc.scale": torch.tensor(0.1), "fc.zero_point": torch.tensor(0)}
    found = audit(state)
    assert found.spec == parse("resnet18_k3")
    assert [remark.mistake for remark in found.findings] == [Mistake.FOLDED]
