"""`paper`: a table of the paper, what it prints beside what is computed."""

from __future__ import annotations

import argparse

from resnext_viz.commands.options.parser import Parser, add_json, one_of
from resnext_viz.commands.options.printing import aligned, print_json
from resnext_viz.errors import UserError
from resnext_viz.paper_tables import KEYS, paper_table, paper_tables, tally
from resnext_viz.paper_tables.cells import PaperTable
from resnext_viz.paper_tables.formats import FORMATS, document, grid, remarks
from resnext_viz.paper_tables.points import torchvision_points

_FORMATS = ("text", *FORMATS)
_DESCRIPTION = """A table of the paper with every printed number marked: = equal to what is computed here, ≈ rounds to
it, ~ differs and why, ○ cited. Error rates are the paper's own measurements: they are cited, never recomputed.
Without TABLE: a list of the nine tables, or with --json all of them, and the errors of torchvision's weights, which
another recipe trained."""
_EXAMPLES = """examples:
  python -m resnext_viz paper
  python -m resnext_viz paper 1
  python -m resnext_viz paper 3 --format latex
  python -m resnext_viz paper shortcuts --json"""


def add_to(commands: argparse._SubParsersAction[Parser]) -> None:
    """Puts `paper` into the parser."""
    parser = commands.add_parser(
        "paper", help="the paper's tables, printed beside computed", description=_DESCRIPTION, epilog=_EXAMPLES
    )
    parser.add_argument("table", nargs="?", metavar="TABLE", type=one_of(*KEYS), help=f"one of {', '.join(KEYS)}")
    parser.add_argument(
        "--format", type=one_of(*_FORMATS), metavar="FORMAT", help=f"{', '.join(_FORMATS)}; default: text"
    )
    add_json(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Prints the table, or what tables there are; exit status 0.

    Raises:
        UserError: two formats are asked for, or a format for one table without a table.
    """
    if arguments.json and arguments.format not in (None, "json"):
        raise UserError(f"--json and --format {arguments.format} are two formats; use one")
    wanted = "json" if arguments.json else arguments.format or "text"
    if arguments.table:
        _print_table(paper_table(arguments.table), wanted)
    elif wanted == "json":
        print_json(
            {
                "tables": [document(table) for table in paper_tables()],
                "torchvision": [point.to_dict() for point in torchvision_points()],
            }
        )
    elif wanted == "text":
        print(_list())
    else:
        raise UserError(f"--format {wanted} is for one table; name it: {', '.join(KEYS)}")
    return 0


def _print_table(table: PaperTable, wanted: str) -> None:
    print(_in_words(table) + "\n" if wanted == "text" else FORMATS[wanted].write(table), end="")


def _in_words(table: PaperTable) -> str:
    shown = grid(table)
    words = sum(shown.are_words)
    return "\n".join(
        [f"{table.title}. {table.subject}", "", aligned(shown.headings, shown.rows, words), "", *remarks(table)]
    )


def _list() -> str:
    header = ("table", "what it shows", "equal", "rounds", "differ", "cited")
    rows = [(table.key, table.subject, *map(str, table.tally)) for table in paper_tables()]
    return aligned(header, rows, words=2) + f"\n\n{tally(paper_tables()).words}."
