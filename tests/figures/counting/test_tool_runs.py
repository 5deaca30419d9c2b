"""The line that runs a tool: what it offers, what was printed, and how to get what is not installed."""

import pytest

from resnext_viz.conventions import TOOLS, tool_counts
from resnext_viz.conventions.installable import INSTALLABLE, Installable
from resnext_viz.figures.counting.tool_runs import ShownRun, ToolPrint, run_line
from resnext_viz.figures.counting.tool_table import tool_table
from resnext_viz.names import parse


def versions(monkeypatch: pytest.MonkeyPatch, **there: str) -> None:
    monkeypatch.setattr(Installable, "version", property(lambda tool: there.get(tool.package)))


def test_what_is_installed_is_run_by_one_button(monkeypatch: pytest.MonkeyPatch) -> None:
    versions(monkeypatch, fvcore="0.1.5", timm="1.0.31", mmengine="0.10.7")
    line = run_line("fvcore", None)
    assert "Run fvcore 0.1.5, timm 1.0.31, mmengine 0.10.7 here" in line
    assert 'data-choose="run:fvcore"' in line
    assert "not installed" not in line
    assert "disabled" not in line


def test_what_is_not_installed_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    versions(monkeypatch, calflops="0.3.2")
    assert "DeepSpeed is not installed: <code>pip install deepspeed</code>" in run_line("calflops", None)
    thop = run_line("thop", None)
    assert "thop is not installed: <code>pip install thop</code>" in thop
    assert "<button" not in thop


def test_what_was_printed_stands_beside_what_we_say(monkeypatch: pytest.MonkeyPatch) -> None:
    versions(monkeypatch, thop="0.1.1", fvcore="0.1.5")
    prints = (ToolPrint("thop", "0.1.1", 1_012, 1_000, ""), ToolPrint("other", None, None, 1_000, ""))
    line = run_line("thop", ShownRun("thop", prints))
    assert "thop 0.1.1 printed 1,012 here: 12 more than we say" in line
    assert "other" not in line
    assert "printed" not in run_line("fvcore", ShownRun("thop", prints))
    equal = run_line("thop", ShownRun("thop", (ToolPrint("thop", "0.1.1", 1_000, 1_000, ""),)))
    assert "printed 1,000 here: equal" in equal
    failed = run_line("thop", ShownRun("thop", (ToolPrint("thop", "0.1.1", None, 1_000, "KeyError: <b>"),)))
    assert "printed nothing: KeyError: &lt;b&gt;" in failed


def test_no_other_is_begun_while_one_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    versions(monkeypatch, thop="0.1.1", fvcore="0.1.5")
    table = tool_table(tool_counts(parse("resnext50_32x4d")), ShownRun("thop", is_running=True))
    assert table.count("<button") == table.count('disabled=""') == 2


def test_a_rule_that_no_tool_follows_has_no_line() -> None:
    silent = {tool.key for tool in TOOLS} - {tool.rule for tool in INSTALLABLE}
    assert {"paper", "pycls", "darknet", "paddleclas"} <= silent
    assert not any(run_line(key, None) for key in silent)
