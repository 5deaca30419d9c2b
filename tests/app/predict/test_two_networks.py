"""Cardinality on a visitor's own photo, and how good the network is, where the files for both are there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from resnext_viz.inference.calibration import Calibration, CalibrationBin
from resnext_viz.inference.none_of_these import NoneRule, Score
from resnext_viz.inference.predictor.by_name import load_predictor
from resnext_viz.inference.predictor.measured import Measured, measured_file, sha256_of
from resnext_viz.inference.weights import catalogue
from resnext_viz.inference.weights.checkpoint import save_checkpoint
from resnext_viz.spec import ResNeXtSpec, Stem
from tests.app.predict.test_batch import exact, upload
from tests.app.test_pages import PREDICT, drawn, opened
from tests.inference.conftest import CLASSES, MEAN, STD, trained

PHOTO = min((Path(__file__).parents[2] / "data" / "cifar10").glob("cat/*.jpg"))
SPEC = ResNeXtSpec(depths=(1,), cardinality=2, base_width=8, stem=Stem.CIFAR, num_classes=len(CLASSES))
ALWAYS = NoneRule(Score.LOGIT, 1e9, 0.049, 0.62, 5000, 530)  # no picture scores as high


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An installation with two small networks instead of the bundled ones; the first says that it knows nothing."""
    file = tmp_path / "cifar10.safetensors"
    monkeypatch.setattr(catalogue, "BUNDLED_FILE", file)
    for name, spec, rule in (("cifar10", SPEC, ALWAYS), ("cifar10-c1", replace(SPEC, cardinality=1), None)):
        save_checkpoint(tmp_path / f"{name}.safetensors", trained(spec).state_dict(), spec, CLASSES, MEAN, STD, 32, 0.5,
                        temperature=2.0, none_of_these=rule)  # fmt: skip
    _forget()
    yield file
    _forget()


@pytest.mark.usefixtures("installed")
def test_both_networks_answer_one_photo_and_one_says_none_of_these() -> None:
    page = drawn(upload(exact(opened(PREDICT, cardinality="true")), PHOTO))
    assert "None of these, probably." in page
    assert "Of 100 pictures of other things it notices about 62; of 100 of its own classes it doubts about 5." in page
    assert "The same photo through two networks of about the same cost" in page
    tops = [load_predictor(catalogue.bundled_file(name), "cpu", engine="exact").predict([PHOTO], 1)[0].top[0]
            for name in ("cifar10", "cifar10-c1")]  # fmt: skip
    for top in tops:
        assert f"{100 * top.probability:.1f} %" in page
    assert ("Both say" in page) == (tops[0].label == tops[1].label)
    assert "Calibration error" not in page


def _forget() -> None:
    """Drops what is remembered of the networks by their names; the loader tells files apart."""
    for name in ("cifar10", "cifar10-c1"):
        vars(catalogue.find_weights(name)).pop("spec", None)


def test_without_the_second_network_there_is_no_such_section(installed: Path) -> None:
    installed.with_name("cifar10-c1.safetensors").unlink()
    assert "two networks of about the same cost" not in drawn(upload(opened(PREDICT, cardinality="true"), PHOTO))
    assert "cifar10-c1" not in [info.name for info in catalogue.available_weights()]


def test_what_was_measured_of_these_very_weights_is_shown(installed: Path) -> None:
    bins = (CalibrationBin(14 / 15, 1.0, 40, 0.97, 0.95),)
    measured = Measured(
        sha256_of(installed), "a title", "forty pictures", "torch", CLASSES,
        ((8, 0, 0, 0, 0), (0, 8, 0, 0, 0), (1, 0, 7, 0, 0), (0, 0, 0, 8, 0), (0, 0, 0, 1, 7)), 2.0, 500,
        Calibration(0.4383, 0.0624, bins), Calibration(0.4111, 0.0123, bins), ALWAYS,
    )  # fmt: skip
    measured_file(installed).write_text(measured.to_json(), encoding="utf-8")
    page = drawn(opened(PREDICT, quality="true"))
    for words in ("38 of 40", "1.23 %", "6.24 % without", "0.4111 nats", "530 of other"):
        assert words in page
    measured_file(installed).write_text(replace(measured, weights="0" * 64).to_json(), encoding="utf-8")
    assert "38 of 40" not in drawn(opened(PREDICT, quality="true"))
