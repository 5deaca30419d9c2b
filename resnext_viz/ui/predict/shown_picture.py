"""The photo that is shown large: which it is, and its picture, decoded once for all who draw it.

It is the one that just came, until another one is chosen by hand.

A session keeps that one picture, of up to 240 MB (4 bytes for each of the pixels that are read; 96 MB for a phone's 24
megapixels), and lets it go with its photo. All sessions together keep at most `MAX_BYTES`: then the one that was used
least lately is let go, and decoded again if it is asked for.
"""

from __future__ import annotations

import itertools
import threading
import weakref
from collections.abc import Container, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from resnext_viz.inference.photos.samples import SAMPLES
from resnext_viz.ui.kit import link
from resnext_viz.ui.kit.acts import uncut
from resnext_viz.ui.kit.record import record

if TYPE_CHECKING:
    from resnext_viz.inference.photos.decode import DecodedImage

MAX_BYTES = 512 * 2**20  # of the pictures of all sessions: two of the largest, thirty of 4 megapixels
_PIXEL_BYTES = 4  # Pillow's, of an RGB picture in memory
_SAMPLE_NAMES = frozenset(sample.name for sample in SAMPLES)
_OF_ONE_PHOTO = {"class": None, "off": None}  # another photo has other answers, and begins with all paths on
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


@dataclass(frozen=True)
class PhotoChoice:
    """The photo that is shown, and those that were there when it was chosen, in order, by their identities."""

    photo: str = ""
    known: tuple[str, ...] = ()

    def among(self, photos: Sequence[str]) -> PhotoChoice:
        """The choice among these: the first that has just come, else the same one, else its neighbour."""
        arrived = [photo for photo in photos if photo not in self.known]
        if arrived:
            return PhotoChoice(arrived[0], tuple(photos))
        return PhotoChoice(self.photo if self.photo in photos else self._neighbour(photos), tuple(photos))

    def _neighbour(self, left: Sequence[str]) -> str:
        """The next one that is left, else the last one before it."""
        place = self.known.index(self.photo) if self.photo in self.known else 0
        candidates = (*self.known[place:], *reversed(self.known[:place]))
        return next((photo for photo in candidates if photo in left), "")


@dataclass
class PhotoSession:
    """Which photo a session is shown; it goes with the page."""

    choice: PhotoChoice = PhotoChoice()


def chosen_photo() -> str:
    """Identity of the photo that is shown; empty before there is one."""
    return record(PhotoSession).choice.photo


def choose_by_hand(photo: str) -> None:
    """Shows that photo until another one comes or is chosen."""
    with uncut():
        session = record(PhotoSession)
        if session.choice.photo != photo:
            session.choice = replace(session.choice, photo=photo)
            link.choose(_OF_ONE_PHOTO)


def follow_photos(own: Sequence[str], sample: str, pressed: str | None) -> str:
    """Takes over which photos there are and which sample was pressed; the sample that stays beside one's own photos.

    Photos of one's own that come take the place of the sample, in the link, too: what it says is what is shown. The
    class that was asked about and the paths that are off go with the photo; an address that the visitor went to says
    its own.

    Args:
        own: identities of the visitor's photos.
        sample: the one that the link names.
        pressed: the one that was pressed since the last run.
    """
    with uncut():
        session = record(PhotoSession)
        before = session.choice
        has_arrived = not pressed and any(photo not in before.known for photo in own)
        stays = pressed or ("" if has_arrived else sample)
        after = before.among([*filter(None, [stays]), *own])
        session.choice = after = replace(after, photo=pressed) if pressed else after
        is_new_act = pressed or has_arrived or before.photo not in _SAMPLE_NAMES
        if before.photo and before.photo != after.photo and is_new_act:
            link.choose({"photo": stays or None, **_OF_ONE_PHOTO})
        elif stays != sample:
            link.choose({"photo": stays or None})
        return stays
