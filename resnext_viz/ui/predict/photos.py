"""Photos on the Predict page: taking them in, and showing one with its crop and its answers."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from resnext_viz.figures.predict.predictions import (
    CropBox,
    SampleButton,
    WithoutPaths,
    doubt_words,
    latency_pill,
    network_view,
    none_notice,
    photo_with_crop,
    prediction,
    sample_buttons,
    top_answers,
    which_photo,
)
from resnext_viz.inference.errors import ImageError
from resnext_viz.inference.none_of_these import WORDS
from resnext_viz.inference.photos.picture_formats import FORMATS_IN_WORDS, MAX_BYTES, SUFFIXES
from resnext_viz.inference.photos.samples import SAMPLES, Sample
from resnext_viz.kit.natural_order import natural_order
from resnext_viz.ui.kit import link
from resnext_viz.ui.kit.components import drawing, newly_chosen
from resnext_viz.ui.kit.parts import complaint
from resnext_viz.ui.kit.record import record
from resnext_viz.ui.predict.shown_picture import Photo, chosen_photo, follow_photos, shown_picture
from resnext_viz.ui.upload_bounds import most_mb

if TYPE_CHECKING:
    from PIL import Image

    from resnext_viz.inference.predictor.prediction import Prediction
    from resnext_viz.inference.predictor.predictor import Predictor

MAX_FILES, MAX_TOTAL_BYTES = 500, 500 * 2**20  # answered at a time; more are said to be left out
_SHOWN_SIDE, _SAMPLE_SIDE = 900, 224
_SAMPLE_BUTTONS = "samples"
_GO = "They go when you leave the page, by Back too"
_WAYS = {"photos": "Photos", "folder": "A folder"}


def take_photos(classes: Sequence[str] = ()) -> list[Photo]:
    """What the user dropped, pasted, photographed, or chose of the samples; as many as are answered at a time.

    Args:
        classes: that the network knows; samples say which of them show none.
    """
    with st.container(horizontal=True, vertical_alignment="center", key="photo-ways"):
        way = st.segmented_control(
            "What to answer",
            list(_WAYS),
            required=True,
            format_func=_WAYS.__getitem__,
            label_visibility="collapsed",
            width="content",
            **link.bound("way", "photo_way", among=_WAYS),
        )
        use_camera = st.toggle("Use the camera", width="content", **link.bound("camera", "use_camera"))
    photos = _folder() if way == "folder" else _files()
    if use_camera:
        taken = st.camera_input("Camera", label_visibility="collapsed", key="camera")
        photos += [Photo(taken.file_id, "camera.jpg", taken.getvalue())] if taken else []
    photos = _with_sample(photos, classes)
    kept = within_bounds(photos)
    if len(kept) < len(photos):
        st.caption(
            f"The first {len(kept)} of {len(photos)} photos are taken: at most {MAX_FILES} and "
            f"{MAX_TOTAL_BYTES // 2**20} MB at a time. Take these away and drop the others for the rest."
        )
    return kept


def within_bounds(photos: Sequence[Photo]) -> list[Photo]:
    """The first ones that are not too many and not too large together."""
    kept, total_bytes = list[Photo](), 0
    for photo in photos[:MAX_FILES]:
        total_bytes += len(photo.data)
        if total_bytes > MAX_TOTAL_BYTES:
            break
        kept.append(photo)
    return kept


def _files() -> list[Photo]:
    words = f"Photos: choose, drop or paste. {FORMATS_IN_WORDS}, up to {MAX_BYTES // 2**20} MB each. {_GO}"
    uploads = st.file_uploader(
        words, type=SUFFIXES, accept_multiple_files=True, max_upload_size=most_mb(MAX_BYTES), key="photos"
    )
    return [Photo(upload.file_id, upload.name, upload.getvalue()) for upload in uploads]


def _folder() -> list[Photo]:
    words = f"A folder: choose or drop. Subfolders that are called like classes tell which answers are right. {_GO}"
    uploads = st.file_uploader(
        words, type=SUFFIXES, accept_multiple_files="directory", max_upload_size=most_mb(MAX_BYTES), key="folder"
    )
    photos = [photo_in_folder(upload.file_id, upload.name, upload.getvalue()) for upload in uploads]
    return sorted(photos, key=lambda photo: natural_order(photo.name))  # browsers list a folder in no order


def photo_in_folder(file_id: str, path: str, data: bytes) -> Photo:
    """A photo of an uploaded folder: `path` begins with that folder's name, and the last folder in it is the class."""
    *folders, name = path.replace("\\", "/").split("/")
    return Photo(file_id, "/".join((*folders[1:], name)), data, folders[-1] if folders else "")


def _with_sample(own: list[Photo], classes: Sequence[str]) -> list[Photo]:
    """One's own photos and the sample that is wanted beside them; which of all is shown is settled here, too."""
    here = {sample.name: sample for sample in SAMPLES}
    with newly_chosen(_SAMPLE_BUTTONS) as pressed:
        named = link.chosen("photo", among=here) or ""
        kept = follow_photos([photo.id for photo in own], named, pressed if pressed in here else None)
    strange = strangers(SAMPLES, classes)
    shown = [
        SampleButton(name, sample.title, _sample_thumbnail(sample.path), "Not among its classes" * (name in strange))
        for name, sample in here.items()
    ]
    drawing(sample_buttons(shown, chosen_photo()), key=_SAMPLE_BUTTONS, sheet="predict")
    sample = here.get(kept)
    return [*([Photo(sample.name, sample.name, sample.path.read_bytes())] if sample else []), *own]


def strangers(samples: Sequence[Sample], classes: Sequence[str]) -> set[str]:
    """Names of the samples that show none of the classes; none is said so where the classes are called otherwise."""
    unknown = {sample.name for sample in samples if not sample.is_among(classes)}
    return unknown if len(unknown) < len(samples) else set()


@lru_cache(maxsize=8)
def _sample_thumbnail(path: Path) -> str:
    from resnext_viz.inference.photos.decode import decode_image

    return jpeg_uri(decode_image(path.read_bytes()).image, _SAMPLE_SIDE)


@dataclass(frozen=True)
class _Views:
    """The pictures of one photo that are shown large, as data URIs."""

    photo: str
    view: str
    crop_box: CropBox


def show_one(
    predictor: Predictor, photo: Photo, made: Prediction, without: WithoutPaths | None, among: Sequence[Photo]
) -> None:
    """A photo with its crop, what the network sees, its answers, and what they become with some paths off.

    Args:
        predictor: the network.
        photo: the one that is shown, of `among`.
        made: what the network said to it.
        without: what that becomes, if paths are off.
        among: all photos; where there are several, the answers say whose they are.
    """
    try:
        views = _views(predictor, photo)
    except ImageError as error:
        complaint("The photo cannot be shown now.", str(error))
        return
    whose = "A sample" if photo.id in {sample.name for sample in SAMPLES} else "Your photo"
    which = which_photo(photo.name, among.index(photo) + 1, len(among)) if len(among) > 1 else ""
    words = " ".join((predictor.preprocess.in_words(), *(note[:1].upper() + note[1:] + "." for note in made.notes)))
    drawing(
        latency_pill(made.latency_ms or 0.0, 1, made.batch, made.device, made.engine)
        + prediction(
            photo_with_crop(views.photo, made.width, made.height, views.crop_box, photo.name, whose),
            network_view(views.view, words),
            top_answers(made.top, len(predictor.classes), without, doubt_of(predictor, made), which),
        ),
        key="prediction",
        sheet="predict",
    )


def doubt_of(predictor: Predictor, made: Prediction) -> str:
    """HTML of what is told first where the photo shows none of the network's classes, probably; else empty."""
    rule = predictor.none_of_these
    return none_notice(WORDS, doubt_words(rule.rightly, rule.wrongly)) if rule and made.none_of_these else ""


@dataclass
class ShownViews:
    """The views of the photo that a session is shown, and what they are of: a network's identity and a photo's."""

    about: tuple[str, str] | None = None
    views: _Views | None = None


def _views(predictor: Predictor, photo: Photo) -> _Views:
    """Made when the photo is shown, and kept for that one only."""
    about = (predictor.identity, photo.id)
    kept = record(ShownViews)
    if kept.views and kept.about == about:
        return kept.views
    decoded = shown_picture().of(photo, predictor.preprocess.seen_side)
    views = _Views(
        jpeg_uri(decoded.image, _SHOWN_SIDE),
        png_uri(predictor.preprocess.view(decoded.image)),
        CropBox(*predictor.preprocess.crop_box(decoded.width, decoded.height)),
    )
    kept.about, kept.views = about, views
    return views


def jpeg_uri(image: Image.Image, side: int) -> str:
    """The picture as a JPEG of at most that side, as a data URI."""
    longest = max(image.size)
    if longest > side:
        size = (max(1, round(side * image.width / longest)), max(1, round(side * image.height / longest)))
        image = image.resize(size, reducing_gap=2.0)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=85)
    return f"data:image/jpeg;base64,{base64.b64encode(out.getvalue()).decode()}"


def png_uri(image: Image.Image) -> str:
    """The picture as a PNG, without loss, as a data URI."""
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=1)  # sent once, to one browser: time counts more than bytes
    return f"data:image/png;base64,{base64.b64encode(out.getvalue()).decode()}"
