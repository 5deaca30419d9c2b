"""Maps of the stages: what the plain submodules give, the strongest channels first, one scale that none exceeds."""

import numpy as np
import pytest
import torch

from resnext_viz.inference.attribution.stages import stage_maps
from resnext_viz.nn.network import ResNeXt
from resnext_viz.spec import ResNeXtSpec, Stem
from tests.inference.conftest import trained


@pytest.fixture(scope="module")
def model() -> ResNeXt:
    return trained(ResNeXtSpec(depths=(1, 2, 1), cardinality=4, base_width=4, stem=Stem.CIFAR, num_classes=5))


def picture(side: int) -> torch.Tensor:
    return torch.randn(3, side, side, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("shown", [1, 5])
def test_maps_are_those_of_the_plain_submodules(model: ResNeXt, shown: int) -> None:
    made = stage_maps(model, picture(16), shown)
    assert [each.name for each in made] == ["stem", "stage 1", "stage 2", "stage 3"]
    with torch.no_grad():
        x = torch.nn.Sequential(model.conv1, model.bn1, torch.nn.ReLU())(picture(16)[None])
        outputs = [x]
        for part in (model.layer1, model.layer2, model.layer3):
            outputs.append(part(outputs[-1]))
    for each, out in zip(made, outputs, strict=True):
        full = out[0].numpy()
        means = full.mean((1, 2))
        assert each.channels == len(full)
        assert each.side == full.shape[1]
        assert [means[number - 1] for number in each.numbers] == pytest.approx(sorted(means, reverse=True)[:shown])
        for number, drawn in zip(each.numbers, each.maps, strict=True):
            np.testing.assert_allclose(drawn, full[number - 1], rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(each.mean, full.mean(0), rtol=1e-5, atol=1e-6)
        assert each.largest == pytest.approx(max(full[number - 1].max() for number in each.numbers))
    # A channel that is not shown does not stretch the scale.
    assert shown > 1 or any(each.largest < out.max() for each, out in zip(made, outputs, strict=True))


def test_a_large_map_is_averaged_over_squares(model: ResNeXt) -> None:
    stem = stage_maps(model, picture(128), shown=2)[0]
    with torch.no_grad():
        full = torch.relu(model.bn1(model.conv1(picture(128)[None])))[0].numpy()
    assert (stem.side, stem.maps.shape) == (128, (2, 64, 64))
    for number, shown in zip(stem.numbers, stem.maps, strict=True):
        squares = full[number - 1].reshape(64, 2, 64, 2).mean((1, 3))
        np.testing.assert_allclose(shown, squares, rtol=1e-5, atol=1e-6)


def test_more_channels_than_there_are_gives_all(model: ResNeXt) -> None:
    assert len(stage_maps(model, picture(16), shown=10_000)[0].numbers) == 64
