"""Lessons by the shell: named, shown without and with the answer, printed as a sheet, and a folder of one's own."""

import json
from pathlib import Path

import pytest

from resnext_viz.cli import main
from resnext_viz.lessons.teacher.folder import FOLDER_VARIABLE
from tests.lessons.teacher.test_folder import BY_RULE


@pytest.fixture(autouse=True)
def no_own_lessons(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(FOLDER_VARIABLE, raising=False)


def test_the_list_names_six(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lessons", "list"]) == 0
    heading, *rows = capsys.readouterr().out.splitlines()
    assert heading.endswith("ResNeXt-50 (32×4d)")
    assert [row.split()[0] for row in rows] == ["1", "2", "3", "4", "5", "6"]
    assert "answered by a measurement, in the app" in rows[3]


def test_the_list_says_which_dial_to_move(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lessons", "list", "--net", "resnet50", "--json"]) == 0
    lessons = json.loads(capsys.readouterr().out)["lessons"]
    assert [each["state"] for each in lessons] == ["move"] * 4 + ["not measured", "ready"]
    assert lessons[1]["move"] == {"dial": "cardinality", "value": "2"}
    assert main(["lessons", "list", "--net", "resnet50"]) == 0
    assert "Move C to 2, and the lesson works." in capsys.readouterr().out


def test_a_lesson_is_shown_without_its_answer(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lessons", "show", "2"]) == 0
    out = capsys.readouterr().out
    assert "At which d, rounded to a whole number, does the block keep its 69,632 weights?" in out
    assert "  N  I am not sure.\n" in out
    for hidden in ("3.973", "= B", "Equal cost is a curve", "vitalab"):
        assert hidden not in out


def test_and_with_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lessons", "show", "2", "--net", "resnext50_8x14d", "--answers"]) == 0
    out = capsys.readouterr().out
    # 8 paths: 4,096·d + 72·d² = 69,632 at d = 13.701 (Table 2: 14).
    assert "\n= B  d = 14:" in out
    assert "The exact d is 13.701" in out
    assert "vitalab/vitalab.github.io#89" in out
    assert "Exactly 7.51" in out


def test_json_hides_what_was_not_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    main(["lessons", "show", "1", "--json"])
    hidden = json.loads(capsys.readouterr().out)
    assert "reveal" not in hidden
    assert set(hidden["choices"][0]) == {"key", "text"}
    main(["lessons", "show", "1", "--json", "--answers"])
    shown = json.loads(capsys.readouterr().out)
    assert [choice["mark"] for choice in shown["choices"]] == ["wrong", "right", "wrong", "wrong", "neither"]
    assert shown["choices"][1]["value"] == "93.4 %"


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["show", "7"], "there is no lesson 7; use a number from 1 to 6"),
        (["show", "2", "--net", "nonsense"], "nonsense"),
        (["show", "2", "--compare", "nonsense"], "nonsense"),
        (["handout", "--image-size", "0"], "image_size"),
        (["handout", "--output", "/nowhere/at/all.html"], "name a file in a folder that exists"),
        (["handout", "--output", "."], "name a file in a folder that exists"),
    ],
)
def test_a_mistake_takes_one_line(argv: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lessons", *argv]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert words in err
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize("argv", [[], ["show"], ["show", "x"], ["show", "0"], ["print"]])
def test_a_verb_or_number_that_is_none_is_refused(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["lessons", *argv])
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_the_handout_is_written_whole(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sheet = tmp_path / "sheet.html"
    assert main(["lessons", "handout", "--output", str(sheet)]) == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert "6 lessons on ResNeXt-50 (32×4d)" in err
    assert main(["lessons", "handout"]) == 0
    assert capsys.readouterr().out == sheet.read_text(encoding="utf-8")
    assert [path.name for path in tmp_path.iterdir()] == ["sheet.html"]


def test_lessons_of_ones_own_come_behind_and_a_faulty_file_is_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine.toml").write_text(BY_RULE, encoding="utf-8")
    (tmp_path / "bad.json").write_text("{", encoding="utf-8")
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    assert main(["lessons", "show", "7", "--answers"]) == 1
    out, err = capsys.readouterr()
    assert out.startswith("7. Where the weights are")
    assert "\n= A  The 1×1 convolutions" in out
    assert err.startswith("resnext_viz: bad.json: the file is no JSON")
    assert len(err.splitlines()) == 1
