"""Temperature and rule travel in a file's own description, leave its tensors alone, and shape all engines' answers."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load

from resnext_viz.cli import main
from resnext_viz.inference.errors import CheckpointError
from resnext_viz.inference.none_of_these import NoneRule, Score
from resnext_viz.inference.predictor.by_name import load_predictor
from resnext_viz.inference.weights.metadata import Metadata, described, read_metadata
from tests.inference.conftest import CLASSES

T = 2.5


def rule(threshold: float) -> NoneRule:
    return NoneRule(Score.ENERGY, threshold, 0.05, 0.6, 5000, 500)


def photos() -> list[Image.Image]:
    random = np.random.default_rng(3)
    return [Image.fromarray(random.integers(0, 256, (32, 32, 3), dtype=np.uint8)) for _ in range(6)]


@pytest.fixture
def calibrated(tiny_file: Path, tmp_path: Path) -> Path:
    """The tiny network with a temperature, and a threshold at the middle of its own scores of `photos`."""
    logits = load_predictor(tiny_file, "cpu", engine="exact").logits_of(photos())
    scores = T * torch.logsumexp(logits / T, 1)
    path = tmp_path / "calibrated.safetensors"
    said = replace(read_metadata(tiny_file), temperature=T, none_of_these=rule(float(scores.median())))
    path.write_bytes(described(tiny_file.read_bytes(), said))
    return path


def test_only_the_description_changes(tiny_file: Path, calibrated: Path) -> None:
    before, after = load(tiny_file.read_bytes()), load(calibrated.read_bytes())
    assert before.keys() == after.keys()
    assert all(torch.equal(before[name], after[name]) for name in before)
    said = read_metadata(calibrated)
    assert said.temperature == T
    assert replace(said, temperature=None, none_of_these=None) == read_metadata(tiny_file)


@pytest.mark.parametrize("engine", ["exact", "auto"])
def test_probabilities_are_those_of_divided_logits_and_the_order_stays(
    tiny_file: Path, calibrated: Path, engine: str
) -> None:
    plain, divided = (load_predictor(path, "cpu", engine=engine) for path in (tiny_file, calibrated))
    logits = plain.logits_of(photos())
    expected = torch.softmax(logits.double() / T, 1)
    for row, before, after in zip(expected, plain.predict(photos()), divided.predict(photos()), strict=True):
        if engine == "exact":  # the fastest may be another for each of the two, and equal up to rounding is no order
            assert [answer.label for answer in after.top] == [answer.label for answer in before.top]
        found = {answer.label: answer.probability for answer in after.top}
        assert [found[label] for label in CLASSES] == pytest.approx(row.tolist(), abs=1e-3)
        assert before.none_of_these is None
    said = [prediction.none_of_these for prediction in divided.predict(photos())]
    scores = T * torch.logsumexp(logits / T, 1)
    clear = (scores - scores.median()).abs() > 0.05  # an engine may round those at the threshold otherwise
    assert [each for each, sure in zip(said, clear, strict=True) if sure] == (
        (scores < scores.median())[clear].tolist()
    )


def test_the_shell_says_it_in_words_and_as_json(
    calibrated: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = []
    for number, photo in enumerate(photos()):
        files.append(str(tmp_path / f"{number}.png"))
        photo.save(files[-1])
    command = ["predict", *files, "--weights", str(calibrated), "--engine", "exact", "--device", "cpu"]
    assert main([*command, "--json"]) == 0
    results = json.loads(capsys.readouterr().out)["results"]
    threshold = read_metadata(calibrated).none_of_these.threshold  # type: ignore[union-attr]
    assert [result["none_of_these"] for result in results] == [result["score"] < threshold for result in results]
    none = sum(result["none_of_these"] for result in results)
    assert 0 < none < len(files)
    assert main(command) == 0
    said = capsys.readouterr().out
    assert said.count("None of these, probably. Measured: 60 % of 500 pictures of other things") == none


@pytest.mark.parametrize("field", [
    {"temperature": "0"}, {"temperature": "null"}, {"temperature": '"hot"'}, {"temperature": "NaN"},
    {"none_of_these": "{}"}, {"none_of_these": "[]"}, {"none_of_these": '{"score": "guess"}'}, {"none_of_these": "7"},
])  # fmt: skip
def test_a_description_that_cannot_be_is_refused(field: dict[str, str]) -> None:
    with pytest.raises(CheckpointError, match="description is damaged"):
        Metadata.from_header({"format": "resnext_viz/1", **field})
