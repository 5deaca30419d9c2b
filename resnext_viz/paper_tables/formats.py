"""Tables of the paper as files: CSV and JSON to compute with, LaTeX and Markdown to paste, and text for a terminal.

CSV and JSON hold every cell: printed, computed, verdict and reason. The other three are for reading: a sign behind
what is printed, the exact count in a column of its own where it says more, and the reasons numbered below.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from resnext_viz.kit.csv_file import csv_table
from resnext_viz.paper_tables.cells import VERDICTS, Cell, Column, PaperTable, Sign

SOURCE = "Xie et al., arXiv 1611.05431v2"


class Grid(NamedTuple):
    """A table as text: headings, whether a column is read as words, and rows of as many cells."""

    headings: tuple[str, ...]
    are_words: tuple[bool, ...]
    rows: tuple[tuple[str, ...], ...]


def reason_number(table: PaperTable, cell: Cell) -> int | None:
    """The number, from 1, under which the reason of a difference stands below the table."""
    return table.reasons.index(cell.why) + 1 if cell.sign == "~" else None


def grid(table: PaperTable) -> Grid:
    """The table as people read it: signs behind printed numbers, computed ones in columns of their own."""
    headings: list[str] = []
    are_words: list[bool] = []
    columns: list[list[str]] = []
    for column, cells in zip(table.columns, zip(*(row.cells for row in table.rows), strict=True), strict=True):
        if not column.is_ours:
            headings.append(column.heading)
            are_words.append(column.is_words)
            columns.append([_with_sign(table, cell) for cell in cells])
        if any(cell.computed is not None and cell.sign != "=" for cell in cells):
            headings.append(f"{column.name}, computed")
            are_words.append(False)
            columns.append(["" if cell.sign == "=" else cell.computed_text for cell in cells])
    return Grid(tuple(headings), tuple(are_words), tuple(zip(*columns, strict=True)))


def _with_sign(table: PaperTable, cell: Cell) -> str:
    number = reason_number(table, cell)
    reason = f" ({number})" if number else ""
    return f"{cell.printed} {cell.sign}{reason}" if cell.sign else cell.printed


def remarks(table: PaperTable) -> tuple[str, ...]:
    """What stands below a table: numbered reasons, notes, what the signs mean, and the source."""
    signs = {cell.sign for row in table.rows for cell in row.cells}
    legend = "; ".join(f"{sign} {LEGEND[sign]}" for sign in VERDICTS if sign in signs)
    reasons = (f"({number}) {why}" for number, why in enumerate(table.reasons, start=1))
    return (*reasons, *table.notes, f"{table.tally.words}. {legend}.", f"Source: {SOURCE}.")


LEGEND: Mapping[Sign, str] = {
    "=": "equal to the paper’s figure", "≈": "rounds to it", "~": "differs, and why",
    "○": "cited: measured by the paper, not computed here",
}  # fmt: skip


def csv_text(table: PaperTable) -> str:
    """CSV with the names of its columns; what is computed is exact and without separators."""
    columns: list[tuple[str, list[Any]]] = []
    for column, cells in zip(table.columns, zip(*(row.cells for row in table.rows), strict=True), strict=True):
        columns += _csv_columns(column, cells)
    return csv_table([name for name, _ in columns], zip(*(values for _, values in columns), strict=True))


def _csv_columns(column: Column, cells: Sequence[Cell]) -> list[tuple[str, list[Any]]]:
    sides: list[tuple[str, list[Any]]] = [
        (column.heading, [cell.printed for cell in cells]),
        (f"{column.name}, computed", ["" if cell.computed is None else cell.computed for cell in cells]),
        (f"{column.name}, verdict", [cell.verdict for cell in cells]),
        (f"{column.name}, why", [cell.why for cell in cells]),
    ]
    return [(name, values) for name, values in sides if any(value != "" for value in values)]


def document(table: PaperTable) -> dict[str, Any]:
    """The table for JSON; `computed` is a number wherever it is one."""
    return {
        "table": table.key, "title": table.title, "subject": table.subject, "source": SOURCE,
        "columns": [{"name": column.name, "unit": column.unit, "in_paper": not column.is_ours}
                    for column in table.columns],
        "rows": [{"network": row.network_name, "cells": [_cell_document(cell) for cell in row.cells]}
                 for row in table.rows],
        "notes": list(table.notes), "tally": table.tally._asdict(),
    }  # fmt: skip


def _cell_document(cell: Cell) -> dict[str, Any]:
    return {
        "printed": cell.printed or None,
        "computed": cell.computed,
        "verdict": cell.verdict or None,
        "why": cell.why or None,
    }


def json_text(table: PaperTable) -> str:
    """The document, as text."""
    return json.dumps(document(table), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def markdown_text(table: PaperTable) -> str:
    """A table of GitHub's Markdown, numbers from the right, with its remarks below."""
    shown = grid(table)

    def line(cells: Sequence[str]) -> str:
        return f"| {' | '.join(cells)} |"

    head = line([_markdown(heading) for heading in shown.headings])
    rule = line([":--" if is_words else "--:" for is_words in shown.are_words])
    rows = [line([_markdown(cell) for cell in row]) for row in shown.rows]
    below = [_markdown(remark) for remark in remarks(table)]
    return "\n".join([f"**{table.title}.** {_markdown(table.subject)}", "", head, rule, *rows, "", *_spaced(below)])


def _spaced(paragraphs: Sequence[str]) -> list[str]:
    return [line for paragraph in paragraphs for line in (paragraph, "")]


def _markdown(text: str) -> str:
    return "".join(f"\\{character}" if character in "\\`*_[]<>|#~" else character for character in text)


def latex_text(table: PaperTable) -> str:
    """A LaTeX table that needs no package, in plain ASCII."""
    shown = grid(table)

    def line(cells: Sequence[str]) -> str:
        return " & ".join(map(latex, cells)) + r" \\"

    return "\n".join([
        r"\begin{table}", r"\centering", rf"\caption{{{latex(f'{table.title} of the paper. {table.subject}')}}}",
        rf"\begin{{tabular}}{{{''.join('l' if is_words else 'r' for is_words in shown.are_words)}}}", r"\hline",
        line(shown.headings), r"\hline", *map(line, shown.rows), r"\hline", r"\end{tabular}", "",
        *_spaced([rf"{{\footnotesize {latex(remark)}\par}}" for remark in remarks(table)]), r"\end{table}", "",
    ])  # fmt: skip


_LATEX = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%", "_": r"\_",
    "^": r"\textasciicircum{}", "~": r"$\sim$", "<": r"$<$", ">": r"$>$", "[": "{[}", "]": "{]}",
    "×": r"$\times$", "·": r"$\cdot$", "≈": r"$\approx$", "=": "=", "○": r"$\circ$", "∼": r"$\sim$", "−": "$-$",
    "⁶": "$^6$", "⁹": "$^9$", "²": "$^2$", "’": "'", "‘": "`", "“": "``", "”": "''", "–": "--",
}  # fmt: skip


def latex(text: str) -> str:
    """The text with what LaTeX would read as commands escaped; a character that it has no word for becomes `?`."""
    return "".join(_LATEX.get(character, character if character.isascii() else "?") for character in text)


class TableFormat(NamedTuple):
    """One kind of file."""

    label: str
    ending: str
    mime: str
    write: Callable[[PaperTable], str]


FORMATS: Mapping[str, TableFormat] = {
    "csv": TableFormat("CSV", "csv", "text/csv", csv_text),
    "json": TableFormat("JSON", "json", "application/json", json_text),
    "latex": TableFormat("LaTeX", "tex", "application/x-tex", latex_text),
    "markdown": TableFormat("Markdown", "md", "text/markdown", markdown_text),
}
