"""Answers on standard output: one JSON document, or a small table with its columns under each other."""

from __future__ import annotations

import json
from collections.abc import Sequence
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
