"""A network's spec is found again from the shapes of its tensors, and from torchvision's own models."""

from __future__ import annotations

import random

import pytest
import torch
import torchvision
from hypothesis import assume, given, settings

from resnext_viz.errors import UserError
from resnext_viz.nn import build
from resnext_viz.reading.tensors import is_used
from resnext_viz.spec import BlockKind, OutputRule, ResNeXtSpec, Stem, StrideOn
from tests.support.read_shapes import recognise
from tests.support.specs import specs

Shapes = dict[str, tuple[int, ...]]


def shapes_of(model: torch.nn.Module) -> Shapes:
    return {key: tuple(value.shape) for key, value in model.state_dict().items() if is_used(key)}


def built(spec: ResNeXtSpec) -> Shapes:
    with torch.device("meta"):
        return shapes_of(build(spec))


@pytest.mark.parametrize(
    ("name", "depths", "cardinality", "base_width"),
    [
        ("resnext50_32x4d", (3, 4, 6, 3), 32, 4),
        ("resnext101_32x8d", (3, 4, 23, 3), 32, 8),
        ("resnext101_64x4d", (3, 4, 23, 3), 64, 4),
        ("resnet50", (3, 4, 6, 3), 1, 64),
        ("wide_resnet50_2", (3, 4, 6, 3), 1, 128),
    ],
)
def test_torchvision_models(name: str, depths: tuple[int, ...], cardinality: int, base_width: int) -> None:
    with torch.device("meta"):
        spec, notes = recognise(shapes_of(torchvision.models.get_model(name)))
    assert spec == ResNeXtSpec(depths=depths, cardinality=cardinality, base_width=base_width)
    assert "stride on the 3×3" in notes[0]


@pytest.mark.parametrize("name", ["resnet18", "resnet34"])
def test_basic_blocks(name: str) -> None:
    with torch.device("meta"):
        spec, notes = recognise(shapes_of(torchvision.models.get_model(name)))
    assert spec.block is BlockKind.BASIC
    assert spec.expansion == 1
    assert notes == ()


@settings(max_examples=60, deadline=None)
@given(spec=specs())
def test_any_network_is_found_again_but_for_what_shapes_do_not_tell(spec: ResNeXtSpec) -> None:
    assume(spec.head)
    shapes = built(spec)
    found, _ = recognise(shapes)
    # Equal counts of everything: output rules may coincide, the pool and the stride are not in the shapes.
    assert built(found) == shapes
    for option in ("depths", "cardinality", "base_width", "block", "conv_bias", "num_classes", "in_channels"):
        assert getattr(found, option) == getattr(spec, option)
    assert (found.stem is Stem.IMAGENET) == (spec.stem is Stem.IMAGENET)
    assert found.stride_on is StrideOn.CONV3X3


def test_a_cifar_stem_is_assumed_not_to_pool_and_it_is_said() -> None:
    spec, notes = recognise(built(ResNeXtSpec(depths=(1, 1, 1), cardinality=4, base_width=16, stem=Stem.CIFAR_POOL)))
    assert spec.stem is Stem.CIFAR
    assert "no pooling" in notes[0]


def test_networks_without_shortcuts() -> None:
    plain = ResNeXtSpec(depths=(2, 1), cardinality=4, base_width=8, shortcut=False)
    assert recognise(built(plain))[0] == plain


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            {"layer2.0.conv2.weight": (16, 16, 3, 3)},
            r"layer2\.0\.conv2\.weight has the shape 16×16×3×3, where 16×8×3×3",
        ),
        ({"layer1.0.bn3.bias": None}, r"layer1\.0\.bn3\.bias 256 is missing"),
        ({"layer2.0.extra.weight": (4, 4)}, r"layer2\.0\.extra has no place"),
        ({"layer2.0.se.fc1.weight": (4, 4)}, r"layer2\.0\.se\.fc1 has no place"),
        ({"conv1.weight": None}, "no convolution that takes an image"),
        ({"conv1.weight": (64, 3, 5, 5)}, "conv1.weight has the shape 64×3×5×5, where 64×3×7×7"),
        ({"conv1.weight": (64, 3, 7)}, "no convolution that takes an image"),
        ({"layer1.0.conv1.weight": None}, "no residual block"),
        ({"layer1.0.conv3.weight": (250, 8, 1, 1)}, "no residual block"),
        ({"layer1.500.conv1.weight": (8, 8, 1, 1)}, "no residual block"),
        ({"layer9.0.conv1.weight": (8, 512, 1, 1)}, r"layer9\.0\.conv1 has no place"),
        ({"layer1.0.conv2.weight": (0, 0, 3, 3)}, "a stem of several convolutions"),
    ],
)
def test_other_networks_are_refused_with_the_first_misfit(
    change: dict[str, tuple[int, ...] | None], words: str
) -> None:
    shapes = built(ResNeXtSpec(depths=(1, 1), cardinality=2, base_width=4))
    for key, shape in change.items():
        if shape is None:
            del shapes[key]
        else:
            shapes[key] = shape
    with pytest.raises(UserError, match=words):
        recognise(shapes)


@pytest.mark.parametrize("name", ["vgg11", "densenet121", "mobilenet_v2"])
def test_other_families_are_refused(name: str) -> None:
    with torch.device("meta"):
        shapes = shapes_of(torchvision.models.get_model(name))
    with pytest.raises(UserError, match="no network of the ResNet family"):
        recognise(shapes)


def test_an_output_that_follows_a_large_width_is_no_large_expansion() -> None:
    spec = ResNeXtSpec(depths=(1,), cardinality=48, base_width=44, output_rule=OutputRule.WIDTH, num_classes=2)
    assert recognise(built(spec))[0] == spec  # 2·48·44 channels would be an expansion of 66, which no spec has


@pytest.mark.parametrize("depths", [(1,), (1, 1), (2, 1)])
def test_one_channel_everywhere_is_read_in_any_order(depths: tuple[int, ...]) -> None:
    """There every order of its layers is a chain of convolutions that fit."""
    spec = ResNeXtSpec(depths, 1, 1, expansion=1, stem=Stem.CIFAR, in_channels=1, num_classes=2)
    shapes = built(spec)
    for seed in range(60):
        order = random.Random(seed).sample(sorted(shapes), len(shapes))
        assert recognise({name: shapes[name] for name in order})[0] == spec, seed
