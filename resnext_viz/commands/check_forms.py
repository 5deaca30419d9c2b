"""`check-forms`: computes that the three forms of a block, Fig. 3 a, b and c, are one."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from resnext_viz.commands.options.network_options import add_network, asked_network
from resnext_viz.commands.options.parser import Parser, add_device, add_json, one_of
from resnext_viz.commands.options.printing import print_json
from resnext_viz.names import title_of
from resnext_viz.spec import ResNeXtSpec

if TYPE_CHECKING:
    from resnext_viz.nn.proof.equivalence import Check

ALL = "all"
UNEQUAL = 1  # exit status
_DTYPES = ("float64", "float32", "bfloat16")
_LINE = "{:10}  {:5}  {:8}  {:5}  {:8}  {:>9}  {:>9}  {}"

_DESCRIPTION = """Computes that the three forms of a block, the paper's Fig. 3 (a) summed paths, (b) concatenated
paths and (c) a grouped convolution, are one: same weights, random batch-norm statistics, outputs and gradients
compared."""
_EPILOG = """exit status: 0 if every row is equal up to rounding, 1 if one is not

examples:
  python -m resnext_viz check-forms
  python -m resnext_viz check-forms resnext50_8x14d --dtype float64 --dtype float32 --device cuda
  python -m resnext_viz check-forms --cardinality 4 --base-width 24 --json"""


def add_to(commands: argparse._SubParsersAction[Parser]) -> None:
    """Puts `check-forms` into the parser."""
    parser = commands.add_parser(
        "check-forms",
        help="the three forms of a block, shown equal by computing",
        description=_DESCRIPTION,
        epilog=_EPILOG,
    )
    add_network(parser)
    parser.add_argument(
        "--dtype",
        action="append",
        type=one_of(*_DTYPES, ALL),
        metavar="|".join((*_DTYPES, ALL)),
        help="number format; may be given several times; default: all that the device has",
    )
    add_device(parser)
    add_json(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Prints the comparisons as they are made; exit status 1 if one found a difference."""
    spec = asked_network(arguments)
    from resnext_viz.nn.proof.equivalence import check_forms

    chosen = arguments.dtype or [ALL]
    rows: list[Check] = []
    for row in check_forms(spec, dtypes=None if ALL in chosen else dict.fromkeys(chosen), device=arguments.device):
        if not arguments.json:
            print(_in_words(row) if rows else f"{_heading(spec)}\n{_in_words(row)}", flush=True)
        rows.append(row)
    if arguments.json:
        print_json({"rows": [row.to_dict() for row in rows]})
    return 0 if all(row.equal for row in rows) else UNEQUAL


def _heading(spec: ResNeXtSpec) -> str:
    columns = _LINE.format("block", "forms", "dtype", "mode", "what", "max abs", "max rel", "equal")
    return f"{title_of(spec)}: forms A (summed), B (concatenated), C (grouped), compared\n\n{columns}"


def _in_words(row: Check) -> str:
    return _LINE.format(
        row.block,
        row.forms,
        row.dtype,
        row.mode,
        row.what,
        f"{row.max_abs:.2g}",
        f"{row.max_rel:.2g}",
        "yes" if row.equal else "NO",
    )
