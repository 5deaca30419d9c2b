"""The ways in which a caller can hand over a photo, each ending in one decoded picture."""

from __future__ import annotations

from os import fstat
from pathlib import Path
from typing import Protocol

from PIL import Image

from resnext_viz.inference.errors import ImageError
from resnext_viz.inference.photos.decode import DecodedImage, decode_image, rgb_of
from resnext_viz.inference.photos.picture_formats import MAX_BYTES, check_size


class Decode(Protocol):
    """What reads a file's bytes: `decode_image` or one of its kin."""

    def __call__(self, data: bytes, name: str = "", crop: int = 0) -> DecodedImage:
        """The picture, for a network that sees a crop of so many pixels of it."""


Photo = Image.Image | DecodedImage | Path | str | bytes


def photo_name(image: Photo, number: int) -> str:
    """What the photo is called: its file's name, else its number."""
    if isinstance(image, (str, Path)):
        return str(image)
    own = image.name if isinstance(image, DecodedImage) else getattr(image, "filename", "")
    return str(own) if own else f"image {number}"


def decode_photo(image: Photo, name: str, decode: Decode = decode_image, crop: int = 0) -> DecodedImage:
    """The photo, upright and in RGB.

    Args:
        image: a picture, or a file.
        name: what it is called.
        crop: side of what a network sees of it; very large photos are read smaller, by that.
        decode: reads a file's bytes; `decode_here` is for files that nobody sent.

    Raises:
        ImageError: no such file, or none that `decode` reads.
    """
    if isinstance(image, DecodedImage):
        return image
    if isinstance(image, Image.Image):
        return rgb_of(image, name, crop)
    return decode(image if isinstance(image, bytes) else _file_bytes(Path(image)), name, crop)


def _file_bytes(path: Path) -> bytes:
    """The file's bytes, at most one more than may be decoded."""
    try:
        if not path.is_file():
            raise ImageError("There is no such file. Check its path.")
        with path.open("rb") as file:
            check_size(fstat(file.fileno()).st_size or 1)
            # Not simply the most that may be: Python takes that much memory first, for the smallest file too.
            return file.read(min(fstat(file.fileno()).st_size, MAX_BYTES) + 1)
    except (OSError, ValueError) as error:
        raise ImageError(f"The file cannot be read ({error}). Check its path and rights.") from None
