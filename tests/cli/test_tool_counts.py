"""`count --tools` and `--check`, as the shell gives them."""

import json
import re

import pytest

from resnext_viz.bench import tool_check
from resnext_viz.bench.tools import COUNTING_TOOLS, CountingTool, ToolReading
from resnext_viz.cli import main
from resnext_viz.spec import ResNeXtSpec
from tests.cli.test_count import document

TINY = ("resnext50_2x2d", "--depths", "1,1", "--image-size", "7")


@pytest.fixture
def no_presets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tool_check, "preset_networks", list)


def test_the_document_has_every_tool_beside_what_it_had(capsys: pytest.CaptureFixture[str]) -> None:
    plain = document(capsys, "count", "resnext50_32x4d")
    answer = document(capsys, "count", "resnext50_32x4d", "--tools")
    tools = answer.pop("tools")
    assert answer == plain
    assert isinstance(tools, list)
    totals = {tool["tool"]: tool["total"] for tool in tools}
    assert totals["fvcore"] == 4_259_381_248
    assert totals["ptflops-pytorch"] == 4_286_878_696
    assert all(sum(term["value"] for term in tool["terms"]) == tool["total"] for tool in tools)


def test_the_lines_for_people_say_how_a_number_follows(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["count", "resnext50_32x4d", "--tools"]) == 0
    out = capsys.readouterr().out
    assert re.search(r"^thop +MACs +4,288,184,320 +\+57,704,448 +\+1\.36 %$", out, re.MULTILINE)
    assert "    = our MACs + 2 × 14,400,512 batch norm + 100,352 average pool\n" in out
    assert "    = our MACs − 2,048,000 linear layer + 2 × 14,400,512 batch norm" in out
    assert "    skips 16 additions\n" in out


@pytest.mark.usefixtures("no_presets")
def test_a_check_tells_tool_version_and_how_many_were_equal(capsys: pytest.CaptureFixture[str]) -> None:
    answer = document(capsys, "count", *TINY, "--tools", "--check", "3")
    matches = answer["check"]
    assert isinstance(matches, list)
    installed = {tool.name: tool.version for tool in COUNTING_TOOLS}
    assert {match["tool"]: match["version"] for match in matches} == installed
    own = "timm's own model, by fvcore"  # it has only what torchvision has: one of the three
    assert {match["compared"] for match in matches if match["version"] and match["tool"] != own} == {4}
    assert all(match["compared"] == match["equal"] for match in matches)


@pytest.mark.usefixtures("no_presets")
def test_a_tool_that_differs_is_named_with_its_version(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def verdict(tool: CountingTool, network: tool_check.CountedNetwork) -> str:
        return f"{network.title}: total 1, not 2" if tool.name == "torch FlopCounterMode" else ""

    monkeypatch.setattr(tool_check, "verdict_of", verdict)
    assert main(["count", *TINY, "--check", "1"]) == 1
    out = capsys.readouterr().out
    version = next(tool.version for tool in COUNTING_TOOLS if tool.rule == "torch")
    assert re.search(rf"^torch FlopCounterMode +{version} +2 +0  DIFFERS$", out, re.MULTILINE)
    assert f"torch FlopCounterMode {version} differs from its rule, first for resnext8_2x2d" in out
    assert main(["count", *TINY, "--check", "1", "--json"]) == 1
    found = {match["tool"]: match for match in json.loads(capsys.readouterr().out)["check"]}
    assert found["torch FlopCounterMode"]["first_mismatch"].endswith("total 1, not 2")


@pytest.mark.parametrize("number", ["0", "-3", "many", "1000000"])
def test_how_many_to_check_is_checked(capsys: pytest.CaptureFixture[str], number: str) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["count", "resnet18", f"--check={number}"])
    assert caught.value.code == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize("large", [("--cardinality", "1024", "--base-width", "16"), ("--image-size", "4096")])
def test_tools_are_not_run_on_what_no_machine_holds(capsys: pytest.CaptureFixture[str], large: tuple[str, str]) -> None:
    assert main(["count", "resnext50_32x4d", *large, "--check"]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert "do not ask for a check" in err


def test_one_rules_tools_are_run_on_the_network_alone(capsys: pytest.CaptureFixture[str]) -> None:
    answer = document(capsys, "count", *TINY, "--run", "torch")
    (run,) = answer["runs"]
    assert (run["tool"], run["printed"]) == ("torch FlopCounterMode", run["expected"])
    assert main(["count", *TINY, "--run", "torch"]) == 0
    assert "tool, run here" in capsys.readouterr().out


def test_a_tool_that_prints_something_else_is_told(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def lying(_spec: ResNeXtSpec, _image_size: int) -> ToolReading:
        return ToolReading(7)

    monkeypatch.setattr(tool_check, "COUNTING_TOOLS", (CountingTool("liar", "torch", "torch", lying),))
    assert main(["count", *TINY, "--run", "torch", "--json"]) == 1
    (run,) = json.loads(capsys.readouterr().out)["runs"]
    assert (run["printed"], run["tool"]) == (7, "liar")


def test_a_network_too_large_for_the_tools_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["count", "resnext101_32x48d", "--run", "thop"]) == 2
    assert "tools are run on up to 200.00 M" in capsys.readouterr().err
