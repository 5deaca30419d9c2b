"""A rule by a probe: one more output of every engine, which changes no logit and is what torch finds by itself."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from resnext_viz.cli import main
from resnext_viz.inference.errors import CheckpointError
from resnext_viz.inference.none_of_these import NoneRule, Probe, Score
from resnext_viz.inference.predictor.by_name import load_predictor
from resnext_viz.inference.predictor.network_export import export_network
from resnext_viz.inference.weights.checkpoint import load_checkpoint, save_checkpoint
from resnext_viz.inference.weights.metadata import described, read_metadata
from resnext_viz.nn.network import ResNeXt
from resnext_viz.spec import ResNeXtSpec
from tests.inference.conftest import CLASSES, MEAN, STD

RANDOM = np.random.default_rng(5)
PHOTOS = [Image.fromarray(RANDOM.integers(0, 256, (32, 32, 3), dtype=np.uint8)) for _ in range(6)]


def rule(size: int, threshold: float = 0.0) -> NoneRule:
    weights = np.random.default_rng(6).normal(0, 0.2, size)
    return NoneRule(Score.PROBE, threshold, 0.05, 0.9, 5000, 300, Probe(tuple(weights.tolist()), 0.5))


@pytest.fixture
def probed(tiny_file: Path, tiny_model: ResNeXt, tmp_path: Path) -> Path:
    """The tiny network with a probe whose threshold is in the middle of its scores of `PHOTOS`."""
    scores = expected(tiny_file, tiny_model)
    path = tmp_path / "probed.safetensors"
    judged = rule(tiny_model.fc.in_features, float(np.median(scores)))  # type: ignore[union-attr,arg-type]
    path.write_bytes(described(tiny_file.read_bytes(), replace(read_metadata(tiny_file), none_of_these=judged)))
    return path


def expected(file: Path, model: ResNeXt) -> list[float]:
    """The score of each of `PHOTOS` by the network's own map, written out."""
    inputs = load_predictor(file, "cpu", engine="exact").inputs_of(PHOTOS)
    with torch.inference_mode():
        features = model.features(inputs).mean((2, 3)).double().numpy()
    probe = rule(features.shape[1]).probe
    assert probe is not None
    return [float(sum(w * f for w, f in zip(probe.weights, row, strict=True)) + probe.bias) for row in features]


@pytest.mark.parametrize("engine", ["exact", "auto"])
def test_the_score_is_the_probes_and_the_answers_stay(
    tiny_file: Path, tiny_model: ResNeXt, probed: Path, engine: str
) -> None:
    plain, judging = (load_predictor(path, "cpu", engine=engine) for path in (tiny_file, probed))
    wanted = expected(tiny_file, tiny_model)
    near = 1e-4 if engine == "exact" else 0.05
    assert judging.logits_of(PHOTOS).shape == (6, len(CLASSES))
    assert torch.allclose(judging.logits_of(PHOTOS), plain.logits_of(PHOTOS), atol=near)
    assert judging.params == plain.params
    for made, other, score in zip(judging.predict(PHOTOS), plain.predict(PHOTOS), wanted, strict=True):
        assert made.score == pytest.approx(score, abs=near)
        assert made.none_of_these == (made.score < np.median(wanted))
        assert len(made.top) == len(CLASSES)
        assert {each.label for each in made.top} == {each.label for each in other.top}
        assert other.score is None


def test_the_shell_says_what_it_said_before(probed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    PHOTOS[0].save(tmp_path / "0.png")
    assert main(["predict", str(tmp_path / "0.png"), "--weights", str(probed), "--device", "cpu", "--json"]) == 0
    (result,) = json.loads(capsys.readouterr().out)["results"]
    said = read_metadata(probed).none_of_these
    assert said is not None
    assert result["none_of_these"] == (result["score"] < said.threshold)
    assert sum(answer["probability"] for answer in result["top"]) == pytest.approx(1, abs=1e-5)


def test_an_exported_network_has_its_classes_alone(probed: Path, tmp_path: Path) -> None:
    trained = load_checkpoint(probed)
    exported = export_network(tmp_path / "x.safetensors", "safetensors", trained.spec, 32, trained=trained)
    assert load_checkpoint(exported.path).state_dict["fc.weight"].shape[0] == len(CLASSES)


def test_features_are_asked_for_without_a_verdict(probed: Path) -> None:
    (made,) = load_predictor(probed, "cpu", engine="exact", head="features").predict(PHOTOS[:1])
    assert made.features
    assert made.none_of_these is None


def test_a_probe_of_other_features_is_refused(
    tiny_file: Path, tiny_model: ResNeXt, tiny_spec: ResNeXtSpec, tmp_path: Path
) -> None:
    with pytest.raises(CheckpointError, match="probe of 3 features"):
        save_checkpoint(tmp_path / "x.safetensors", tiny_model.state_dict(), tiny_spec, CLASSES, MEAN, STD, 32,
                        none_of_these=rule(3))  # fmt: skip
    said = replace(read_metadata(tiny_file), none_of_these=rule(3))
    with pytest.raises(CheckpointError, match="Calibrate these weights again"):
        load_checkpoint(described(tiny_file.read_bytes(), said))
