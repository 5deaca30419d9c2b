import json

import pytest

from resnext_viz.block_forms.faults import Fault
from resnext_viz.cli import main

ARGV = ["break-forms", "resnext29_8x64d", "--base-width", "2", "--depths", "2,1"]


def test_every_mistake_is_found_and_one_path_hides_most(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*ARGV, "--json"]) == 0
    out, err = capsys.readouterr()
    rows = json.loads(out)["rows"]
    assert err == ""
    assert {(row["fault"], row["mode"], row["cardinality"]) for row in rows} == {
        (fault, mode, cardinality) for fault in Fault for mode in ("train", "eval") for cardinality in (1, 2, 8)
    }
    assert all(row["found"] for row in rows if row["cardinality"] > 1)
    assert all(max(row["channels"]) == row["max_abs"] == row["steps"][-1]["max_abs"] for row in rows)
    alone = {row["fault"] for row in rows if row["cardinality"] == 1 and row["found"]}
    assert alone == {"relu-on-paths", "stride-on-1x1"}


def test_people_get_a_line_for_each_mistake_and_what_one_path_hides(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*ARGV, "--fault", "bn-in-paths", "--fault", "bias-in-paths"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "C=1" in lines[2]
    assert "C=8" in lines[2]
    assert [line.split()[:6] for line in lines[3:5]] == [
        ["bn-in-paths", "A", "layer1.1", mode, "0", line.split()[5]]
        for mode, line in zip(("train", "eval"), lines[3:5], strict=True)
    ]
    *_, alone, two, eight = lines[5].split()[:7]
    assert (two, eight) == ("hidden", "hidden")
    assert alone in {"0", "="}  # a bias added before the products or after them: the processor's kernel decides
    assert lines[-1] == "C >= 2: 2 of 2 mistakes found. C = 1: 0 found, the other 2 change nothing."


def test_a_mistake_that_is_not_found_is_exit_status_1(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("resnext_viz.nn.proof.located.ROUNDING", 1e9)
    assert main([*ARGV, "--fault", "path-order"]) == 1
    assert "0 of 1 mistakes found" in capsys.readouterr().out


def test_an_unknown_mistake_is_refused_with_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main([*ARGV, "--fault", "typo"])
    assert stopped.value.code == 2
    assert "use bn-in-paths, relu-on-paths" in capsys.readouterr().err
