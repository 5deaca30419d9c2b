"""`table2`: the paper's Table 2, computed."""

from __future__ import annotations

import argparse

from resnext_viz.commands.options.parser import Parser, add_json
from resnext_viz.commands.options.printing import aligned, print_json
from resnext_viz.design_space import table2
from resnext_viz.kit.number_format import exact

_DESCRIPTION = """Table 2 of the paper, computed: how the width d of a path shrinks as the number of paths C grows,
while a block of the first stage keeps its cost. Columns: paths C, width d of a path, width C x d of the grouped 3x3,
and the params and multiply-adds (MACs) of the block on its 56x56 map."""
_EXAMPLES = """example:
  python -m resnext_viz table2 --json"""


def add_to(commands: argparse._SubParsersAction[Parser]) -> None:
    """Puts `table2` into the parser."""
    parser = commands.add_parser(
        "table2", help="the paper's Table 2, computed", description=_DESCRIPTION, epilog=_EXAMPLES
    )
    add_json(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Prints the table; exit status 0."""
    rows = [row.to_dict() for row in table2()]
    if arguments.json:
        print_json({"rows": rows})
    else:
        print(
            aligned(
                ("C", "d", "C x d", "params", "MACs"),
                [[exact(value) for value in row.values()] for row in rows],
                words=0,
            )
        )
    return 0
