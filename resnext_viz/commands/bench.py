"""`bench`: how fast things are, as ratios within one run on this machine."""

from __future__ import annotations

import argparse

from resnext_viz.bench.result import SUBJECTS, BenchRow
from resnext_viz.commands.parser import Parser, add_json, one_of
from resnext_viz.commands.printing import aligned, print_json

_DESCRIPTION = """Measures on this machine and prints medians and ratios. A ratio is the median of what is compared
against, over this one's: above 1 is faster. Both sides are measured in turns, in one run.

subjects:
""" + "\n".join(f"  {name:10} {words}" for name, words in SUBJECTS.items())
_EPILOG = """examples:
  python -m resnext_viz bench count
  python -m resnext_viz bench dial --json"""


def add_to(commands: argparse._SubParsersAction[Parser]) -> None:
    """Puts `bench` into the parser."""
    parser = commands.add_parser(
        "bench", help="how fast it is on this machine", description=_DESCRIPTION, epilog=_EPILOG
    )
    parser.add_argument("subject", type=one_of(*SUBJECTS), metavar="|".join(SUBJECTS), help="what to measure")
    add_json(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Prints the measurements; exit status 0."""
    from resnext_viz.bench import measure
    from resnext_viz.bench.machine import describe_machine

    rows = measure(arguments.subject)
    machine = describe_machine()
    if arguments.json:
        print_json({"machine": machine, "rows": [row.to_dict() for row in rows]})
    else:
        print(", ".join(f"{name} {value}" for name, value in machine.items() if value is not None) + "\n")
        print(aligned(("what", "batch", "median ms", "p95 ms", "against"), [_cells(row) for row in rows]))
    return 0


def _cells(row: BenchRow) -> tuple[str, ...]:
    return (
        f"{row.subject}: {row.engine}",
        str(row.batch),
        f"{row.median_ms:,.3f}",
        f"{row.p95_ms:,.3f}",
        _compared(row),
    )


def _compared(row: BenchRow) -> str:
    if row.ratio is None:
        return ""
    faster = row.ratio >= 1
    times = row.ratio if faster else 1 / row.ratio
    return f"{times:,.{2 if times < 100 else 0}f} x {'faster' if faster else 'slower'} than {row.against}"
