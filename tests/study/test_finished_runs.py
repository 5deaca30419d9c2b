"""Runs as data: what is written is read again, and what contradicts itself or our counts is refused by its line."""

import json
import math
from typing import Any

import pytest

from resnext_viz.study.finished_runs import read_runs, runs_text
from resnext_viz.study.shipped_studies import shipped_runs, study_names
from resnext_viz.study.study_files import csv_text, json_text
from resnext_viz.study.study_plan import StudyError
from resnext_viz.study.summary import summarise
from tests.study.made import made

RUNS = made({"1": [30.0, 31.0], "paths": [25.0]})


def test_runs_written_are_the_runs_read() -> None:
    again = read_runs("\n" + runs_text(RUNS) + "\n", "runs")
    assert runs_text(again) == runs_text(RUNS)
    assert [run.key for run in again] == [("1", 0), ("1", 1), ("paths", 0)]
    assert again[0].error == pytest.approx(30.0)


@pytest.mark.parametrize(("changed", "words"), [
    ({"macs": 1}, "MACs, not"),
    ({"params": 623_351}, "has 623350 params and"),
    ({"target_macs": 20_000_000}, "are not within 2 % of 20000000"),
    ({"cardinality": 2}, "is not 2x50d"),
    ({"network": "<b>"}, "is not understood"),
    ({"role": "best"}, "role is 'best'; use ladder, deeper, wider, paths"),
    ({"epochs": 3}, "the recipe has another seed or other epochs"),
    ({"seed": True}, "seed is 'True', which is no int"),
    ({"seconds": math.nan}, "seconds is nan"),
    ({"last_accuracy": 0.99}, "best or last accuracy is not the curve's"),
    ({"best_accuracy": 0.1}, "best or last accuracy is not the curve's"),
    ({"curve": []}, "no row for each of 2 epochs"),
    ({"curve": [{"epoch": 1, "train_accuracy": 0.1, "test_accuracy": 0.1}, {"epoch": 2, "test_accuracy": 0.7}]},
     "train_accuracy in epoch 2 is None, no share"),
    ({"classes": [1, 2]}, "a class has no name"),
    ({"test_pictures": 0}, "counted from 1"),
    ({"more": 1}, "odd fields: more"),
])  # fmt: skip
def test_a_line_that_cannot_be_is_named(changed: dict[str, Any], words: str) -> None:
    record = RUNS[0].to_dict() | changed
    with pytest.raises(StudyError, match=f"file, line 2: .*{words}"):
        read_runs("\n" + json.dumps(record), "file")


@pytest.mark.parametrize("line", ["{", "[]", "null", "3", '"x"', "[" * 5000])
def test_a_line_that_is_no_run_is_named(line: str) -> None:
    with pytest.raises(StudyError, match="file, line 1: "):
        read_runs(line, "file")


def test_runs_of_two_studies_and_runs_twice_are_refused() -> None:
    other = RUNS[1].to_dict() | {"train_pictures": 9}
    with pytest.raises(StudyError, match="line 2: not of the study .*train_pictures is 512 there and 9 here"):
        read_runs(runs_text(RUNS[:1]) + json.dumps(other), "file")
    with pytest.raises(StudyError, match="line 4: setting 1 with seed 0 stands there twice"):
        read_runs(runs_text(RUNS) + runs_text(RUNS[:1]), "file")


def test_a_setting_of_the_recipe_that_an_older_run_does_not_know_is_off() -> None:
    recipe = {name: value for name, value in RUNS[1].recipe.items() if name != "cutout"}
    assert len(read_runs(runs_text(RUNS[:1]) + json.dumps(RUNS[1].to_dict() | {"recipe": recipe}), "file")) == 2
    recipe["cutout"] = 8
    with pytest.raises(StudyError, match="cutout is 0 there and 8 here"):
        read_runs(runs_text(RUNS[:1]) + json.dumps(RUNS[1].to_dict() | {"recipe": recipe}), "file")


def test_files_hold_every_run() -> None:
    summary = summarise(RUNS)
    lines = csv_text(summary).splitlines()
    assert lines[0].startswith("setting,role,network,cardinality,base_width,params,macs,")
    assert len(lines) == 4
    assert lines[1].startswith("1,ladder,resnet11_1x50d_cifarpool10_x1,1,50,623350,26654208,")
    document = json.loads(json_text(summary))
    assert [run["seed"] for run in document["runs"]] == [0, 1, 0]
    assert document["summary"]["settings"][0]["error"]["value"] == pytest.approx(30.5)
    assert document["summary"]["trend"] is None


def test_every_study_that_ships_is_whole_and_balanced() -> None:
    assert study_names()
    for name in study_names():
        summary = summarise(shipped_runs(name))
        assert {tuple(row.by_seed) for row in summary.settings} == {tuple(range(summary.seeds))}
        assert summary.seeds >= 2
        assert len(summary.ladder) >= 4


def test_a_study_that_does_not_ship_is_none() -> None:
    with pytest.raises(StudyError, match="no study is called '../runs'"):
        shipped_runs("../runs")
