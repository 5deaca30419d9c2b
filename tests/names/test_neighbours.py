"""Neighbours are named, with the plain network's cost, and never counted as what they are not."""

import pytest

from resnext_viz import name_of, parse
from resnext_viz.errors import SpecError
from resnext_viz.names import NeighbourError

COSTS = {  # of torchvision's modules: params, and MACs of convolutions and linear layer at 224
    "resnext50_32x4d": (25_028_904, 4_230_479_872),
    "resnet50": (25_557_032, 4_089_184_256),
    "resnext101_64x4d": (83_455_272, 15_460_270_080),
    "resnext101_32x4d": (44_177_704, 7_969_996_800),  # timm's
    "resnet18": (11_689_512, 1_814_073_344),
}


@pytest.mark.parametrize(
    ("text", "what", "plain"),
    [
        ("seresnext50_32x4d", "a ResNeXt with squeeze-and-excitation", "resnext50_32x4d"),
        ("SE-ResNeXt-101 (32x4d)", "a ResNeXt with squeeze-and-excitation", "resnext101_32x4d"),
        ("legacy_seresnext50_32x4d.in1k", "a ResNeXt with squeeze-and-excitation", "resnext50_32x4d"),
        ("skresnext50_32x4d", "a ResNeXt with selective kernels", "resnext50_32x4d"),
        ("cbam resnet50", "attention (CBAM)", "resnet50"),
        ("resnext50d_32x4d", "shortcuts that pool before they project", "resnext50_32x4d"),
        ("ResNeXt101_vd_64x4d", "shortcuts that pool before they project", "resnext101_64x4d"),
        ("ecaresnet50d", "efficient channel attention, a stem of three 3×3", "resnet50"),
        ("resnest50d", "split attention (ResNeSt)", "resnet50"),
        ("res2next50", "several scales", "resnext50_32x4d"),
        ("res2net50_26w_4s", "several scales", "resnet50"),
        ("resnet50_gn", "group norm", "resnet50"),
        ("ResNet(Bottleneck, [3,4,6,3], norm_layer=GroupNorm)", "other norms", "resnet50"),
        ("preact_resnet18", "norms before the convolutions", "resnet18"),
        ("ResNet50V2", "norms before the convolutions", "resnet50"),
        ("resnetv2_50x1_bit.goog_in21k", "norms before the convolutions", "resnet50"),
        ("resnet50x4_clip.openai", "more channels everywhere, CLIP's stem", "resnet50"),
        ("ResNet-50-D", "shortcuts that pool before they project", "resnet50"),
        ("resnext101 d 64x4d", "shortcuts that pool before they project", "resnext101_64x4d"),
        ("ResNet-50-T", "a tiered stem", "resnet50"),
        ("d-resnet50", "dilated convolutions", "resnet50"),
        ("preresnet50", "norms before the convolutions", "resnet50"),
        ("pre-ResNeXt-101 (32x4d)", "norms before the convolutions", "resnext101_32x4d"),
        ("R-50-D8", "dilated convolutions", "resnet50"),
        ("resnet50(replace_stride_with_dilation=[False, True, True])", "dilated convolutions", "resnet50"),
        ("resnext101_32x4d-DCN", "deformable convolutions", "resnext101_32x4d"),
        ("WRN-18-2", "Wide ResNet", "resnet18"),
        ("wide_resnet28_10", "Wide ResNet", "resnet50"),
        ("regnetx_032", "a RegNet", "resnext50_32x4d"),
        ("densenet121", "a DenseNet", "resnext50_32x4d"),
        ("vit_base_patch16_224", "a vision transformer", "resnext50_32x4d"),
        ("convnext_tiny", "a ConvNeXt", "resnext50_32x4d"),
        ("smp.Unet('resnext50_32x4d')", "a segmenter", "resnext50_32x4d"),
        ("faster_rcnn_x101_64x4d_fpn_1x_coco", "a detector", "resnext101_64x4d"),
    ],
)
def test_a_neighbour_is_named_with_the_plain_networks_cost(text: str, what: str, plain: str) -> None:
    with pytest.raises(NeighbourError) as caught:
        parse(text)
    said = str(caught.value)
    assert name_of(caught.value.plain) == plain
    assert what in said
    assert "this program" in said
    params, macs = COSTS[plain]
    assert f"{plain}, has {params:,} params and {macs:,} MACs" in said
    assert "\n" not in said


@pytest.mark.parametrize("text", ["resnet20", "ResNet-56", "resnet110", "resnet1001"])
def test_the_small_networks_of_2015_and_2016_are_not_bottlenecks_of_64_channels(text: str) -> None:
    with pytest.raises(NeighbourError, match="16, 32 and 64 channels"):
        parse(text)


@pytest.mark.parametrize("setting", ["norm_layer=nn.BatchNorm2d", "norm_layer=None", "avg_down=False"])
def test_a_setting_at_what_a_plain_network_has_makes_no_neighbour(setting: str) -> None:
    assert name_of(parse(f"resnext50_32x4d({setting})")) == "resnext50_32x4d"


@pytest.mark.parametrize("text", ["vgg16", "efficientnet_b0", "regnety_032", "densenet121", "vit_b_16"])
def test_a_network_of_another_family_has_no_plain_form_in_this_one(text: str) -> None:
    with pytest.raises(NeighbourError, match=r"count; for comparison, ResNeXt-50 \(32×4d\), resnext50_32x4d, has"):
        parse(text)


@pytest.mark.parametrize("text", ["mask rcnn resnet50", "seresnext50_32x4d"])
def test_a_network_with_additions_has_one(text: str) -> None:
    with pytest.raises(NeighbourError, match="; the plain Res"):
        parse(text)


def test_it_is_a_mistake_as_others_are() -> None:
    assert issubclass(NeighbourError, SpecError)
