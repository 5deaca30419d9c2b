import json

import pytest

from resnext_viz.cli import main

ARGV = ["check-collapse", "--cardinality", "3", "--base-width", "2"]


def test_the_rows_are_equal_and_the_wide_block_is_dense(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*ARGV, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["density"] == {"first": 1.0, "second": 1.0, "bottleneck": pytest.approx(1 / 3)}
    assert len(found["rows"]) == 8
    assert all(row["equal"] for row in found["rows"])


def test_people_get_a_table_and_a_difference_is_exit_status_1(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("resnext_viz.nn.proof.equivalence.ACCEPTED_EPSILONS", -1)
    assert main(ARGV) == 1
    out = capsys.readouterr().out
    assert out.count("NO") == 8
    assert "33.33% of the 3x3 of a 3x2d bottleneck" in out


def test_one_path_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check-collapse", "--cardinality", "1"]) == 2
    assert "one path is one block already" in capsys.readouterr().err
