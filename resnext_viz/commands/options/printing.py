"""Answers on standard output: one JSON document, or a small table with its columns under each other."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from typing import Any


def print_json(document: dict[str, Any]) -> None:
    """Prints `document` as JSON. NaN and infinity, which JSON has no words for, are a mistake of ours."""
    print(json.dumps(document, indent=1, allow_nan=False))


def aligned(header: Sequence[str], rows: Sequence[Sequence[str]], words: int = 1) -> str:
    """A table as text; the first `words` columns hold words and stand left, the others hold numbers and stand right."""
    lines = [header, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]

    def line_of(cells: Sequence[str]) -> str:
        placed = (
            cell.ljust(width) if column < words else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
        )
        return "  ".join(placed).rstrip()

    return "\n".join(map(line_of, lines))


def show_count(what: str) -> Callable[[int, int], None]:
    """Draws `1,234 of 5,000 pictures` over the last drawing on standard error; only for a person who watches."""

    def show(done: int, total: int) -> None:
        if sys.stderr.isatty():
            end = "\n" if done == total else ""
            print(f"\r{done:,} of {total:,} {what}", end=end, file=sys.stderr, flush=True)

    return show
