"""The networks that ship with the package: small enough, good enough, and what their cards say."""

import hashlib
import json
import re
from pathlib import Path

import pytest

from resnext_viz.cli import main
from resnext_viz.complexity import complexity
from resnext_viz.inference.photos.samples import SAMPLES
from resnext_viz.inference.predictor.by_name import load_predictor
from resnext_viz.inference.predictor.measured import read_measured
from resnext_viz.inference.predictor.predictor import Predictor
from resnext_viz.inference.weights.catalogue import BUNDLED_NAMES, ONE_PATH_NAME, bundled_file, bundled_spec
from resnext_viz.inference.weights.metadata import read_metadata
from resnext_viz.nn import build
from resnext_viz.nn.module_counts import measured_params

PHOTOS = Path(__file__).parents[2] / "data" / "cifar10"  # ten of each class, none of them trained on
MOST_BYTES = 12_000_000


def card_of(name: str) -> str:
    return bundled_file(name).with_suffix(".md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def predictor() -> Predictor:
    return load_predictor("cifar10", "cpu")


@pytest.mark.parametrize("name", BUNDLED_NAMES)
def test_it_is_small_and_its_card_is_about_this_very_file(name: str) -> None:
    assert bundled_file(name).stat().st_size <= MOST_BYTES
    assert hashlib.sha256(bundled_file(name).read_bytes()).hexdigest() in card_of(name)


@pytest.mark.parametrize("name", BUNDLED_NAMES)
def test_the_card_says_what_the_file_says(name: str) -> None:
    card, said = card_of(name), read_metadata(bundled_file(name))
    assert said.test_accuracy is not None
    assert said.test_accuracy >= (0.90 if name == ONE_PATH_NAME else 0.91)
    assert f"{100 * said.test_accuracy:.2f} %" in card
    assert f"{measured_params(build(bundled_spec(name))):,}" in card
    for words in ("JPEG copies of CIFAR-10", "seed", "python -m resnext_viz train"):
        assert words in card


@pytest.mark.parametrize("name", BUNDLED_NAMES)
def test_what_was_measured_is_of_this_file_and_on_its_card(name: str) -> None:
    measured, said, card = read_measured(bundled_file(name)), read_metadata(bundled_file(name)), card_of(name)
    assert measured is not None  # of another file, it does not count
    assert (said.temperature, said.none_of_these) == (measured.temperature, measured.rule)
    assert said.test_accuracy == measured.right / measured.pictures
    assert measured.after.nll < measured.before.nll
    for place, (label, row) in enumerate(zip(measured.classes, measured.confusion, strict=True)):
        assert f"| {label} | {sum(row):,} | {row[place]:,} | {100 * row[place] / sum(row):.1f} % |" in card
    assert measured.rule is not None
    assert measured.rule.rightly >= 0.85
    assert measured.rule.wrongly <= 0.06
    assert f"{100 * measured.rule.rightly:.1f} %" in card
    assert f"{100 * measured.rule.wrongly:.1f} %" in card
    assert min(each.same / each.pictures for each in measured.larger) > 0.9


def test_the_second_network_has_one_path_at_the_same_cost() -> None:
    many, one = (complexity(bundled_spec(name)) for name in BUNDLED_NAMES)
    assert bundled_spec(ONE_PATH_NAME).cardinality == 1 < bundled_spec().cardinality
    assert one.macs == pytest.approx(many.macs, rel=0.001)
    assert many.params < one.params < 1.05 * many.params  # what more the single path gets


def test_it_knows_pictures_that_it_was_not_trained_on(predictor: Predictor) -> None:
    files = sorted(PHOTOS.glob("*/*.jpg"))
    assert len(files) == 100
    answers = predictor.predict(files, top_k=1)
    right = sum(answer.top[0].label == file.parent.name for answer, file in zip(answers, files, strict=True))
    assert right >= 80  # of 100; a network of 85 % gives fewer only once in fifteen such samples


def test_a_real_photo_gets_classes_from_the_shell_without_a_network(capsys: pytest.CaptureFixture[str]) -> None:
    photo = next(sample.path for sample in SAMPLES if sample.name == "chelsea.png")
    assert main(["predict", str(photo), "--json"]) == 0
    result = json.loads(capsys.readouterr().out)["results"][0]
    assert result["top"][0]["label"] == "cat"
    assert sum(answer["probability"] for answer in result["top"]) <= 1.000001
    assert result["latency_ms"] > 0
    assert re.search(r"\bcores?\b|GPU|NVIDIA", result["device"])
