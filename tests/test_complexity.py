"""Counts against the paper, torchvision's documentation and algebra. No expectation here was made by our own code."""

from itertools import pairwise

import pytest
import torch
from hypothesis import given
from torch.utils.flop_counter import FlopCounterMode

from resnext_viz import PRESETS, ResNeXtSpec, complexity, parse
from resnext_viz.errors import SpecError
from resnext_viz.layers import Op
from resnext_viz.nn.module_counts import build_on_meta
from resnext_viz.spec import ImageSize
from tests.support.specs import image_shapes, specs

# name: (params, MACs), counted with torch, fvcore and torchvision; CIFAR networks on 32 pixels, the others on 224.
GOLDEN = {
    "resnet34": (21_797_672, 3_663_761_408),
    "resnet50": (25_557_032, 4_089_184_256),
    "resnet101": (44_549_160, 7_801_405_440),
    "resnet200": (64_673_832, 15_007_481_856),
    "resnext50_2x40d": (25_425_000, 4_124_508_160),
    "resnext50_4x24d": (25_292_968, 4_159_832_064),
    "resnext50_8x14d": (25_603_016, 4_267_409_408),
    "resnext50_32x4d": (25_028_904, 4_230_479_872),
    "resnext101_2x40d": (44_456_296, 7_843_553_280),
    "resnext101_4x24d": (44_363_432, 7_885_701_120),
    "resnext101_8x14d": (45_104_328, 8_076_871_680),
    "resnext101_32x4d": (44_177_704, 7_969_996_800),
    "resnext101_2x64d": (84_198_184, 15_123_087_360),
    "resnext101_64x4d": (83_455_272, 15_460_270_080),
    "resnext101_32x8d": (88_791_336, 16_414_015_488),
    "resnet101_1x100d": (85_611_336, 15_272_862_720),
    "resnext152_64x4d": (114_971_944, 22_939_303_936),
    "resnet29_cifar10": (4_914_250, 748_365_824),
    "resnext29_2x64d_cifar10": (9_130_314, 1_411_065_856),
    "resnext29_4x64d_cifar10": (17_562_442, 2_736_465_920),
    "resnext29_8x64d_cifar10": (34_426_698, 5_387_266_048),
    "resnext29_16x64d_cifar10": (68_155_210, 10_688_866_304),
    "resnet29_1x128d_cifar10": (13_775_178, 2_090_543_104),
    "resnet29_1x192d_cifar10": (27_280_970, 4_112_197_632),
    "resnet29_1x256d_cifar10": (45_431_626, 6_813_329_408),
    "resnext29_8x112d_cifar10_x14": (157_529_418, 24_884_513_792),
    "resnext20_4x32d_cifar10": (4_650_314, 756_754_432),
    "resnext38_2x24d_cifar100_x2": (2_078_116, 314_820_608),
    "resnext50_32x4d_bias_out2cd": (25_063_016, 4_230_479_872),
}
GOLDEN_PARAMS = {
    "resnext29_8x64d_cifar100": 34_518_948,
    "resnext29_16x64d_cifar100": 68_247_460,
    "resnext50_8x64d_bias_out2cd_k10": 434_545_034,
    "resnext50_32x4d_features": 22_979_904,
    "resnext29_32x4d_cifar10": 4_775_754,
}


@pytest.mark.parametrize("name", GOLDEN)
def test_every_system_of_the_paper_is_counted_to_the_unit(name: str) -> None:
    counts = complexity(PRESETS[name])
    assert (counts.params, counts.macs) == GOLDEN[name]


@pytest.mark.parametrize("name", GOLDEN_PARAMS)
def test_params_where_only_params_are_published(name: str) -> None:
    assert complexity(PRESETS[name]).params == GOLDEN_PARAMS[name]


def test_resnet_152_is_as_large_as_torchvision_documents() -> None:
    assert complexity(PRESETS["resnet152"]).params == 60_192_808


def test_activations_and_memory_of_resnext_50() -> None:
    counts = complexity(parse("resnext50_32x4d"))
    assert (counts.acts, counts.memory_bytes) == (14_401_512, 157_721_664)


@pytest.mark.parametrize(
    ("name", "gmacs"),
    [
        ("resnet50", 3.857973),
        ("resnext50_32x4d", 3.768058),
        ("resnet101", 7.570194),
        ("resnext101_32x4d", 7.507575),
    ],
)
def test_stride_on_the_1x1_costs_what_he_et_al_counted(name: str, gmacs: float) -> None:
    counts = complexity(parse(name).with_options(stride_on="1x1"))
    assert round(counts.macs / 1e9, 6) == gmacs
    assert counts.params == complexity(parse(name)).params


@pytest.mark.parametrize(
    ("cardinality", "base_width", "params", "macs"),
    [
        (1, 64, 69_632, 218_365_952),
        (2, 40, 69_760, 218_767_360),
        (4, 24, 69_888, 219_168_768),
        (8, 14, 71_456, 224_086_016),
        (32, 4, 70_144, 219_971_584),
    ],
)
def test_one_block_of_stage_1_follows_equation_4(cardinality: int, base_width: int, params: int, macs: int) -> None:
    d = base_width
    assert cardinality * (256 * d + 3 * 3 * d * d + d * 256) == params
    counts = complexity(ResNeXtSpec(cardinality=cardinality, base_width=base_width))
    block = counts.walk.stages[0].blocks[1]
    assert sum(layer.weights for layer in block.layers) == params
    assert sum(layer.macs for layer in block.layers) == macs == params * 56 * 56


def test_footnote_5_marginally_smaller_and_marginally_higher() -> None:
    resnext, resnet = complexity(parse("resnext50_32x4d")), complexity(parse("resnet50"))
    assert resnext.total.minus(resnet.total)[:2] == (-528_128, 141_295_616)
    by_block = [
        a.minus(b)
        for x, y in zip(resnext.by_stage[1:5], resnet.by_stage[1:5], strict=True)
        for a, b in [(x.blocks[0], y.blocks[0])]
    ]
    assert [(d.params, d.macs) for d in by_block] == [
        (-11_520, -36_929_536),
        (-30_208, 52_985_856),
        (-121_856, 52_985_856),
        (-489_472, 52_985_856),
    ]


@given(specs(), image_shapes())
def test_rows_add_up_from_layers_to_blocks_to_stages_to_the_total(spec: ResNeXtSpec, image_size: ImageSize) -> None:
    counts = complexity(spec, image_size)
    layers = counts.layers
    assert sum(layer.params for layer in layers) == sum(row.cost.params for row in counts.by_stage) == counts.params
    assert sum(layer.macs for layer in layers) == sum(row.cost.macs for row in counts.by_stage) == counts.macs
    assert sum(layer.acts for layer in layers) == sum(row.cost.acts for row in counts.by_stage) == counts.acts
    for row in counts.by_stage[1 : 1 + len(spec.depths)]:
        assert tuple(map(sum, zip(*row.blocks, strict=True))) == row.cost


@given(specs(), image_shapes())
def test_layers_chain_and_carry_distinct_names(spec: ResNeXtSpec, image_size: ImageSize) -> None:
    layers = complexity(spec, image_size).layers
    assert len({layer.name for layer in layers}) == len(layers)
    main = [layer for layer in layers if "downsample" not in layer.name]
    for before, after in pairwise(main):
        assert (before.c_out, before.size_out) == (after.c_in, after.size_in)
    convolutions = [layer for layer in layers if layer.op is Op.CONV]
    for layer in convolutions:  # the output size every textbook gives
        for size_in, size_out in zip(layer.size_in, layer.size_out, strict=True):
            assert size_out == (size_in + 2 * layer.padding - layer.kernel) // layer.stride + 1


@pytest.mark.parametrize(
    ("name", "height", "width", "macs"),
    [
        ("resnext50_32x4d", 224, 320, 6_042_664_960),
        ("resnext50_32x4d", 800, 1333, None),  # as detectors take it
        ("resnet18", 1, 300, None),
        ("resnext29_8x64d_cifar10", 33, 17, None),
    ],
)
def test_images_of_any_shape_are_counted_as_torch_counts_them(
    name: str, height: int, width: int, macs: int | None
) -> None:
    spec = parse(name)
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        build_on_meta(spec)(torch.empty(1, spec.in_channels, height, width, device="meta"))
    counts = complexity(spec, (height, width))
    assert 2 * counts.macs == counter.get_total_flops()
    assert macs in (None, counts.macs)


def test_the_shape_of_an_image_is_read_and_told() -> None:
    spec = parse("resnext50_32x4d")
    wide = complexity(spec, (224, 320))
    for written in ("224x320", "224×320", "224 X 320", "224*320", " (224, 320)", "[224,320]", "２２４×320", [224, 320]):
        assert complexity(spec, written).walk == wide.walk  # type: ignore[arg-type]
    document = wide.to_dict()
    assert document["image_size"] == [224, 320]
    assert [stage["size_out"] for stage in document["stages"]] == [[112, 160], [56, 80], [28, 40], [14, 20], [7, 10], 1]
    assert complexity(spec, (224, 224)).walk == complexity(spec).walk
    assert complexity(spec, "224x224").to_dict()["image_size"] == 224  # type: ignore[arg-type]


@pytest.mark.parametrize("image_size", [0, -1, 4097, 10**12, True, "wide", 2.5, (0, 5), "224x", (1, 2, 3), None])
def test_an_impossible_image_size_is_refused_in_words(image_size: object) -> None:
    if image_size is None:
        assert complexity(ResNeXtSpec(), None).walk.image_size == 224
        return
    with pytest.raises(SpecError, match="image_size is .*whole number from 1 to 4096"):
        complexity(ResNeXtSpec(), image_size)  # type: ignore[arg-type]
