"""What a network gets right, measured in batches that hold less of larger pictures."""

import pytest
import torch
from torch import Tensor, nn

from resnext_viz.training.data.labelled_images import LabelledImages
from resnext_viz.training.run.measurement import Normalisation, measure


class SaysBrightOrDark(nn.Module):
    """Class 1 for a picture brighter than the mean, and remembers how many came at once."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(()))
        self.batches: list[int] = []

    def forward(self, images: Tensor) -> Tensor:
        self.batches.append(len(images))
        brightness = self.weight * images.mean((1, 2, 3))
        return torch.stack([-brightness, brightness], 1)


def test_a_batch_has_so_many_pixels_and_every_picture_counts_once() -> None:
    levels = torch.tensor([200, 40, 200, 40, 200, 40, 40])
    images = LabelledImages(
        levels.to(torch.uint8)[:, None, None, None].expand(7, 3, 16, 16).contiguous(),
        torch.tensor([1, 0, 1, 0, 0, 0, 0]),
        ("dark", "bright"),
    )  # the fifth is mislabelled
    normalisation = Normalisation((0.5,) * 3, (0.25,) * 3)
    model = SaysBrightOrDark()
    measured = measure(model, images, normalisation, batch_pixels=3 * 16 * 16 + 255)
    assert model.batches == [3, 3, 1]
    assert measured.accuracy == 6 / 7
    assert measured.class_accuracy == pytest.approx((4 / 5, 1.0))
    model.batches.clear()
    measure(model, images, normalisation, batch_pixels=1)  # a picture at a time, if it must be
    assert model.batches == [1] * 7
