"""`inner-product`: one neuron of a block taken apart, Fig. 2, or one output channel into what each path adds."""

from __future__ import annotations

import argparse
import re
from typing import TYPE_CHECKING

from resnext_viz.commands.options.network_options import add_network, asked_network
from resnext_viz.commands.options.parser import Parser, add_json, as_whole_number
from resnext_viz.commands.options.printing import aligned, print_json

if TYPE_CHECKING:
    from resnext_viz.layers import Block
    from resnext_viz.nn.proof.inner_product import InnerProduct
    from resnext_viz.nn.proof.path_shares import PathShares

_MOST = 100_000

_DESCRIPTION = """Takes one output channel of a block's first 1x1 at one place apart into its products w·x (the paper's
Fig. 2), with random weights and a random input that the network fixes. With --paths it takes the last 1x1 instead, at
the middle of a small map, before batch norm, and shows what each path adds: the sum is the product that one 1x1 over
all paths computes."""
_EPILOG = """examples:
  python -m resnext_viz inner-product
  python -m resnext_viz inner-product resnext50_8x14d --channel 5 --place 20
  python -m resnext_viz inner-product --paths --json"""


def add_to(commands: argparse._SubParsersAction[Parser]) -> None:
    """Puts `inner-product` into the parser."""
    parser = commands.add_parser(
        "inner-product",
        help="one neuron of a block, product by product, or path by path",
        description=_DESCRIPTION,
        epilog=_EPILOG,
    )
    add_network(parser)
    count = as_whole_number(1, _MOST)
    parser.add_argument(
        "--at",
        type=_stage_and_block,
        default=(1, 1),
        metavar="STAGE.BLOCK",
        help="the block, both from 1; default: 1.1",
    )
    parser.add_argument("--channel", type=count, default=1, metavar="N", help="output channel; default: 1")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--place", type=count, metavar="N", help="place in the map, by rows; default: 1")
    where.add_argument("--paths", action="store_true", help="the last 1x1, and what each path adds to it")
    add_json(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Prints the terms, or the shares of the paths, and their sum."""
    spec = asked_network(arguments)
    from resnext_viz.nn.proof.equivalence import block_of
    from resnext_viz.nn.proof.inner_product import neuron
    from resnext_viz.nn.proof.path_shares import path_shares

    block = block_of(spec, *arguments.at)
    if arguments.paths:
        shares = path_shares(block, arguments.channel)
        found, words = shares.to_dict(), _shares_in_words(block, shares)
    else:
        product = neuron(block, arguments.channel, arguments.place or 1)
        found, words = product.to_dict(), _in_words(product)
    if arguments.json:
        print_json(found)
    else:
        print(words)
    return 0


def _stage_and_block(text: str) -> tuple[int, int]:
    if match := re.fullmatch(r"(\d{1,3})\.(\d{1,3})", text.strip()):
        return int(match[1]), int(match[2])
    raise argparse.ArgumentTypeError(f"{text[:40]!r} does not fit; use stage and block, such as 1.2")


def _in_words(product: InnerProduct) -> str:
    rows = [
        (f"channel {term.channel}", f"{term.weight:.6f}", f"{term.value:.6f}", f"{term.product:.6f}")
        for term in product.terms
    ]
    if product.hidden:
        rows.append((f"{product.hidden:,} others", "", "", f"{product.hidden_sum:.6f}"))
    if product.bias:
        rows.append(("bias", "", "", f"{product.bias:.6f}"))
    rows += [("sum", "", "", f"{product.total:.6f}"), ("computed", "", "", f"{product.computed:.6f}")]
    where = f"{product.layer}, output channel {product.channel} of {product.channels:,}, row {product.row}, column "
    return f"{where}{product.column} of {product.side}x{product.side}\n\n{aligned(('', 'w', 'x', 'w·x'), rows)}"


def _shares_in_words(block: Block, found: PathShares) -> str:
    rows = [(f"path {number}", f"{share:.6f}") for number, share in enumerate(found.shares, start=1)]
    if found.bias:
        rows.append(("bias", f"{found.bias:.6f}"))
    rows += [("sum", f"{found.total:.6f}"), ("product", f"{found.product:.6f}")]
    last = block.main[-1]
    where = f"{last.name}, output channel {found.channel} of {last.c_out:,}, before batch norm"
    return f"{where}\n\n{aligned(('', 'adds'), rows)}"
