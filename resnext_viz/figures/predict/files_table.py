"""All files of a batch as a table that its heads sort: what the network said to each, and whether it was right.

What a click does is in `data-choose`: `show:KEY=TURN` of a row, `sort:COLUMN=TURN` of a head, `more=TURN` below.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from resnext_viz.figures.kit.svg import Markup, markup, tag
from resnext_viz.figures.predict.predictions import (
    MISSING,
    UNSURE_BELOW,
    ShownAnswer,
    latency_text,
    probability_bar,
    short_name,
    whole_name,
)
from resnext_viz.kit.natural_order import natural_order
from resnext_viz.kit.number_format import exact, percent

ROWS_AT_ONCE = 50
NONE_WORDS = "none of these, probably"


@dataclass(frozen=True)
class FileRow:
    """One file of a batch: answered, or refused with a sentence.

    Attributes:
        name: of the file.
        thumbnail: as a data URI, if it could be decoded.
        size: width and height in pixels, if it could be decoded.
        answers: best first; empty where it was refused.
        latency_ms: None where it was refused.
        error: what happened and what to do; the first sentence is set bold.
        key: tells the file from the others.
        truth: its right class, where that is known.
        none: it shows none of the classes, probably.
    """

    name: str
    thumbnail: str | None = None
    size: tuple[int, int] | None = None
    answers: Sequence[ShownAnswer] = ()
    latency_ms: float | None = None
    error: str | None = None
    key: str = ""
    truth: str | None = None
    none: bool = False

    @property
    def refused(self) -> bool:
        return self.error is not None or not self.answers


class FilesColumn(NamedTuple):
    """One column: its head, its class in the style sheet, and what its rows are sorted by (None: it has none)."""

    head: str
    class_: str
    order: Callable[[FileRow], Any]


COLUMNS = {
    "file": FilesColumn("File", "rx-p-name", lambda row: natural_order(row.name)),
    "size": FilesColumn("Size, px", "rx-p-size", lambda row: row.size and row.size[0] * row.size[1]),
    "answer": FilesColumn("Top answer", "rx-p-top", lambda row: (row.none, row.answers[0].label.casefold())),
    "probability": FilesColumn("Probability", "rx-p-likely", lambda row: row.answers[0].probability),
    "next": FilesColumn("Next", "rx-p-next", lambda row: row.answers[1].label.casefold() if row.answers[1:] else None),
    "truth": FilesColumn("Folder", "rx-p-truth", lambda row: row.truth and (is_right(row), row.truth.casefold())),
    "latency": FilesColumn("Latency", "rx-p-latency", lambda row: row.latency_ms),
}


class Order(NamedTuple):
    """By which of `COLUMNS` the rows are sorted."""

    column: str
    descending: bool = False

    def clicked(self, column: str) -> Order:
        """The order after a click on a column's head: ascending, and descending when clicked again."""
        return Order(column, column == self.column and not self.descending)


def is_right(row: FileRow) -> bool:
    """Whether the first answer is the right class."""
    return bool(row.answers) and row.answers[0].label == row.truth


def sorted_rows(rows: Sequence[FileRow], order: Order | None) -> list[FileRow]:
    """The rows in that order, equal ones as they came; those without a value last, refused ones behind them."""
    if order is None:
        return list(rows)
    value = COLUMNS[order.column].order
    having = [row for row in rows if not row.refused and value(row) is not None]
    lacking = [row for row in rows if not row.refused and value(row) is None]
    return sorted(having, key=value, reverse=order.descending) + lacking + [row for row in rows if row.refused]


def files_table(
    rows: Sequence[FileRow],
    chosen: str | None = None,
    order: Order | None = None,
    turn: int = 0,
    at_most: int = ROWS_AT_ONCE,
) -> str:
    """HTML of the files.

    Args:
        rows: in the order in which they came.
        chosen: key of the one that is shown above.
        order: how they are sorted, if they are.
        turn: another one after each choice, so that a head can be clicked again.
        at_most: rows that are drawn; for the others there is a button.
    """
    judged = any(row.truth is not None for row in rows)
    columns = {name: column for name, column in COLUMNS.items() if judged or name != "truth"}
    heads = [_head(name, column, order, turn) for name, column in columns.items()]
    head = tag(
        "tr",
        tag("th", tag("span", "Picture", class_="rx-p-unseen"), scope="col", class_="rx-p-thumb"),
        *heads,
        data_group="heads",
    )
    shown = sorted_rows(rows, order)[:at_most]
    body = [
        _refused(row, len(columns) - 2) if row.refused else _answered(row, row.key == chosen, judged, turn)
        for row in shown
    ]
    table = tag(
        "table",
        tag("thead", head),
        tag("tbody", *body, data_group="files"),
        class_="rx-p-files rx-p-judged" if judged else "rx-p-files",
    )
    return tag("div", table, _more(len(rows) - len(shown), turn), class_="rx-p-frame")


def files_text(rows: Sequence[FileRow]) -> str:
    """What became of the files: `5 answered, 1 refused, 2 probably none of the classes.`."""
    refused = sum(row.refused for row in rows)
    answered = len(rows) - refused
    said = [f"{exact(answered)} answered"]
    if refused:
        said.append(f"{exact(refused)} refused")
    if none := sum(row.none for row in rows):
        said.append(f"{exact(none)} probably none of the classes")
    return f"{', '.join(said)}."


def _head(name: str, column: FilesColumn, order: Order | None, turn: int) -> Markup:
    direction = ("descending" if order.descending else "ascending") if order and order.column == name else None
    arrow = tag(
        "span",
        "↓" if direction == "descending" else "↑",
        class_=None if direction else "rx-p-no-arrow",
        aria_hidden="true",
    )
    button = tag("button", column.head, arrow, type="button", class_="rx-p-sort", data_choose=f"sort:{name}={turn}")
    return tag("th", button, scope="col", class_=column.class_, aria_sort=direction)


def _more(left: int, turn: int) -> Markup:
    if left <= 0:
        return markup()
    words = f"Show {ROWS_AT_ONCE} more of {exact(left)}" if left > ROWS_AT_ONCE else f"Show {left} more"
    button = tag("button", words, type="button", class_="rx-p-more", data_choose=f"more={turn}")
    return tag("p", button, data_group="more")


def _answered(row: FileRow, is_chosen: bool, judged: bool, turn: int) -> Markup:
    best, *others = row.answers
    first = markup(tag("b", best.label), tag("small", " unsure") if best.probability < UNSURE_BELOW else markup())
    if row.none:
        first = markup(tag("b", NONE_WORDS), tag("small", f"nearest: {best.label}", class_="rx-p-nearest"))
    marks = ("rx-p-chosen" * is_chosen, "rx-p-doubtful" * row.none)
    following = f"{others[0].label} {percent(others[0].probability)}" if others else MISSING
    latency = MISSING if row.latency_ms is None else latency_text(row.latency_ms)
    return tag(
        "tr",
        *_about(row, "shown above" * is_chosen),
        tag("td", first, class_="rx-p-top"),
        tag("td", probability_bar(best.probability), percent(best.probability), class_="rx-p-likely"),
        tag("td", following, class_="rx-p-next"),
        _truth(row) if judged else markup(),
        tag("td", latency, class_="rx-p-latency"),
        data_choose=f"show:{row.key}={turn}",
        class_=" ".join(filter(None, marks)) or None,
        aria_current="true" if is_chosen else None,
    )


def _truth(row: FileRow) -> Markup:
    if row.truth is None:
        return tag("td", MISSING, class_="rx-p-truth")
    verdict = tag("b", "right") if is_right(row) else tag("b", "wrong:")
    return tag("td", verdict, "" if is_right(row) else f" {row.truth}", class_="rx-p-truth")


def _refused(row: FileRow, columns: int) -> Markup:
    what, separator, rest = (row.error or "No answer. Try another file.").partition(". ")
    sentence = (tag("b", what + separator.strip()), f" {rest}" if rest else "")
    return tag("tr", *_about(row), tag("td", *sentence, colspan=str(columns), class_="rx-p-refused"))


def _about(row: FileRow, note: str = "") -> tuple[Markup, ...]:
    noted = tag("small", note) if note else markup()
    return (
        tag("td", _thumbnail(row), class_="rx-p-thumb"),
        tag("td", tag("span", short_name(row.name)), noted, class_="rx-p-name", title=whole_name(row.name)),
        tag("td", _size(row), class_="rx-p-size"),
    )


def _thumbnail(row: FileRow) -> Markup:
    if row.thumbnail is None:
        return tag("span", "!", class_="rx-p-missing", aria_hidden="true")
    return tag("img", src=row.thumbnail, alt="", width=44, height=44)


def _size(row: FileRow) -> str:
    return MISSING if row.size is None else f"{exact(row.size[0])}×{exact(row.size[1])}"
