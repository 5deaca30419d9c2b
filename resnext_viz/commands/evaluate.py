"""`evaluate`: how often a trained network is right on test pictures."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from resnext_viz.commands.parser import Parser, add_json
from resnext_viz.commands.printing import print_json
from resnext_viz.commands.weights import add_engine, add_weights_options, load_named

_DESCRIPTION = """Share of right first answers on the test pictures of a data folder (test/CLASS/*.jpg, or torchvision's
CIFAR-10 download), each picture decoded and prepared exactly as `predict` does."""
_EXAMPLES = """examples:
  python -m resnext_viz evaluate --data cifar10/
  python -m resnext_viz evaluate --weights runs/mine/model.safetensors --data my_photos/ --json"""


def add_to(commands: argparse._SubParsersAction[Parser]) -> None:
    """Puts `evaluate` into the parser."""
    parser = commands.add_parser(
        "evaluate", help="accuracy of a trained network on test pictures", description=_DESCRIPTION, epilog=_EXAMPLES
    )
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="the folder that holds test/")
    add_weights_options(parser)
    add_engine(parser)
    add_json(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Prints the accuracy; exit status 0."""
    predictor = load_named(arguments)
    from resnext_viz.training.evaluation import evaluate

    for tally in evaluate(predictor, arguments.data):
        if sys.stderr.isatty():
            print(f"\r{tally.done:,} of {tally.total:,} pictures", end="", file=sys.stderr, flush=True)
    if sys.stderr.isatty():
        print(file=sys.stderr)
    if arguments.json:
        print_json(
            {
                "weights": predictor.name,
                "data": str(arguments.data),
                "pictures": tally.total,
                "right": tally.right,
                "accuracy": tally.accuracy,
                "device": predictor.device,
                "engine": predictor.engine,
            }
        )
    else:
        print(
            f"{predictor.title}: {100 * tally.accuracy:.2f} % right, {tally.right:,} of {tally.total:,} pictures, "
            f"on {predictor.device}, {predictor.engine}"
        )
    return 0
