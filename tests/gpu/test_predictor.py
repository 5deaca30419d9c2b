"""A predictor on a GPU answers as one on the processor does, any number of pictures, for many at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from PIL import Image

from resnext_viz.inference.engines.engine import EngineChoice, fixed_pictures
from resnext_viz.inference.predictor.by_name import load_predictor
from resnext_viz.inference.predictor.predictor import MAX_BATCH, Predictor
from resnext_viz.nn.device import describe_device
from resnext_viz.training.data.labelled_images import read_images
from resnext_viz.training.data.named_data import find_data
from resnext_viz.training.data.sample import SAMPLE
from resnext_viz.training.measure.evaluation import photos_of

pytestmark = pytest.mark.gpu

MANY = 70  # more than a GPU is given at once


@pytest.fixture(scope="module")
def here() -> Predictor:
    return load_predictor("cifar10", "cpu", engine="exact")


@pytest.fixture(scope="module")
def there(gpu: torch.device) -> Predictor:
    return load_predictor("cifar10", str(gpu))


@pytest.fixture(scope="module")
def photos() -> list[Image.Image]:
    found = photos_of(read_images(find_data(SAMPLE), "test", 32)).photos[:MANY]
    assert len(found) == MANY
    return [photo for photo in found if isinstance(photo, Image.Image)]


def test_it_says_where_and_how_it_computes(there: Predictor, gpu: torch.device) -> None:
    assert there.device == describe_device(gpu)
    assert there.max_batch <= MAX_BATCH[gpu.type]
    assert "cannot be made" not in there.check_of(EngineChoice.AUTO)
    assert "fails on" not in there.check_of(EngineChoice.AUTO)


@pytest.mark.parametrize(("choice", "limit"), [(EngineChoice.EXACT, 1e-5), (EngineChoice.AUTO, 2e-2)])
def test_probabilities_are_the_processors(
    here: Predictor, there: Predictor, photos: list[Image.Image], choice: EngineChoice, limit: float
) -> None:
    wanted = here.probabilities(here.logits_of(photos))
    found = there.probabilities(there.logits_of(photos, choice))
    assert (found - wanted).abs().max() < limit


def test_every_picture_has_its_own_answer(here: Predictor, there: Predictor, photos: list[Image.Image]) -> None:
    answers = [prediction.top[0].label for prediction in there.predict(photos, top_k=1)]
    wanted = [prediction.top[0].label for prediction in here.predict(photos, top_k=1)]
    assert sum(a == b for a, b in zip(answers, wanted, strict=True)) >= MANY - 1  # one may be a tie up to rounding


def test_many_who_ask_at_once_get_their_own_answers(there: Predictor) -> None:
    inputs = fixed_pictures((3, 32, 32), 24)
    alone = [there.logits(picture[None]) for picture in inputs]

    def ask(number: int) -> torch.Tensor:
        return there.logits(inputs[number][None])

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(ask, range(len(inputs))))
    for mine, wanted in zip(found, alone, strict=True):
        assert (mine - wanted).abs().max() < 2e-2 * wanted.abs().max()


def test_a_second_network_loads_while_the_first_answers(there: Predictor, gpu: torch.device) -> None:
    inputs = fixed_pictures((3, 32, 32), 3)
    wanted = there.logits(inputs)
    with ThreadPoolExecutor(1) as pool:
        loading = pool.submit(load_predictor, "cifar10-c1", str(gpu))
        while not loading.done():
            assert (there.logits(inputs) - wanted).abs().max() < 2e-2 * wanted.abs().max()
        assert loading.result().logits(inputs).isfinite().all()
