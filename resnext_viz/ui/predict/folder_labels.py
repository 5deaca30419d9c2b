"""Labels from folders: photos in folders that are called like classes say themselves which answer is right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from resnext_viz.ui.predict.shown_picture import Photo


@dataclass(frozen=True)
class Truth:
    """What the folders say.

    Attributes:
        labels: the right class of a photo by the photo's identity, where its folder is called like one.
        unknown: folders that are called like no class, in alphabetical order.
    """

    labels: Mapping[str, str]
    unknown: tuple[str, ...]


def truth_of(photos: Sequence[Photo], classes: Sequence[str]) -> Truth:
    """The right classes of photos, as far as their folders are called like some; case, spaces and `_` do not matter."""
    called = {_plain(label): label for label in reversed(classes)}
    labels = {photo.id: called[_plain(photo.folder)] for photo in photos if _plain(photo.folder) in called}
    unknown = {photo.folder for photo in photos if photo.folder and photo.id not in labels}
    return Truth(labels, tuple(sorted(unknown)))


def _plain(name: str) -> str:
    return " ".join(name.replace("_", " ").casefold().split())
