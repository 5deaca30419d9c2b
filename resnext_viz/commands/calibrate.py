"""`calibrate`: honest probabilities, "none of these, probably", and all that is measured for the model card."""

from __future__ import annotations

import argparse
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING

from resnext_viz.commands.options.parser import Parser, add_device, add_json, as_whole_number
from resnext_viz.commands.options.printing import show_count
from resnext_viz.commands.options.training_data import NAMED_DATA
from resnext_viz.errors import UserError

if TYPE_CHECKING:
    from resnext_viz.inference.predictor.measured import Measured
    from resnext_viz.training.measure.calibrate import HeldOut

_DESCRIPTION = """Measures a trained network and writes a copy of its weights that knows what was found: a temperature,
which makes its probabilities honest, and a threshold below which a picture shows none of its classes, probably. The
tensors stay the same. Beside the copy it writes what was measured as JSON, for the app, and the model card as Markdown.

The temperature needs training pictures that the network was not trained on. A run that kept some back (train
--hold-out N) says so in its checkpoint.pt beside the weights; otherwise give --hold-out and --seed of that run."""
_EPILOG = """examples:
  python -m resnext_viz calibrate --weights runs/mine/model.safetensors --data cifar10/ --out mine.safetensors
  python -m resnext_viz calibrate --weights model.safetensors --data cifar10/ --hold-out 2000 --seed 0 \\
      --none-of-these other_things/ --out mine.safetensors"""


def add_to(commands: argparse._SubParsersAction[Parser]) -> None:
    """Puts `calibrate` into the parser."""
    parser = commands.add_parser(
        "calibrate", help="honest probabilities, and the model card", description=_DESCRIPTION, epilog=_EPILOG
    )
    parser.add_argument("--weights", type=Path, required=True, metavar="FILE", help="a .safetensors file")
    parser.add_argument("--data", required=True, metavar="NAME|DIR",
                        help=f"what it was trained on: {NAMED_DATA}, or the folder that `train` was given")  # fmt: skip
    parser.add_argument("--out", type=Path, required=True, metavar="FILE",
                        help="the copy; what was measured lies beside it as .json and .md")  # fmt: skip
    parser.add_argument("--none-of-these", type=Path, metavar="DIR",
                        help="pictures of none of the classes, in folders named as where they come from")  # fmt: skip
    parser.add_argument(
        "--hold-out",
        type=as_whole_number(1, 1_000_000),
        metavar="N",
        help="training pictures that were kept back; default: as the run beside the weights says",
    )
    parser.add_argument("--seed", type=as_whole_number(0, 999_999), metavar="N",
                        help="of that run; default: as it says, or 0")  # fmt: skip
    parser.add_argument("--data-name", metavar="WORDS", help="what the card calls the data; default: its own name")
    parser.add_argument("--card", type=Path, metavar="FILE",
                        help="the training run's card; default: model_card.md beside the weights")  # fmt: skip
    parser.add_argument("--no-larger-photos", action="store_true", help="do not try the test pictures as larger photos")
    add_device(parser)
    add_json(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Writes the copy and what was measured, and prints a summary; exit status 0."""
    out: Path = arguments.out
    for name, path in (("weights", arguments.weights), ("out", out)):
        if path.suffix != ".safetensors":
            raise UserError(f"{name} is {str(path)!r}; use a name that ends with .safetensors")
    from resnext_viz.inference.predictor.by_name import load_predictor
    from resnext_viz.inference.predictor.measured import measured_file, sha256_of
    from resnext_viz.kit.whole_file import write_whole
    from resnext_viz.training.data.named_data import data_title, find_data
    from resnext_viz.training.measure.calibrate import calibrate, describe
    from resnext_viz.training.measure.measured_card import whole_card

    card, held_out, data = _card(arguments), _held_out(arguments), find_data(arguments.data)
    out.parent.mkdir(parents=True, exist_ok=True)  # before anything is measured that could not be kept
    predictor = load_predictor(arguments.weights, arguments.device, engine="exact")
    found = calibrate(
        predictor, data, arguments.data_name or data_title(arguments.data, data), held_out,
        arguments.none_of_these, not arguments.no_larger_photos, lambda what, *counts: show_count(what)(*counts),
    )  # fmt: skip
    describe(arguments.weights, out, found)
    found = replace(found, weights=sha256_of(out))
    for path, words in ((measured_file(out), found.to_json()), (out.with_suffix(".md"), whole_card(card, found))):
        write_whole(path, partial(_write, words))
    print(found.to_json().rstrip() if arguments.json else _in_words(found, out))
    return 0


def _write(words: str, file: IO[bytes]) -> None:
    file.write(words.encode())


def _held_out(arguments: argparse.Namespace) -> HeldOut:
    """As the run beside the weights says; as given where there is none.

    Raises:
        UserError: nobody says it, or the run says otherwise, so that the pictures would be ones it was trained on.
    """
    from resnext_viz.training.measure.calibrate import HeldOut, held_out_of

    of_run = held_out_of(arguments.weights)
    if of_run is None:
        if arguments.hold_out is None:
            raise UserError(
                f"no run beside {arguments.weights} says which training pictures it kept back; give --hold-out and "
                "--seed as in training, or train with --hold-out 2000"
            )
        return HeldOut(arguments.hold_out, arguments.seed or 0)
    if not of_run.pictures:
        raise UserError(f"the run beside {arguments.weights} kept no pictures back; train with --hold-out 2000")
    for name, given, own in (("hold_out", arguments.hold_out, of_run.pictures), ("seed", arguments.seed, of_run.seed)):
        if given not in (None, own):
            raise UserError(f"{name} is {given}, and {own} in the run beside {arguments.weights}; leave it out")
    return of_run


def _card(arguments: argparse.Namespace) -> str:
    """The training run's card, or nothing where there is none.

    Raises:
        UserError: one was named that cannot be read.
    """
    path: Path = arguments.card or arguments.weights.with_name("model_card.md")
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        if arguments.card:
            raise UserError(f"card is {str(path)!r}, which cannot be read ({error})") from None
        return ""


def _in_words(found: Measured, out: Path) -> str:
    lines = [
        f"{found.network}: {100 * found.right / found.pictures:.2f} % right, {found.right:,} of {found.pictures:,}",
        f"temperature {found.temperature:.3f}, fitted on {found.fitted_on:,} pictures: ECE "
        f"{100 * found.before.ece:.2f} % before, {100 * found.after.ece:.2f} % after; NLL {found.before.nll:.4f} "
        f"before, {found.after.nll:.4f} after",
        *(f"{each.words}: {100 * each.right / each.pictures:.2f} % right" for each in found.larger),
    ]
    if found.rule:
        lines.append(f"none of these, by {found.rule.score.words} below {found.rule.threshold:.4g}. "
                     f"{found.rule.in_words()}")  # fmt: skip
    return "\n".join([*lines, f"{out}, with .json and .md beside it"])
