"""A study by the shell: planned, run, stopped, killed, out of room, gone on with; nothing finished is lost."""

import json
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from resnext_viz.cli import main
from resnext_viz.study import shipped_studies
from resnext_viz.training.run.training_run import Run
from resnext_viz.training.study import planning
from resnext_viz.training.study.folder import RUNS, StudyFolder
from tests.cli.study_worker import known_speeds
from tests.support.one_thread import one_thread
from tests.support.pictures import picture_tree

__all__ = ["one_thread"]

ROOT = Path(__file__).parents[2]
BASE = "resnext5_16x8d_cifarpool3_b1_x1"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return picture_tree(tmp_path_factory.mktemp("data") / "grey", side=32)


@pytest.fixture(autouse=True)
def known_speed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine whose speed is known, so that times are arithmetic."""
    monkeypatch.setattr(planning, "measured_speeds", known_speeds)


def words(data: Path, out: Path, *more: str, ladder: str = "1,2") -> list[str]:
    return ["study", "--data", str(data), "--out", str(out), "--base", BASE, "--ladder", ladder, "--epochs", "2",
            "--device", "cpu", *more]  # fmt: skip


def rows(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / RUNS).read_text().splitlines()]


def keys(out: Path) -> list[tuple[int, int]]:
    return [(row["cardinality"], row["seed"]) for row in rows(out)]


def results(found: Sequence[dict[str, Any]]) -> list[Any]:
    """What does not depend on the machine's speed."""
    return [(row["network"], row["seed"], [(each["loss"], each["test_accuracy"]) for each in row["curve"]])
            for row in found]  # fmt: skip


@pytest.fixture(scope="module")
def whole(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("studies") / "whole"
    assert main(words(data, out, "--data-name", "grey squares")) == 0
    return out


def test_a_row_for_each_run_seed_by_seed(whole: Path) -> None:
    assert keys(whole) == [(1, 0), (2, 0), (1, 1), (2, 1)]
    row = rows(whole)[1]
    assert (row["network"], row["base_width"], row["data"]) == ("resnext5_2x31d_cifarpool3_b1_x1", 31, "grey squares")
    assert (row["train_pictures"], row["test_pictures"], row["pictures"]) == (24, 9, 48)
    assert (row["epochs"], row["classes"]) == (2, ["bright", "dark", "middle"])
    assert [each["epoch"] for each in row["curve"]] == [1, 2]
    assert row["curve"][-1]["rate"] < row["recipe"]["peak_rate"] / 2
    assert row["last_accuracy"] == row["curve"][-1]["test_accuracy"]
    assert row["torch"].startswith("2.")
    assert "core" in row["machine"]


def test_the_plan_says_what_it_costs_and_how_long_it_takes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["study", "--plan", "--json"]) == 0
    plan = json.loads(capsys.readouterr().out)
    assert [row["key"] for row in plan["settings"]] == ["1", "2", "4", "8", "16", "deeper", "wider", "paths"]
    assert all(abs(row["macs"] / row["target_macs"] - 1) <= 0.02 for row in plan["settings"])
    a_run = 5 * (50_000 / 1000 + 10_000 / 4000)
    assert {row["seconds"] for row in plan["settings"]} == {a_run}
    assert (plan["runs_left"], plan["seconds_left"]) == (16, 16 * a_run)
    assert main(["study", "--plan", "--settings", "1,wider", "--seeds", "1", "--minutes-per-run", "3"]) == 0
    text = capsys.readouterr().out
    assert "2 settings x 1 seeds, 3 epochs each of 50,000 pictures" in text  # 157.5 s of 180
    assert "resnet11_1x76d_cifarpool10_x1" in text
    assert "+0.4 %" in text
    assert not list(tmp_path.iterdir())


def test_a_stopped_study_goes_on_and_ends_as_if_it_never_stopped(
    whole: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[int] = []
    one_epoch = Run._one_epoch

    def stopped(run: Run, *arguments: Any) -> Any:
        begun.append(run.recipe.seed)
        if len(begun) == 4:
            signal.raise_signal(signal.SIGTERM)  # like Ctrl-C, which nobody hears in the background
        return one_epoch(run, *arguments)

    monkeypatch.setattr(Run, "_one_epoch", stopped)
    assert main(words(data, tmp_path)) == 130
    assert "stopped; 1 finished runs are kept" in capsys.readouterr().err
    assert keys(tmp_path) == [(1, 0)]
    assert main([*words(data, tmp_path), "--json"]) == 0
    assert len(begun) == 9  # 8 epochs and the one that was stopped
    assert results(rows(tmp_path)) == results(rows(whole))
    document = json.loads(capsys.readouterr().out)
    assert len(document["runs"]) == 4
    assert "does not show" not in document["verdict"]["headline"]
    assert [row["seeds"] for row in document["summary"]["settings"]] == [[0, 1], [0, 1]]


def test_more_seeds_and_settings_are_added_and_nothing_is_done_twice(
    whole: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / RUNS).write_bytes((whole / RUNS).read_bytes())  # a file of runs alone is a study too
    assert main(words(data, tmp_path, "--seeds", "3", ladder="1,2,4")) == 0
    assert keys(tmp_path) == [(1, 0), (2, 0), (1, 1), (2, 1), (4, 0), (4, 1), (1, 2), (2, 2), (4, 2)]
    assert rows(tmp_path)[:4] == rows(whole)
    told = capsys.readouterr().out
    assert "5 runs left" in told
    assert "At equal MACs, each doubling of C" in told
    assert "What this does not show:" in told
    assert main(words(data, tmp_path, "--seeds", "3", ladder="1,2,4")) == 0
    assert "0 runs left" in capsys.readouterr().out


def test_the_runs_that_ship_are_gone_on_with(
    whole: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shipped_studies, "RESULTS", tmp_path)
    (tmp_path / "grey.jsonl").write_bytes((whole / RUNS).read_bytes())
    argv = ["study", "--extend", "grey", "--data", str(data), "--out", str(tmp_path / "out"), "--seeds", "3"]
    assert main([*argv, "--ladder", "1,2", "--device", "cpu"]) == 0  # base and epochs are the study's
    assert keys(tmp_path / "out")[4:] == [(1, 2), (2, 2)]
    assert {row["epochs"] for row in rows(tmp_path / "out")} == {2}
    capsys.readouterr()
    assert main(["study", "--plan", "--extend", "brown"]) == 2
    assert "no study is called 'brown'; use grey" in capsys.readouterr().err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize("full", [RUNS, "resnet5_1x46d_cifarpool3_b1_x1-seed1/checkpoint.pt"])
def test_a_full_disk_is_told_in_words_and_loses_nothing_finished(
    whole: Path, data: Path, tmp_path: Path, full: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / RUNS).write_text("".join((whole / RUNS).read_text().splitlines(keepends=True)[:2]))
    stuffed = (tmp_path / full).with_name(Path(full).name + ".part")
    stuffed.parent.mkdir(exist_ok=True)
    stuffed.symlink_to("/dev/full")
    capsys.readouterr()
    assert main(words(data, tmp_path)) == 2
    told = capsys.readouterr().err
    assert f"{(tmp_path / full).parent} cannot be written to (No space left on device)" in told
    assert "every finished run is kept" in told
    assert "Free some space: the same command goes on" in told
    assert told.count("\n") == 1
    assert keys(tmp_path) == [(1, 0), (2, 0)]
    stuffed.unlink(missing_ok=True)
    assert main(words(data, tmp_path)) == 0
    assert results(rows(tmp_path)) == results(rows(whole))


def test_a_killed_process_leaves_its_runs_and_the_folder(whole: Path, data: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.cli.study_worker", *words(data, tmp_path)]
    killed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert killed.returncode == -9, killed.stderr
    before = rows(tmp_path)
    assert keys(tmp_path) == [(1, 0)]
    assert main(words(data, tmp_path)) == 0
    assert rows(tmp_path)[:1] == before
    assert keys(tmp_path) == keys(whole)


def test_two_studies_in_one_folder_are_kept_apart(whole: Path, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with StudyFolder(whole):
        assert main(words(data, whole)) == 2
    told = capsys.readouterr().err
    assert f"another study runs in {whole}" in told
    assert told.count("\n") == 1


def test_what_cannot_be_is_told_in_a_line(
    whole: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, broken = tmp_path / "file", tmp_path / "broken"
    file.write_text("x")
    broken.mkdir()
    (broken / RUNS).write_text("{}\n")
    cases = {
        "cannot be a study's folder": words(data, file),
        "runs.jsonl, line 1: no run of a study": words(data, broken),
        "epochs is 2 there and 3 here": [*words(data, whole), "--epochs", "3"],
        "base is resnext5_16x8d_cifarpool3_b1_x1 there": [*words(data, whole), "--base", BASE.replace("16x", "8x")],
        "train_pictures is 24 there and 27 here": words(picture_tree(tmp_path / "more", train=9, side=32), whole),
        "is no folder": words(tmp_path / "none", tmp_path / "out"),
        "a study needs --data and --out": ["study", "--out", str(tmp_path / "out")],
        "--ladder is '1,x'; use numbers of paths": ["study", "--plan", "--ladder", "1,x"],
        "--ladder is ''": ["study", "--plan", "--ladder", ""],
        "setting is 'x'": ["study", "--plan", "--settings", "1,x"],
        "--settings is empty": ["study", "--plan", "--settings", ","],
        "--minutes-per-run is 'soon'; use a number": ["study", "--plan", "--minutes-per-run", "soon"],
    }
    for told, argv in cases.items():
        capsys.readouterr()
        assert main([*argv, "--device", "cpu"]) == 2, told
        error = capsys.readouterr().err
        assert told in error
        assert error.count("\n") == 1
    assert (broken / RUNS).read_text() == "{}\n"
