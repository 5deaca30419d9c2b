"""The table of all files: one row each, sorted by its heads, right or wrong in words, strangers' text escaped."""

import random
import xml.etree.ElementTree as ET
from typing import NamedTuple

import pytest

from resnext_viz.figures.predict.files_table import (
    COLUMNS,
    ROWS_AT_ONCE,
    FileRow,
    Order,
    files_table,
    files_text,
    sorted_rows,
)


class Answer(NamedTuple):
    label: str
    probability: float


HOSTILE = '"><script>alert(1)</script>'
PIXEL = "data:image/png;base64,AAAA"
REFUSED = FileRow("notes.pdf", error="Not an image. Use JPEG or PNG.", key="n")
SURE = FileRow("meadow 10.jpg", PIXEL, (500, 375), (Answer("horse", 0.848), Answer("deer", 0.133)), 8.0, key="m")
UNSURE = FileRow("meadow 9.jpg", PIXEL, (500, 308), (Answer("bird", 0.485), Answer("frog", 0.263)), 6.7, key="p")
ROWS = [REFUSED, SURE, UNSURE]


def read(html: str) -> ET.Element:
    return ET.fromstring(f"<div>{html}</div>")


def words(element: ET.Element) -> str:
    return "".join(element.itertext())


def body(html: str) -> list[ET.Element]:
    return list(next(read(html).iter("tbody")))


def heads(html: str) -> dict[str, ET.Element]:
    return {words(head).rstrip("↑↓"): head for head in read(html).iter("th")}


def test_the_table_has_one_row_for_each_file_and_chooses_by_its_key() -> None:
    refused, sure, unsure = body(files_table(ROWS))
    assert [row.get("data-choose") for row in (refused, sure, unsure)] == [None, "show:m=0", "show:p=0"]
    cells = [words(cell) for cell in sure]
    assert cells == ["", "meadow 10.jpg", "500×375", "horse", "84.8 %", "deer 13.3 %", "8.0 ms"]
    assert "bird unsure" in words(unsure)
    assert [bold.text for bold in refused.iter("b")] == ["Not an image."]
    assert words(refused).endswith("Use JPEG or PNG.")
    assert files_text(ROWS) == "2 answered, 1 refused."
    assert [row.get("aria-current") for row in body(files_table(ROWS, "p"))] == [None, None, "true"]


def test_a_doubt_is_told_in_the_place_of_the_answer() -> None:
    row = FileRow("a", None, (1, 1), (Answer("<x>", 0.4),), 1.0, none=True)
    (doubted,) = body(files_table([row]))
    assert [bold.text for bold in doubted.iter("b")] == ["none of these, probably"]
    assert "nearest: <x>" in words(doubted)
    assert "unsure" not in words(doubted)


def test_half_is_not_unsure() -> None:
    assert "unsure" not in files_table([FileRow("a", None, (1, 1), (Answer("x", 0.5),), 1.0)])
    assert "unsure" in files_table([FileRow("a", None, (1, 1), (Answer("x", 0.499),), 1.0)])


@pytest.mark.parametrize(
    ("column", "first"),
    [
        ("file", "p"),
        ("size", "p"),
        ("answer", "p"),
        ("probability", "p"),
        ("next", "m"),
        ("latency", "p"),
    ],
)
def test_every_column_sorts_and_refused_files_stay_last(column: str, first: str) -> None:
    # 9 before 10; 308 px before 375; bird before horse; 48.5 % before 84.8 %; deer before frog; 6.7 ms before 8.0.
    second = "m" if first == "p" else "p"
    assert [row.key for row in sorted_rows(ROWS, Order(column))] == [first, second, "n"]
    assert [row.key for row in sorted_rows(ROWS, Order(column, descending=True))] == [second, first, "n"]
    assert body(files_table(ROWS, order=Order(column)))[0].get("data-choose") == f"show:{first}=0"


def test_sorting_is_that_of_the_numbers_whatever_their_order() -> None:
    values = [number / 101 for number in range(1, 101)]
    random.Random(0).shuffle(values)
    rows = [FileRow(str(value), answers=(Answer("x", value),)) for value in values]
    assert [row.answers[0].probability for row in sorted_rows(rows, Order("probability"))] == sorted(values)
    assert [row.answers[0].probability for row in sorted_rows(rows, None)] == values


def test_a_name_of_digits_only_is_a_name() -> None:
    names = ["9" * 5000, "²3", "10", "9", "a"]
    rows = [FileRow(name, answers=SURE.answers) for name in names]
    ordered = [row.name for row in sorted_rows(rows, Order("file"))]
    assert ordered.index("9") < ordered.index("10") < ordered.index("a")


def test_a_head_says_how_the_rows_are_sorted_and_is_a_button() -> None:
    html = files_table(ROWS, order=Order("probability", descending=True), turn=7)
    assert {name: head.get("aria-sort") for name, head in heads(html).items() if head.get("aria-sort")} == {
        "Probability": "descending"
    }
    buttons = {name: next(head.iter("button")) for name, head in heads(html).items() if name != "Picture"}
    assert buttons["Probability"].get("data-choose") == "sort:probability=7"
    assert words(buttons["Probability"]) == "Probability↓"
    assert set(buttons) == {column.head for name, column in COLUMNS.items() if name != "truth"}


def test_a_head_clicked_again_turns_the_order_round() -> None:
    once = Order("file").clicked("probability")
    assert once == Order("probability")
    assert once.clicked("probability") == Order("probability", descending=True)
    assert once.clicked("probability").clicked("probability") == once
    assert once.clicked("probability").clicked("file") == Order("file")


@pytest.mark.parametrize(
    ("count", "at_most", "drawn", "said"),
    [
        (50, ROWS_AT_ONCE, 50, None),
        (51, ROWS_AT_ONCE, 50, "Show 1 more"),
        (500, ROWS_AT_ONCE, 50, "Show 50 more of 450"),
        (120, 2 * ROWS_AT_ONCE, 100, "Show 20 more"),
    ],
)
def test_many_rows_come_fifty_at_a_time(count: int, at_most: int, drawn: int, said: str | None) -> None:
    html = files_table([SURE] * count, turn=3, at_most=at_most)
    assert len(body(html)) == drawn
    more = [button for button in read(html).iter("button") if button.get("data-choose") == "more=3"]
    assert [words(button) for button in more] == ([said] if said else [])


def test_right_and_wrong_are_words() -> None:
    rows = [
        FileRow("a", answers=SURE.answers, truth="horse"),
        FileRow("b", answers=SURE.answers, truth="deer"),
        FileRow("c", answers=SURE.answers),
        FileRow("d", error="Empty.", truth="deer"),
    ]
    html = files_table(rows)
    assert "Folder" in heads(html)
    right, wrong, unknown, refused = body(html)
    assert [words(row[6]) for row in (right, wrong, unknown)] == ["right", "wrong: deer", "–"]
    spanned = sum(int(cell.get("colspan", 1)) for cell in refused)
    assert spanned == len(list(right)) == len(heads(html))
    assert [row.name for row in sorted_rows(rows, Order("truth"))] == ["b", "a", "c", "d"]


def test_nothing_a_stranger_wrote_is_markup() -> None:
    hostile = (Answer(HOSTILE, 0.9), Answer(HOSTILE, 0.1))
    html = files_table(
        [
            FileRow(HOSTILE, HOSTILE, (1, 1), hostile, 1.0, key=HOSTILE, truth=HOSTILE),
            FileRow(HOSTILE, HOSTILE, (1, 1), hostile, 1.0, key=HOSTILE, truth="other" + HOSTILE),
            FileRow(HOSTILE, error=HOSTILE),
        ]
    )
    assert "<script" not in html
    assert not list(read(html).iter("script"))
