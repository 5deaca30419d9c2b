"""`break-forms`: wires a block wrongly on purpose, and shows where each mistake starts."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from resnext_viz.block_forms.faults import FEWEST_PATHS, Fault, cardinalities
from resnext_viz.commands.options.network_options import add_network, asked_network
from resnext_viz.commands.options.parser import Parser, add_json, one_of
from resnext_viz.commands.options.printing import print_json
from resnext_viz.names import title_of
from resnext_viz.spec import ResNeXtSpec

if TYPE_CHECKING:
    from resnext_viz.nn.proof.located import Tried

MISSED = 1  # exit status
_LINE = "{:20}  {:4}  {:10}  {:5}"

_DESCRIPTION = """Makes one mistake at a time in a form of a block, the paper's Fig. 3 (a), (b) or (c), beside the right
form (c) with the same weights in float64, and names the first layer that differs. Each mistake is made with one path,
with two and with the C that is named: with C = 1 most of them change nothing, so a test of a form needs C >= 2."""
_EPILOG = """columns C=: the largest difference of the output. "0": none, bit for bit. "=": rounding only, where
another processor may show "0". "hidden": none in the output, but the running statistics of batch norm are wrong.
"-": impossible in this block

exit status: 0 if every mistake is found at every C >= 2, 1 if one is not

examples:
  python -m resnext_viz break-forms
  python -m resnext_viz break-forms resnext50_8x14d --fault bn-in-paths --fault path-order
  python -m resnext_viz break-forms --cardinality 4 --base-width 24 --json"""


def add_to(commands: argparse._SubParsersAction[Parser]) -> None:
    """Puts `break-forms` into the parser."""
    parser = commands.add_parser(
        "break-forms",
        help="mistakes in a block's wiring, and the layer where each one starts",
        description=_DESCRIPTION,
        epilog=_EPILOG,
    )
    add_network(parser)
    parser.add_argument(
        "--fault",
        action="append",
        type=one_of(*Fault),
        metavar="FAULT",
        help=f"one mistake, may be given several times; default: all. {', '.join(Fault)}",
    )
    add_json(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Prints what was found as it is found; exit status 1 if a mistake stays hidden where C is 2 or more."""
    spec = asked_network(arguments)
    from resnext_viz.nn.proof.fault_trials import try_faults

    rows = try_faults(spec, dict.fromkeys(arguments.fault or Fault))
    if arguments.json:
        found = list(rows)
        print_json({"rows": [row.to_dict() for row in found]})
    else:
        found = list(_printed(spec, rows))
        print(f"\n{_summary(found)}")
    hidden = [row for row in found if row.cardinality >= FEWEST_PATHS and row.located and not _found(row)]
    return MISSED if hidden else 0


def _printed(spec: ResNeXtSpec, rows: Iterator[Tried]) -> Iterator[Tried]:
    """The rows, each line of them printed when it is whole."""
    heads = "".join(f"{f'C={cardinality}':>10}" for cardinality in cardinalities(spec))
    print(f"{title_of(spec)}: one mistake at a time, beside the right form C, in float64\n")
    print(f"{_LINE.format('mistake', 'form', 'block', 'mode')}{heads}  first layer that differs")
    for _, group in groupby(rows, key=lambda row: (row.fault, row.mode)):
        line = list(group)
        print(_in_words(line), flush=True)
        yield from line


def _in_words(line: Sequence[Tried]) -> str:
    last = line[-1]
    block = last.located.block if last.located else "-"
    cells = "".join(f"{_cell(row):>10}" for row in line)
    where = last.obstacle or (last.located and last.located.layer) or "none"
    return f"{_LINE.format(last.fault, last.fault.form, block, last.mode)}{cells}  {where}"


def _cell(row: Tried) -> str:
    if row.located is None:
        return "-"
    output = row.located.output
    if output.differs:
        return "size" if output.max_abs is None else f"{output.max_abs:.3g}"
    if row.located.found:
        return "hidden"
    return "=" if output.max_abs else "0"


def _summary(rows: Sequence[Tried]) -> str:
    """How many mistakes are found with several paths, and how many with one."""
    tried = [row for row in rows if row.located]
    faults = {row.fault for row in tried}
    missed = {row.fault for row in tried if row.cardinality >= FEWEST_PATHS and not _found(row)}
    alone = {row.fault for row in tried if row.cardinality < FEWEST_PATHS and _found(row)}
    return (
        f"C >= {FEWEST_PATHS}: {len(faults - missed)} of {len(faults)} mistakes found. "
        f"C = 1: {len(alone)} found, the other {len(faults - alone)} change nothing."
    )


def _found(row: Tried) -> bool:
    return row.located is not None and row.located.found
