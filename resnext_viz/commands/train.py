"""`train`: trains a network on a folder of pictures, goes on where it was stopped, writes weights with their card."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from resnext_viz.commands.network_options import add_network_options, given_options
from resnext_viz.commands.parser import Parser, add_device, complain
from resnext_viz.names import parse, title_of
from resnext_viz.spec import ResNeXtSpec, check_image_size, whole_number
from resnext_viz.training.memory import keep_memory
from resnext_viz.training.presets import TRAINING_PRESETS
from resnext_viz.training.recipe import RANGES, SETTINGS, Recipe, RecipeError, Schedule
from resnext_viz.training.run_folder import CARD, WEIGHTS
from resnext_viz.training.sample import SAMPLE, TITLE, sample_folder

if TYPE_CHECKING:
    from resnext_viz.training.run import Run

DEFAULT_PRESET = "cifar10"
STOPPED = 130  # exit status
_BOUNDS = ("epochs", "minutes")
_HELP = {
    "epochs": "length of the run; or give --minutes",
    "minutes": "length of the run by the clock, over all its stops",
    "batch_size": "pictures of one step",
    "peak_rate": "highest learning rate",
    "warm_up": "share of the run in which the rate rises",
    "momentum": "Nesterov momentum",
    "weight_decay": "of the weights of convolutions and linear layer",
    "label_smoothing": "share of the target spread over all classes",
    "translate": "pixels a picture is shifted by, at most",
    "schedule": f"how the rate falls: {', '.join(Schedule)}",
    "flip": "mirror half of the pictures in each epoch",
    "cutout": "side in pixels of a grey square in each picture",
    "ema": "moving average of the weights, what stays at each step, such as 0.999",
    "whiten": "start the stem as a whitening of the pictures' patches",
    "hold_out": "training pictures that are set aside, for calibration",
    "seed": "of weights, order, shifts and flips",
}

_DESCRIPTION = """Trains a network of this family on a folder of pictures: an ImageFolder tree (train/CLASS/*.jpg and
test/CLASS/*.jpg) or torchvision's CIFAR-10 download. One line for each epoch, with the time left. Stop it with Ctrl-C
at any time: the same command goes on from the last whole epoch. At the end the --out folder holds model.safetensors,
which `predict --weights` reads, and model_card.md; on a finished run the command only writes these two again."""
_EPILOG = """examples:
  python -m resnext_viz train --preset cifar10 --data cifar10/ --out runs/cifar10
  python -m resnext_viz train --preset resnext29_8x64d_cifar10 --epochs 40 --data cifar10/ --out runs/8x64d
  python -m resnext_viz train --depths 1,1,1 --cardinality 8 --minutes 4 --data my_photos/ --out runs/mine"""


def add_to(commands: argparse._SubParsersAction[Parser]) -> None:
    """Puts `train` into the parser."""
    parser = commands.add_parser(
        "train", help="train a network on a folder of pictures", description=_DESCRIPTION, epilog=_EPILOG
    )
    parser.add_argument(
        "--preset",
        default=DEFAULT_PRESET,
        metavar="NAME",
        help=f"{', '.join(TRAINING_PRESETS)} (network and recipe of the bundled weights), or the name of a "
        f"network; default: {DEFAULT_PRESET}",
    )
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="the folder of pictures")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where checkpoint, weights and card go")
    parser.add_argument("--image-size", metavar="N", help="side of the pictures in pixels; default: the network's own")
    parser.add_argument("--data-name", metavar="WORDS", help="the data's name on the model card; default: the folder's")
    parser.add_argument("--export-only", action="store_true", help="train no further: write the last epoch's weights")
    add_device(parser)
    _add_recipe_options(parser)
    add_network_options(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Trains to the end and writes the weights; exit status 130 if stopped before."""
    spec, recipe = _network_of(arguments), _recipe_of(arguments)
    side = spec.default_image_size if arguments.image_size is None else check_image_size(arguments.image_size)
    keep_memory()
    from resnext_viz.nn.device import choose_device, describe_device
    from resnext_viz.training.data import read_splits
    from resnext_viz.training.export import export_run
    from resnext_viz.training.run import Run

    device = choose_device(arguments.device)
    if str(arguments.data) == SAMPLE:
        arguments.data, arguments.data_name = sample_folder(), arguments.data_name or TITLE
    print(f"Reading {arguments.data} ...", flush=True)
    train_set, test_set = read_splits(arguments.data, side)
    if "num_classes" not in given_options(arguments):
        spec = spec.with_options(num_classes=len(train_set.classes))
    state = Run(spec, recipe, train_set, test_set, arguments.out, device)
    print(
        f"{title_of(spec)} on {describe_device(device)}: {len(train_set.labels):,} pictures to train on, "
        f"{len(test_set.labels):,} to test on, {len(train_set.classes)} classes",
        flush=True,
    )
    if arguments.export_only:
        _check_exportable(state)
    elif not _train(state):
        return STOPPED
    measured = export_run(state, arguments.data_name or arguments.data.resolve().name)
    print(f"{100 * measured:.2f} % of the test pictures right. Written to {arguments.out}: {WEIGHTS}, {CARD}")
    return 0


def _check_exportable(state: Run) -> None:
    if not state.epoch:
        raise RecipeError(f"{state.out} holds no whole epoch whose weights could be written; leave out --export-only")


def _train(state: Run) -> bool:
    """Whether the run came to its end; says how to go on if not."""
    if state.epoch:
        print(f"Going on after epoch {state.epoch}, {100 * state.progress:.0f} % done", flush=True)
    try:
        for row in state.epochs():
            print(_in_words(row, state.left_s), flush=True)
    except KeyboardInterrupt:
        kept = f"epoch {state.history[-1]['epoch']} is kept in {state.out}" if state.history else "no epoch was done"
        complain(f"stopped; {kept}. The same command goes on from there.")
        return False
    return True


def _in_words(row: dict[str, Any], left_s: float) -> str:
    loss = "   -  " if row["loss"] is None else f"{row['loss']:.4f}"
    return (
        f"epoch {row['epoch']:3}  loss {loss}  test {100 * row['test_accuracy']:5.2f} %  "
        f"{row['images_per_s']:,} pictures/s  {100 * row['progress']:3.0f} % done, {_time(left_s)} left"
    )


def _time(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def _add_recipe_options(parser: argparse.ArgumentParser) -> None:
    """One option for each setting of the recipe; those not given leave no trace in the namespace."""
    group = parser.add_argument_group("recipe")
    usual = Recipe(epochs=1)
    for name in SETTINGS:
        option = f"--{name.replace('_', '-')}"
        words = _HELP[name] if name in _BOUNDS else f"{_HELP[name]}; default: {getattr(usual, name)}"
        if name in RANGES or name == "schedule":
            group.add_argument(option, metavar="N", default=argparse.SUPPRESS, help=words)
        else:
            group.add_argument(
                option, action=argparse.BooleanOptionalAction, default=argparse.SUPPRESS, help=_HELP[name]
            )


def _network_of(arguments: argparse.Namespace) -> ResNeXtSpec:
    named = TRAINING_PRESETS.get(arguments.preset)
    return (named.spec if named else parse(arguments.preset)).with_options(**given_options(arguments))


def _recipe_of(arguments: argparse.Namespace) -> Recipe:
    """The preset's recipe with the given settings; a given bound takes the place of the preset's."""
    given = {name: _from_text(name, value) for name, value in vars(arguments).items() if name in SETTINGS}
    named = TRAINING_PRESETS.get(arguments.preset)
    usual = named.recipe.to_dict() if named else {}
    if any(name in given for name in _BOUNDS):
        usual = {name: value for name, value in usual.items() if name not in _BOUNDS}
    return Recipe(**{**usual, **given})


def _from_text(name: str, value: object) -> Any:
    """The number that a word of the command line stands for."""
    if name not in RANGES:
        return value
    try:
        number = whole_number(value) if RANGES[name].whole else float(str(value))
    except ValueError:
        number = value
    if isinstance(number, str):
        raise RecipeError(f"{name} is {number[:40]!r}; {RANGES[name]}")
    return number
