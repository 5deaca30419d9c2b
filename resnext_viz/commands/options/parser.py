"""The argument parser of the command line: mistakes take one line, and values are checked with words of our own."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from itertools import takewhile
from pathlib import Path
from typing import Any, NoReturn, Protocol

from resnext_viz.errors import ErrorCode
from resnext_viz.kit.error_line import ToldError, is_asked_for

USER_MISTAKE = 2  # exit status
LONGEST_LINE = 1_000  # characters of what is complained of
Subparsers = "argparse._SubParsersAction[Parser]"  # argparse has no public name for it
MODULE = "python -m resnext_viz"
SCRIPT = "resnext-viz"  # what an installation puts beside Python


def called() -> str:
    """How the user has called us, so that help speaks of the command that was typed."""
    return SCRIPT if Path(sys.argv[0]).stem == SCRIPT else MODULE


class Parser(argparse.ArgumentParser):
    """An `ArgumentParser` that says what is wrong in one line, and does not guess options from their first letters."""

    def __init__(self, *args: object, **options: object) -> None:
        options.setdefault("allow_abbrev", False)
        options.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        super().__init__(*args, **options)  # type: ignore[arg-type]  # handed on as they came

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """As argparse, which would take `--option=--` for an empty list without asking the option's type."""
        given: Sequence[str] = sys.argv[1:] if args is None else args
        for word in takewhile(lambda word: word != "--", given):
            if word.startswith("--") and word.endswith("=--"):
                self.error(f"argument {word[:-3]}: '--' is no value")
        return super().parse_known_args(args, namespace)

    def format_help(self) -> str:
        return super().format_help().replace(MODULE, called())

    def error(self, message: str) -> NoReturn:
        complain(f"{message}; {self.prog} --help tells more")
        raise SystemExit(USER_MISTAKE)


class Command(Protocol):
    """A module of this package that is one command."""

    def add_to(self, commands: argparse._SubParsersAction[Parser]) -> None:
        """Puts the command, its help and its options into the parser."""


def complain(message: str, code: ErrorCode = ErrorCode.MISTAKE, **details: object) -> None:
    """Writes `message` on standard error as one printable line, whatever a file or a network is called.

    A program that asked for it gets a line of JSON in its place, with the code and its details.
    """
    line = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in " ".join(message.split()))
    shown = line if len(line) <= LONGEST_LINE else line[: LONGEST_LINE - 1] + "…"
    told = ToldError(code, shown, details).to_line() if is_asked_for() else f"resnext_viz: {shown}"
    print(told, file=sys.stderr, flush=True)


def as_whole_number(low: int, high: int) -> Callable[[str], int]:
    """A `type=` for whole numbers from `low` to `high`."""

    def read(text: str) -> int:
        if len(text) <= 9 and text.strip().isdecimal() and low <= int(text) <= high:
            return int(text)
        raise argparse.ArgumentTypeError(f"{text[:40]!r} does not fit; use a whole number from {low} to {high}")

    return read


def one_of(*allowed: str) -> Callable[[str], str]:
    """A `type=` for one of a few words."""

    def read(text: str) -> str:
        if text in allowed:
            return text
        raise argparse.ArgumentTypeError(f"{text[:40]!r} does not fit; use {', '.join(allowed)}")

    return read


def add_json(parser: argparse.ArgumentParser) -> None:
    """`--json`."""
    parser.add_argument("--json", action="store_true", help="print one JSON document and nothing else")


def add_device(parser: argparse.ArgumentParser) -> None:
    """`--device`."""
    parser.add_argument(
        "--device",
        default="auto",
        metavar="DEVICE",
        help="auto (CUDA, then MPS, then CPU), cpu, cuda, cuda:1 or mps; default: auto",
    )
