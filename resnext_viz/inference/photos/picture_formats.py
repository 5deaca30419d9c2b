"""The formats of pictures that are read: an allow-list, and the one place that knows their names and suffixes.

Uploaders, folders of pictures, the decoder and all words about formats take them from here. Files are read for what
they are: a suffix only decides whether a file is looked at at all. Suffixes are those that Pillow gives each format.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import IO, TYPE_CHECKING, NamedTuple

from resnext_viz.inference.errors import ImageError
from resnext_viz.inference.photos.sizes import MAX_PIXELS
from resnext_viz.spec import ResNeXtSpec

if TYPE_CHECKING:
    from PIL import Image

MAX_BYTES = 50 * 1024**2  # of a file
COLOURS, GREY = 3, 1  # channels of a picture


class PictureFormat(NamedTuple):
    """One format: as Pillow calls it, as people do, and the suffixes of its files, the usual one first."""

    name: str
    words: str
    suffixes: tuple[str, ...]


_ALL = (
    PictureFormat("JPEG", "JPEG", (".jpg", ".jpeg", ".jpe", ".jfif")),
    PictureFormat("PNG", "PNG", (".png", ".apng")),
    PictureFormat("WEBP", "WebP", (".webp",)),
    PictureFormat("GIF", "GIF", (".gif",)),
    PictureFormat("BMP", "BMP", (".bmp",)),
    PictureFormat("TIFF", "TIFF", (".tif", ".tiff")),
    PictureFormat("PPM", "PPM", (".ppm", ".pgm", ".pbm", ".pnm", ".pfm")),
    PictureFormat("AVIF", "AVIF", (".avif", ".avifs")),
    PictureFormat("HEIF", "HEIC", (".heic", ".heif", ".hif", ".heics", ".heifs")),
)
# What reads a format, where that may be missing: some builds of Pillow lack AVIF.
_READERS = {"AVIF": "PIL._avif", "HEIF": "pillow_heif"}


def _is_installed(module: str) -> bool:
    """Whether there is such a module, which is not loaded; nor need its package be there."""
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


PICTURE_FORMATS = tuple(each for each in _ALL if each.name not in _READERS or _is_installed(_READERS[each.name]))
FORMATS = tuple(each.name for each in PICTURE_FORMATS)
SUFFIXES = tuple(suffix for each in PICTURE_FORMATS for suffix in each.suffixes)
FORMATS_IN_WORDS = ", ".join(each.words for each in PICTURE_FORMATS[:-1]) + f" or {PICTURE_FORMATS[-1].words}"


def takes_photos(spec: ResNeXtSpec) -> bool:
    """Whether the network's images have the channels of a photo, in colour or in grey."""
    return spec.in_channels in {COLOURS, GREY}


def make_ready() -> None:
    """Tells Pillow of HEIC, whose reader is a package of its own. It decodes in one thread, and no thumbnails."""
    from PIL import Image

    if "HEIF" in FORMATS and "HEIF" not in Image.OPEN:
        from pillow_heif import register_heif_opener

        register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=1)


def open_picture(file: IO[bytes] | str) -> Image.Image:
    """The picture with its header read and no pixel decoded, by none but the parsers of the allow-list.

    Raises:
        Exception: what Pillow's parsers raise is in no list.
    """
    from PIL import Image

    make_ready()
    return Image.open(file, formats=FORMATS)


def check_size(size: int) -> None:
    """Refuses a file by how many bytes it has.

    Raises:
        ImageError: none, or more than `MAX_BYTES`.
    """
    if not size:
        raise ImageError("The file is empty. Choose another, or copy it again from where it came.")
    if size > MAX_BYTES:
        raise ImageError(
            f"The file has {math.ceil(10 * size / 2**20) / 10:,.1f} MB; at most {MAX_BYTES // 2**20} MB are read. "
            "Save it smaller or with stronger compression."
        )


@contextmanager
def pillow_at_ease() -> Iterator[None]:
    """Inside, Pillow warns of nothing and lets through what `sizes` lets through. It changes the whole process."""
    import warnings

    from PIL import Image

    most, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, MAX_PIXELS  # it refuses twice as many
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        Image.MAX_IMAGE_PIXELS = most
