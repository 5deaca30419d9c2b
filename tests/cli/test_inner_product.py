import json

import pytest

from resnext_viz.cli import main

ARGV = ["inner-product", "resnext50_32x4d", "--cardinality", "4"]


def test_the_products_add_up(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*ARGV, "--at", "1.2", "--channel", "3", "--place", "9", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    (part,) = found["parts"]
    assert (found["layer"], found["channel"], found["row"], found["column"]) == ("layer1.1.conv1", 3, 2, 2)
    assert sum(term["weight"] * term["value"] for term in part["terms"]) + part["hidden_sum"] == pytest.approx(
        found["computed"])


def test_people_get_the_terms_of_one_path_and_the_others(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*ARGV, "--path", "2", "--place", "1"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "layer1.0.conv3, output channel 1 of 256, row 1, column 1 of 7x7"
    assert [line.split()[1] for line in lines[3:7]] == ["5", "6", "7", "8"]
    assert lines[7].startswith("12 others")
    assert lines[-2].split()[-1] == lines[-1].split()[-1]


@pytest.mark.parametrize(("options", "words"), [
    (["--at", "9.1"], "stage is 9; this network has stages 1 to 4"), (["--path", "5"], "path is 5"),
])
def test_what_is_not_there_is_refused(capsys: pytest.CaptureFixture[str], options: list[str], words: str) -> None:
    assert main([*ARGV, *options]) == 2
    assert words in capsys.readouterr().err
