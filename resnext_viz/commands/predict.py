"""`predict`: what is on a photo."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from resnext_viz.commands.options.parser import Parser, add_json, as_whole_number
from resnext_viz.commands.options.photo_arguments import PhotoArgument, named_photos
from resnext_viz.commands.options.printing import aligned, print_json
from resnext_viz.commands.options.weights_options import add_engine, add_head, add_weights_options, load_named
from resnext_viz.inference.none_of_these import WORDS
from resnext_viz.inference.photos.picture_formats import FORMATS_IN_WORDS
from resnext_viz.kit.number_format import exact

if TYPE_CHECKING:
    from resnext_viz.inference.none_of_these import NoneRule
    from resnext_viz.inference.predictor.prediction import Prediction
    from resnext_viz.inference.predictor.predictor import Predictor

DEFAULT_TOP_K = 5
MAX_TOP_K = 1000
SOME_FAILED = 1  # exit status
_FEATURES_SHOWN = 4

_DESCRIPTION = """Asks a trained network what is on each photo: its most probable classes, with the time it took and the
device. A photo that cannot be read is named with the reason; the others are still answered. Where the weights have a
measured threshold for it, a photo that shows none of their classes, probably, is said to. A folder stands for the
pictures in it and below, "-" for what comes in on standard input; patterns such as *.jpg are understood where the shell
leaves them as they are, and file:// addresses, too. Nothing is downloaded."""
_EPILOG = """exit status: 0 if every photo was answered, 1 if one could not be read

examples:
  python -m resnext_viz predict cat.jpg
  python -m resnext_viz predict holiday/*.jpg --weights resnext50_32x4d --top-k 3
  python -m resnext_viz predict holiday/ - --json < cat.jpg
  python -m resnext_viz predict cat.jpg --weights runs/mine/model.safetensors --json
  python -m resnext_viz predict cat.jpg --weights backbone.pth --head features --json"""


def add_to(commands: argparse._SubParsersAction[Parser]) -> None:
    """Puts `predict` into the parser."""
    parser = commands.add_parser("predict", help="what is on a photo", description=_DESCRIPTION, epilog=_EPILOG)
    parser.add_argument(
        "images", nargs="+", metavar="IMAGE", help=f"a photo ({FORMATS_IN_WORDS}), a folder, a pattern, or -"
    )
    add_weights_options(parser)
    add_head(parser)
    add_engine(parser)
    parser.add_argument(
        "--top-k",
        type=as_whole_number(1, MAX_TOP_K),
        default=DEFAULT_TOP_K,
        metavar="K",
        help=f"classes for each photo, 1 to {MAX_TOP_K}; default: {DEFAULT_TOP_K}",
    )
    add_json(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Prints the answers; exit status 1 if a photo could not be read."""
    photos = named_photos(arguments.images)
    if all(photo.error for photo in photos):  # no network is needed to say so
        predictor, predictions = None, [_refusal(photo) for photo in photos]
    else:
        predictor = load_named(arguments)
        predictions = _answers(predictor, photos, arguments.top_k)
    if arguments.json:
        print_json({"results": [prediction.to_dict() for prediction in predictions]})
    else:
        _print_in_words(predictor, predictions)
    return SOME_FAILED if any(prediction.error for prediction in predictions) else 0


def _answers(predictor: Predictor, photos: Sequence[PhotoArgument], top_k: int) -> list[Prediction]:
    """One for each argument, in their order; those that stand for no photo are not answered."""
    asked = [each for each in photos if not each.error]
    answers = iter(predictor.predict([each.photo for each in asked], top_k))
    return [_refusal(each) if each.error else replace(next(answers), image_name=each.name) for each in photos]


def _refusal(argument: PhotoArgument) -> Prediction:
    from resnext_viz.inference.predictor.prediction import Prediction

    return Prediction(argument.name, device="", engine="", error=argument.error)


def _print_in_words(predictor: Predictor | None, predictions: Sequence[Prediction]) -> None:
    head = [predictor.title, *(f"note: {note}" for note in predictor.notes)] if predictor else []
    rule = predictor.none_of_these if predictor else None
    answers = "\n\n".join(_in_words(prediction, rule) for prediction in predictions)
    print("\n\n".join(filter(None, ("\n".join(head), answers))))


def _in_words(prediction: Prediction, rule: NoneRule | None) -> str:
    if prediction.error is not None:
        return f"{prediction.image_name}\n  error: {prediction.error}"
    table = aligned(
        ("class", "probability"), [(answer.label, f"{100 * answer.probability:.1f} %") for answer in prediction.top]
    )
    if prediction.features:
        first = ", ".join(f"{value:.3g}" for value in prediction.features[:_FEATURES_SHOWN])
        table = f"{exact(len(prediction.features))} features: {first}, …; all with --json"
    notes = "".join(f", {note}" for note in prediction.notes)
    none = f"\n  {WORDS}. {rule.in_words()}" if rule and prediction.none_of_these else ""
    return (
        f"{prediction.image_name}  ({prediction.width}x{prediction.height}{notes}){none}\n"
        + "\n".join(f"  {line}" for line in table.splitlines())
        + f"\n  {prediction.latency_ms:.1f} ms on {prediction.device}, {prediction.engine}"
    )
