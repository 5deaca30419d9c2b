"""Names as strangers write and paste them: read as they are meant, to the parameter, or refused."""

import re

import pytest
import timm
import torch

from resnext_viz import complexity, name_of, parse
from resnext_viz.errors import SpecError

# Kind of name -> what people write, and what they mean.
WRITTEN = {
    "publishers of weights": [
        ("resnext101_32x16d_wsl", "resnext101_32x16d"),
        ("ig_resnext101_32x8d", "resnext101_32x8d"),
        ("ig_resnext101_32x16-c6f796b0.pth", "resnext101_32x16d"),
        ("swsl_resnext50_32x4d", "resnext50_32x4d"),
        ("ssl_resnext101_32x16d", "resnext101_32x16d"),
        ("semi_weakly_supervised_resnext50_32x4-72679e44.pth", "resnext50_32x4d"),
        ("gluon_resnext101_64x4d", "resnext101_64x4d"),
        ("gluon_resnet50_v1b", "resnet50"),
        ("tv_resnext50_32x4d", "resnext50_32x4d"),
        ("timm/resnext50_32x4d.a1h_in1k", "resnext50_32x4d"),
        ("hf_hub:timm/resnext101_32x8d.fb_wsl_ig1b_ft_in1k", "resnext101_32x8d"),
        ("hf-hub:timm/wide_resnet50_2.racm_in1k", "resnet50_1x128d"),
        ("https://huggingface.co/timm/resnext50_32x4d.a1h_in1k", "resnext50_32x4d"),
        ("https://download.pytorch.org/models/resnext50_32x4d-7cdf4075.pth", "resnext50_32x4d"),
        ("torchvision://resnext101_32x8d", "resnext101_32x8d"),
        ("open-mmlab://resnext101_64x4d", "resnext101_64x4d"),
        ("microsoft/resnet-50", "resnet50"),
        ("ResNeXt50_32X4D_Weights.IMAGENET1K_V2", "resnext50_32x4d"),
        ("resnext50_32x4d.a1_in1k", "resnext50_32x4d"),
        (r"C:\weights\resnext101_32x8d-8ba56ff5.pth", "resnext101_32x8d"),
        ("resnext50-32x4d_8xb32_in1k", "resnext50_32x4d"),
        ("resnext50_32x4d_b32x8_imagenet_20210429-56066e27.pth", "resnext50_32x4d"),
    ],
    "Detectron and OpenMMLab": [
        ("x101_64x4d", "resnext101_64x4d"),
        ("X-101-32x8d-FPN", "resnext101_32x8d"),
        ("ResNeXt-32x8d-101-FPN", "resnext101_32x8d"),
        ("ResNeXt-32x4d-152", "resnext152_32x4d"),
        ("R-50-FPN", "resnet50"),
        ("X-101/64x4d", "resnext101_64x4d"),
        ("x152/32x8d", "resnext152_32x8d"),
        ("R-101/resnet101.pkl", "resnet101"),
        ("WRN/resnet50", "resnet50"),
        ("r101", "resnet101"),
        ("x101_32x4d_fpn_1x_coco", "resnext101_32x4d"),
    ],
    "spelling": [
        ("ResNeXt-50 (32x4d)", "resnext50_32x4d"),
        ("ResNeXt-50 (32 x 4d)", "resnext50_32x4d"),
        ("ResNeXt-50 (32 × 4d)", "resnext50_32x4d"),
        ("resnext50_32*4d", "resnext50_32x4d"),
        ("resnext 101 (32 x 48 d)", "resnext101_32x48d"),
        ("ResNeXt–101 — 64×4d", "resnext101_64x4d"),
        ("ResNeXt－50（32×4d）", "resnext50_32x4d"),
        ("Res-NeXt 50", "resnext50_32x4d"),
        ("ResNeXt-101/32x4d", "resnext101_32x4d"),
        ("32x4d ResNeXt-101", "resnext101_32x4d"),
        ("101-resnext-32x8d", "resnext101_32x8d"),
        ("50-layer ResNeXt, 32×4d", "resnext50_32x4d"),
        ("resnext29 8 64", "resnext29_8x64d_cifar10"),
        ("resnext 29 16 64", "resnext29_16x64d_cifar10"),
        ("WRN-50-2", "resnet50_1x128d"),
        ("wide_resnet101_2", "resnet101_1x128d"),
        ("ResNet-101, 1x100d", "resnet101_1x100d"),
        ("resnext29_8x64d", "resnext29_8x64d_cifar10"),
        ("CIFAR-100 ResNeXt-29 (16x64d)", "resnext29_16x64d_cifar100"),
        ("resnet50 v1.5", "resnet50"),
        ("resnext50", "resnext50_32x4d"),
        ("resnet34", "resnet34"),
    ],
    "code": [
        ("models.resnext50_32x4d(pretrained=True)", "resnext50_32x4d"),
        ("net = torchvision.models.resnext50_32x4d(weights=ResNeXt50_32X4D_Weights.DEFAULT)", "resnext50_32x4d"),
        ("torchvision.models.resnet.resnext101_32x8d", "resnext101_32x8d"),
        ("self.net = models.wide_resnet101_2()", "resnet101_1x128d"),
        ("from torchvision.models import resnext50_32x4d", "resnext50_32x4d"),
        ("torch.hub.load('pytorch/vision:v0.10.0', 'resnext50_32x4d', pretrained=True)", "resnext50_32x4d"),
        ("torch.hub.load('facebookresearch/WSL-Images', 'resnext101_32x8d_wsl')", "resnext101_32x8d"),
        ("timm.create_model('resnext50_32x4d', pretrained=True, num_classes=10)", "resnext50_32x4d_k10"),
        ("ResNet(Bottleneck, [3, 4, 6, 3], groups=32, width_per_group=4)", "resnext50_32x4d"),
        ("ResNet(block=Bottleneck, layers=[3, 4, 23, 3], cardinality=32, base_width=8)", "resnext101_32x8d"),
        ("ResNet(BasicBlock, [2, 2, 2, 2], num_classes=7)", "resnet18_k7"),
        ("ResNet(BasicBlock, [3, 4, 6, 3])", "resnet34"),
        ("_resnet('resnext50_32x4d', Bottleneck, [3, 4, 6, 3], pretrained, progress, **kwargs)", "resnext50_32x4d"),
        ("CifarResNeXt(cardinality=8, depth=29, nlabels=10, base_width=64, widen_factor=4)", "resnext29_8x64d_cifar10"),
        ("resnet50(groups=32, width_per_group=4)", "resnext50_32x4d"),
        ("groups=32, width_per_group=4", "resnext50_32x4d"),
        ("models.__dict__['resnext50_32x4d']()", "resnext50_32x4d"),
        ("nn.DataParallel(models.resnext50_32x4d())", "resnext50_32x4d"),
        ("resnext101_32x8d(weights='DEFAULT').to(device)", "resnext101_32x8d"),
        ("net = resnext50_32x4d().eval().cuda()", "resnext50_32x4d"),
        ("AutoModelForImageClassification.from_pretrained('microsoft/resnet-50')", "resnet50"),
        ("facebookresearch/WSL-Images:resnext101_32x8d_wsl", "resnext101_32x8d"),
        ("pytorch/vision:v0.10.0 resnext50_32x4d", "resnext50_32x4d"),
        ("pytorch/vision:main, wide_resnet50_2", "resnet50_1x128d"),
        ("mmpretrain::resnext/resnext50-32x4d_8xb32_in1k.py", "resnext50_32x4d"),
    ],
    "words": [
        ("resnext50, cardinality 32, base width 4", "resnext50_32x4d"),
        ("ResNeXt-101 with groups 64 and width per group 4", "resnext101_64x4d"),
        ("ResNeXt 50 with cardinality of 16", "resnext50_16x4d"),
        ("cardinality: 32, bottleneck width: 4d, depth 50", "resnext50_32x4d"),
        ("ResNeXt-50, C = 32 and d = 4", "resnext50_32x4d"),
        ("resnext 50 layers, 16 groups, base width of 8", "resnext50_16x8d"),
        ("ResNeXt-50 (32x4d), 10 classes", "resnext50_32x4d_k10"),
        ("resnet50 with 7 classes", "resnet50_k7"),
        ("X101-32x8d-FPN-IN5k", "resnext101_32x8d"),
        ("ResNeXt101-64x4d (PaddleClas)", "resnext101_64x4d"),
    ],
    "settings": [
        ("type=ResNeXt depth=101 groups=32 base_width=4", "resnext101_32x4d"),
        ("cardinality=32 base_width=4 depth=101", "resnext101_32x4d"),
        (
            "backbone=dict(type='ResNeXt', depth=101, groups=64, base_width=4, num_stages=4, out_indices=(0, 1, 2, 3), "
            "frozen_stages=1, norm_cfg=dict(type='BN', requires_grad=True), style='pytorch', "
            "init_cfg=dict(type='Pretrained', checkpoint='open-mmlab://resnext101_64x4d'))",
            "resnext101_64x4d",
        ),
        ("type='ResNet', depth=50, style='caffe'", "resnet50_stride1x1"),
        ("MODEL.RESNETS.DEPTH 101 MODEL.RESNETS.NUM_GROUPS 32 MODEL.RESNETS.WIDTH_PER_GROUP 8", "resnext101_32x8d"),
        ("RESNETS:\n  STRIDE_IN_1X1: False\n  NUM_GROUPS: 32\n  WIDTH_PER_GROUP: 8\n  DEPTH: 101", "resnext101_32x8d"),
        ('{"arch": "resnext50_32x4d", "num_classes": 10}', "resnext50_32x4d_k10"),
        ("--arch resnext101_32x8d", "resnext101_32x8d"),
        ("--depth 29 --cardinality 8 --base-width 64 --widen-factor 4", "resnext29_8x64d_cifar10"),
    ],
}


@pytest.mark.parametrize(("text", "name"), [row for rows in WRITTEN.values() for row in rows])
def test_a_name_is_read_as_it_is_meant(text: str, name: str) -> None:
    assert name_of(parse(text)) == name


@pytest.mark.parametrize(
    ("text", "params"),
    [
        ("x101_64x4d", 83_455_272),  # torchvision's resnext101_64x4d
        ("resnext101_32x16d_wsl", 194_026_792),  # timm's resnext101_32x16d
        ("WRN-50-2", 68_883_240),  # torchvision's wide_resnet50_2
        ("ResNet(Bottleneck, [3, 4, 6, 3], groups=32, width_per_group=4)", 25_028_904),
    ],
)
def test_the_network_that_is_meant_has_the_params_of_its_library(text: str, params: int) -> None:
    assert complexity(parse(text)).params == params


@pytest.mark.parametrize(
    ("text", "advised"),
    [
        ("keras.applications.ResNet101", ["resnet101_stride1x1_bias"]),
        ("tf.keras.applications.ResNet50(weights=None)", ["resnet50_stride1x1_bias"]),
        ("caffe resnext101", ["resnext101_32x4d_stride1x1"]),
        ("resnet152_v1", ["resnet152_stride1x1", "resnet152"]),
        ("wide_resnet101_2 v1", ["resnet101_1x128d_stride1x1", "resnet101_1x128d"]),
    ],
)
def test_a_refused_maker_is_told_how_to_write_that_very_network(text: str, advised: list[str]) -> None:
    with pytest.raises(SpecError) as refused:
        parse(text)
    _, _, advice = str(refused.value).partition(": write ")
    assert [word for word in re.split(r"[ ,]+", advice) if word.startswith("res")] == advised


def test_a_maker_who_builds_it_as_all_do_is_no_riddle() -> None:
    spec = parse("keras.applications.resnext.ResNeXt50(weights='imagenet')")
    assert complexity(spec).params + 68_224 == 25_097_128  # Keras prints the running statistics of batch norm, too
    assert name_of(parse("resnet18_v1")) == "resnet18"  # its blocks have no 1x1 for a stride to sit on
    assert name_of(parse("resnet34_v1.onnx")) == "resnet34"


@pytest.mark.parametrize(
    "text",
    [
        "resnext50_32x4d 64x4d",  # says it twice
        "resnext50 resnext101",
        "resnet50 resnext50",
        "resnext50 224x224",  # an image
        "resnext50 224 224",
        "resnext50_32x4d 224",
        "resnext50 101 152",  # three networks
        "resnext50_32x4d.layer1",  # a part
        "ResNet(Bottleneck, [3, 4, 6, 3], 10)",
        "wide_resnet50",  # how wide?
        "resnet50_v1",  # stride on the 1x1, or not
        "tf.keras.applications.ResNet50(weights='imagenet')",  # has biases
        "resnext50_32x4d(features_only=True)",
        "resnet18 cifar10",
        "resnext 50 in detail",
        "resnext50 depth=101",
        "resnext50 with 7 classes and 10 classes",
        "resnext50 16 groups 32 groups",
        "resnext50 and resnext101",
        "resnext50 with width 4",  # of what?
        "101/x:32x4d resnext",
        "101/32x4d:64x4d resnext",
    ],
)
def test_what_can_mean_two_things_is_refused(text: str) -> None:
    with pytest.raises(SpecError):
        parse(text)


def test_a_half_of_the_paths_replaces_that_half_of_the_network_it_is_said_of() -> None:
    assert name_of(parse("resnext50 cardinality=16")) == "resnext50_16x4d"
    assert name_of(parse("resnext101, d=8")) == "resnext101_32x8d"
    assert name_of(parse("resnet50 groups=32")) == "resnext50_32x64d"  # as torchvision's resnet50(groups=32)
    assert name_of(parse("resnext50_32x4d cardinality=8")) == "resnext50_8x4d"
    assert name_of(parse("wide_resnet50_2 groups=2")) == "resnext50_2x128d"
    assert name_of(parse("C=16")) == "resnext50_16x4d"  # of what is meant where no network is named
    for text in ("resnext50", "resnet50", "resnext101_64x4d", "wide_resnet50_2"):
        for half in ({"cardinality": 16}, {"base_width": 7}):
            ((option, value),) = half.items()
            assert parse(f"{text} {option}={value}") == parse(text).with_options(**half)


def test_every_name_of_timm_is_read_to_the_parameter_or_refused() -> None:
    read = {}
    for name in timm.list_models(pretrained=True, include_tags=True) + timm.list_models():
        try:
            read[name.partition(".")[0]] = parse(name)
        except SpecError:
            continue
    assert {"resnext50_32x4d", "resnext101_32x16d", "wide_resnet101_2", "resnet18", "resnet200"} <= read.keys()
    for name, spec in read.items():
        with torch.device("meta"):
            module = timm.create_model(name)
        assert sum(each.numel() for each in module.parameters()) == complexity(spec).params, name
