import csv
import itertools
import json
import pickle
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from torch.nn.functional import cross_entropy
from torch.optim.swa_utils import AveragedModel

from resnext_viz.errors import ErrorCode, UserError
from resnext_viz.kit.whole_file import write_whole
from resnext_viz.nn import build
from resnext_viz.nn.merged_groups import MergedGroups
from resnext_viz.spec import ResNeXtSpec, Stem
from resnext_viz.training.data.augmentation import EpochPlan
from resnext_viz.training.data.labelled_images import LabelledImages, read_splits, split_off
from resnext_viz.training.recipe import whitening
from resnext_viz.training.recipe.recipe import Recipe, RecipeError, Schedule
from resnext_viz.training.run import training_run as run_module
from resnext_viz.training.run.measurement import measure
from resnext_viz.training.run.run_checkpoint import CHECKPOINT, read_checkpoint
from resnext_viz.training.run.training_run import Run
from tests.support.pictures import Canary, picture_tree

CPU = torch.device("cpu")
SPEC = ResNeXtSpec(depths=(1, 1), cardinality=2, base_width=4, expansion=1, stem=Stem.CIFAR_POOL, num_classes=3)
RECIPE = Recipe(epochs=3, batch_size=5, translate=2, seed=4)


@pytest.fixture(scope="module")
def splits(tmp_path_factory: pytest.TempPathFactory) -> tuple[LabelledImages, LabelledImages]:
    return read_splits(picture_tree(tmp_path_factory.mktemp("data")), 16)


Splits = tuple[LabelledImages, LabelledImages]


def run_in(out: Path, splits: Splits, recipe: Recipe = RECIPE, spec: ResNeXtSpec = SPEC) -> Run:
    return Run(spec, recipe, *splits, out, CPU)


def assert_same(a: Run, b: Run) -> None:
    for (name, ours), theirs in zip(a.model.state_dict().items(), b.model.state_dict().values(), strict=True):
        assert torch.equal(ours, theirs), name
    for ours, theirs in zip(a.optimizer.state.values(), b.optimizer.state.values(), strict=True):
        assert torch.equal(ours["momentum_buffer"], theirs["momentum_buffer"])


def test_a_run_stopped_after_each_epoch_ends_in_the_same_weights(tmp_path: Path, splits: Splits) -> None:
    whole = run_in(tmp_path / "whole", splits)
    assert [row["epoch"] for row in whole.epochs()] == [1, 2, 3]
    for _ in range(3):
        next(run_in(tmp_path / "stopped", splits).epochs())
    again = run_in(tmp_path / "stopped", splits)
    assert again.finished
    assert list(again.epochs()) == []
    assert_same(whole, again)
    losses = [[row["loss"] for row in run.history] for run in (whole, again)]
    assert losses[0] == losses[1]


def test_a_sharpness_aware_step_follows_the_gradient_from_uphill(
    tmp_path: Path, splits: Splits, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_module, "training_type", lambda _: torch.float32)
    count, rate, radius = len(splits[0].labels), 0.1, 0.5
    recipe = Recipe(
        epochs=1, batch_size=count, peak_rate=rate, warm_up=0, momentum=0, weight_decay=0, translate=0, flip=False,
        sam=radius,
    )  # fmt: skip
    run = run_in(tmp_path, splits, recipe)
    model = deepcopy(run.model).train()
    weights, inputs = list(model.parameters()), run.normalisation.apply(splits[0].images)

    def gradient() -> list[torch.Tensor]:
        loss = cross_entropy(model(inputs), splits[0].labels, label_smoothing=recipe.label_smoothing)
        return list(torch.autograd.grad(loss, weights))

    there = gradient()
    statistics = {name: value.clone() for name, value in model.named_buffers()}
    length = torch.cat([slope.flatten() for slope in there]).norm()
    with torch.no_grad():
        for weight, slope in zip(weights, there, strict=True):
            weight.add_(radius * slope / length)
    above = gradient()
    with torch.no_grad():
        for weight, slope, slope_above in zip(weights, there, above, strict=True):
            weight.sub_(radius * slope / length + rate * slope_above)
    list(run.epochs())
    for ours, expected in zip(run.model.parameters(), weights, strict=True):
        torch.testing.assert_close(ours, expected, rtol=1e-4, atol=1e-5)
    for name, value in run.model.named_buffers():
        if not name.endswith("num_batches_tracked"):
            torch.testing.assert_close(value, statistics[name], rtol=1e-4, atol=1e-5)


def test_an_averaged_run_stopped_after_each_epoch_ends_in_the_same_averages(tmp_path: Path, splits: Splits) -> None:
    recipe = replace(RECIPE, epochs=2, ema=0.7, cutout=4, hold_out=5, whiten=True, schedule=Schedule.COSINE)
    whole = run_in(tmp_path / "whole", splits, recipe)
    list(whole.epochs())
    for _ in range(2):
        next(run_in(tmp_path / "stopped", splits, recipe).epochs())
    again = run_in(tmp_path / "stopped", splits, recipe)
    assert_same(whole, again)
    for (name, ours), theirs in zip(whole.result.state_dict().items(), again.result.state_dict().values(), strict=True):
        assert torch.equal(ours, theirs), name
    assert not torch.equal(whole.result.get_parameter("fc.weight"), whole.model.get_parameter("fc.weight"))


def test_a_stem_is_whitened_by_pictures_of_all_classes(
    tmp_path: Path, splits: Splits, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[torch.Tensor] = []
    monkeypatch.setattr(whitening, "WHITENED_BY", 5)
    monkeypatch.setattr(whitening, "whiten", lambda _, pictures: seen.extend(pictures))
    run = run_in(tmp_path, splits, replace(RECIPE, whiten=True))
    every = run.normalisation.apply(splits[0].images)
    rows = [int((every == picture).flatten(1).all(1).nonzero()[0]) for picture in seen]
    assert len(rows) == 5
    assert set(splits[0].labels[rows].tolist()) == {0, 1, 2}


def test_averaged_weights_are_the_moving_average_of_every_step(
    tmp_path: Path, splits: Splits, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = run_in(tmp_path, splits, replace(RECIPE, epochs=1, ema=0.7))
    expected: list[torch.Tensor] = []
    update = AveragedModel.update_parameters

    def noting(averaged: AveragedModel, model: torch.nn.Module) -> None:
        weight = model.get_parameter("fc.weight").detach().clone()
        expected.append(weight if not expected else 0.7 * expected[-1] + 0.3 * weight)
        update(averaged, model)

    monkeypatch.setattr(AveragedModel, "update_parameters", noting)
    row = next(run.epochs())
    assert len(expected) == 4
    torch.testing.assert_close(run.result.get_parameter("fc.weight"), expected[-1])
    assert row["test_accuracy"] == measure(run.result, splits[1], run.normalisation).accuracy


def test_pictures_held_out_are_never_trained_on(
    tmp_path: Path, splits: Splits, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = {bytes(image.numpy()) for image in split_off(splits[0], 7, RECIPE.seed)[1].images}
    seen: set[bytes] = set()

    def noting(_plan: EpochPlan, images: torch.Tensor, chosen: torch.Tensor) -> torch.Tensor:
        seen.update(bytes(images[row].numpy()) for row in chosen)
        return images[chosen]

    monkeypatch.setattr(EpochPlan, "batch", noting)
    run = run_in(tmp_path, splits, replace(RECIPE, hold_out=7, batch_size=17))
    next(run.epochs())
    assert len(held) == 7
    assert len(seen) == 17 == len(run.train_set.labels)
    assert not held & seen


def test_the_table_of_metrics_has_a_row_for_each_epoch_and_a_column_for_each_class(
    tmp_path: Path, splits: Splits
) -> None:
    rows = list(run_in(tmp_path, splits).epochs())
    with (tmp_path / "metrics.csv").open(newline="") as file:
        table = list(csv.DictReader(file))
    assert [row["epoch"] for row in table] == ["1", "2", "3"]
    for row, told in zip(table, rows, strict=True):
        assert float(row["test_accuracy"]) == told["test_accuracy"]
        by_class = [float(row[f"accuracy of {name}"]) for name in splits[0].classes]
        assert by_class == told["class_accuracy"]
        assert sum(by_class) / 3 == pytest.approx(told["test_accuracy"], abs=1e-4)  # as many pictures in each class


@pytest.mark.parametrize("bound", [{"epochs": 3}, {"minutes": 0.031}], ids=["epochs", "minutes"])
@pytest.mark.parametrize("options", [{}, {"ema": 0.7, "cutout": 4, "sam": 0.05}], ids=["plain", "averaged"])
def test_a_run_stopped_within_an_epoch_goes_on_from_the_last_whole_one(
    tmp_path: Path, splits: Splits, monkeypatch: pytest.MonkeyPatch, bound: dict[str, int], options: dict[str, float]
) -> None:
    looks = itertools.count()
    clock = SimpleNamespace(perf_counter=lambda: 0.1 * next(looks))  # 18 looks: three epochs and a bit
    monkeypatch.setattr(run_module, "time", clock)
    recipe = replace(Recipe(batch_size=5, translate=2, seed=4, **bound), **options)  # type: ignore[arg-type]
    whole = run_in(tmp_path / "whole", splits, recipe)
    list(whole.epochs())
    step, calls = Run._step, iter(range(100))

    def stopping(run: Run, *arguments: object) -> tuple[torch.Tensor, torch.Tensor]:
        if next(calls) == 6:  # the third step of the second epoch
            raise KeyboardInterrupt
        return step(run, *arguments)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(Run, "_step", stopping)
        with pytest.raises(KeyboardInterrupt):
            list(run_in(tmp_path / "stopped", splits, recipe).epochs())
    again = run_in(tmp_path / "stopped", splits, recipe)
    assert again.epoch == 1
    list(again.epochs())
    assert again.epoch == whole.epoch >= 3
    assert_same(whole, again)
    for (name, ours), theirs in zip(whole.result.state_dict().items(), again.result.state_dict().values(), strict=True):
        assert torch.equal(ours, theirs), name
    losses = [[row["loss"] for row in run.history] for run in (whole, again)]
    assert losses[0] == losses[1]


def test_it_learns_and_writes_down_how(tmp_path: Path, splits: Splits) -> None:
    run = run_in(tmp_path, splits, replace(RECIPE, epochs=8, peak_rate=0.05))
    rows = list(run.epochs())
    assert rows[-1]["loss"] < 0.7 * rows[0]["loss"]
    assert rows[-1]["test_accuracy"] == measure(run.model, splits[1], run.normalisation).accuracy > 0.8
    assert json.loads((tmp_path / "history.json").read_text()) == rows
    assert [row["progress"] for row in rows] == pytest.approx([i / 8 for i in range(1, 9)])
    names = {path.name for path in tmp_path.iterdir()}
    assert {name for name in names if not name.startswith("events.out.")} == {
        CHECKPOINT, "history.json", "metrics.csv", "run.lock",
    }  # fmt: skip


def test_a_checkpoint_keeps_its_keys_and_the_words_of_the_spec(tmp_path: Path, splits: Splits) -> None:
    next(run_in(tmp_path, splits).epochs())
    state = torch.load(tmp_path / CHECKPOINT, weights_only=True)
    assert set(state) == {
        "spec",
        "recipe",
        "epoch",
        "elapsed_s",
        "history",
        "classes",
        "mean",
        "std",
        "model",
        "optimizer",
        "averaged",
        "start",
        "colours",
    }
    assert ResNeXtSpec.from_dict(state["spec"]) == SPEC


def test_fewer_pictures_than_a_batch_make_one_small_batch(tmp_path: Path, splits: Splits) -> None:
    run = run_in(tmp_path, splits, Recipe(epochs=1, batch_size=1000))
    row = next(run.epochs())
    assert 0 < row["images_per_s"] * run.elapsed_s < 2 * len(splits[0].labels)


def test_an_incomplete_last_batch_is_left_out(tmp_path: Path, splits: Splits, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []

    def noting(_run: Run, images: torch.Tensor, *_: object) -> tuple[torch.Tensor, torch.Tensor]:
        sizes.append(len(images))
        return torch.tensor(1.0), torch.tensor(0)

    monkeypatch.setattr(Run, "_step", noting)
    next(run_in(tmp_path, splits, Recipe(epochs=1, batch_size=10)).epochs())  # 24 pictures
    assert sizes == [10, 10]


def test_minutes_bound_a_run_by_the_clock(tmp_path: Path, splits: Splits) -> None:
    run = run_in(tmp_path, splits, Recipe(minutes=0.01, batch_size=5))
    rows = list(run.epochs())
    assert rows[-1]["progress"] == 1
    assert run.finished
    assert run_in(tmp_path, splits, Recipe(minutes=0.01, batch_size=5)).finished


def test_a_loss_that_is_no_number_stops_the_run_and_keeps_the_checkpoint(
    tmp_path: Path, splits: Splits, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = run_in(tmp_path, splits)
    epochs = run.epochs()
    next(epochs)
    before = (tmp_path / CHECKPOINT).read_bytes()
    monkeypatch.setattr(Run, "_step", lambda *_: (torch.tensor(float("nan")), torch.tensor(0)))
    with pytest.raises(RecipeError, match="no number any more in epoch 2; use a lower peak_rate than 0.25") as told:
        next(epochs)
    assert (told.value.code, told.value.details) == (ErrorCode.DIVERGED, {"epoch": 2, "peak_rate": 0.25})
    assert (tmp_path / CHECKPOINT).read_bytes() == before


def test_memory_that_does_not_suffice_is_told_and_the_checkpoint_kept(
    tmp_path: Path, splits: Splits, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = run_in(tmp_path, splits)
    epochs = run.epochs()
    next(epochs)

    def short(*_: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")

    monkeypatch.setattr(Run, "_step", short)
    with pytest.raises(RecipeError, match="a step with 5 pictures of 16 px; epoch 1 is kept. Use a lower batch_size"):
        next(epochs)
    to = torch.Tensor.to
    monkeypatch.setattr(torch.Tensor, "to", lambda one, *how, **more: (
        short() if one.dtype is torch.uint8 else to(one, *how, **more)))  # fmt: skip
    with pytest.raises(RecipeError, match="cpu has no memory for 24 pictures of 16 px"):
        run_in(tmp_path / "new", splits)
    monkeypatch.undo()
    assert run_in(tmp_path, splits).epoch == 1


@pytest.mark.parametrize(
    ("recipe", "spec", "words"),
    [
        (replace(RECIPE, seed=5), SPEC, "seed is 4 there and 5 here"),
        (RECIPE, replace(SPEC, base_width=8), "base_width is 4 there and 8 here"),
    ],
)
def test_other_settings_than_the_checkpoints_are_refused(
    tmp_path: Path, splits: Splits, recipe: Recipe, spec: ResNeXtSpec, words: str
) -> None:
    next(run_in(tmp_path, splits).epochs())
    with pytest.raises(RecipeError, match=words):
        run_in(tmp_path, splits, recipe, spec)


def test_other_pictures_than_the_checkpoints_are_refused(tmp_path: Path, splits: Splits) -> None:
    next(run_in(tmp_path, splits).epochs())
    train_set, test_set = splits
    with pytest.raises(UserError, match="run on other pictures"):
        run_in(tmp_path, (replace(train_set, images=train_set.images // 2), test_set))


@pytest.mark.parametrize(
    ("recipe", "spec", "words"),
    [
        (RECIPE, replace(SPEC, num_classes=4), "num_classes is 4; the data has 3"),
        (RECIPE, replace(SPEC, head=False), "needs the linear layer"),
        (RECIPE, replace(SPEC, in_channels=1), "in_channels is 1; pictures have 3"),
        (replace(RECIPE, translate=16), SPEC, "translate is 16; use less than the 16 pixels"),
    ],
)
def test_what_does_not_fit_the_pictures_is_refused(
    tmp_path: Path, splits: Splits, recipe: Recipe, spec: ResNeXtSpec, words: str
) -> None:
    with pytest.raises(UserError, match=words):
        run_in(tmp_path, splits, recipe, spec)


@pytest.mark.parametrize("content", [b"", b"junk", pickle.dumps({"spec": 1}), b"PK\x03\x04 half"])
def test_a_damaged_checkpoint_is_told_in_words(tmp_path: Path, content: bytes) -> None:
    (tmp_path / CHECKPOINT).write_bytes(content)
    with pytest.raises(RecipeError, match="cannot be read|is no checkpoint"):
        read_checkpoint(tmp_path, CPU)


def test_code_in_a_checkpoint_is_refused_and_not_run(tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    torch.save({"spec": Canary(canary)}, tmp_path / CHECKPOINT)
    with pytest.raises(RecipeError, match="cannot be read"):
        read_checkpoint(tmp_path, CPU)
    assert not canary.exists()


def test_a_file_that_cannot_be_finished_leaves_the_former_one(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"former")

    def failing(_: object) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        write_whole(path, failing)
    assert path.read_bytes() == b"former"


def test_a_file_in_the_place_of_the_folder_is_told_in_words(tmp_path: Path, splits: Splits) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot be a folder"):
        run_in(tmp_path / "file", splits)


def test_narrow_paths_are_merged_where_that_is_faster_and_no_file_shows_it(
    tmp_path: Path, splits: Splits, monkeypatch: pytest.MonkeyPatch
) -> None:
    def merged(run: Run) -> list[str]:
        return [name for name, module in run.model.named_modules() if isinstance(module, MergedGroups)]

    monkeypatch.setattr(run_module, "training_type", lambda _: torch.bfloat16)
    halves = run_in(tmp_path / "run", splits)
    assert merged(halves) == ["layer1.0.conv2"]  # its two paths are 4 wide, those of layer2 are 8
    row = next(halves.epochs())
    assert row["loss"] > 0
    kept = read_checkpoint(tmp_path / "run", CPU)
    assert kept is not None
    shapes = {name: tensor.shape for name, tensor in build(SPEC).state_dict().items()}
    assert {name: tensor.shape for name, tensor in kept["model"].items()} == shapes
    monkeypatch.setattr(run_module, "training_type", lambda _: torch.float32)
    assert merged(run_in(tmp_path / "other", splits)) == []
