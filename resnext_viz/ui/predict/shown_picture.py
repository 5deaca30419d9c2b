"""The photo that is shown large, decoded once for all who draw it: its views, answers beside it, its explanations.

A session keeps that one picture, of up to 240 MB (4 bytes for each of the pixels that are read; 96 MB for a phone's 24
megapixels), and lets it go with its photo. All sessions together keep at most `MAX_BYTES`: then the one that was used
least lately is let go, and decoded again if it is asked for.
"""

from __future__ import annotations

import itertools
import threading
import weakref
from collections.abc import Container
from dataclasses import dataclass
from typing import TYPE_CHECKING

from resnext_viz.ui.kit.record import record

if TYPE_CHECKING:
    from resnext_viz.inference.photos.decode import DecodedImage

MAX_BYTES = 512 * 2**20  # of the pictures of all sessions: two of the largest, thirty of 4 megapixels
_PIXEL_BYTES = 4  # Pillow's, of an RGB picture in memory
_LOCK = threading.RLock()
_TURNS = itertools.count()


@dataclass(frozen=True)
class Photo:
    """One file as it came: an identity that changes with its content, its name, its bytes, the folder it lay in."""

    id: str
    name: str
    data: bytes
    folder: str = ""


class ShownPicture:
    """One session's picture. Its page and the job that answers its photos share it.

    Attributes:
        picture: what is kept, if anything is.
        used: when it was last used, as a number that grows.
    """

    def __init__(self) -> None:
        self.picture: DecodedImage | None = None
        self.used = 0
        self._photo_id = ""
        with _LOCK:
            _ALL.add(self)

    def of(self, photo: Photo, crop: int = 0) -> DecodedImage:
        """The photo's picture, decoded if it is not the one that is kept; from then on it is.

        Args:
            photo: the file.
            crop: side of what a network sees of it; a very large photo that was read too small for that is read again.

        Raises:
            ImageError: it cannot be decoded, or too many wait for that.
        """
        kept = self.kept(photo)
        if kept is None or not kept.serves(crop):
            from resnext_viz.inference.photos.decode import decode_image

            kept = decode_image(photo.data, photo.name, crop)
            self._keep(photo, kept)
        return kept

    def kept(self, photo: Photo) -> DecodedImage | None:
        """The photo's picture if it is the one that is kept."""
        with _LOCK:
            if self._photo_id != photo.id:
                return None
            self.used = next(_TURNS)
            return self.picture

    def offer(self, photo: Photo, picture: DecodedImage, wanted: Container[str]) -> None:
        """Keeps a picture that somebody decoded, unless there is one that is still wanted."""
        with _LOCK:
            self.only(wanted)
            if self.picture is None:
                self._keep(photo, picture)

    def only(self, wanted: Container[str]) -> None:
        """Lets the picture go if its photo is not among the wanted ones."""
        with _LOCK:
            if self._photo_id not in wanted:
                self._photo_id, self.picture = "", None

    def _keep(self, photo: Photo, picture: DecodedImage) -> None:
        with _LOCK:
            self._photo_id, self.picture, self.used = photo.id, picture, next(_TURNS)
            _make_room()

    @property
    def size_bytes(self) -> int:
        """What it takes in memory."""
        return _PIXEL_BYTES * self.picture.pixels if self.picture else 0


_ALL: weakref.WeakSet[ShownPicture] = weakref.WeakSet()


def _make_room() -> None:
    """Lets pictures go, the longest unused first, until the others are not too large together."""
    room = MAX_BYTES
    for each in sorted(_ALL, key=lambda one: one.used, reverse=True):
        room -= each.size_bytes
        if room < 0:
            each.picture = None


def shown_picture() -> ShownPicture:
    """This session's."""
    return record(ShownPicture)
