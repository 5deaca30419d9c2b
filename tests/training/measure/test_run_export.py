"""What a model card says of its run: the command line reads its command back as the very run, and its words follow."""

import shlex
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from resnext_viz.cli import _parser
from resnext_viz.commands.options.network_options import given_options
from resnext_viz.commands.train import _network_of, _recipe_of
from resnext_viz.inference.weights.checkpoint import save_checkpoint
from resnext_viz.nn import build
from resnext_viz.spec import ResNeXtSpec, Stem
from resnext_viz.training.data.labelled_images import LabelledImages, read_splits
from resnext_viz.training.measure.run_export import command_of, model_card
from resnext_viz.training.recipe.fitting import fitted
from resnext_viz.training.recipe.presets import TRAINING_PRESETS, TrainingPreset
from resnext_viz.training.recipe.recipe import Recipe, Schedule
from resnext_viz.training.run.starting_weights import StartingWeights, load_start
from resnext_viz.training.run.training_run import Run
from tests.support.pictures import CLASSES, picture_tree

SPEC = ResNeXtSpec(depths=(1,), cardinality=2, base_width=4, expansion=1, stem=Stem.CIFAR, num_classes=3)
PRESET = Recipe(minutes=3, whiten=True, ema=0.9, batch_size=12)


@pytest.fixture(scope="module")
def splits(tmp_path_factory: pytest.TempPathFactory) -> tuple[LabelledImages, LabelledImages]:
    return read_splits(picture_tree(tmp_path_factory.mktemp("data"), train=24), 16)


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> StartingWeights:
    path = tmp_path_factory.mktemp("weights") / "my first.safetensors"
    save_checkpoint(path, build(SPEC).state_dict(), SPEC, CLASSES, (0.5,) * 3, (0.25,) * 3, 16)
    return load_start(path)


def run_of(recipe: Recipe, splits: tuple[LabelledImages, LabelledImages], out: Path, **more: StartingWeights) -> Run:
    return Run(SPEC, recipe, *splits, out, torch.device("cpu"), **more)


def assert_read_back(run: Run) -> None:
    """The command trains the same network by the same recipe on as many pictures."""
    arguments = _parser().parse_args(shlex.split(command_of(run))[3:])
    recipe = fitted(_recipe_of(arguments), len(run.train_set.labels), vars(arguments))
    assert recipe == run.recipe
    if run.start:
        assert (arguments.start, arguments.freeze) == (run.start.name, run.start.frozen)
        assert given_options(arguments) == run.start.options
    else:
        assert _network_of(arguments) == SPEC


RECIPES = (
    Recipe(epochs=3, batch_size=16, peak_rate=0.015625),  # what 72 pictures make of the usual
    Recipe(epochs=3),  # which so few would not get by themselves
    Recipe(epochs=3, batch_size=16),
    Recipe(minutes=2.5, batch_size=9, peak_rate=0.08, schedule=Schedule.STEPS, flip=False, cutout=3, hold_out=4),
    Recipe(epochs=3, sam=0.1),
    replace(PRESET, minutes=None, epochs=2),
)


@pytest.mark.parametrize("recipe", RECIPES)
def test_the_command_on_the_card_is_read_back_as_the_run(
    recipe: Recipe, splits: tuple[LabelledImages, LabelledImages], start: StartingWeights, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    assert_read_back(run_of(recipe, splits, tmp_path / "fresh"))
    for frozen in (False, True):
        weights = replace(start, frozen=frozen).in_network({"stride_on": "1x1"} if frozen else {})
        assert_read_back(run_of(replace(recipe, whiten=False), splits, tmp_path / f"start{frozen}", start=weights))
    monkeypatch.setitem(TRAINING_PRESETS, "mine", TrainingPreset(SPEC, PRESET))
    run = run_of(recipe, splits, tmp_path / "preset")
    assert "--preset mine " in command_of(run)
    assert_read_back(run)


def test_the_cards_words_follow_the_recipe(splits: tuple[LabelledImages, LabelledImages], tmp_path: Path) -> None:
    recipe = Recipe(epochs=1, schedule=Schedule.STEPS, flip=False, cutout=4)
    card = model_card(run_of(recipe, splits, tmp_path / "a"), "noise|dots", 0.5, "00")
    assert "is a tenth from the middle of the run" in card
    assert "Pictures are shifted with reflected borders, covered by a grey square." in card
    assert "| schedule | steps |" in card
    assert "| noise/dots: 72 pictures to train on" in card.replace("| data ", "")
    flat = model_card(run_of(Recipe(epochs=1, sam=0.1), splits, tmp_path / "c"), "", 0, "")
    assert "SGD with Nesterov momentum, gradients taken 0.1 uphill (sharpness-aware). The rate" in flat
    plain = model_card(run_of(Recipe(epochs=1, momentum=0, flip=False, translate=0), splits, tmp_path / "b"), "", 0, "")
    assert "SGD with no momentum. The rate rises over the warm-up, then falls to zero in a line." in plain
    assert "Pictures are taken as they are." in plain
