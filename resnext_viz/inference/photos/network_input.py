"""A photo as the input of a network that has no weights of its own yet, and so no preprocessing of its own."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from resnext_viz.errors import UserError
from resnext_viz.inference.photos.picture_formats import GREY, takes_photos
from resnext_viz.inference.photos.preprocess import CIFAR
from resnext_viz.inference.photos.uploaded import Photo, decode_photo
from resnext_viz.spec import ResNeXtSpec

if TYPE_CHECKING:
    from torch import Tensor


def photo_input(photo: Photo, name: str, spec: ResNeXtSpec, image_size: int) -> Tensor:
    """The centre square of a photo, `(in_channels, S, S)`, on the scale of CIFAR-10's pictures.

    Raises:
        ImageError: a file that is no picture.
        UserError: a network whose images are no photos.
    """
    if not takes_photos(spec):
        raise UserError(f"in_channels is {spec.in_channels}; a photo has 3, or 1 in grey, so leave the image out")
    square = replace(CIFAR, crop=image_size)
    if spec.in_channels == GREY:
        square = replace(square, mean=CIFAR.mean[:1], std=CIFAR.std[:1])
    return square.tensor(decode_photo(photo, name, crop=image_size).image)
