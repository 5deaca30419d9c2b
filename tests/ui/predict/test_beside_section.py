"""The answer beside the first: it is always that of the very network that was chosen, however that is called."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from resnext_viz.inference.engines.engine import EngineChoice
from resnext_viz.inference.predictor.by_name import load_predictor
from resnext_viz.inference.predictor.predictor import Predictor
from resnext_viz.inference.weights.checkpoint import save_checkpoint
from resnext_viz.spec import ResNeXtSpec
from resnext_viz.ui.predict.beside_section import answer_beside
from resnext_viz.ui.predict.shown_picture import Photo
from tests.inference.conftest import CLASSES, MEAN, STD, tiny_file, tiny_model, tiny_spec, trained

__all__ = ["tiny_file", "tiny_model", "tiny_spec"]


@pytest.fixture
def photo() -> Photo:
    out = io.BytesIO()
    Image.radial_gradient("L").convert("RGB").save(out, "PNG")
    return Photo("id", "photo.png", out.getvalue())


@pytest.fixture
def runs(tiny_spec: ResNeXtSpec, tmp_path: Path) -> list[Predictor]:
    """Networks of two runs, whose files have one name; the second looks at its pictures on another scale."""
    made = []
    for seed in (1, 2):
        path = tmp_path / f"run{seed}" / "model.safetensors"
        path.parent.mkdir()
        save_checkpoint(path, trained(tiny_spec, seed).state_dict(), tiny_spec, CLASSES, MEAN, STD, 16 * seed)
        made.append(load_predictor(path, "cpu"))
    return made


def answer(first: Predictor, other: Predictor, photo: Photo) -> tuple[tuple[str, ...], tuple[tuple[str, float], ...]]:
    """What each of the two sees, and the other's answers."""
    views, made = answer_beside(first, other, photo, 5, EngineChoice.EXACT, "beside_answer")
    return views, tuple((each.label, each.probability) for each in made.top)


def expected(network: Predictor, photo: Photo) -> tuple[tuple[str, float], ...]:
    top = network.predict([photo.data], 5, EngineChoice.EXACT)[0].top
    return tuple((each.label, each.probability) for each in top)


@pytest.mark.usefixtures("session")
def test_the_answer_is_that_of_the_second_run_after_the_first(
    tiny_file: Path, runs: list[Predictor], photo: Photo
) -> None:
    first, (one, two) = load_predictor(tiny_file, "cpu"), runs
    assert one.name == two.name
    assert expected(one, photo) != expected(two, photo)
    assert answer(first, one, photo)[1] == expected(one, photo)
    assert answer(first, two, photo)[1] == expected(two, photo)


@pytest.mark.usefixtures("session")
def test_both_views_are_those_of_the_networks_that_stand_above_them(
    tiny_file: Path, runs: list[Predictor], photo: Photo
) -> None:
    other, (one, two) = load_predictor(tiny_file, "cpu"), runs
    assert answer(one, other, photo)[0] != answer(two, other, photo)[0]


@pytest.mark.usefixtures("session")
def test_an_answer_is_kept_while_nothing_changes_and_made_anew_for_another_photo_or_device(
    tiny_file: Path, runs: list[Predictor], photo: Photo, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, other = load_predictor(tiny_file, "cpu"), runs[0]
    asked: list[int] = []
    predict = Predictor.predict

    def counting(self: Predictor, images: list[object], *args: object) -> object:
        asked.append(len(images))
        return predict(self, images, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(Predictor, "predict", counting)
    for each in (photo, photo, replace(photo, id="another")):
        answer(first, other, each)
    assert len(asked) == 2
    monkeypatch.setattr(other, "device", "another GPU")
    answer(first, other, replace(photo, id="another"))
    assert len(asked) == 3
