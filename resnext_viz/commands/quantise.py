"""`quantise`: the 8-bit form of a network, with how often it agrees."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path

from resnext_viz.commands.options.parser import Parser, add_json
from resnext_viz.commands.options.printing import print_json, show_count
from resnext_viz.commands.options.training_data import NAMED_DATA
from resnext_viz.commands.options.weights_options import add_weights_options, load_named

_DESCRIPTION = """Makes the 8-bit form of a network for OpenVINO, so that `--engine int8` and the app can offer it. Its
ranges are calibrated on pictures below train/, and how often it gives the exact network's answer is measured on those
below test/; a folder without these is split in halves. Below 98 % it is not kept."""
_EPILOG = """examples:
  python -m resnext_viz quantise --weights resnext50_32x4d --data photos/
  python -m resnext_viz quantise --weights runs/mine/model.safetensors --data my_photos/ --json"""


def add_to(commands: argparse._SubParsersAction[Parser]) -> None:
    """Puts `quantise` into the parser."""
    parser = commands.add_parser(
        "quantise", help="an 8-bit form of a network, and how often it agrees", description=_DESCRIPTION, epilog=_EPILOG
    )
    parser.add_argument("--data", required=True, metavar="NAME|DIR",
                        help=f"{NAMED_DATA}, or a folder of pictures, best below train/ and test/")  # fmt: skip
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="where it is put; default: where predictions look for it"
    )
    add_weights_options(parser)
    add_json(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Prints how often it agrees; exit status 0."""
    predictor = load_named(arguments)
    from resnext_viz.training.data.named_data import find_data
    from resnext_viz.training.measure.quantise import quantise

    data = find_data(arguments.data)
    record = quantise(predictor, data, arguments.out, lambda what, *counts: show_count(what)(*counts))
    if arguments.json:
        print_json({"weights": predictor.name, **asdict(record)})
    else:
        print(f"{predictor.title}, int8: {record.in_words()}")
    return 0
