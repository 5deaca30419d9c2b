"""`predict`: what is on a photo."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from resnext_viz.commands.parser import Parser, add_json, whole_number
from resnext_viz.commands.printing import aligned, print_json
from resnext_viz.commands.weights import add_engine, add_weights_options, load_named
from resnext_viz.inference.none_of_these import WORDS
from resnext_viz.inference.picture_formats import FORMATS_IN_WORDS

if TYPE_CHECKING:
    from resnext_viz.inference.none_of_these import NoneRule
    from resnext_viz.inference.prediction import Prediction

DEFAULT_TOP_K = 5
MAX_TOP_K = 1000
SOME_FAILED = 1  # exit status

_DESCRIPTION = """Asks a trained network what is on each photo: its most probable classes, with the time it took and the
device. A photo that cannot be read is named with the reason; the others are still answered. Where the weights have a
measured threshold for it, a photo that shows none of their classes, probably, is said to."""
_EPILOG = """exit status: 0 if every photo was answered, 1 if one could not be read

examples:
  python -m resnext_viz predict cat.jpg
  python -m resnext_viz predict holiday/*.jpg --weights resnext50_32x4d --top-k 3
  python -m resnext_viz predict cat.jpg --weights runs/mine/model.safetensors --json"""


def add_to(commands: argparse._SubParsersAction[Parser]) -> None:
    """Puts `predict` into the parser."""
    parser = commands.add_parser("predict", help="what is on a photo", description=_DESCRIPTION, epilog=_EPILOG)
    parser.add_argument("images", nargs="+", metavar="IMAGE", help=f"a photo: {FORMATS_IN_WORDS}")
    add_weights_options(parser)
    add_engine(parser)
    parser.add_argument(
        "--top-k",
        type=whole_number(1, MAX_TOP_K),
        default=DEFAULT_TOP_K,
        metavar="K",
        help=f"classes for each photo, 1 to {MAX_TOP_K}; default: {DEFAULT_TOP_K}",
    )
    add_json(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Prints the answers; exit status 1 if a photo could not be read."""
    predictor = load_named(arguments)
    predictions = predictor.predict(arguments.images, arguments.top_k)
    if arguments.json:
        print_json({"results": [prediction.to_dict() for prediction in predictions]})
    else:
        print(predictor.title)
        for note in predictor.notes:
            print(f"note: {note}")
        for prediction in predictions:
            print(f"\n{_in_words(prediction, predictor.none_of_these)}")
    return SOME_FAILED if any(prediction.error for prediction in predictions) else 0


def _in_words(prediction: Prediction, rule: NoneRule | None) -> str:
    if prediction.error is not None:
        return f"{prediction.image_name}\n  error: {prediction.error}"
    table = aligned(
        ("class", "probability"), [(answer.label, f"{100 * answer.probability:.1f} %") for answer in prediction.top]
    )
    notes = "".join(f", {note}" for note in prediction.notes)
    none = f"\n  {WORDS}. {rule.in_words()}" if rule and prediction.none_of_these else ""
    return (
        f"{prediction.image_name}  ({prediction.width}x{prediction.height}{notes}){none}\n"
        + "\n".join(f"  {line}" for line in table.splitlines())
        + f"\n  {prediction.latency_ms:.1f} ms on {prediction.device}, {prediction.engine}"
    )
