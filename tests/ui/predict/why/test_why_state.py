"""What a session asked about a photo: of which class, also where two have one name, and of which very network."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
import torch
from PIL import Image

from resnext_viz.inference.attribution.paths import open_block
from resnext_viz.inference.photos.decode import decode_image
from resnext_viz.inference.photos.samples import SAMPLES
from resnext_viz.inference.predictor.by_name import load_predictor
from resnext_viz.inference.predictor.predictor import probabilities_of
from resnext_viz.inference.weights.catalogue import BUNDLED_NAME
from resnext_viz.ui.predict.shown_picture import Photo
from resnext_viz.ui.predict.why import why_state
from resnext_viz.ui.predict.why.why_state import TELLING_BLOCKS, asked_about
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


def test_the_block_to_begin_with_is_the_one_where_a_path_alone_moves_the_answer_most() -> None:
    """To the sample that shows one of its classes, in each block: by how much the first answer's probability moves."""
    predictor = load_predictor(BUNDLED_NAME, "cpu", engine="exact")
    sample = next(each for each in SAMPLES if each.is_among(predictor.classes))
    image = predictor.preprocess.tensor(decode_image(sample.path.read_bytes()).image)
    moved = {}
    for stage, depth in enumerate(predictor.spec.depths, 1):
        for block in range(1, depth + 1):
            opened = open_block(predictor.model, image, stage, block)
            before = probabilities_of(opened.logits, predictor.temperature)
            alone = probabilities_of(torch.cat(list(opened.logits_without_each())), predictor.temperature)
            changes = (alone[:, int(before.argmax())] - before.max()).abs().sort().values
            moved[stage, block] = float(changes[-1] - changes[-2])  # of one path beyond all others
    assert max(moved, key=moved.__getitem__) == TELLING_BLOCKS[BUNDLED_NAME]
    assert moved[TELLING_BLOCKS[BUNDLED_NAME]] > 0.1


@pytest.mark.usefixtures("session")
@pytest.mark.parametrize(
    ("off", "block"), [({}, (3, 1)), ({(3, 2): (1,)}, (3, 2)), ({(3, 2): (1,), (3, 1): (2,)}, (3, 1))]
)
def test_a_link_whose_paths_are_off_in_the_last_block_alone_means_that_one(
    off: dict[tuple[int, int], tuple[int, ...]], block: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(why_state, "_all_off", lambda: off)
    assert asked_about(load_predictor(BUNDLED_NAME, "cpu")).usual_block == block
