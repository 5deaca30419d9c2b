"""`paper`: tables of the paper from the shell, in every format."""

import csv
import io
import json

import pytest

from resnext_viz.cli import main


def printed(capsys: pytest.CaptureFixture[str], *argv: str) -> str:
    assert main(["paper", *argv]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    return out


def test_without_a_table_they_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed(capsys).splitlines()
    assert [line.split()[0] for line in lines[1:10]] == [*"12345678", "shortcuts"]
    # Errors in Table 6: four networks, four measures each.
    assert lines[6].split()[-4:] == ["8", "0", "0", "16"]
    everything = json.loads(printed(capsys, "--json"))
    assert [document["table"] for document in everything["tables"]] == [*"12345678", "shortcuts"]
    # 83.246 % top-1 accuracy, 83,455,272 params and 15.46 GFLOPS in torchvision's documentation.
    assert {
        "network": "resnext101_64x4d",
        "params": 83_455_272,
        "macs": 15_460_270_080,
        "top1_error": 16.754,
        "source": "torchvision V1",
    } in everything["torchvision"]


def test_a_table_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(capsys, "3")
    assert "ResNeXt-101 =  32×4d =" in text
    assert "7,969,996,800" in text
    assert "21.2 ○" in text
    assert "~ differs" in text


def test_a_table_in_every_format(capsys: pytest.CaptureFixture[str]) -> None:
    assert printed(capsys, "1", "--json") == printed(capsys, "1", "--format", "json")
    assert json.loads(printed(capsys, "1", "--json"))["rows"][6]["cells"][2]["computed"] == 25_557_032
    rows = list(csv.DictReader(io.StringIO(printed(capsys, "7", "--format", "csv"))))
    names = ("Params", "Params, computed", "CIFAR-10 error, %")
    assert [rows[2][name] for name in names] == ["68.1M", "68155210", "3.58"]
    assert printed(capsys, "shortcuts", "--format", "latex").startswith("\\begin{table}")
    assert printed(capsys, "8", "--format", "markdown").startswith("**Table 8.**")


@pytest.mark.parametrize(("argv", "words"), [
    (("9",), ["'9'", "1, 2, 3", "shortcuts"]),
    (("3", "--format", "html"), ["'html'", "text, csv, json, latex, markdown"]),
    (("--format", "csv"), ["--format csv is for one table", "shortcuts"]),
    (("3", "--json", "--format", "csv"), ["--json and --format csv", "use one"]),
])  # fmt: skip
def test_a_mistake_is_named(capsys: pytest.CaptureFixture[str], argv: tuple[str, ...], words: list[str]) -> None:
    try:
        status = main(["paper", *argv])
    except SystemExit as stopped:
        status = int(stopped.code or 0)
    out, err = capsys.readouterr()
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert all(word in err for word in words), err


def test_help_fits_a_terminal_and_shows_examples(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["paper", "--help"])
    text = capsys.readouterr().out
    assert max(map(len, text.splitlines())) <= 120
    assert "python -m resnext_viz paper shortcuts --json" in text
