"""What a session asked about a photo: of which class, also where two have one name, and of which very network."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from resnext_viz.inference.predictor.predictor import load_predictor
from resnext_viz.ui.predict.shown_picture import Photo
from resnext_viz.ui.predict.why_state import asked_about
from tests.inference.conftest import tiny_file, tiny_model, tiny_spec
from tests.support.one_thread import one_thread

__all__ = ["one_thread", "tiny_file", "tiny_model", "tiny_spec"]

TWINS = ("crane", "maillot", "crane", "maillot", "crane")


@pytest.fixture
def photo() -> Photo:
    out = io.BytesIO()
    Image.radial_gradient("L").convert("RGB").save(out, "PNG")
    return Photo("id", "photo.png", out.getvalue())


@pytest.mark.usefixtures("session")
def test_classes_with_one_name_are_told_apart_without_asking_the_network_again(
    tiny_file: Path, photo: Photo, monkeypatch: pytest.MonkeyPatch
) -> None:
    predictor = load_predictor(tiny_file, "cpu", classes=TWINS)
    prediction = predictor.predict([photo.data], 4)[0]
    with Image.open(io.BytesIO(photo.data)) as picture:
        logits = predictor.model(predictor.preprocess.tensor(picture)[None])[0]
    monkeypatch.setattr(predictor.model, "forward", lambda _: pytest.fail("the network was run again"))
    subject = asked_about(predictor).subject(photo, prediction)
    assert [each.class_index for each in subject.classes] == logits.argsort(descending=True).tolist()[:4]
    assert [(each.label, each.probability) for each in subject.classes] == [
        (each.label, each.probability) for each in prediction.top
    ]


@pytest.mark.usefixtures("session")
def test_what_was_asked_stays_with_its_network_whichever_copy_of_it_answers(tiny_file: Path, photo: Photo) -> None:
    """A network that was let go for others and loaded again is the same one; class names make another."""
    first, again, other = (
        load_predictor(tiny_file.read_bytes(), "cpu", classes=names) for names in (None, None, TWINS)
    )
    prediction = first.predict([photo.data])[0]
    asked_about(first).subject(photo, prediction)
    assert asked_about(again).knows(photo)
    assert asked_about(again).predictor is again
    assert not asked_about(other).knows(photo)
    assert not asked_about(first).knows(photo)


@pytest.mark.usefixtures("session")
def test_another_device_is_asked_anew(tiny_file: Path, photo: Photo, monkeypatch: pytest.MonkeyPatch) -> None:
    first, other = (load_predictor(tiny_file, "cpu") for _ in range(2))
    asked_about(first).subject(photo, first.predict([photo.data])[0])
    monkeypatch.setattr(other, "device", "a GPU")
    assert not asked_about(other).knows(photo)
