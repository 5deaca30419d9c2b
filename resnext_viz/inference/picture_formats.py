"""The formats of pictures that are read: an allow-list, and the one place that knows their names and suffixes.

Uploaders, folders of pictures, the decoder and all words about formats take them from here. Files are read for what
they are: a suffix only decides whether a file is looked at at all. Suffixes are those that Pillow gives each format.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import NamedTuple


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
    PictureFormat("AVIF", "AVIF", (".avif", ".avifs")),
)


def _is_installed(module: str) -> bool:
    """Whether there is such a module, which is not loaded; nor need its package be there."""
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


# Some builds of Pillow lack AVIF.
PICTURE_FORMATS = tuple(each for each in _ALL if each.name != "AVIF" or _is_installed("PIL._avif"))
SUFFIXES = tuple(suffix for each in PICTURE_FORMATS for suffix in each.suffixes)
FORMATS_IN_WORDS = ", ".join(each.words for each in PICTURE_FORMATS[:-1]) + f" or {PICTURE_FORMATS[-1].words}"
