"""Files of the tables: what is read back is the table, and what is pasted is well-formed."""

import csv
import io
import json
import re
from typing import Any

import pytest

from resnext_viz.paper_tables import KEYS, paper_table
from resnext_viz.paper_tables.cells import Cell, Column, PaperTable, TableRow
from resnext_viz.paper_tables.formats import FORMATS, csv_text, grid, json_text, latex, latex_text, markdown_text

NASTY = "a_b & 50% $x$ {y} #1 ^ ~ \\ | *b* [c] <d> `e` é"
STRANGE = PaperTable("2", NASTY, (Column(NASTY, is_words=True), Column("n", "%")),
                     (TableRow((Cell(NASTY), Cell("1", 2, "~", NASTY))),), (NASTY,))  # fmt: skip


@pytest.mark.parametrize("key", KEYS)
def test_csv_holds_every_cell(key: str) -> None:
    table = paper_table(key)
    rows = list(csv.DictReader(io.StringIO(csv_text(table))))
    assert len(rows) == len(table.rows)
    for written, row in zip(rows, table.rows, strict=True):
        assert None not in written
        for column, cell in zip(table.columns, row.cells, strict=True):
            sides = {"": cell.printed, ", computed": cell.computed, ", verdict": cell.verdict, ", why": cell.why}
            for end, value in sides.items():
                name = column.heading if not end else column.name + end
                assert written.get(name, "") == ("" if value is None else str(value)), name


@pytest.mark.parametrize("key", KEYS)
def test_json_holds_every_cell(key: str) -> None:
    table = paper_table(key)
    read: dict[str, Any] = json.loads(json_text(table))
    assert (read["table"], read["subject"], read["notes"]) == (table.key, table.subject, list(table.notes))
    assert [(each["name"], each["unit"], not each["in_paper"]) for each in read["columns"]] == [
        (column.name, column.unit, column.is_ours) for column in table.columns
    ]
    cells = [
        [Cell(each["printed"] or "", each["computed"], None, each["why"] or "") for each in row["cells"]]
        for row in read["rows"]
    ]
    assert cells == [[Cell(cell.printed, cell.computed, None, cell.why) for cell in row.cells] for row in table.rows]
    assert [[each["verdict"] or "" for each in row["cells"]] for row in read["rows"]] == [
        [cell.verdict for cell in row.cells] for row in table.rows
    ]
    assert [row["network"] for row in read["rows"]] == [row.network_name for row in table.rows]
    assert read["tally"] == table.tally._asdict()


def test_json_counts_in_numbers() -> None:
    cell = json.loads(json_text(paper_table("1")))["rows"][6]["cells"][2]
    assert (cell["printed"], cell["computed"], cell["verdict"]) == ("25.5×10⁶", 25557032, "differs")


@pytest.mark.parametrize("table", [*map(paper_table, KEYS), STRANGE], ids=[*KEYS, "strange"])
def test_markdown_has_as_many_cells_in_every_line(table: PaperTable) -> None:
    lines = [line for line in markdown_text(table).splitlines() if line.startswith("|")]
    counts = {len(re.findall(r"(?<!\\)\|", line)) for line in lines}
    assert counts == {len(grid(table).headings) + 1}
    assert len(lines) == len(table.rows) + 2
    assert re.fullmatch(r"\|( (:--|--:) \|)+", lines[1])


@pytest.mark.parametrize("table", [*map(paper_table, KEYS), STRANGE], ids=[*KEYS, "strange"])
def test_latex_is_ascii_balanced_and_has_as_many_cells_as_columns(table: PaperTable) -> None:
    text = latex_text(table)
    assert text.isascii()
    begun, ended = re.findall(r"\\begin\{(\w+)\}", text), re.findall(r"\\end\{(\w+)\}", text)
    assert begun == ended[::-1] == ["table", "tabular"]
    bare = re.sub(r"\\.", "", text)  # without escaped characters and the first letter of commands
    assert bare.count("{") == bare.count("}")
    assert bare.count("$") % 2 == 0
    assert not set("#~^") & set(re.sub(r"\$\^[0-9]\$", "", bare))
    columns = re.search(r"\\begin\{tabular\}\{([lr]+)\}", text)
    assert columns
    rows = [line for line in text.splitlines() if line.endswith(r" \\")]
    assert len(rows) == len(table.rows) + 1
    assert {len(re.findall(r"(?<!\\)&", row)) for row in rows} == {len(columns[1]) - 1}


def test_what_latex_would_read_as_a_command_is_escaped() -> None:
    assert latex("50 % of a_b & c") == r"50 \% of a\_b \& c"
    assert latex("25.5×10⁶ ≈") == r"25.5$\times$10$^6$ $\approx$"
    assert latex("\\é") == r"\textbackslash{}?"


def test_no_character_of_the_tables_is_lost_in_latex() -> None:
    for key in KEYS:
        table = paper_table(key)
        assert latex_text(table).count("?") == 0


def test_a_difference_carries_the_number_of_its_reason() -> None:
    shown = grid(paper_table("1"))
    assert shown.rows[6][2:4] == ("25.5×10⁶ ~ (1)", "25,557,032")
    assert "(1) 25,557,032 rounds to 25.6 million." in markdown_text(paper_table("1")).replace("\\", "")


def test_every_format_writes_every_table() -> None:
    assert set(FORMATS) == {"csv", "json", "latex", "markdown"}
    assert len({file.write(paper_table(key)) for file in FORMATS.values() for key in KEYS}) == 4 * len(KEYS)
