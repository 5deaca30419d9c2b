"""The network that ships with the package: small enough, good enough, and what its card says."""

import hashlib
import json
import re
from pathlib import Path

import pytest

from resnext_viz.cli import main
from resnext_viz.inference.predictor import Predictor, load_predictor
from resnext_viz.inference.samples import samples
from resnext_viz.inference.weights import BUNDLED_FILE
from resnext_viz.nn.measured import measured_params

PHOTOS = Path(__file__).parents[1] / "data" / "cifar10"  # ten of each class, none of them trained on
CARD = BUNDLED_FILE.parent / "MODEL_CARD.md"


@pytest.fixture(scope="module")
def predictor() -> Predictor:
    return load_predictor("cifar10", "cpu")


def test_it_is_small_and_its_card_is_about_this_very_file() -> None:
    assert BUNDLED_FILE.stat().st_size <= 8_000_000
    assert hashlib.sha256(BUNDLED_FILE.read_bytes()).hexdigest() in CARD.read_text(encoding="utf-8")


def test_the_card_says_what_the_file_says(predictor: Predictor) -> None:
    card = CARD.read_text(encoding="utf-8")
    assert predictor.test_accuracy is not None
    assert predictor.test_accuracy >= 0.85
    assert f"{100 * predictor.test_accuracy:.2f} %" in card
    assert f"{measured_params(predictor.model):,}" in card
    for words in ("JPEG copies of CIFAR-10", "seed", "python -m resnext_viz train"):
        assert words in card


def test_it_knows_pictures_that_it_was_not_trained_on(predictor: Predictor) -> None:
    files = sorted(PHOTOS.glob("*/*.jpg"))
    assert len(files) == 100
    answers = predictor.predict(files, top_k=1)
    right = sum(answer.top[0].label == file.parent.name for answer, file in zip(answers, files, strict=True))
    assert right >= 80  # of 100; a network of 85 % gives fewer only once in fifteen such samples


def test_a_real_photo_gets_classes_from_the_shell_without_a_network(capsys: pytest.CaptureFixture[str]) -> None:
    photo = next(sample.path for sample in samples() if sample.name == "chelsea.png")
    assert main(["predict", str(photo), "--json"]) == 0
    result = json.loads(capsys.readouterr().out)["results"][0]
    assert result["top"][0]["label"] == "cat"
    assert sum(answer["probability"] for answer in result["top"]) <= 1.000001
    assert result["latency_ms"] > 0
    assert re.search(r"\bcores?\b|GPU|NVIDIA", result["device"])
