"""From a picture to the network's input: which part of it is seen, at what size, and on what scale.

For torchvision's weights this is its `ImageClassification` preset to the bit (a test compares them), with the values of
its records. Pillow always filters against aliasing when it makes a picture smaller.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from torch import Tensor


_MOST_RESIZED = 16_800_000  # pixels of a resized picture, of which the crop is then cut


class Interpolation(StrEnum):
    """Filters for resizing; values are torchvision's."""

    NEAREST = "nearest"
    BILINEAR = "bilinear"
    BICUBIC = "bicubic"

    @property
    def filter(self) -> Image.Resampling:
        """Pillow's filter of that name."""
        return Image.Resampling[self.name]


@dataclass(frozen=True)
class Preprocess:
    """One network's way to look at a picture.

    Attributes:
        resize: the short side becomes this many pixels before the crop; None: the centre square of the short side
            is what becomes the crop.
        crop: side of the square that the network gets, in pixels.
        mean, std: of each channel, on the scale 0 to 1; one channel means grey.
        interpolation: the filter that resizes.
        statistics: whose mean and deviation these are, in words.
    """

    resize: int | None
    crop: int
    mean: tuple[float, ...]
    std: tuple[float, ...]
    interpolation: Interpolation = Interpolation.BILINEAR
    statistics: str = "its training pictures"

    @classmethod
    def of_torchvision(cls, preset: Any) -> Preprocess:
        """The same as an `ImageClassification` preset, `weights.transforms()`."""
        return cls(
            preset.resize_size[0],
            preset.crop_size[0],
            tuple(preset.mean),
            tuple(preset.std),
            Interpolation(preset.interpolation.value),
            "ImageNet",
        )

    @property
    def seen_side(self) -> int:
        """Side of what is looked at, in pixels of the resized picture: the crop, or what it is cut from."""
        return max(self.resize or 0, self.crop)

    def crop_box(self, width: int, height: int) -> tuple[int, int, int, int]:
        """Left, top, right, bottom of the part that the network sees, in pixels of the picture itself."""
        if self.resize is None:
            return _centre_square(width, height)
        piece = _piece(self.resize, width, height)
        piece_width, piece_height = piece[2] - piece[0], piece[3] - piece[1]
        new_width, new_height = _resized(self.resize, piece_width, piece_height)
        left, top = self._corner(new_width, new_height)
        x, y = piece_width / new_width, piece_height / new_height
        return (
            piece[0] + round(left * x),
            piece[1] + round(top * y),
            piece[0] + max(round((left + self.crop) * x), round(left * x) + 1),
            piece[1] + max(round((top + self.crop) * y), round(top * y) + 1),
        )

    def view(self, image: Image.Image) -> Image.Image:
        """The square of `crop` pixels that the network gets, before its colours are normalised."""
        mode = "L" if len(self.mean) == 1 else "RGB"
        image = image if image.mode == mode else image.convert(mode)
        if self.resize is None:
            # Cropped first: `resize(box=...)` would mix in what lies outside the box.
            square = image.crop(_centre_square(*image.size))
            return square.resize((self.crop, self.crop), self.interpolation.filter)
        piece = _piece(self.resize, *image.size)
        if piece != (0, 0, *image.size):
            image = image.crop(piece)
        image = image.resize(_resized(self.resize, *image.size), self.interpolation.filter)
        left, top = self._corner(*image.size)
        return image.crop((left, top, left + self.crop, top + self.crop))

    def tensor(self, image: Image.Image) -> Tensor:
        """The network's input `(channels, crop, crop)`, float32."""
        import torch

        pixels = np.atleast_3d(np.asarray(self.view(image))).transpose(2, 0, 1).astype(np.float32, order="C")
        # By numpy: torch would start threads for so little, in each of many threads that prepare at once.
        mean, std = (np.array(values, np.float32)[:, None, None] for values in (self.mean, self.std))
        return torch.from_numpy((pixels / np.float32(255) - mean) / std)

    def in_words(self) -> str:
        """What happens to a picture, for the one who sent it."""
        size = f"{self.crop}×{self.crop} px"
        grey = " in grey" if len(self.mean) == 1 else ""
        cut = "Centre crop of the short side" if self.resize is None else f"Short side to {self.resize} px, centre crop"
        return f"{size}{grey}. {cut}, {self.interpolation}, mean and deviation of {self.statistics}."

    def _corner(self, width: int, height: int) -> tuple[int, int]:
        """Left and top of the centre crop; halves go to the even number, as torchvision rounds."""
        return round((width - self.crop) / 2), round((height - self.crop) / 2)


def _resized(resize: int, width: int, height: int) -> tuple[int, int]:
    """Size with the short side at `resize`, the long side rounded down, as torchvision does."""
    if width <= height:
        return resize, int(resize * height / width)
    return int(resize * width / height), resize


def _piece(resize: int, width: int, height: int) -> tuple[int, int, int, int]:
    """The part that is resized: all of it, but of a very thin strip only the middle, which bounds memory."""
    short, long = sorted((width, height))
    longest = max(1, _MOST_RESIZED // resize**2) * short
    if long <= longest:
        return 0, 0, width, height
    start = (long - longest) // 2
    return (start, 0, start + longest, height) if width > height else (0, start, width, start + longest)


def _centre_square(width: int, height: int) -> tuple[int, int, int, int]:
    short = min(width, height)
    left, top = (width - short) // 2, (height - short) // 2
    return left, top, left + short, top + short


# The figures usually given for CIFAR-10, for checkpoints that do not say their own.
CIFAR = Preprocess(None, 32, (0.4914, 0.4822, 0.4465), (0.247, 0.2435, 0.2616), Interpolation.BICUBIC, "CIFAR-10")
