"""`inner-product`: one neuron of a block taken apart, Fig. 2, or a sum over all paths cut in two."""

from __future__ import annotations

import argparse
import re
from typing import TYPE_CHECKING

from resnext_viz.commands.network_options import add_network_options, named_network
from resnext_viz.commands.parser import Parser, add_json, whole_number
from resnext_viz.commands.printing import aligned, print_json

if TYPE_CHECKING:
    from resnext_viz.nn.inner_product import InnerProduct

DEFAULT_NETWORK = "resnext50_32x4d"
_MOST = 100_000

_DESCRIPTION = """Takes one output channel of a block's first 1x1 at one place apart into its products w·x (the paper's
Fig. 2), with random weights and a random input that the network fixes. With --path it takes the last 1x1 instead, in
two parts: the columns of that path, and all others. The parts add up to what the convolution computes."""
_EPILOG = """examples:
  python -m resnext_viz inner-product
  python -m resnext_viz inner-product resnext50_8x14d --channel 5 --place 20
  python -m resnext_viz inner-product --path 3 --json"""


def add_to(commands: argparse._SubParsersAction[Parser]) -> None:
    """Puts `inner-product` into the parser."""
    parser = commands.add_parser(
        "inner-product",
        help="one neuron of a block, product by product",
        description=_DESCRIPTION,
        epilog=_EPILOG,
    )
    parser.add_argument("name", nargs="*", metavar="NAME", help=f"the network; default: {DEFAULT_NETWORK}")
    add_network_options(parser)
    count = whole_number(1, _MOST)
    parser.add_argument("--at", type=_stage_and_block, default=(1, 1), metavar="STAGE.BLOCK",
                        help="the block, both from 1; default: 1.1")
    parser.add_argument("--channel", type=count, default=1, metavar="N", help="output channel; default: 1")
    parser.add_argument("--place", type=count, metavar="N",
                        help="place in the map, by rows; default: 1, with --path where that path adds most")
    parser.add_argument("--path", type=count, metavar="I", help="the last 1x1, cut at this path")
    add_json(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Prints the terms and their sum."""
    spec = named_network(arguments.name or [DEFAULT_NETWORK], arguments)
    from resnext_viz.nn.equivalence import block_of
    from resnext_viz.nn.inner_product import neuron, split_sum

    block, channel, place = block_of(spec, *arguments.at), arguments.channel, arguments.place
    if arguments.path is None:
        product = neuron(block, channel, place or 1)
    else:
        product = split_sum(block, arguments.path, channel, place)
    if arguments.json:
        print_json(product.to_dict())
    else:
        print(_in_words(product))
    return 0


def _stage_and_block(text: str) -> tuple[int, int]:
    if match := re.fullmatch(r"(\d{1,3})\.(\d{1,3})", text.strip()):
        return int(match[1]), int(match[2])
    raise argparse.ArgumentTypeError(f"{text[:40]!r} does not fit; use stage and block, such as 1.2")


def _in_words(product: InnerProduct) -> str:
    rows = []
    for part in product.parts:
        rows += [(f"channel {term.channel}", f"{term.weight:.6f}", f"{term.value:.6f}", f"{term.product:.6f}")
                 for term in part.terms]
        if part.hidden:
            rows.append((f"{part.hidden:,} others", "", "", f"{part.hidden_sum:.6f}"))
    if product.bias:
        rows.append(("bias", "", "", f"{product.bias:.6f}"))
    rows += [("sum", "", "", f"{product.total:.6f}"), ("computed", "", "", f"{product.computed:.6f}")]
    where = f"{product.layer}, output channel {product.channel} of {product.channels:,}, row {product.row}, column "
    return f"{where}{product.column} of {product.side}x{product.side}\n\n{aligned(('', 'w', 'x', 'w·x'), rows)}"
