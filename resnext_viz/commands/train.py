"""`train`: trains a network on a folder of pictures, goes on where it was stopped, writes weights with their card."""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from resnext_viz.commands.options.network_options import add_network_options, given_options
from resnext_viz.commands.options.parser import Parser, add_device, complain
from resnext_viz.commands.options.progress_line import ProgressLine, ToldProgress
from resnext_viz.commands.options.training_data import (
    add_data_options,
    add_start_options,
    colours,
    given_start,
    read_data,
)
from resnext_viz.commands.options.training_processes import STOPPED, training_team
from resnext_viz.errors import ErrorCode
from resnext_viz.kit.number_format import estimated_duration
from resnext_viz.names import parse, title_of
from resnext_viz.spec import ResNeXtSpec, as_whole_number, check_square
from resnext_viz.training.recipe.fitting import TUNING_RATE, fitted, usual_settings
from resnext_viz.training.recipe.presets import TRAINING_PRESETS
from resnext_viz.training.recipe.recipe import RANGES, SETTINGS, Recipe, RecipeError, Schedule
from resnext_viz.training.run.memory import keep_memory
from resnext_viz.training.run.run_folder import CARD, WEIGHTS, EpochProgress, Preparation

if TYPE_CHECKING:
    import torch

    from resnext_viz.training.run.team import Team
    from resnext_viz.training.run.training_run import Run

DEFAULT_PRESET = "cifar10"
_BOUNDS = ("epochs", "minutes")
_HELP = {
    "epochs": "length of the run; or give --minutes",
    "minutes": "length of the run by the clock, over all its stops",
    "batch_size": "pictures of one step, fewer where there are few pictures",
    "peak_rate": f"highest learning rate, {TUNING_RATE:g} where --from trains the whole network",
    "warm_up": "share of the run in which the rate rises",
    "momentum": "Nesterov momentum",
    "weight_decay": "of the weights of convolutions and linear layer",
    "label_smoothing": "share of the target spread over all classes",
    "translate": "pixels a picture is shifted by, at most",
    "schedule": "how the rate falls: to zero in a line or along a cosine, or by the paper's two steps",
    "flip": "mirror half of the pictures in each epoch",
    "cutout": "side in pixels of a grey square in each picture",
    "ema": "moving average of the weights: what stays at each step, such as 0.999, or 0 for none",
    "muon": "make the steps of the convolutions orthogonal, path by path (Muon)",
    "sam": "how far uphill each gradient is taken, such as 0.1, to end where the loss is flat; twice the cost",
    "whiten": "start the stem as a whitening of the pictures' patches",
    "hold_out": "training pictures that are set aside, for calibration",
    "seed": "of weights, order, shifts and flips",
}

_DESCRIPTION = """Trains a network of this family on pictures: cifar10, cifar100, or a folder with train/CLASS/*.jpg and
test/CLASS/*.jpg (or val/, valid/), or with CLASS/*.jpg alone, of which a tenth is set aside for tests. One line for
each epoch, with the time left. Stop it with Ctrl-C at any time: the same command goes on from the last whole epoch. At
the end the --out folder holds model.safetensors, which `predict --weights` reads, and model_card.md; on a finished run
the command only writes these two again."""
_EPILOG = """examples:
  python -m resnext_viz train --preset cifar10 --data cifar10/ --out runs/cifar10
  python -m resnext_viz train --preset resnext29_8x64d_cifar10 --epochs 40 --data cifar10/ --out runs/8x64d
  torchrun --nproc-per-node 2 -m resnext_viz train --data cifar10/ --out runs/cifar10    as many processes as GPUs
  python -m resnext_viz train --depths 1,1,1 --cardinality 8 --minutes 4 --data my_photos/ --out runs/mine
  python -m resnext_viz train --from resnext50_32x4d --freeze --epochs 5 --data my_photos/ --out runs/tuned"""


def add_to(commands: argparse._SubParsersAction[Parser]) -> None:
    """Puts `train` into the parser."""
    parser = commands.add_parser(
        "train", help="train a network on a folder of pictures", description=_DESCRIPTION, epilog=_EPILOG
    )
    parser.add_argument(
        "--preset",
        metavar="NAME",
        help=f"{', '.join(TRAINING_PRESETS)} (network of the bundled weights, recipe of their first epochs), or the "
        f"name of a network; default: {DEFAULT_PRESET}",
    )
    add_data_options(parser)
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where checkpoint, weights and card go")
    parser.add_argument("--export-only", action="store_true", help="train no further: write the last epoch's weights")
    parser.add_argument(
        "--tell-steps", action="store_true",
        help="lines of JSON say what comes before the first step, then each second where the epoch stands; ends when "
        "nobody reads them any more",
    )  # fmt: skip
    parser.add_argument("--compile", action="store_true", help="use torch.compile, which CPUs mostly do not gain from")
    add_device(parser)
    add_start_options(parser)
    _add_recipe_options(parser)
    add_network_options(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Trains to the end and writes the weights; exit status 130 if stopped before."""
    if arguments.image_size is not None:
        check_square(arguments.image_size)
    spec, recipe = _network_of(arguments), _recipe_of(arguments)
    keep_memory()
    with training_team() as team:
        return _run(arguments, spec, recipe, team)


def _run(arguments: argparse.Namespace, spec: ResNeXtSpec, recipe: Recipe, team: Team) -> int:
    from resnext_viz.nn.device import describe_device
    from resnext_viz.training.measure.run_export import export_run
    from resnext_viz.training.run.event_files import WITHOUT, can_write_events
    from resnext_viz.training.run.folder_lock import kept_in
    from resnext_viz.training.run.training_run import Run

    device = team.device(arguments.device)
    start = given_start(arguments)
    tell = partial(_tell, arguments.tell_steps and team.leads)
    tell(Preparation.READING)
    train_set, test_set, name = read_data(arguments, spec, start)
    tell(Preparation.BUILDING)
    if start:
        spec = start.spec_for(train_set.classes)
    elif "num_classes" not in given_options(arguments):
        spec = spec.with_options(num_classes=len(train_set.classes))
    compiler = "inductor" if arguments.compile else None
    recipe = fitted(recipe, len(train_set.labels) - recipe.hold_out, vars(arguments))
    state = Run(spec, recipe, train_set, test_set, arguments.out, device, team, compiler, start)
    print(*colours(state), sep="\n")
    print(
        f"{title_of(spec)} on {describe_device(device)}{_how(device, team)}: "
        f"{len(train_set.labels):,} pictures to train on, "
        f"{len(test_set.labels):,} to test on, {len(train_set.classes)} classes",
        flush=True,
    )
    if not can_write_events():
        print(WITHOUT, flush=True)
    tell(Preparation.STEPPING)
    if arguments.export_only:
        _check_exportable(state)
    elif not _train(state, arguments.tell_steps):
        return STOPPED
    team.part()
    if not team.leads:
        return 0
    with kept_in(arguments.out, state.kept_in_words):
        measured = export_run(state, name)
    print(f"{100 * measured:.2f} % of the test pictures right. Written to {arguments.out}: {WEIGHTS}, {CARD}")
    return 0


def _tell(is_asked: bool, doing: Preparation) -> None:
    """A line for a program that asked to be told what comes before the first step."""
    if is_asked:
        ToldProgress().tell({"preparation": doing})


def _check_exportable(state: Run) -> None:
    if not state.epoch:
        raise RecipeError(f"{state.out} holds no whole epoch whose weights could be written; leave out --export-only")


def _train(state: Run, tell_steps: bool) -> bool:
    """Whether the run came to its end; says how to go on if not."""
    if state.epoch:
        print(f"Going on after epoch {state.epoch}, {100 * state.progress:.0f} % done", flush=True)
    line, told = ProgressLine(), ToldProgress()

    def watch(step: EpochProgress) -> None:
        if tell_steps:
            told.tell(step._asdict())
        else:
            line.show(_standing(step))

    try:
        for row in state.epochs(watch):
            line.clear()
            print(_in_words(row, state.left_s), flush=True)
    except KeyboardInterrupt:
        line.clear()  # before anything is said
        if state.team.leads:
            complain(
                f"stopped; {state.kept_in_words} in {state.out}. The same command goes on from there.",
                ErrorCode.STOPPED,
            )
        return False
    finally:
        line.clear()
    return True


def _how(device: torch.device, team: Team) -> str:
    """In which number format, and by how many processes."""
    from resnext_viz.training.run.precision import training_type

    number_type = str(training_type(device)).removeprefix("torch.")
    return f" in {number_type}" + (f", {team.size} processes" if team.size > 1 else "")


def _standing(step: EpochProgress) -> str:
    return (
        f"epoch {step.epoch:3}  {100 * step.share:3.0f} % of it  {step.images_per_s:,.0f} pictures/s  "
        f"{estimated_duration(step.left_s)} left"
    )


def _in_words(row: dict[str, Any], left_s: float) -> str:
    loss = "   -  " if row["loss"] is None else f"{row['loss']:.4f}"
    return (
        f"epoch {row['epoch']:3}  loss {loss}  test {100 * row['test_accuracy']:5.2f} %  "
        f"{row['images_per_s']:,} pictures/s  {100 * row['progress']:3.0f} % done, {estimated_duration(left_s)} left"
    )


def _add_recipe_options(parser: argparse.ArgumentParser) -> None:
    """One option for each setting of the recipe; those not given leave no trace in the namespace."""
    group = parser.add_argument_group("recipe", "Defaults hold where the preset has no setting of its own.")
    usual = Recipe(epochs=1)
    for name in SETTINGS:
        option = f"--{name.replace('_', '-')}"
        default = getattr(usual, name)
        if isinstance(default, bool):
            words = f"{_HELP[name]}; default: {'on' if default else 'off'}"
            group.add_argument(option, action=argparse.BooleanOptionalAction, default=argparse.SUPPRESS, help=words)
        else:
            words = _HELP[name] if name in _BOUNDS else f"{_HELP[name]}; default: {default}"
            metavar = "|".join(Schedule) if name == "schedule" else "N"
            group.add_argument(option, metavar=metavar, default=argparse.SUPPRESS, help=words)


def _network_of(arguments: argparse.Namespace) -> ResNeXtSpec:
    preset = arguments.preset or DEFAULT_PRESET
    named = TRAINING_PRESETS.get(preset)
    return (named.spec if named else parse(preset)).with_options(**given_options(arguments))


def _recipe_of(arguments: argparse.Namespace) -> Recipe:
    """The usual settings with the given ones; a given bound takes the place of the preset's."""
    given = {name: _from_text(name, value) for name, value in vars(arguments).items() if name in SETTINGS}
    starts = arguments.start is not None
    named = None if starts else TRAINING_PRESETS.get(arguments.preset or DEFAULT_PRESET)
    usual = usual_settings(named, starts and not arguments.freeze)
    if any(name in given for name in _BOUNDS):
        usual = {name: value for name, value in usual.items() if name not in _BOUNDS}
    return Recipe(**{**usual, **given})


def _from_text(name: str, value: object) -> Any:
    """The number that a word of the command line stands for."""
    if name not in RANGES:
        return value
    try:
        number = as_whole_number(value) if RANGES[name].whole else float(str(value))
    except ValueError:
        number = value
    if isinstance(number, str):
        raise RecipeError(f"{name} is {number[:40]!r}; {RANGES[name]}")
    return number
