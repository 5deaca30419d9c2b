"""Rows as CSV: the one place that writes it, and that makes strangers' words harmless to who opens it in a spreadsheet.

A spreadsheet takes a cell that begins with one of a few signs for a formula, quoted or not, and a formula can send the
other cells away or start a program. File names, class names and labels come from strangers, so such words get an
apostrophe in front, which a spreadsheet takes for "this is text". Numbers begin with a sign too and stay numbers. Where
";" or a tab parts the cells, as in much of Europe, a cell can begin within a word, so one goes behind those as well.
Source: OWASP, "CSV Injection".
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

_BEGINS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # in Japanese the wide ones too
_WITHIN = re.compile(r"""([;\t]\s*["']?)(?=[=+\-@＝＋－＠])""")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)


def csv_text(rows: Sequence[Mapping[str, Any]]) -> str:
    """The rows with the names of their columns, in the order in which they come; what a row lacks is empty."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    return csv_table(columns, ([row.get(name) for name in columns] for row in rows))


def csv_table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """The same for columns of which two may share a name."""
    out = io.StringIO()
    # Lines end in CR LF, as they do by default: else Python would not quote a CR within a word, which ends a row too.
    csv.writer(out).writerows([_harmless(cell) for cell in row] for row in (columns, *rows))
    return out.getvalue()


def _harmless(cell: Any) -> Any:
    if cell is None or isinstance(cell, int | float):
        return cell
    text = _WITHIN.sub(r"\1'", str(cell))
    return f"'{text}" if text.startswith(_BEGINS_FORMULA) and not _NUMBER.fullmatch(text) else text
