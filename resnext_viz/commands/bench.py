"""`bench`: how fast things are, as ratios within one run on this machine."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from resnext_viz.bench.result import OPTIONS, SUBJECTS, BenchError, BenchRow
from resnext_viz.commands.options.network_options import add_image_size, given_square
from resnext_viz.commands.options.parser import Parser, add_json, as_whole_number, one_of
from resnext_viz.commands.options.printing import aligned, print_json

_DESCRIPTION = """Measures on this machine and prints medians and ratios. A ratio is the median of what is compared
against, over this one's: above 1 is faster. Both sides are measured in turns, in one run.

subjects:
""" + "\n".join(f"  {name:10} {words}" for name, words in SUBJECTS.items())
# Columns of what only some subjects measure: heading, field, how it is written.
_MORE: tuple[tuple[str, str, Callable[[Any], str]], ...] = (
    ("of peak", "peak_share", lambda share: f"{100 * share:.0f} %"),
    ("same answers", "same_answers", lambda share: f"{100 * share:.2f} %"),
    ("probability off by", "probability_difference", lambda difference: f"{difference:.2g}"),
    ("a second", "per_second", lambda number: f"{number:,.1f}"),
    ("refused", "refused", lambda number: f"{number:,}"),
    ("lost", "lost", lambda number: f"{number:,}"),
    ("MB", "memory_mb", lambda number: f"{number:,.0f}"),
    ("MB beyond weights", "extra_mb", lambda number: f"{number:,.2f}"),
    ("GMACs/s", "gmacs_per_s", lambda number: f"{number:,.1f}"),
    ("", "is_fastest", lambda is_it: "fastest" if is_it else ""),
)
MOST_AT_ONCE = 1024  # pictures
_OPTIONAL = ("names", "weights", "device", "data", "batch", "tf32")
_EPILOG = """examples:
  python -m resnext_viz bench count
  python -m resnext_viz bench dial --json
  python -m resnext_viz bench pair resnext101_32x4d resnet101 --device cpu
  python -m resnext_viz bench forms resnext50_8x14d
  python -m resnext_viz bench train resnext29_32x4d_cifar10 --data cifar10/
  python -m resnext_viz bench grouped resnext29_32x4d_cifar10 resnext29_8x64d_cifar10
  python -m resnext_viz bench inference --weights cifar10 --data photos/
  python -m resnext_viz bench inference --device cuda --batch 1 8 64 --tf32 both"""


def add_to(commands: argparse._SubParsersAction[Parser]) -> None:
    """Puts `bench` into the parser."""
    parser = commands.add_parser(
        "bench", help="how fast it is on this machine", description=_DESCRIPTION, epilog=_EPILOG
    )
    parser.add_argument("subject", type=one_of(*SUBJECTS), metavar="|".join(SUBJECTS), help="what to measure")
    parser.add_argument(
        "names",
        nargs="*",
        metavar="NAME",
        help="for pair two networks, for forms and train one, for grouped any number; default: resnext50_32x4d, and "
        "resnet50 for pair; what ships for train; that and CIFAR's presets for grouped",
    )
    parser.add_argument(
        "--weights", metavar="NAME|FILE", help="for inference and serving: as for predict; default: random weights"
    )
    parser.add_argument(
        "--device", metavar="DEVICE", help="for inference, pair, forms, train, grouped: auto, cpu, cuda, cuda:1 or mps"
    )
    parser.add_argument(
        "--data",
        type=Path,
        metavar="NAME|DIR",
        help="for inference: a folder of pictures to measure agreement on; for train: as for `train`; "
        "default there: a sample that ships with the package",
    )
    parser.add_argument(
        "--batch",
        type=as_whole_number(1, MOST_AT_ONCE),
        nargs="+",
        metavar="N",
        help="for inference: pictures at once; default: 1 and 16, on CUDA 1 and 64",
    )
    parser.add_argument(
        "--tf32",
        type=one_of("on", "off", "both"),
        metavar="on|off|both",
        help="for inference on CUDA: whether the convolutions of what is compared with may round their "
        "factors to TF32, as torch lets them; default: both",
    )
    add_image_size(parser, "for pair and train: ")
    add_json(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Prints the measurements; exit status 0."""
    from resnext_viz.bench import measure
    from resnext_viz.bench.machine import describe_machine

    rows = measure(arguments.subject, **_options(arguments))
    machine = describe_machine()
    if arguments.json:
        print_json({"machine": machine, "rows": [row.to_dict() for row in rows]})
    else:
        print(", ".join(f"{name} {value}" for name, value in machine.items() if value is not None) + "\n")
        more = [column for column in _MORE if any(getattr(row, column[1]) is not None for row in rows)]
        heads = ("what", "batch", "median ms", "p95 ms", "against", *(head for head, _, _ in more))
        print(aligned(heads, [(*_cells(row), *(_cell(row, *column[1:]) for column in more)) for row in rows]))
    return 0


def _options(arguments: argparse.Namespace) -> dict[str, Any]:
    """The options that were given.

    Raises:
        BenchError: one that the subject does not have.
    """
    given = {name: value for name in _OPTIONAL if (value := getattr(arguments, name))}
    if arguments.image_size is not None:
        given["image_size"] = given_square(arguments)
    for name in given:
        if name not in OPTIONS.get(arguments.subject, ()):
            raise BenchError(f"{name} is not asked for by the subject {arguments.subject!r}; leave it out")
    return given


def _cells(row: BenchRow) -> tuple[str, ...]:
    return (
        f"{row.subject}: {row.engine}",
        str(row.batch),
        f"{row.median_ms:,.3f}",
        f"{row.p95_ms:,.3f}",
        _compared(row),
    )


def _cell(row: BenchRow, name: str, written: Callable[[Any], str]) -> str:
    value = getattr(row, name)
    return "" if value is None else written(value)


def _compared(row: BenchRow) -> str:
    if row.ratio is None:
        return ""
    faster = row.ratio >= 1
    times = row.ratio if faster else 1 / row.ratio
    return f"{times:,.{2 if times < 100 else 0}f} x {'faster' if faster else 'slower'} than {row.against}"
