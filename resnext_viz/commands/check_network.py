"""`check-network`: computes that a whole network is the same in forms A, B and C, through training too."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from resnext_viz.commands.options.network_options import add_network, asked_network
from resnext_viz.commands.options.parser import Parser, add_device, add_json, as_whole_number, one_of
from resnext_viz.commands.options.printing import print_json
from resnext_viz.names import name_of, title_of
from resnext_viz.spec import IMAGE_LIMITS, ResNeXtSpec

if TYPE_CHECKING:
    from torch import Tensor

    from resnext_viz.nn.proof.network_estimate import CheckSetting, Estimate
    from resnext_viz.nn.proof.whole_network import NetworkRow

DEFAULT_STEPS, MOST_STEPS = 3, 20
UNEQUAL = 1  # exit status
_DTYPES = ("float64", "float32")
_WORDS = {True: "yes", False: "NO", None: "undecided"}
_LINE = "{:21}  {:8}  {:5}  {:5}  {:>9}  {:>9}  {:>9}  {}"

_DESCRIPTION = """Computes that a whole network is the same in forms A (summed paths), B (concatenated) and C
(grouped convolutions): same random weights, outputs of stem, stages and head, gradients, and the weights after steps
of SGD on each form, mapped back to form C. What it takes is estimated first; a check beyond reason is refused."""
_EPILOG = """exit status: 0 if every row is equal up to rounding, 1 if one is not. "rounding" is how far form C itself
goes when every weight is moved by one machine epsilon; where that alone is far, a row is undecided.

examples:
  python -m resnext_viz check-network
  python -m resnext_viz check-network resnext29_8x64d_cifar10 --image cat.jpg --steps 5
  python -m resnext_viz check-network resnext101_64x4d --image-size 32 --dtype float32 --json"""


def add_to(commands: argparse._SubParsersAction[Parser]) -> None:
    """Puts `check-network` into the parser."""
    parser = commands.add_parser(
        "check-network", help="a whole network in the three forms, trained, shown equal", description=_DESCRIPTION,
        epilog=_EPILOG,
    )  # fmt: skip
    add_network(parser)
    parser.add_argument("--image", metavar="FILE", help="a photo; default: random numbers")
    parser.add_argument(
        "--image-size",
        type=as_whole_number(*IMAGE_LIMITS),
        metavar="N",
        help="side of the image in pixels; default: 64, or 32 for CIFAR's stem",
    )
    parser.add_argument(
        "--dtype",
        action="append",
        type=one_of(*_DTYPES),
        metavar="|".join(_DTYPES),
        help="number format; may be given twice; default: both",
    )
    parser.add_argument(
        "--steps",
        type=as_whole_number(0, MOST_STEPS),
        default=DEFAULT_STEPS,
        metavar="K",
        help=f"steps of SGD, 0 to {MOST_STEPS}; default: {DEFAULT_STEPS}",
    )
    add_device(parser)
    add_json(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Prints the comparisons as they are made; exit status 1 if one found a difference."""
    spec = asked_network(arguments)
    from resnext_viz.nn.proof.equivalence import Dtype, members
    from resnext_viz.nn.proof.network_estimate import CheckSetting, default_size, estimated
    from resnext_viz.nn.proof.whole_network import check_network

    dtypes = members(Dtype, dict.fromkeys(arguments.dtype or _DTYPES))
    setting = CheckSetting(spec, arguments.image_size or default_size(spec), dtypes, arguments.steps)
    image = _image(arguments.image, spec, setting.image_size)
    found, _ = estimated(setting)
    checks = check_network(spec, image, setting.image_size, dtypes=dtypes, steps=setting.steps, device=arguments.device)
    rows: list[NetworkRow] = []
    for row in checks:
        if not arguments.json:
            print(_in_words(row) if rows else f"{_heading(setting, found)}\n{_in_words(row)}", flush=True)
        rows.append(row)
    if arguments.json:
        print_json({"name": name_of(spec), "image_size": setting.image_size, "steps": setting.steps,
                    "estimate": found.to_dict(), "rows": [row.to_dict() for row in rows]})  # fmt: skip
    return UNEQUAL if any(row.equal is False for row in rows) else 0


def _image(path: str | None, spec: ResNeXtSpec, size: int) -> Tensor | None:
    if path is None:
        return None
    from resnext_viz.inference.photos.network_input import photo_input

    return photo_input(path, path, spec, size)


def _heading(setting: CheckSetting, found: Estimate) -> str:
    columns = _LINE.format("place", "dtype", "mode", "forms", "max abs", "max rel", "rounding", "equal")
    return f"{title_of(setting.spec)}, {setting.words}\n{found.words}\n\n{columns}"


def _in_words(row: NetworkRow) -> str:
    numbers = (f"{value:.2g}" for value in (row.max_abs, row.max_rel, row.rounding))
    return _LINE.format(row.place, row.dtype, row.mode, row.forms, *numbers, _WORDS[row.equal])
