"""What the network gets is what torchvision's own transforms give, to the bit; the crop shown is the crop taken."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from torchvision.models import ResNet50_Weights, ResNeXt50_32X4D_Weights, ResNeXt101_64X4D_Weights

from resnext_viz.inference.photos.decode import decode_image
from resnext_viz.inference.photos.preprocess import CIFAR, Interpolation, Preprocess
from resnext_viz.training.measure.larger_photos import Enlargement, enlarged

SHAPES = [
    *((224, 224), (500, 375), (333, 501), (231, 77), (1, 1), (3, 900), (1023, 257), (256, 255)),
    *((290, 401), (401, 290), (290, 403), (403, 290)),  # where rounding up and down differ
]


def noise(width: int, height: int, seed: int = 0) -> Image.Image:
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8))


@pytest.mark.parametrize(
    "weights",
    [ResNeXt50_32X4D_Weights.IMAGENET1K_V1, ResNet50_Weights.IMAGENET1K_V2, ResNeXt101_64X4D_Weights.IMAGENET1K_V1],
)
@pytest.mark.parametrize("size", SHAPES)
def test_equals_torchvision_exactly(weights: ResNet50_Weights, size: tuple[int, int]) -> None:
    preset = weights.transforms()
    image = noise(*size)
    assert torch.equal(Preprocess.of_torchvision(preset).tensor(image), preset(image))


def test_cifar_is_the_centre_square_made_small() -> None:
    """A grey frame around a coloured square: nothing of the frame is left of the long side."""
    image = Image.new("RGB", (400, 100), "grey")
    image.paste((255, 0, 0), (150, 0, 250, 100))
    assert CIFAR.crop_box(400, 100) == (150, 0, 250, 100)
    assert np.unique(np.array(CIFAR.view(image)).reshape(-1, 3), axis=0).tolist() == [[255, 0, 0]]
    same_size = noise(32, 32)
    assert np.array_equal(np.array(CIFAR.view(same_size)), np.array(same_size))
    pixels = np.array(same_size).transpose(2, 0, 1) / 255
    expected = (pixels - np.array(CIFAR.mean)[:, None, None]) / np.array(CIFAR.std)[:, None, None]
    assert np.abs(CIFAR.tensor(same_size).numpy() - expected).max() < 1e-6


IMAGENET = Preprocess.of_torchvision(ResNeXt50_32X4D_Weights.IMAGENET1K_V2.transforms())


@settings(max_examples=60, deadline=None)
@given(width=st.integers(1, 700), height=st.integers(1, 700), preprocess=st.sampled_from([IMAGENET, CIFAR]))
def test_any_shape_gives_one_square_and_a_crop_inside_the_picture(
    width: int, height: int, preprocess: Preprocess
) -> None:
    left, top, right, bottom = preprocess.crop_box(width, height)
    assert 0 <= left < right <= width
    assert 0 <= top < bottom <= height
    # Square and in the middle, but for torchvision's rounding of the resized picture to whole pixels.
    pixel = max(1, max(width, height) / 232)
    assert abs((right - left) - (bottom - top)) <= 2 + pixel
    assert abs(left - (width - right)) <= 1 + pixel
    assert abs(top - (height - bottom)) <= 1 + pixel
    tensor = preprocess.tensor(Image.new("RGB", (width, height)))
    assert tensor.shape == (3, preprocess.crop, preprocess.crop)
    assert tensor.dtype == torch.float32


def test_the_crop_shown_is_the_crop_taken() -> None:
    """V2: 400 × 300 becomes 309 × 232, of which 224 are taken: 224/232 of 300 pixels."""
    image = Image.new("RGB", (400, 300), "black")
    left, top, right, bottom = IMAGENET.crop_box(*image.size)
    assert (right - left, bottom - top) == (290, 290)
    image.paste((255, 255, 255), (left, top, right, bottom))
    assert np.array(IMAGENET.view(image))[3:-3, 3:-3].min() == 255
    assert np.array(IMAGENET.view(image)).mean() > 252


@pytest.mark.parametrize("size", [(1, 10_000), (10_000, 1)])
def test_a_very_thin_strip_is_bounded(size: tuple[int, int]) -> None:
    image = Image.new("RGB", size, (9, 99, 199))
    assert np.unique(np.array(IMAGENET.view(image)).reshape(-1, 3), axis=0).tolist() == [[9, 99, 199]]
    box = IMAGENET.crop_box(*size)
    assert max(box) - min(max(box[0], box[1]), 10_000) <= 10_000
    assert box[0 if size[0] > 1 else 1] == pytest.approx(5_000, abs=1)


def test_one_channel_means_grey() -> None:
    grey = Preprocess(None, 8, (0.5,), (0.25,), Interpolation.BICUBIC)
    tensor = grey.tensor(Image.new("RGB", (30, 20), (255, 255, 255)))
    assert tensor.shape == (1, 8, 8)
    assert torch.all(tensor == 2.0)


def test_words() -> None:
    assert CIFAR.in_words() == "32×32 px. Centre crop of the short side, bicubic, mean and deviation of CIFAR-10."
    assert IMAGENET.in_words() == (
        "224×224 px. Short side to 232 px, centre crop, bilinear, mean and deviation of ImageNet."
    )


@pytest.mark.parametrize("side", [100, 256, 1000])
def test_a_large_photo_is_averaged_as_torch_does_against_aliasing(side: int) -> None:
    """Noise would survive, and stripes turn into others, if pixels were picked instead of averaged."""
    photo = noise(side, side)
    wanted = torch.nn.functional.interpolate(
        torch.from_numpy(np.array(photo, np.float32)).permute(2, 0, 1)[None], (32, 32), mode="bicubic", antialias=True
    )[0]
    found = torch.from_numpy(np.array(CIFAR.view(photo), np.float32)).permute(2, 0, 1)
    assert (found - wanted).abs().max() <= 1.5  # Pillow rounds to whole levels, twice
    # Levels 0 to 255 deviate by 74, and the mean of n of them by 74/√n; a cubic takes up to twice that.
    assert found.std() < 2 * 74 / (side / 32)


def test_stripes_finer_than_the_networks_pixels_become_grey() -> None:
    stripes = Image.fromarray(np.tile(np.array([0, 255], np.uint8)[None, :, None], (256, 128, 3)))
    assert np.abs(np.array(CIFAR.view(stripes), int) - 128).max() <= 6  # at the border
    assert np.abs(np.array(stripes.resize((32, 32), Image.Resampling.NEAREST), int) - 128).min() > 100


@pytest.mark.parametrize("factor", [4, 8])
def test_what_was_enlarged_comes_back(factor: int) -> None:
    """A picture that is enlarged and saved as a photo is itself again: nothing is shifted, blurred or sharpened."""
    smooth = Image.fromarray(np.random.default_rng(1).integers(40, 216, (12, 12, 3), dtype=np.uint8))
    picture = smooth.resize((32, 32), Image.Resampling.BICUBIC)
    photo = decode_image(enlarged(picture, Enlargement(factor, Image.Resampling.LANCZOS))).image
    assert photo.size == (32 * factor, 32 * factor)
    difference = np.abs(np.array(CIFAR.view(photo), int) - np.array(picture, int))
    assert difference.mean() < 4
    shifted = np.abs(np.roll(np.array(picture, int), 1, axis=1) - np.array(picture, int)).mean()
    assert difference.mean() < shifted / 3
