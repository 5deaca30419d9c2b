"""What `train` learns from: the options that name pictures and weights to start from, and what is found, in words."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from resnext_viz.commands.options.network_options import given_options
from resnext_viz.commands.options.parser import Parser
from resnext_viz.commands.options.progress_line import ProgressLine
from resnext_viz.commands.options.weights_options import show_download
from resnext_viz.spec import ResNeXtSpec, check_square
from resnext_viz.training.data.sample import SAMPLE
from resnext_viz.training.recipe.recipe import RecipeError

if TYPE_CHECKING:
    from resnext_viz.training.data.labelled_images import LabelledImages
    from resnext_viz.training.run.starting_weights import StartingWeights
    from resnext_viz.training.run.training_run import Run


NAMED_DATA = f"cifar10, cifar100 (downloaded on first use), {SAMPLE} (comes with the package)"


class LoadedData(NamedTuple):
    """Pictures in memory, and what they are called on the card."""

    train_set: LabelledImages
    test_set: LabelledImages
    name: str


def add_data_options(parser: Parser) -> None:
    """`--data` and what goes with it."""
    parser.add_argument(
        "--data",
        required=True,
        metavar="NAME|DIR",
        help=f"{NAMED_DATA}, or a folder of pictures",
    )
    parser.add_argument("--data-name", metavar="WORDS", help="the data's name on the model card; default: its own")
    parser.add_argument(
        "--image-size",
        metavar="N",
        help="side of the pictures in pixels; default: that of the weights to start from, or the network's own; for a "
        "network that is left to the default 32, or 64 if the pictures are that large",
    )
    parser.add_argument("--skip-broken", action="store_true", help="leave out files that cannot be read")


def add_start_options(parser: Parser) -> None:
    """`--from` and `--freeze`."""
    group = parser.add_argument_group("fine-tuning")
    group.add_argument(
        "--from",
        dest="start",
        metavar="NAME|FILE",
        help="weights to start from, with their network: names and files as in predict --weights; "
        "they get a new linear layer for the classes of the pictures; of the network's options those can be given that "
        "change no tensor, such as --stem",
    )
    group.add_argument("--freeze", action="store_true", help="train the linear layer alone, with --from")


def given_start(arguments: argparse.Namespace) -> StartingWeights | None:
    """The weights to start from, if there are to be some.

    Raises:
        RecipeError: options that contradict each other.
        WeightsError: the weights cannot be had.
    """
    if arguments.start is None:
        if arguments.freeze:
            raise RecipeError("freeze is True, but there are no trained weights to keep; name them by --from")
        return None
    if arguments.preset:
        raise RecipeError("preset is given, but the network is that of the weights in --from; leave out one of both")
    options = given_options(arguments)
    if "num_classes" in options:
        raise RecipeError("num_classes is given, but with --from the pictures say how many there are; leave it out")
    from resnext_viz.training.run.starting_weights import load_start

    start = load_start(arguments.start, arguments.freeze, show_download)
    return start.in_network(options) if options else start


def read_data(arguments: argparse.Namespace, spec: ResNeXtSpec, start: StartingWeights | None) -> LoadedData:
    """The pictures that the options name; says what is found.

    Raises:
        DataError: they cannot be trained on.
    """
    from resnext_viz.training.data.data_report import data_summary, notes
    from resnext_viz.training.data.labelled_images import read_splits
    from resnext_viz.training.data.named_data import data_title, find_data

    folder = find_data(arguments.data)
    name = arguments.data_name or data_title(arguments.data, folder)
    print(f"Reading {folder} ...", flush=True)
    line = ProgressLine()
    try:
        train_set, test_set = read_splits(
            folder,
            _side(arguments, folder, spec, start),
            arguments.skip_broken,
            lambda done, total: line.show(f"{done:,} of {total:,} pictures"),
        )
    finally:
        line.clear()
    for words in data_summary(train_set, test_set):
        print(f"  {words}")
    for words in notes(train_set, test_set):
        print(f"  note: {words}", flush=True)
    return LoadedData(train_set, test_set, name)


def colours(run: Run) -> Iterator[str]:
    """Lines on the normalisation of a run, and on what it starts from."""
    mean, std = (
        ", ".join(f"{value:g}" for value in values) for values in (run.normalisation.mean, run.normalisation.std)
    )
    whose = f"those of {run.start.name}" if run.start else "of the training pictures"
    yield f"  colours: mean {mean}, deviation {std}, {whose}"
    if run.start:
        yield f"  start: {run.start.in_words(run.train_set.classes)}"


def _side(arguments: argparse.Namespace, folder: Path, spec: ResNeXtSpec, start: StartingWeights | None) -> int:
    """Side of the pictures in memory."""
    if arguments.image_size is not None:
        return check_square(arguments.image_size)
    if start:
        return start.image_size
    if arguments.preset or "stem" in given_options(arguments):
        return spec.default_image_size
    from resnext_viz.training.data.data_report import suited_side

    return suited_side(folder)
