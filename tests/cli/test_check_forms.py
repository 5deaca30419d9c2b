import json

import pytest

from resnext_viz.cli import main

ARGV = ["check-forms", "resnext29_8x64d", "--base-width", "2", "--depths", "2,1", "--device", "cpu"]
KEYS = {"forms", "dtype", "mode", "what", "max_abs", "max_rel", "equal"}


def test_the_rows_cover_forms_modes_and_the_asked_formats(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*ARGV, "--dtype", "float64", "--dtype", "float32", "--json"]) == 0
    out, err = capsys.readouterr()
    rows = json.loads(out)["rows"]
    assert err == ""
    assert all(set(row) >= KEYS and row["equal"] is True for row in rows)
    combinations = {(row["forms"], row["dtype"], row["mode"], row["what"]) for row in rows}
    assert combinations == {
        (forms, dtype, mode, what)
        for forms in ("A-B", "A-C", "B-C")
        for dtype in ("float64", "float32")
        for mode in ("train", "eval")
        for what in ("output", "gradient")
    }
    assert max(row["max_rel"] for row in rows if row["dtype"] == "float64") < 1e-12


def test_people_get_a_line_for_each_row(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*ARGV, "--dtype", "float32"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("ResNeXt-")
    assert sum(line.endswith("yes") for line in lines) == 3 * 2 * 2 * 3  # pairs, modes, what, blocks


@pytest.mark.parametrize("options", [["--json"], []])
def test_a_difference_is_exit_status_1(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, options: list[str]
) -> None:
    monkeypatch.setattr("resnext_viz.nn.proof.equivalence.ACCEPTED_EPSILONS", -1)
    assert main([*ARGV, "--dtype", "float32", *options]) == 1
    assert ("NO" if not options else '"equal": false') in capsys.readouterr().out
