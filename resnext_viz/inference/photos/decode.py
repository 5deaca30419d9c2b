"""Bytes that a stranger sent -> one upright sRGB picture; everything is bounded before any pixel is decoded.

`decode_image` has it done in a worker process, which may break; `decode_here` does it, in the worker or for files of
one's own; `decode_unguarded` is for thousands of them.
Formats are an allow-list (`picture_formats`), so that Pillow never tries its rarer parsers. How large a picture may be,
and when it is read smaller than it is, stands in `sizes`. Of several frames the first is read.
Source of the exceptions caught: Pillow's own fuzzing harness and what its parsers raise on damaged headers.
"""

from __future__ import annotations

import io
import os
import struct
import threading
import zlib
from dataclasses import dataclass

from PIL import ExifTags, Image

from resnext_viz.inference.errors import ImageError
from resnext_viz.inference.photos.colours import srgb_of
from resnext_viz.inference.photos.decode_process import SAVE_SIMPLER
from resnext_viz.inference.photos.decoder import Decoder
from resnext_viz.inference.photos.jpeg_kinds import unread_jpeg
from resnext_viz.inference.photos.levels import has_sixteen_bits
from resnext_viz.inference.photos.not_pictures import not_a_picture
from resnext_viz.inference.photos.picture_formats import FORMATS, check_size, open_picture, pillow_at_ease
from resnext_viz.inference.photos.sizes import (
    HANDED_PIXELS,
    MAX_PIXELS,
    check_handed,
    check_pixels,
    scale_of,
    serves,
    too_many_pixels,
)

__all__ = ["DECODER", "FORMATS", "MAX_PIXELS", "DecodedImage", "decode_here", "decode_image", "rgb_of"]

_PILLOW_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    struct.error,
    zlib.error,
    ArithmeticError,
    NotImplementedError,
    LookupError,
    TypeError,
    AttributeError,
    AssertionError,
    RuntimeError,
    Image.DecompressionBombError,
)
TOO_MUCH_MEMORY = f"The picture takes more memory to decode than a picture may. {SAVE_SIMPLER}"
# Of the coefficients of a progressive JPEG, which are all in memory before the first pixel, however it is reduced.
_MAX_COEFFICIENT_BYTES, _COEFFICIENT_BYTES = 700 * 1024**2, 2
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}  # EXIF orientation -> what turns the picture upright
_SIDEWAYS = 5  # from here on it lies on its side
# One picture at a time: it bounds memory whatever the number of users, and `catch_warnings` changes the whole process.
_ONE_AT_A_TIME = threading.Lock()
# Starts no process before the first picture comes.
DECODER = Decoder(HANDED_PIXELS)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=DECODER.begin_anew)


@dataclass(frozen=True)
class DecodedImage:
    """An upright RGB picture, and what was done to get it, in words.

    Attributes:
        width, height: of the picture in the file, upright, in pixels; `image` is smaller where it was read so.
    """

    image: Image.Image
    width: int
    height: int
    notes: tuple[str, ...] = ()
    name: str = ""

    @property
    def pixels(self) -> int:
        """How many are in memory."""
        return self.image.width * self.image.height

    def serves(self, crop: int) -> bool:
        """Whether it is as large as a network that sees `crop` pixels of its side would have it."""
        return self.pixels == self.width * self.height or serves(min(self.image.size), crop)


def decode_image(data: bytes, name: str = "", crop: int = 0) -> DecodedImage:
    """The first frame of the picture in `data`, upright, in sRGB, transparent parts on white.

    Args:
        data: the whole file.
        name: what the file is called, kept for the one who asks; never trusted.
        crop: side of the largest crop that a network sees of it; more than 50 megapixels are read smaller, by that.

    Raises:
        ImageError: not one of `FORMATS`, over a bound, damaged, or too many pictures wait.
    """
    check_size(len(data))
    image, (width, height), notes = DECODER.decode(data, crop)
    return DecodedImage(image, width, height, notes, name)


def decode_here(data: bytes, name: str = "", crop: int = 0) -> DecodedImage:
    """The same in this process: quicker for thousands of small files, and for files of one's own only.

    Raises:
        ImageError: not one of `FORMATS`, over a bound, or damaged.
    """
    with _ONE_AT_A_TIME, pillow_at_ease():
        return decode_unguarded(data, name, crop)


def decode_unguarded(data: bytes, name: str = "", crop: int = 0) -> DecodedImage:
    """The same, for a caller who sees to `pillow_at_ease` and to how many pictures are decoded at once.

    Raises:
        ImageError: not one of `FORMATS`, over a bound, or damaged.
    """
    check_size(len(data))
    return _upright_rgb(_opened(data), name, crop)


def rgb_of(image: Image.Image, name: str = "", crop: int = 0) -> DecodedImage:
    """The same for a picture that Pillow has opened already.

    Raises:
        ImageError: over the bound on pixels, or damaged.
    """
    with _ONE_AT_A_TIME, pillow_at_ease():
        check_pixels(*image.size)
        return _upright_rgb(image, name, crop)


def _opened(data: bytes) -> Image.Image:
    """The picture with its header read and its size checked, no pixel decoded."""
    try:
        image = open_picture(io.BytesIO(data))
    except Image.DecompressionBombError:
        raise ImageError(too_many_pixels("far more than")) from None
    except MemoryError:
        raise ImageError(TOO_MUCH_MEMORY) from None
    except _PILLOW_ERRORS:
        raise ImageError(not_a_picture(data)) from None
    if unread_jpeg(data):  # some of them Pillow opens, and then calls damaged
        raise ImageError(not_a_picture(data))
    check_pixels(*image.size)
    return image


def _upright_rgb(image: Image.Image, name: str, crop: int) -> DecodedImage:
    full, scale = image.size, scale_of(*image.size, crop)
    check_handed(*full, scale)
    _check_coefficients(image)
    try:
        notes = _frame_notes(image)
        sixteen_bits, rest = has_sixteen_bits(image), _drafted(image, scale)
        orientation = _orientation(image)  # a PNG is loaded for it
        image.load()
        # Asked again, because Pillow turns a TIFF itself while it loads and then drops the tag.
        upright = _UPRIGHT.get(_orientation(image))
        rgb, colour_notes = srgb_of(image, rest, sixteen_bits)
        if upright is not None:
            rgb = rgb.transpose(upright)
    except MemoryError:
        raise ImageError(TOO_MUCH_MEMORY) from None
    except _PILLOW_ERRORS as error:
        if "memory" in str(error).lower():  # Pillow's word for what its decoders written in C had too little of
            raise ImageError(TOO_MUCH_MEMORY) from None
        raise ImageError(
            "The picture is cut short or damaged. Copy it again from where it came, or save it anew."
        ) from None
    notes += colour_notes + (("turned by its EXIF tag",) if orientation != 1 else ())
    if scale == 1:
        return DecodedImage(rgb, rgb.width, rgb.height, notes, name)
    width, height = full if orientation < _SIDEWAYS else full[::-1]
    return DecodedImage(rgb, width, height, (*notes, f"read at 1/{scale} of its size"), name)


def _drafted(image: Image.Image, scale: int) -> int:
    """Tells a JPEG's decoder to make the picture smaller, before it is loaded; gives what is left to be done."""
    width, height = image.size
    if scale > 1 and image.format in ("JPEG", "MPO"):
        image.draft(image.mode, (width // scale, height // scale))
    return max(1, scale // max(1, round(width / image.width)))


def _check_coefficients(image: Image.Image) -> None:
    """Refuses a progressive JPEG that would not fit into memory; without that it would look like a damaged one.

    Raises:
        ImageError: too large.
    """
    if image.format not in ("JPEG", "MPO") or not image.info.get("progressive"):
        return
    layers = [(across, down) for _, across, down, _ in getattr(image, "layer", ())]
    most = max((across for across, _ in layers), default=1) * max((down for _, down in layers), default=1)
    share = sum(across * down for across, down in layers) / max(most, 1)
    if _COEFFICIENT_BYTES * image.width * image.height * share > _MAX_COEFFICIENT_BYTES:
        raise ImageError(TOO_MUCH_MEMORY)


def _frame_notes(image: Image.Image) -> tuple[str, ...]:
    if not getattr(image, "is_animated", False):
        return ()
    if image.format in ("TIFF", "MPO"):
        return ("several pictures in one file: the first",)
    return ("animated: first frame",)


def _orientation(image: Image.Image) -> int:
    """The EXIF orientation, 1 to 8; 1 where there is none, or one that is damaged: no reason to refuse a picture."""
    try:
        value = image.getexif().get(ExifTags.Base.Orientation, 1)
    except _PILLOW_ERRORS:
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1
