"""Training on a GPU: every setting runs, a stopped run goes on, and the weights answer as they were measured."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from resnext_viz.inference.predictor.by_name import load_predictor
from resnext_viz.spec import ResNeXtSpec, Stem
from resnext_viz.training.data.labelled_images import LabelledImages, read_splits
from resnext_viz.training.data.named_data import find_data
from resnext_viz.training.data.sample import SAMPLE
from resnext_viz.training.measure.evaluation import photos_of
from resnext_viz.training.measure.run_export import export_run
from resnext_viz.training.recipe.recipe import Recipe
from resnext_viz.training.run.measurement import measure
from resnext_viz.training.run.precision import training_type
from resnext_viz.training.run.run_folder import WEIGHTS
from resnext_viz.training.run.training_run import Run

pytestmark = pytest.mark.gpu

SPEC = ResNeXtSpec(depths=(1, 1), cardinality=2, base_width=8, expansion=1, stem=Stem.CIFAR_POOL, num_classes=10)
Splits = tuple[LabelledImages, LabelledImages]


@pytest.fixture(scope="module")
def splits() -> Splits:
    """Small copies of the pictures of the sample that ships."""
    return read_splits(find_data(SAMPLE), 16)


def run_in(out: Path, splits: Splits, gpu: torch.device, compiler: str | None = None, **settings: Any) -> Run:
    recipe = Recipe(**{"epochs": 3, "batch_size": 64, "peak_rate": 0.1, "seed": 4, **settings})
    return Run(SPEC, recipe, *splits, out, gpu, compiler=compiler)


def test_the_loss_falls_and_all_stays_on_the_gpu(tmp_path: Path, splits: Splits, gpu: torch.device) -> None:
    run = run_in(tmp_path, splits, gpu)
    losses = [row["loss"] for row in run.epochs()]
    assert losses[-1] < losses[0]
    states = [buffer for state in run.optimizer.state.values() for buffer in state.values()]
    assert {tensor.device for tensor in (*run.model.parameters(), *run.model.buffers(), *states)} == {gpu}
    assert all(weight.dtype is torch.float32 for weight in run.model.parameters())


def test_a_gpu_with_units_for_bfloat16_trains_in_it(real_gpu: torch.device) -> None:
    has_units = torch.cuda.get_device_capability(real_gpu) >= (8, 0)  # Ampere and later
    assert training_type(real_gpu) is (torch.bfloat16 if has_units else torch.float32)


@pytest.mark.parametrize(
    "settings",
    [
        {"ema": 0.9, "cutout": 4},
        {"muon": True, "whiten": True, "peak_rate": 0.03},
        {"sam": 0.1},
        {"translate": 0, "flip": False, "schedule": "cosine"},
        {"hold_out": 20, "schedule": "steps"},
        {"epochs": None, "minutes": 0.01},
    ],
    ids=str,
)
def test_every_setting_runs(tmp_path: Path, splits: Splits, gpu: torch.device, settings: dict[str, Any]) -> None:
    run = run_in(tmp_path, splits, gpu, **{"epochs": 1, **settings})
    rows = list(run.epochs())
    assert run.finished
    assert all(0 <= row["test_accuracy"] <= 1 for row in rows)


def test_a_compiled_step_is_the_same_step(tmp_path: Path, splits: Splits, gpu: torch.device) -> None:
    """By the part of the compiler that needs no other one."""
    losses = [
        [row["loss"] for row in run_in(tmp_path / str(compiler), splits, gpu, compiler, epochs=1).epochs()]
        for compiler in (None, "aot_eager")
    ]
    assert losses[0] == pytest.approx(losses[1], abs=0.05)


def test_a_stopped_run_goes_on_where_it_stood(tmp_path: Path, splits: Splits, gpu: torch.device) -> None:
    """A GPU adds up in another order each time, so the losses are near each other, not the same bits."""
    whole = [row["loss"] for row in run_in(tmp_path / "whole", splits, gpu, ema=0.9).epochs()]
    next(run_in(tmp_path / "stopped", splits, gpu, ema=0.9).epochs())
    again = run_in(tmp_path / "stopped", splits, gpu, ema=0.9)
    assert again.epoch == 1
    list(again.epochs())
    assert [row["loss"] for row in again.history] == pytest.approx(whole, abs=0.05)


def test_the_weights_answer_as_they_were_measured(tmp_path: Path, splits: Splits, gpu: torch.device) -> None:
    run = run_in(tmp_path, splits, gpu, epochs=1)
    list(run.epochs())
    measured = export_run(run, "sample")
    there = measure(run.model, splits[1], run.normalisation)
    here = measure(run.model.cpu(), splits[1], run.normalisation)
    assert here.loss == pytest.approx(there.loss, rel=1e-4)  # float32 on both; TF32 would be further off
    assert measured == here.accuracy
    predictor = load_predictor(tmp_path / WEIGHTS, str(gpu), engine="exact")
    photos = photos_of(splits[1])
    answers = [prediction.top[0].label for prediction in predictor.predict(photos.photos, top_k=1)]
    right = sum(answer == name for answer, name in zip(answers, photos.names, strict=True))
    assert right / len(answers) == pytest.approx(measured, abs=0.02)
