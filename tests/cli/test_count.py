import json
import re
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resnext_viz.cli import main
from resnext_viz.commands.options.network_options import _HELP
from resnext_viz.names import PRESETS, name_of
from resnext_viz.spec import FIELDS


def document(capsys: pytest.CaptureFixture[str], *argv: str) -> dict[str, object]:
    assert main([*argv, "--json"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    answer: dict[str, object] = json.loads(out)
    return answer


def test_the_shell_gives_the_papers_resnext_50() -> None:
    command = [sys.executable, "-m", "resnext_viz", "count", "resnext50_32x4d", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    answer = json.loads(done.stdout)
    assert (answer["params"], answer["macs"]) == (25_028_904, 4_230_479_872)
    assert list(answer) == ["name", "spec", "image_size", "params", "macs", "acts", "stages", "layers"]
    assert done.stderr == ""


@pytest.mark.parametrize(
    "words",
    [
        ["ResNeXt-50 (32x4d)"],
        ["ResNeXt-50", "(32×4d)"],
        ["groups=32, width_per_group=4"],
        ["resnet50", "--cardinality", "32", "--base-width", "4"],
        ["resnext101_32x4d", "--depths", "3,4,6,3"],
        ["resnext50_32x4d_bias_out2cd", "--no-conv-bias", "--output-rule", "planes"],
        ["resnext29_8x64d", "--depths", "3,4,6,3", "--cardinality", "32", "--base-width", "4", "--stem", "imagenet",
         "--num-classes", "1000"],
    ],
)  # fmt: skip
def test_every_way_to_say_it_counts_the_same_network(capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    answer = document(capsys, "count", *words)
    assert (answer["name"], answer["params"], answer["macs"]) == ("resnext50_32x4d", 25_028_904, 4_230_479_872)


@pytest.mark.parametrize(
    ("option", "params", "macs"),
    [
        ("--conv-bias --output-rule width", 25_063_016, 4_230_479_872),  # the "from scratch" ResNeXt-50 of tutorials
        ("--no-head", 22_979_904, 4_228_431_872),  # without 2048·1000 + 1000
        ("--num-classes 10", 25_028_904 - 990 * 2049, 4_230_479_872 - 990 * 2048),
        ("--in-channels 1", 25_028_904 - 2 * 64 * 49, 4_230_479_872 - 2 * 64 * 49 * 112**2),
        ("--image-size 112", 25_028_904, None),
        ("--stride-on 1x1", 25_028_904, None),
    ],
)
def test_options_change_what_they_say(
    capsys: pytest.CaptureFixture[str], option: str, params: int, macs: int | None
) -> None:
    answer = document(capsys, "count", "resnext50_32x4d", *option.split())
    assert answer["params"] == params
    assert answer["macs"] == macs if macs else answer["macs"] != 4_230_479_872


def test_every_field_of_a_spec_has_an_option() -> None:
    assert set(_HELP) == set(FIELDS)


@settings(max_examples=25)
@given(st.sampled_from(sorted(PRESETS)))
def test_a_preset_told_option_by_option_is_that_preset(name: str) -> None:
    from resnext_viz.cli import _parser
    from resnext_viz.commands.options.network_options import named_network

    words = []
    for field, value in PRESETS[name].to_dict().items():
        option = field.replace("_", "-")
        if isinstance(value, bool):
            words.append(f"--{option}" if value else f"--no-{option}")
        else:
            words += [f"--{option}", ",".join(map(str, value)) if isinstance(value, list) else str(value)]
    arguments = _parser().parse_args(["count", "resnet50", *words])
    assert name_of(named_network(arguments.name, arguments)) == name


@pytest.mark.parametrize("name", ["resnext50_32x4d", "resnext29_8x64d_cifar10", "resnet34", "resnext50_32x4d_features"])
def test_the_rows_for_people_add_up_to_the_total(capsys: pytest.CaptureFixture[str], name: str) -> None:
    assert main(["count", name]) == 0
    lines = capsys.readouterr().out.splitlines()
    numbers = [[int(n.replace(",", "")) for n in re.findall(r"[\d,]+", line)[-3:]]
               for line in lines if line.startswith(("stem", "stage", "head", "total"))]  # fmt: skip
    assert [sum(column) for column in zip(*numbers[:-1], strict=True)] == numbers[-1]


def test_table_2_is_the_papers(capsys: pytest.CaptureFixture[str]) -> None:
    rows = document(capsys, "table2")["rows"]
    assert isinstance(rows, list)
    keys = ["cardinality", "base_width", "group_conv_width", "params", "macs"]
    assert [list(row) for row in rows] == [keys] * 5
    table = [(row["cardinality"], row["base_width"], row["group_conv_width"]) for row in rows]
    assert table == [(1, 64, 64), (2, 40, 80), (4, 24, 96), (8, 14, 112), (32, 4, 128)]
    assert all(0.069e6 < row["params"] < 0.072e6 for row in rows)  # "about 70k", the paper's caption


def test_table_2_for_people_has_the_same_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["table2"]) == 0
    assert re.search(r"^ *32 +4 +128 +70,144 +", capsys.readouterr().out, re.MULTILINE)


@pytest.mark.parametrize(
    "asked", [["resnext50", "--cardinality", "16"], ["resnext50 cardinality=16"], ["ResNeXt-50", "C=16"]]
)
def test_a_half_of_the_paths_means_the_same_as_a_name_and_as_an_option(
    asked: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["count", *asked, "--json"]) == 0
    counts = json.loads(capsys.readouterr().out)
    assert (counts["name"], counts["params"]) == ("resnext50_16x4d", 14_947_112)  # torchvision's ResNet with 16 groups


def test_an_image_that_is_no_square_is_told_by_height_and_width(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["count", "resnext50_32x4d", "--image-size", "224x320", "--json"]) == 0
    counts = json.loads(capsys.readouterr().out)
    assert (counts["image_size"], counts["macs"]) == ([224, 320], 6_042_664_960)  # by FlopCounterMode
    assert counts["stages"][1]["size_out"] == [56, 80]


def test_a_neighbour_is_refused_in_one_line_with_the_plain_networks_cost(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["count", "seresnext50_32x4d"]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.count("\n") == 1
    assert "squeeze-and-excitation" in told.err
    assert "25,028,904 params and 4,230,479,872 MACs" in told.err
