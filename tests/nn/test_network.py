"""The built networks against torchvision, torch's and fvcore's counters, and the walk."""

import logging
from typing import Any

import pytest
import torch
import torchvision
from fvcore.nn import FlopCountAnalysis
from hypothesis import given, settings
from torch import nn

from resnext_viz.complexity import complexity
from resnext_viz.layers import walk
from resnext_viz.nn.module_counts import build_on_meta, measured_macs, measured_params
from resnext_viz.nn.network import build
from resnext_viz.spec import BlockKind, ImageSize, ResNeXtSpec, map_size
from tests.support.specs import image_shapes, image_sizes, specs

BASIC = BlockKind.BASIC
TORCHVISION = {
    "resnet18": ResNeXtSpec((2, 2, 2, 2), block=BASIC, expansion=1),
    "resnet34": ResNeXtSpec((3, 4, 6, 3), block=BASIC, expansion=1),
    "resnet50": ResNeXtSpec(),
    "resnet101": ResNeXtSpec((3, 4, 23, 3)),
    "resnet152": ResNeXtSpec((3, 8, 36, 3)),
    "resnext50_32x4d": ResNeXtSpec(cardinality=32, base_width=4),
    "resnext101_32x8d": ResNeXtSpec((3, 4, 23, 3), cardinality=32, base_width=8),
    "resnext101_64x4d": ResNeXtSpec((3, 4, 23, 3), cardinality=64, base_width=4),
    "wide_resnet50_2": ResNeXtSpec(base_width=128),
    "wide_resnet101_2": ResNeXtSpec((3, 4, 23, 3), base_width=128),
}
SHALLOW = specs().map(lambda spec: spec.with_options(depths=[min(depth, 2) for depth in spec.depths]))


def randomise_norms(model: nn.Module) -> None:
    """Statistics and affine as no network starts with: defaults hide mistakes."""
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.3, 0.7)
            nn.init.normal_(module.bias, std=0.2)
            nn.init.normal_(module.running_mean, std=0.2)  # type: ignore[arg-type]  # a buffer that is there
            nn.init.uniform_(module.running_var, 0.5, 2.0)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", TORCHVISION)
def test_names_order_and_shapes_are_torchvisions(name: str) -> None:
    with torch.device("meta"):
        theirs = torchvision.models.get_model(name).state_dict()
    ours = build_on_meta(TORCHVISION[name]).state_dict()
    assert [(key, value.shape, value.dtype) for key, value in ours.items()] == [
        (key, value.shape, value.dtype) for key, value in theirs.items()
    ]


@pytest.mark.parametrize("name", TORCHVISION)
@torch.inference_mode()
def test_logits_are_torchvisions_with_its_weights(name: str) -> None:
    torch.manual_seed(0)
    with torch.device("meta"):  # its own way to draw weights draws them twice
        theirs = torchvision.models.get_model(name).eval()
    theirs.to_empty(device="cpu")
    for parameter in theirs.parameters():
        nn.init.kaiming_uniform_(parameter) if parameter.dim() > 1 else nn.init.uniform_(parameter, -0.1, 0.1)
    randomise_norms(theirs)
    ours = build_on_meta(TORCHVISION[name]).eval()
    ours.load_state_dict(theirs.state_dict(), assign=True)
    images = torch.randn(2, 3, 64, 64)
    expected = theirs(images)
    assert expected.std() > 1e-3
    assert (ours(images) - expected).abs().max() <= 1e-5 * expected.abs().max()


@settings(max_examples=60)
@given(SHALLOW, image_sizes())
def test_params_and_macs_are_those_of_the_module(spec: ResNeXtSpec, image_size: int) -> None:
    counts = complexity(spec, image_size)
    module = build_on_meta(spec)
    assert counts.params == measured_params(module)
    assert counts.macs == measured_macs(module, image_size)


@settings(max_examples=25)
@given(SHALLOW, image_shapes())
def test_layers_put_out_the_shapes_of_the_walk(spec: ResNeXtSpec, image_size: ImageSize) -> None:
    module = build_on_meta(spec)
    shapes: dict[str, tuple[int, ...]] = {}

    def note(name: str) -> Any:
        def hook(_module: nn.Module, _inputs: object, output: torch.Tensor) -> None:
            shapes[name] = tuple(output.shape)

        return hook

    expected: dict[str, tuple[int, ...]] = {}
    for layer in walk(spec, image_size).layers:
        if layer.name not in ("avgpool", "fc"):
            expected[layer.name] = (1, layer.c_out, *layer.size_out)
    if spec.head:
        expected["fc"] = (1, spec.num_classes)
    for name in expected:
        module.get_submodule(name).register_forward_hook(note(name))
    with torch.no_grad():
        module(torch.empty(1, spec.in_channels, *map_size(image_size), device="meta"))
    assert shapes == expected


@pytest.mark.parametrize("name", ["resnet34", "resnext50_32x4d"])
def test_fvcore_counts_the_same_convolutions_and_linear_layers(name: str) -> None:
    logging.getLogger("fvcore").setLevel(logging.ERROR)
    analysis = FlopCountAnalysis(build(TORCHVISION[name]).eval(), torch.zeros(1, 3, 64, 64))
    counted = analysis.unsupported_ops_warnings(False).by_operator()
    assert counted["conv"] + counted["linear"] == complexity(TORCHVISION[name], 64).macs
