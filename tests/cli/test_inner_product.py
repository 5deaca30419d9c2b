import json

import numpy as np
import pytest

from resnext_viz.cli import main
from tests.nn.proof.test_path_shares import SPEC, columns

ARGV = ["inner-product", "resnext50_32x4d", "--cardinality", "4"]


def test_the_products_add_up(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*ARGV, "--at", "1.2", "--channel", "3", "--place", "9", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["layer"], found["channel"], found["row"], found["column"]) == ("layer1.1.conv1", 3, 2, 2)
    assert sum(term["weight"] * term["value"] for term in found["terms"]) + found["hidden_sum"] == pytest.approx(
        found["computed"]
    )


def test_what_each_path_adds_is_numpys_product_of_its_columns(capsys: pytest.CaptureFixture[str]) -> None:
    argv = [
        "inner-product",
        "resnext50_32x4d",
        "--cardinality",
        "3",
        "--conv-bias",
        "--at",
        "1.2",
        "--channel",
        "200",
        "--paths",
    ]
    row, joined, bias = columns(SPEC, 200, seed=0)
    shares = (row * joined).reshape(3, 4).sum(axis=1)
    assert main([*argv, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert list(found) == ["channel", "shares", "bias", "sum", "product"]
    np.testing.assert_allclose(found["shares"], shares, rtol=1e-12)
    assert (found["channel"], found["bias"]) == (200, bias)
    assert found["sum"] == pytest.approx(row @ joined + bias, rel=1e-12)
    assert found["product"] == pytest.approx(row @ joined + bias, rel=1e-12)
    assert main(argv) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "layer1.1.conv3, output channel 200 of 256, before batch norm"
    names = ["path 1", "path 2", "path 3", "bias", "sum", "product"]
    numbers = [*shares, bias, row @ joined + bias, row @ joined + bias]
    assert [line.split() for line in lines[3:]] == [
        [*name.split(), f"{number:.6f}"] for name, number in zip(names, numbers, strict=True)
    ]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--at", "9.1"], "stage is 9; this network has stages 1 to 4"),
        (["--paths", "--channel", "257"], "channel is 257; use a whole number from 1 to 256"),
    ],
)
def test_what_is_not_there_is_refused(capsys: pytest.CaptureFixture[str], options: list[str], words: str) -> None:
    assert main([*ARGV, *options]) == 2
    assert words in capsys.readouterr().err


def test_paths_are_not_at_a_chosen_place(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main([*ARGV, "--paths", "--place", "1"])
    assert "argument --place: not allowed with argument --paths" in capsys.readouterr().err
