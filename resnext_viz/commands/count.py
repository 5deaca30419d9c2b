"""`count`: exact params, MACs and activations of a network."""

from __future__ import annotations

import argparse

from resnext_viz.commands.network_options import add_network_options, named_network
from resnext_viz.commands.parser import Parser, add_json
from resnext_viz.commands.printing import aligned, print_json
from resnext_viz.complexity import Complexity, complexity
from resnext_viz.figures.numbers import exact, short
from resnext_viz.names import name_of, title_of
from resnext_viz.spec import IMAGE_LIMITS, check_image_size

_DESCRIPTION = """Exact counts of a network, by stage: learned elements (params), multiply-adds of convolutions and the
linear layer (MACs), and the elements those layers put out (acts), for one image."""
_EXAMPLES = """examples:
  python -m resnext_viz count resnext50_32x4d
  python -m resnext_viz count "ResNeXt-101 (64x4d)" --image-size 320
  python -m resnext_viz count resnet50 --cardinality 32 --base-width 4 --json"""


def add_to(commands: argparse._SubParsersAction[Parser]) -> None:
    """Puts `count` into the parser."""
    parser = commands.add_parser(
        "count", help="exact params, MACs and activations of a network", description=_DESCRIPTION, epilog=_EXAMPLES
    )
    parser.add_argument("name", nargs="+", metavar="NAME", help="such as resnext50_32x4d or 'ResNeXt-50 (32x4d)'")
    add_network_options(parser)
    parser.add_argument(
        "--image-size",
        metavar="N",
        help=f"side of the square image in pixels, {IMAGE_LIMITS[0]} to {IMAGE_LIMITS[1]}; "
        "default: 224, or 32 for CIFAR stems",
    )
    add_json(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Prints the counts; exit status 0."""
    spec = named_network(arguments.name, arguments)
    size = None if arguments.image_size is None else check_image_size(arguments.image_size)
    counts = complexity(spec, size)
    if arguments.json:
        print_json(counts.to_dict())
    else:
        print(_in_words(counts))
    return 0


def _in_words(counts: Complexity) -> str:
    spec, side = counts.walk.spec, counts.walk.image_size
    rows = [
        (
            stage.name,
            f"{stage.size_out}x{stage.size_out}",
            str(stage.channels),
            str(len(stage.blocks) or ""),
            *map(exact, stage.cost),
        )
        for stage in counts.by_stage
    ]
    table = aligned(
        ("part", "map", "channels", "blocks", "params", "MACs", "acts"),
        [*rows, ("total", "", "", "", *map(exact, counts.total))],
    )
    return (
        f"{title_of(spec)}  [{name_of(spec)}], one image of {side}x{side} pixels\n\n{table}\n\n"
        f"{short(counts.params)} params, {short(counts.macs)} MACs, {short(counts.acts)} acts. "
        "1 MAC = 1 multiply-add of a convolution or the linear layer."
    )
