"""`evaluate`: how a trained network does on test pictures, class by class, and how honest its probabilities are."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from resnext_viz.commands.options.parser import Parser, add_json
from resnext_viz.commands.options.printing import aligned, print_json, show_count
from resnext_viz.commands.options.weights_options import add_engine, add_weights_options, load_named

if TYPE_CHECKING:
    from resnext_viz.inference.calibration import Calibration
    from resnext_viz.training.measure.evaluation import Evaluation

_MOST_CLASSES = 20  # whose confusion is printed as a table

_DESCRIPTION = """How a network does on the test pictures of a data folder (test/CLASS/*.jpg, or torchvision's CIFAR-10
download), each picture decoded and prepared exactly as `predict` does: share of right first answers in all and by
class, which classes are taken for which, and how far its probabilities can be believed, without and with its
temperature (15 bins). In exact arithmetic unless told otherwise, so that every machine counts the same."""
_EXAMPLES = """examples:
  python -m resnext_viz evaluate --data cifar10/
  python -m resnext_viz evaluate --weights runs/mine/model.safetensors --data my_photos/ --json"""


def add_to(commands: argparse._SubParsersAction[Parser]) -> None:
    """Puts `evaluate` into the parser."""
    parser = commands.add_parser(
        "evaluate", help="accuracy of a trained network on test pictures", description=_DESCRIPTION, epilog=_EXAMPLES
    )
    parser.add_argument("--data", type=Path, required=True, metavar="NAME|DIR",
                        help="cifar10, cifar100, or the folder that `train` was given")  # fmt: skip
    add_weights_options(parser)
    add_engine(parser, "exact")
    add_json(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Prints what was counted; exit status 0."""
    predictor = load_named(arguments)
    from resnext_viz.training.data.named_data import find_data
    from resnext_viz.training.measure.evaluation import evaluate

    found = evaluate(predictor, find_data(arguments.data), show_count("pictures"))
    if arguments.json:
        print_json({
            "weights": predictor.name, "data": str(arguments.data), **_document(found),
            "device": predictor.device, "engine": predictor.engine,
        })  # fmt: skip
    else:
        print(
            f"{predictor.title}: {100 * found.accuracy:.2f} % right, {found.right:,} of {found.pictures:,} pictures, "
            f"on {predictor.device}, {predictor.engine}\n"
        )
        print("\n\n".join(_in_words(found)))
    return 0


def _document(found: Evaluation) -> dict[str, Any]:
    rule = found.rule
    return {
        "pictures": found.pictures,
        "right": found.right,
        "accuracy": found.accuracy,
        "classes": list(found.class_rows()),
        "confusion": {"labels": list(found.classes), "pictures": [list(row) for row in found.confusion]},
        "temperature": found.temperature,
        "calibration": {"before": asdict(found.calibration(1.0)), "after": asdict(found.calibration())},
        "none_of_these": rule and {**rule.to_dict(), "called_none": found.called_none},
    }


def _in_words(found: Evaluation) -> list[str]:
    """Tables: class by class, the confusion, the calibration, and what was said to show none of the classes."""
    rows = [(row["class"], f"{row['pictures']:,}", f"{row['right']:,}", f"{100 * row['accuracy']:.2f} %")
            for row in found.class_rows()]  # fmt: skip
    parts = [aligned(("class", "pictures", "right", "accuracy"), rows)]
    if len(found.classes) <= _MOST_CLASSES:
        head = ("true class", *found.classes)
        parts.append(aligned(head, [(name, *map(str, row)) for name, row in
                                    zip(found.classes, found.confusion, strict=True)]))  # fmt: skip
    before, after = found.calibration(1.0), found.calibration()
    parts.append(aligned(("probabilities", "temperature", "ECE", "NLL"), [
        ("before", "1", f"{100 * before.ece:.2f} %", f"{before.nll:.4f}"),
        ("after", f"{found.temperature:.3f}", f"{100 * after.ece:.2f} %", f"{after.nll:.4f}"),
    ]))  # fmt: skip
    parts.append(_bins_table(after))
    if found.called_none is not None:
        parts.append(f"none of these, probably: {found.called_none:,} of {found.pictures:,} pictures, "
                     f"{100 * found.called_none / found.pictures:.2f} %")  # fmt: skip
    return parts


def _bins_table(calibration: Calibration) -> str:
    return aligned(("probability", "pictures", "mean", "right"), [
        (f"{100 * each.low:3.0f} to {100 * each.high:3.0f} %", f"{each.pictures:,}", f"{100 * each.confidence:.1f} %",
         f"{100 * each.accuracy:.1f} %") for each in calibration.bins
    ])  # fmt: skip
