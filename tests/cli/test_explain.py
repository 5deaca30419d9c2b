import json

import pytest

from resnext_viz.cli import main


def test_the_shell_explains_22_84(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "22.84", "GFLOPs"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert out.startswith("ResNeXt-50 (32×4d) with groups forgotten")
    lines = [line for line in out.splitlines() if " x " in line]
    values = [int(line.split()[-1].replace(",", "")) for line in lines]
    assert values == [8_460_959_744, 14_335_082_496, 28_801_024, 12_895_232, 802_816, 100_352]
    assert f"{sum(values):,}" in out


def test_no_match_ends_with_status_1_and_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "22.6", "M", "--network", "resnet50"]) == 1
    out, err = capsys.readouterr()
    assert err == ""
    assert out.startswith("No match: ResNet-50")
    assert "25,557,032 params, 13 % more than 22.6 M" in out
    assert "misprint" in out


def test_json_is_one_document(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "89,700,288", "params", "--network", "ResNeXt-29 (8x64d)", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["number"], answer["unit"], answer["network"]) == ("89,700,288", "params", "resnext29_8x64d_cifar10")
    [match] = answer["matches"]
    assert (match["value"], match["network"]) == (89_700_288, "resnext29_8x64d_cifar10")
    assert len(match["mistakes"]) == 3
    assert sum(term["value"] for term in match["terms"]) == 89_700_288
    assert main(["explain", "22.6 M params", "--network", "resnet50", "--json"]) == 1
    answer = json.loads(capsys.readouterr().out)
    assert answer["matches"] == []
    assert [near["value"] for near in answer["nearest"]][-1] == 25_557_032


def test_most_bounds_the_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "4.1", "--most", "2", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert len(answer["matches"]) == 2
    assert answer["more"] > 5


def test_an_image_size_is_taken(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "5.34 GMACs", "--network", "resnet50", "--image-size", "256", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["matches"][0]["mistakes"] == []


@pytest.mark.parametrize(("argv", "words"), [
    ((), "NUMBER"),
    (("five",), "number is 'five'"),
    (("5", "apples"), "unit is 'apples'"),
    (("4.1", "--network", "vgg16"), "name is 'vgg16'"),
    (("4.1", "--image-size", "0"), "image_size is 0"),
    (("4.1", "--most", "0"), "1 to 100"),
    (("-5",), "-5"),
])  # fmt: skip
def test_a_mistake_is_told_in_one_line(capsys: pytest.CaptureFixture[str], argv: tuple[str, ...], words: str) -> None:
    try:
        status = main(["explain", *argv])
    except SystemExit as stopped:
        status = int(stopped.code or 0)
    out, err = capsys.readouterr()
    assert (status, out) == (2, "")
    assert words in err
    assert err.count("\n") == 1


def test_help_shows_examples_and_fits_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["explain", "--help"])
    text = capsys.readouterr().out
    assert max(map(len, text.splitlines())) <= 120
    assert "python -m resnext_viz explain 22.84 GFLOPs" in text
