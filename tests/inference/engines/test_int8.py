"""The 8-bit form that ships: whose it is, how often it agrees, and that it is offered only with that measured."""

from __future__ import annotations

import copy
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from PIL import Image

from resnext_viz.inference.engines import int8
from resnext_viz.inference.engines.engine import EngineChoice
from resnext_viz.inference.engines.int8 import (
    BUNDLED_FOLDER,
    MIN_AGREEMENT,
    Int8Record,
    find_int8,
    read_record,
    write_record,
)
from resnext_viz.inference.predictor.by_name import load_predictor
from resnext_viz.inference.predictor.predictor import Predictor
from resnext_viz.nn import build
from resnext_viz.spec import Stem

PHOTOS = sorted((Path(__file__).parents[2] / "data" / "cifar10").glob("*/*.jpg"))


@pytest.fixture(scope="module")
def predictor() -> Predictor:
    return load_predictor("cifar10", "cpu", engine="int8")


def test_the_bundled_one_belongs_to_the_bundled_weights_and_agrees(predictor: Predictor) -> None:
    assert predictor.engine == "OpenVINO, int8"
    record = predictor.int8
    assert record is not None
    assert record.agreement >= 0.98
    assert record.accuracy is not None
    assert record.exact_accuracy is not None
    assert record.exact_accuracy - record.accuracy <= 0.005
    assert record.pictures == 5000
    assert record.exact_accuracy == predictor.test_accuracy
    assert f"{100 * record.agreement:.1f} % the same first answer" in predictor.check_of(EngineChoice.INT8)


def test_the_share_measured_holds_on_pictures_at_hand(predictor: Predictor) -> None:
    answers = {choice: predictor.predict(PHOTOS, 1, choice) for choice in EngineChoice}
    labels = {choice: [answer.top[0].label for answer in found] for choice, found in answers.items()}
    same = sum(a == b for a, b in zip(labels[EngineChoice.INT8], labels[EngineChoice.EXACT], strict=True))
    assert len(PHOTOS) == 100
    assert same >= 95
    inputs = torch.stack([predictor.preprocess.tensor(Image.open(path).convert("RGB")) for path in PHOTOS[:8]])
    exact = predictor.logits(inputs, EngineChoice.EXACT)
    assert not torch.allclose(predictor.logits(inputs, EngineChoice.INT8), exact, atol=1e-3)  # it is another arithmetic
    doubted = [
        sum(bool(answer.none_of_these) for answer in answers[c]) for c in (EngineChoice.INT8, EngineChoice.EXACT)
    ]
    assert abs(doubted[0] - doubted[1]) <= 3  # the probe is in the 8-bit form too


@pytest.fixture
def record() -> Int8Record:
    found = read_record(BUNDLED_FOLDER)
    assert found is not None
    return found


def test_it_is_not_offered_for_other_weights(predictor: Predictor) -> None:
    model = copy.deepcopy(predictor.answering)
    assert find_int8(model) is not None
    model.fc.bias[0] += 1e-3
    assert find_int8(model) is None


def test_it_is_not_offered_for_another_network_with_these_weights(predictor: Predictor) -> None:
    """The stems of CIFAR networks have the same weights, with a pool behind them or without."""
    stem = Stem.CIFAR if predictor.spec.stem is Stem.CIFAR_POOL else Stem.CIFAR_POOL
    other = build(replace(predictor.answering.spec, stem=stem))
    other.load_state_dict(predictor.answering.state_dict())
    inputs = torch.ones(1, 3, 32, 32)
    assert not torch.allclose(other.eval()(inputs), predictor.answering(inputs))
    assert find_int8(other) is None


def test_one_that_agrees_too_seldom_is_not_offered(
    predictor: Predictor, record: Int8Record, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(int8, "BUNDLED_FOLDER", tmp_path)
    write_record(tmp_path, replace(record, agreement=MIN_AGREEMENT - 0.001))
    assert find_int8(predictor.answering) is None
    write_record(tmp_path, replace(record, agreement=MIN_AGREEMENT))
    assert find_int8(predictor.answering) is not None


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"agreement": 1}', "\x00"])
def test_a_damaged_record_offers_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "record.json").write_text(text)
    assert read_record(tmp_path) is None
