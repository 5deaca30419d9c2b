"""Lessons from files: good ones are asked like ours, and each bad one is told of by its key and the remedy."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from resnext_viz.lessons import AnswerState, DialledNetwork, LessonPage, Step, answer, has_question
from resnext_viz.lessons.teacher.file_format import LONGEST
from resnext_viz.lessons.teacher.folder import FOLDER_VARIABLE, LARGEST_BYTES, MOST_FILES, own_lessons
from resnext_viz.lessons.teacher.quantities import QUANTITIES
from resnext_viz.names import PRESETS, parse

GOOD: dict[str, Any] = {
    "title": "How many weights?",
    "question": "This network has C = {cardinality}. How many parameters has it?",
    "choices": [
        {"text": "As many as its baseline, {baseline_params}", "right": False, "misconception": "Only MACs are near."},
        {"text": "{params}", "right": True},
    ],
    "reveal": "It has {params} parameters and {macs} MACs.",
    "takeaway": "Count, do not guess.",
    "page": "counting",
    "minutes": 3,
    "link": "net=resnext50_32x4d&rows=kinds",
}
BY_RULE = """
title = "Where the weights are"
question = "Which part of a block has most weights?"
reveal = "The 1×1 convolutions hold {share_of_1x1}."
takeaway = "Look at the thin layers too."
[[choices]]
text = "The 1×1 convolutions"
rule = "share_of_1x1"
from = 0.5
misconception = "Not here."
[[choices]]
text = "The 3×3"
rule = "share_of_1x1"
below = 0.5
"""


def changed(**keys: Any) -> str:
    return json.dumps({key: value for key, value in (GOOD | keys).items() if value is not None})


def with_choices(*choices: Any) -> str:
    return changed(choices=list(choices))


def only_complaint(folder: Path, content: str | bytes, name: str = "a.json") -> str:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    lessons, complaints = own_lessons(7, folder)
    assert lessons == ()
    assert len(complaints) == 1
    assert complaints[0].startswith(f"{name}: ")
    return complaints[0]


def test_a_lesson_from_a_file_is_asked_like_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "b10.json").write_text(changed(), encoding="utf-8")
    (tmp_path / "b9.toml").write_text(BY_RULE, encoding="utf-8")
    (tmp_path / "notes.txt").write_text("no lesson")
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    (by_rule, lesson), complaints = own_lessons(7)
    assert complaints == ()
    assert (by_rule.number, lesson.number, lesson.page, lesson.minutes) == (7, 8, LessonPage.COUNTING, 3)
    found = answer(lesson, DialledNetwork())
    assert found.state is AnswerState.READY
    assert found.question
    assert found.question.text == "This network has C = 32. How many parameters has it?"
    assert [choice.text.text for choice in found.choices] == ["As many as its baseline, 25,557,032", "25,028,904",
                                                              "I am not sure."]  # fmt: skip
    assert [choice.key for choice in found.right] == ["B"]
    assert found.choices[0].why
    assert found.link(Step.VOTE)["rows"] == "kinds"


@pytest.mark.parametrize(("network", "right"), [("resnext50_32x4d", "A"), ("resnet50", "B"), ("resnext50_8x64d", "B")])
def test_a_rule_is_computed_for_the_dialled_network(tmp_path: Path, network: str, right: str) -> None:
    (tmp_path / "a.toml").write_text(BY_RULE, encoding="utf-8")
    ((lesson,), _) = own_lessons(7, tmp_path)
    assert [choice.key for choice in answer(lesson, DialledNetwork(parse(network))).right] == [right]


def test_a_network_without_the_quantity_gets_a_dial_to_move(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(BY_RULE, encoding="utf-8")
    ((lesson,), _) = own_lessons(7, tmp_path)
    found = answer(lesson, DialledNetwork(parse("resnet18"), baseline=parse("resnet18")))
    assert found.state is AnswerState.MOVE
    assert found.move
    assert has_question(lesson, found.move.then)


def test_without_a_folder_there_is_no_lesson(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(FOLDER_VARIABLE, raising=False)
    assert own_lessons(7) == ((), ())


_CHOICE = {"text": "one", "right": False}
_RIGHT = {"text": "two", "right": True}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("[]", "holds no object"),
        ("{", "is no JSON"),
        ('{"title": "a", "title": "b"}', "'title' stands twice"),
        ("[" * 30_000, "is no JSON"),
        (changed(title=None), "title is missing"),
        (changed(titel="x"), "'titel' is no key of a lesson; use title, question"),
        (changed(title=3), "title is 3; use text in quotes"),
        (changed(title=" "), "title is empty"),
        (changed(question="x" * 401), f"question has 401 characters; use at most {LONGEST['question']}"),
        (changed(takeaway="a\u202eb"), "takeaway holds a character that cannot be shown"),
        (changed(reveal="{weight}"), "reveal names 'weight', which is no quantity; name one of params, macs"),
        (changed(reveal="{params.real}"), "names 'params.real', which is no quantity"),
        (changed(reveal="{params!r}"), "names 'params', which is no quantity"),
        (changed(reveal="{params:99999999d}"), "names 'params', which is no quantity"),
        (changed(reveal="{"), "a brace without its partner"),
        (changed(minutes=0), "minutes is 0; use a whole number from 1 to 60"),
        (changed(minutes=True), "minutes is True"),
        (changed(page="home"), "page is 'home'; use one of anatomy, design-space"),
        (changed(link="lesson=2"), "link has the key 'lesson'"),
        (changed(link="net=nonsense"), "link: net: "),
        (changed(link="a;b"), "link is 'a;b'; use key=value"),
        (changed(choices={}), "choices is {}; use a list of 2 to 4 choices"),
        (with_choices(_RIGHT), "use a list of 2 to 4 choices"),
        (with_choices(_RIGHT, "two"), "choice 2: it is 'two'; use an object"),
        (with_choices(_RIGHT, _CHOICE | {"txt": "x"}), "choice 2: 'txt' is no key"),
        (with_choices(_RIGHT, {"right": False}), "choice 2: text is missing"),
        (with_choices(_RIGHT, _RIGHT | {"text": "three"}), "2 choices are right; mark exactly one"),
        (with_choices(_CHOICE, _CHOICE | {"text": "three"}), "0 choices are right"),
        (with_choices(_RIGHT, _CHOICE | {"text": "two"}), "two choices have one text"),
        (with_choices(_RIGHT, {"text": "x", "right": "no"}), "choice 2: right is 'no'; use true or false"),
        (with_choices(_RIGHT, {"text": "x"}), "choice 2: it needs either right or a rule"),
        (with_choices(_RIGHT, {"text": "x", "right": True, "rule": "macs", "from": 1}), "either right or a rule"),
        (with_choices(_RIGHT, {"text": "x", "rule": "macs"}), "a rule goes with from, below or both"),
        (with_choices(_RIGHT, {"text": "x", "rule": "speed", "from": 1}), "rule is 'speed'; use one of params"),
        (with_choices(_RIGHT, {"text": "x", "rule": "macs", "from": "1"}), "from is '1'; use a number"),
        (with_choices(_RIGHT, {"text": "x", "rule": "macs", "from": 2, "below": 1}), "from has to be the smaller"),
        (with_choices(_RIGHT, {"text": "x", "rule": "macs", "from": 2}), "some choices have right and others a rule"),
        (with_choices({"text": "x", "rule": "macs", "from": 1}, {"text": "y", "rule": "macs", "from": 2}),
         "for no network does exactly one choice hold"),
        (b"\xff\xfe{}", "is no UTF-8 from byte 0 on"),
        (" " * (LARGEST_BYTES + 1), "has more than 64,000 bytes"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_words(tmp_path: Path, content: str | bytes, words: str) -> None:
    assert words in only_complaint(tmp_path, content)


def test_toml_that_is_none_is_said_to_be(tmp_path: Path) -> None:
    assert "is no TOML" in only_complaint(tmp_path, "title = ", "a.toml")


def test_links_pipes_and_folders_are_not_read(tmp_path: Path) -> None:
    outside = tmp_path / "outside.json"
    outside.write_text(changed())
    folder = tmp_path / "lessons"
    folder.mkdir()
    (folder / "a.json").symlink_to(outside)
    os.mkfifo(folder / "b.json")
    (folder / "c.json").mkdir()
    lessons, (link, pipe, other) = own_lessons(7, folder)
    assert lessons == ()
    assert "a.json: the file is a link, which is not followed" in link
    assert "b.json: it is no plain file" in pipe
    assert "c.json: it is no plain file" in other


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every file")
def test_a_file_without_access_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(changed())
    (tmp_path / "a.json").chmod(0)
    assert "the file cannot be read: Permission denied" in own_lessons(7, tmp_path)[1][0]


def test_a_file_that_the_system_refuses_is_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.json").write_text(changed())

    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("resnext_viz.lessons.teacher.folder.os.open", refuse)
    assert own_lessons(7, tmp_path)[1] == ("a.json: the file cannot be read: Permission denied",)


def test_a_folder_that_is_none_is_told_of(tmp_path: Path) -> None:
    lessons, (complaint,) = own_lessons(7, tmp_path / "nowhere")
    assert lessons == ()
    assert complaint.startswith(f"{FOLDER_VARIABLE}: the folder ")
    assert complaint.endswith("cannot be read: No such file or directory")


def test_a_faulty_file_leaves_the_others_and_too_many_are_bounded(tmp_path: Path) -> None:
    for number in range(MOST_FILES + 1):
        (tmp_path / f"{number}.json").write_text(changed())
    (tmp_path / "0.json").write_text("{")
    lessons, complaints = own_lessons(7, tmp_path)
    assert [lesson.number for lesson in lessons] == list(range(7, 7 + MOST_FILES - 1))
    assert "the folder has 51 lessons; the first 50 are taken" in complaints[0]
    assert complaints[1].startswith("0.json: ")


@pytest.mark.parametrize("name", QUANTITIES)
def test_every_quantity_is_known_of_a_preset_and_is_documented(name: str) -> None:
    page = (Path(__file__).parents[3] / "docs" / "lessons.md").read_text(encoding="utf-8")
    assert f"| `{name}` | {QUANTITIES[name].meaning} |" in page
    values = [QUANTITIES[name].value(DialledNetwork(spec)) for spec in PRESETS.values()]
    assert any(value is not None for value in values)
