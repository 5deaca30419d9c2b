import json
from contextlib import suppress
from pathlib import Path

import pytest

from resnext_viz.cli import main

ARGV = ["check-network", "resnext11_4x4d_cifar10", "--depths", "1,1", "--image-size", "8", "--device", "cpu"]
PHOTO = Path(__file__).parents[1] / "data" / "cifar10" / "cat" / "0010.jpg"


def test_a_photo_goes_through_all_places_and_is_equal(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*ARGV, "--image", str(PHOTO), "--steps", "1", "--json"]) == 0
    out, err = capsys.readouterr()
    answer = json.loads(out)
    assert err == ""
    assert (answer["name"], answer["image_size"], answer["steps"]) == ("resnext8_4x4d_cifar10_b1-1", 8, 1)
    assert answer["estimate"]["convolutions"] == {"A": 27, "B": 21, "C": 9}  # 2 blocks, 2 projections, the stem
    outputs = ["stem", "stage 1", "stage 2", "logits"]
    expected = {
        (forms, dtype, mode, place)
        for forms in ("A-C", "B-C")
        for dtype in ("float64", "float32")
        for mode, places in (("eval", outputs), ("train", [*outputs, "gradients", "weights after 1 step"]))
        for place in places
    }
    assert {(row["forms"], row["dtype"], row["mode"], row["place"]) for row in answer["rows"]} == expected
    assert all(row["equal"] is True for row in answer["rows"])


def test_people_get_an_estimate_and_a_line_for_each_row(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*ARGV, "--dtype", "float32", "--steps", "0"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "8 px, float32, 0 steps" in lines[0]
    assert "27 convolutions in form (a)" in lines[1]
    assert sum(line.endswith("yes") for line in lines) == 2 * (4 + 5)


@pytest.mark.parametrize("options", [["--json"], []])
def test_a_difference_is_exit_status_1(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, options: list[str]
) -> None:
    monkeypatch.setattr("resnext_viz.nn.proof.whole_network.TIMES_ROUNDING", -1)
    assert main([*ARGV, "--dtype", "float32", "--steps", "0", *options]) == 1
    assert ("NO" if not options else '"equal": false') in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--image", "/no/such.jpg"], "no such file"),
        (["--image", str(PHOTO), "--in-channels", "2"], "in_channels is 2; a photo has 3"),
        (["--steps", "21"], "whole number from 0 to 20"),
        (["--cardinality", "4096"], "cardinality"),
    ],
)
def test_a_mistake_is_one_line(capsys: pytest.CaptureFixture[str], options: list[str], words: str) -> None:
    with suppress(SystemExit):  # a mistake in an option itself
        assert main([*ARGV, *options]) == 2
    err = capsys.readouterr().err
    assert words in err
    assert len(err.splitlines()) == 1
