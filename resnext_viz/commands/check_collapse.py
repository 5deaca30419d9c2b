"""`check-collapse`: computes that C paths of two layers are one wide block, Fig. 4."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from resnext_viz.commands.options.parser import Parser, add_json, as_whole_number
from resnext_viz.commands.options.printing import aligned, print_json

if TYPE_CHECKING:
    from resnext_viz.nn.proof.collapse import Density
    from resnext_viz.nn.proof.equivalence import Check

UNEQUAL = 1  # exit status
_MOST = 1024

_DESCRIPTION = """Computes that a block of depth 2 gains nothing from paths: C paths 3x3, BN, ReLU, 3x3 of d channels,
summed, are one block of C·d channels with the same weights (the paper's Fig. 4). Outputs and gradients are compared,
and zeros are counted: the wide block is dense, a bottleneck's 3x3 keeps 1/C of a dense one's weights."""
_EPILOG = """exit status: 0 if all rows are equal up to rounding and the wide block is dense, 1 if not

examples:
  python -m resnext_viz check-collapse
  python -m resnext_viz check-collapse --cardinality 8 --base-width 14 --json"""


def add_to(commands: argparse._SubParsersAction[Parser]) -> None:
    """Puts `check-collapse` into the parser."""
    parser = commands.add_parser(
        "check-collapse",
        help="two-layer paths, shown by computing to be one wide block",
        description=_DESCRIPTION,
        epilog=_EPILOG,
    )
    count = as_whole_number(1, _MOST)
    parser.add_argument("--cardinality", type=count, default=32, metavar="C", help="number of paths; default: 32")
    parser.add_argument("--base-width", type=count, default=4, metavar="D", help="channels of one path; default: 4")
    add_json(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Prints the comparisons and the shares of weights; exit status 1 if they are not as Fig. 4 says."""
    from resnext_viz.nn.proof.collapse import check_collapse, density

    size = arguments.cardinality, arguments.base_width
    rows, share = list(check_collapse(*size)), density(*size)
    if arguments.json:
        print_json(
            {
                "cardinality": size[0],
                "base_width": size[1],
                "density": share._asdict(),
                "rows": [row.to_dict() for row in rows],
            }
        )
    else:
        print(_in_words(size, rows, share))
    dense = share.first == share.second == 1.0
    return 0 if dense and all(row.equal for row in rows) else UNEQUAL


def _in_words(size: tuple[int, int], rows: list[Check], share: Density) -> str:
    cardinality, width = size
    table = aligned(
        ("dtype", "mode", "what", "max abs", "max rel", "equal"),
        [
            (row.dtype, row.mode, row.what, f"{row.max_abs:.2g}", f"{row.max_rel:.2g}", "yes" if row.equal else "NO")
            for row in rows
        ],
        words=3,
    )
    return (
        f"{cardinality} paths 3x3, {width} -> 3x3, 64, summed, and one block 3x3, {cardinality * width} -> 3x3, 64\n"
        f"with their weights\n\n{table}\n\n"
        f"weights that are not zero: {share.first:.2%} and {share.second:.2%} of the wide block's two 3x3;\n"
        f"{share.bottleneck:.2%} of the 3x3 of a {cardinality}x{width}d bottleneck, written out as a dense one"
    )
