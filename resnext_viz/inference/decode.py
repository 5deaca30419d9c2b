"""Bytes that a stranger sent -> one upright sRGB picture; everything is bounded before any pixel is decoded.

`decode_image` has it done in a worker process, which may break; `decode_here` does it, in the worker or for files of
one's own; `decode_unguarded` is for thousands of them.
Formats are an allow-list (`picture_formats`), so that Pillow never tries its rarer parsers. Bounds are imgproxy's (16.8
megapixels, one frame).
Source of the exceptions caught: Pillow's own fuzzing harness and what its parsers raise on damaged headers.
"""

from __future__ import annotations

import io
import os
import struct
import threading
import warnings
import zlib
from dataclasses import dataclass

from PIL import ExifTags, Image

from resnext_viz.inference.colours import srgb_of
from resnext_viz.inference.decode_process import SAVE_SIMPLER
from resnext_viz.inference.decoder import Decoder
from resnext_viz.inference.errors import ImageError
from resnext_viz.inference.picture_formats import FORMATS_IN_WORDS, PICTURE_FORMATS

MAX_BYTES = 8 * 1024**2
MAX_PIXELS = 16_800_000
FORMATS = tuple(each.name for each in PICTURE_FORMATS)

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
# What people take for a picture, by its first bytes: (offset, bytes) -> words.
_NOT_PICTURES = {
    (0, b"%PDF"): "a PDF document",
    (0, b"PK\x03\x04"): "a ZIP archive or an office document",
    (0, b"<?xml"): "an XML or SVG text",
    (0, b"<svg"): "an SVG drawing",
    (0, b"<!DOCTYPE"): "a web page",
    (0, b"<html"): "a web page",
    (4, b"ftyphei"): "a HEIC picture",
    (4, b"ftypmif1"): "a HEIF picture",
    (4, b"ftypisom"): "a video",
    (4, b"ftypmp4"): "a video",
    (4, b"ftypqt"): "a video",
    (0, b"8BPS"): "a Photoshop document",
    (0, b"\x1aE\xdf\xa3"): "a video",
}
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}  # EXIF orientation -> what turns the picture upright
# One picture at a time: it bounds memory whatever the number of users, and `catch_warnings` changes the whole process.
_ONE_AT_A_TIME = threading.Lock()
# Starts no process before the first picture comes.
DECODER = Decoder(MAX_PIXELS)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=DECODER.begin_anew)


@dataclass(frozen=True)
class DecodedImage:
    """An upright RGB picture, its size in pixels, and what was done to get it, in words."""

    image: Image.Image
    width: int
    height: int
    notes: tuple[str, ...] = ()
    name: str = ""


def decode_image(data: bytes, name: str = "") -> DecodedImage:
    """The first frame of the picture in `data`, upright, in sRGB, transparent parts on white.

    Args:
        data: the whole file.
        name: what the file is called, kept for the one who asks; never trusted.

    Raises:
        ImageError: not one of `FORMATS`, over a bound, damaged, or too many pictures wait.
    """
    _check_bytes(data)
    image, notes = DECODER.decode(data)
    return DecodedImage(image, image.width, image.height, notes, name)


def decode_here(data: bytes, name: str = "") -> DecodedImage:
    """The same in this process: quicker for thousands of small files, and for files of one's own only.

    Raises:
        ImageError: not one of `FORMATS`, over a bound, or damaged.
    """
    with _ONE_AT_A_TIME, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return decode_unguarded(data, name)


def decode_unguarded(data: bytes, name: str = "") -> DecodedImage:
    """The same, for a caller who sees to Pillow's warnings and to how many pictures are decoded at once.

    Raises:
        ImageError: not one of `FORMATS`, over a bound, or damaged.
    """
    _check_bytes(data)
    return _upright_rgb(_opened(data), name)


def rgb_of(image: Image.Image, name: str = "") -> DecodedImage:
    """The same for a picture that Pillow has opened already.

    Raises:
        ImageError: over the bound on pixels, or damaged.
    """
    with _ONE_AT_A_TIME, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _check_pixels(image)
        return _upright_rgb(image, name)


def _check_bytes(data: bytes) -> None:
    if not data:
        raise ImageError("The file is empty. Choose another, or copy it again from where it came.")
    if len(data) > MAX_BYTES:
        raise ImageError(
            f"The file has {len(data) / 1024**2:.1f} MB; at most {MAX_BYTES // 1024**2} MB are read. "
            "Save it smaller or with stronger compression."
        )


def _opened(data: bytes) -> Image.Image:
    """The picture with its header read and its size checked, no pixel decoded."""
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
    except Image.DecompressionBombError:
        raise ImageError(_too_many_pixels("far more than")) from None
    except MemoryError:
        raise ImageError(TOO_MUCH_MEMORY) from None
    except _PILLOW_ERRORS:
        raise ImageError(_not_a_picture(data)) from None
    _check_pixels(image)
    return image


def _check_pixels(image: Image.Image) -> None:
    width, height = image.size
    if width < 1 or height < 1:
        raise ImageError("The picture has no pixels. Choose another.")
    if width * height > MAX_PIXELS:
        raise ImageError(_too_many_pixels(f"{width:,} × {height:,} pixels,", "more than"))


def _too_many_pixels(*words: str) -> str:
    return (
        f"The picture has {' '.join(words)} the {MAX_PIXELS / 1e6:.1f} million pixels that are read. "
        "Scale it down and try again."
    )


def _not_a_picture(data: bytes) -> str:
    start = data[:64].lstrip()
    for (offset, magic), words in _NOT_PICTURES.items():
        if start[offset : offset + len(magic)].lower() == magic.lower():
            return f"Not an image that can be read: it is {words}. Use {FORMATS_IN_WORDS}."
    return f"Not an image, or its header is damaged. Use {FORMATS_IN_WORDS}."


def _upright_rgb(image: Image.Image, name: str) -> DecodedImage:
    try:
        notes = _frame_notes(image)
        turned = _orientation(image) != 1
        image.load()
        # Asked again, because Pillow turns a TIFF itself while it loads and then drops the tag.
        upright = _UPRIGHT.get(_orientation(image))
        rgb, colour_notes = srgb_of(image)
        if upright is not None:
            rgb = rgb.transpose(upright)
    except MemoryError:
        raise ImageError(TOO_MUCH_MEMORY) from None
    except _PILLOW_ERRORS:
        raise ImageError(
            "The picture is cut short or damaged. Copy it again from where it came, or save it anew."
        ) from None
    notes += colour_notes + (("turned by its EXIF tag",) if turned else ())
    return DecodedImage(rgb, rgb.width, rgb.height, notes, name)


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
