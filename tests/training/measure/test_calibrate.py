"""Evaluated, calibrated and described by the shell alone; what is counted is counted again by numpy."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from resnext_viz.cli import main
from resnext_viz.inference.calibration import Calibration
from resnext_viz.inference.none_of_these import Score
from resnext_viz.inference.predictor.by_name import load_predictor
from resnext_viz.inference.predictor.measured import Measured, OtherThings, measured_file, read_measured, sha256_of
from resnext_viz.inference.weights.checkpoint import save_checkpoint
from resnext_viz.spec import ResNeXtSpec, Stem
from resnext_viz.training.data.labelled_images import DataError, read_splits
from resnext_viz.training.measure import calibrate
from resnext_viz.training.measure.calibrate import Others
from resnext_viz.training.measure.evaluation import LabelledPhotos, answers_to
from resnext_viz.training.measure.larger_photos import ENLARGEMENTS, as_seen, measure_larger
from resnext_viz.training.measure.probe_fit import fit_probe
from resnext_viz.training.measure.run_export import export_run
from resnext_viz.training.measure.seen import Sight
from resnext_viz.training.recipe.recipe import Recipe
from resnext_viz.training.run.run_checkpoint import read_checkpoint, write_checkpoint
from resnext_viz.training.run.training_run import Run
from tests.inference.conftest import MEAN, STD, trained
from tests.support.pictures import CLASSES, picture_tree

SPEC = ResNeXtSpec(depths=(1,), cardinality=2, base_width=4, stem=Stem.CIFAR, num_classes=3)
OLD_CARD = """# Mine

| accuracy on the test pictures | 1 %, old |
| SHA-256 of the weights | `00` |

## Measured

of old
"""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return picture_tree(tmp_path_factory.mktemp("data") / "three|levels", train=12, test=8)


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network with random weights, which is often wrong."""
    path = tmp_path_factory.mktemp("weights") / "model.safetensors"
    state = trained(SPEC).state_dict()
    save_checkpoint(path, state, SPEC, CLASSES, MEAN, STD, 16, dtype=torch.float32)
    return path


@pytest.fixture(scope="module")
def others(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Noise of every colour, from two places."""
    root, random = tmp_path_factory.mktemp("others"), np.random.default_rng(0)
    for number in range(20):
        folder = root / ("a|b" if number % 2 else "c")
        folder.mkdir(exist_ok=True)
        Image.fromarray(random.integers(0, 256, (20, 20, 3), dtype=np.uint8)).save(folder / f"{number}.png")
    return root


@pytest.fixture
def unreadable(tmp_path: Path) -> Path:
    """Files that are called pictures."""
    for number in range(40):
        (tmp_path / f"{number}.png").write_bytes(b"text")
    return tmp_path


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calibrate, "LEAST_HELD_OUT", 10)
    monkeypatch.setattr(calibrate, "LEAST_OTHERS", 20)


def test_evaluate_counts_what_numpy_counts(weights: Path, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["evaluate", "--weights", str(weights), "--data", str(data), "--device", "cpu"]
    assert main([*command, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    files = sorted((data / "test").glob("*/*.png"))
    logits = load_predictor(weights, "cpu", engine="exact").logits_of(files).double().numpy()
    truth = np.array([CLASSES.index(file.parent.name) for file in files])
    answers = logits.argmax(1)
    assert found["right"] == (answers == truth).sum()
    counts = [[int(((truth == row) & (answers == column)).sum()) for column in range(3)] for row in range(3)]
    assert found["confusion"] == {"labels": list(CLASSES), "pictures": counts}
    assert [row["accuracy"] for row in found["classes"]] == [counts[place][place] / 8 for place in range(3)]
    shares = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    before = found["calibration"]["before"]
    assert before["nll"] == pytest.approx(-np.log(shares[np.arange(24), truth]).mean(), rel=1e-5)
    assert sum(each["pictures"] for each in before["bins"]) == 24
    assert found["none_of_these"] is None
    assert main(command) == 0
    said = capsys.readouterr().out
    assert f"{found['right']} of 24 pictures" in said
    assert re.search(rf"bright +8 +{counts[0][0]} ", said)


def calibrated(weights: Path, data: Path, others: Path, folder: Path) -> Path:
    """A copy of the weights with what was measured of them, over a card of former ones."""
    out, card = folder / "mine.safetensors", folder / "origin.md"
    card.write_text(OLD_CARD, encoding="utf-8")
    command = ["calibrate", "--weights", weights, "--data", data, "--hold-out", 12, "--seed", 3, "--out", out,
               "--none-of-these", others, "--card", card, "--device", "cpu", "--json"]  # fmt: skip
    assert main([*map(str, command)]) == 0
    return out


@pytest.mark.usefixtures("few")
def test_a_copy_knows_what_was_measured_and_evaluates_as_its_card_says(
    weights: Path, data: Path, others: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = calibrated(weights, data, others, tmp_path)
    said, measured = json.loads(capsys.readouterr().out), read_measured(copy)
    assert measured is not None
    assert said["weights"] == sha256_of(copy) == measured.weights
    assert measured.fitted_on == 12
    rule = measured.rule
    assert rule is not None
    assert (rule.class_pictures, rule.other_pictures) == (24, 8)
    assert sum(source.pictures for source in measured.sources) == 8
    assert rule.rightly == sum(source.called_none for source in measured.sources) / 8
    assert rule.score is max(measured.compared, key=lambda each: each.rightly).score
    assert [larger.pictures for larger in measured.larger] == [24] * len(ENLARGEMENTS)

    assert main(["evaluate", "--weights", str(copy), "--data", str(data), "--device", "cpu", "--json"]) == 0
    again = json.loads(capsys.readouterr().out)
    assert again["temperature"] == measured.temperature
    for when, calibration in (("before", measured.before), ("after", measured.after)):
        assert again["calibration"][when]["nll"] == pytest.approx(calibration.nll)
        assert again["calibration"][when]["ece"] == pytest.approx(calibration.ece)
    assert again["none_of_these"]["called_none"] == round(rule.wrongly * 24)
    assert load_predictor(copy, "cpu").test_accuracy == again["accuracy"]
    check_card(copy, again)
    check_counts_for_this_file_alone(copy, weights)


def check_card(copy: Path, evaluated: dict[str, Any]) -> None:
    """The card has the figures that `evaluate` finds, and none of the former ones."""
    words = copy.with_suffix(".md").read_text(encoding="utf-8")
    share = f"{100 * evaluated['right'] / 24:.2f} %"
    assert words.startswith("# Mine")
    assert f"| SHA-256 of the weights | `{sha256_of(copy)}` |" in words
    assert "of old" not in words
    assert f"| accuracy on the test pictures | {share}, one view" in words
    assert f"{evaluated['right']} right, {share}" in words
    assert "| a/b |" in words
    for name, row in zip(CLASSES, evaluated["confusion"]["pictures"], strict=True):
        assert f"| {name} | {' | '.join(map(str, row))} |" in words


def check_counts_for_this_file_alone(copy: Path, weights: Path) -> None:
    """A file of another kind beside the weights is no measurement, and other weights have none."""
    measured, content = read_measured(copy), measured_file(copy).read_text(encoding="utf-8")
    for other in ("[]", "{}", content[:-9]):
        measured_file(copy).write_text(other, encoding="utf-8")
        assert read_measured(copy) is None
    measured_file(copy).write_text(content, encoding="utf-8")
    assert read_measured(copy) == measured
    copy.write_bytes(weights.read_bytes())
    assert read_measured(copy) is None


@pytest.mark.usefixtures("few")
def test_no_picture_that_a_run_was_trained_on_fits_its_temperature(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, out, device = tmp_path / "run", tmp_path / "deep" / "er" / "mine.safetensors", torch.device("cpu")
    run = Run(SPEC, Recipe(epochs=1, batch_size=12, hold_out=12, seed=3), *read_splits(data, 16), folder, device)
    list(run.epochs())
    export_run(run, "three levels")
    command = ["calibrate", "--weights", folder / "model.safetensors", "--out", out, "--no-larger-photos", "--device",
               "cpu", "--data"]  # fmt: skip
    assert main([*map(str, command), str(data)]) == 0
    measured = read_measured(out)
    assert measured is not None
    assert measured.fitted_on == 12
    shutil.copytree(data, tmp_path / "less")
    next((tmp_path / "less" / "train" / CLASSES[0]).iterdir()).unlink()
    state = read_checkpoint(folder, device)
    assert state is not None
    for recipe, more, words in (
        ({}, (data, "--hold-out", 13), "hold_out is 13, and 12 in the run beside"),
        ({}, (data, "--seed", 4), "seed is 4, and 3 in the run beside"),
        ({}, (tmp_path / "less",), "less is not what the network was trained on"),
        ({"hold_out": 0}, (data, "--hold-out", 12), "kept no pictures back"),
    ):
        write_checkpoint(folder, {**state, "recipe": {**state["recipe"], **recipe}})
        capsys.readouterr()
        assert main([*map(str, (*command, *more))]) == 2
        assert words in capsys.readouterr().err


def test_photos_larger_than_the_network_sees_them_are_brought_to_its_size_and_then_enlarged(weights: Path) -> None:
    """Eight times 3,000 pixels would be more than any picture may have."""
    photos = [Image.fromarray(np.random.default_rng(seed).integers(0, 256, (1000, 3000, 3), np.uint8))
              for seed in range(2)]  # fmt: skip
    predictor = load_predictor(weights, "cpu", engine="exact")
    assert as_seen(photos[0], predictor.preprocess).tobytes() == predictor.preprocess.view(photos[0]).tobytes()
    small = Image.new("RGB", (12, 10))
    assert as_seen(small, predictor.preprocess).size == (10, 10)
    of_imagenet = replace(predictor.preprocess, resize=256, crop=224)
    assert as_seen(photos[0], of_imagenet).size == (256, 256)
    test = answers_to(predictor, LabelledPhotos(photos, CLASSES[:2]), "here")
    assert [larger.pictures for larger in measure_larger(predictor, photos, test)] == [2] * len(ENLARGEMENTS)


def measured_by(known: Sight, test: Sight, others: Others) -> Measured:
    """What `calibrate` makes of what was seen."""
    nothing = Calibration(0.0, 0.0, ())
    empty = Measured("", "", "", "", CLASSES, ((1,),), 1.0, len(known.logits), nothing, nothing)
    return calibrate._with_rule(empty, known, test, others)


def test_the_third_that_chooses_does_not_judge() -> None:
    """Others that look like a class choose, others that do not judge; each third comes from a place of its own."""
    like, unlike = np.array([9.0, 0, 0]), np.array([0.5, 0.4, 0.3])
    logits = (np.tile([6.0, 0, 0], (50, 1)) * np.linspace(0.8, 1.2, 50)[:, None]).astype(np.float32)
    known = Sight(logits, None)
    others = Others(Sight(np.stack([like] * 20 + [unlike] * 12).astype(np.float32), None),
                    ("first",) * 10 + ("here",) * 10 + ("there",) * 12)  # fmt: skip
    found = measured_by(known, Sight(logits[1::2], None), others)
    assert found.rule is not None
    assert (found.rule.other_pictures, found.rule.rightly) == (12, 1.0)
    assert found.sources == (OtherThings("there", 12, 12),)
    assert max(each.rightly for each in found.compared) == 0
    assert found.rule.wrongly == pytest.approx(calibrate.WRONGLY)


def test_a_probe_of_features_is_chosen_where_logits_tell_nothing_and_was_fitted_on_other_pictures() -> None:
    """Features tell the kinds apart; whatever judges or chooses is changed, and the probe stays."""
    random = np.random.default_rng(1)

    def seen(count: int, at: float) -> Sight:
        return Sight(random.normal(0, 1, (count, 3)).astype(np.float32),
                    random.normal((at, 0), 1, (count, 2)).astype(np.float32))  # fmt: skip

    known, test, strange = seen(400, 2.5), seen(300, 2.5), seen(90, -2.5)
    others = Others(strange, ("a", "b", "c") * 30)
    found = measured_by(known, test, others)
    rule = found.rule
    assert rule is not None
    assert rule.score is Score.PROBE
    assert rule.probe is not None
    assert known.features is not None
    assert strange.features is not None
    assert rule.probe == fit_probe(known.features[::2], strange.features[:30])
    scores = rule.probe.of(known.features[1::2])
    assert (scores < rule.threshold).mean() == pytest.approx(calibrate.WRONGLY)
    assert rule.rightly == (rule.probe.of(strange.features[60:]) < rule.threshold).mean() > 0.9
    assert {source.name: source.pictures for source in found.sources} == {"a": 10, "b": 10, "c": 10}
    assert all(source.unseen is not None and source.unseen >= 8 for source in found.sources)
    assert Measured.from_dict(json.loads(found.to_json())) == found


def test_pictures_of_other_things_that_cannot_be_read_do_not_count(weights: Path, unreadable: Path) -> None:
    predictor = load_predictor(weights, "cpu", engine="exact")
    with pytest.raises(DataError, match="has 0 pictures of other things that can be read; at least 40"):
        calibrate._others(predictor, unreadable, lambda *_: None)


def test_what_is_missing_is_said(weights: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["calibrate", "--weights", str(weights), "--data", str(data), "--device", "cpu"]
    out = ["--out", str(tmp_path / "x.safetensors")]
    for more, words in (
        (out, "which training pictures it kept back; give --hold-out"),
        ([*out, "--hold-out", "5"], "hold_out is 5; at least 200"),
        (["--out", "x.pth", "--hold-out", "5"], "out is 'x.pth'; use a name that ends with .safetensors"),
        ([*out, "--hold-out", "5", "--card", "none.md"], "card is 'none.md'"),
    ):
        assert main([*command, *more]) == 2
        assert words in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
