"""Errors between processes: a code and words in one line of JSON for whoever asks; people read what they always did."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resnext_viz import cli
from resnext_viz.errors import ErrorCode, SpecError, UserError
from resnext_viz.kit.error_line import AS_JSON, VARIABLE, ToldError, last_error
from resnext_viz.training.data.image_folder import find_splits
from resnext_viz.training.run.folder_lock import RunFolderError, kept_in
from resnext_viz.training.run.out_of_memory import told_when_short

ROOT = Path(__file__).parents[2]


def told(*argv: str, script: str = "") -> tuple[int, dict[str, object] | None]:
    """Exit status of the command, and what it told in JSON on its last line of standard error."""
    command = [sys.executable, *(["-c", script] if script else ["-m", "resnext_viz"]), *argv]
    asked = {**os.environ, VARIABLE: AS_JSON}
    done = subprocess.run(command, cwd=ROOT, env=asked, capture_output=True, text=True, check=False)
    assert "resnext_viz: " not in done.stderr
    lines = done.stderr.splitlines()
    return done.returncode, json.loads(lines[-1]) if lines else None


def broken(raised: str) -> str:
    """A program that is ours, but that its counts raise."""
    return (
        "import sys, runpy, resnext_viz.commands.count as count\n"
        f"def run(_):\n    raise {raised}\n"
        "count.run = run\nsys.argv[1:] = ['count', 'resnet50']\n"
        "runpy.run_module('resnext_viz', run_name='__main__')"
    )


def test_a_mistake_is_told_with_what_is_allowed() -> None:
    assert told("count", "resnext50_0x4d") == (2, {
        "code": "mistake", "message": "cardinality is 0; use a whole number from 1 to 1024",
        "field": "cardinality", "value": "0", "allowed": "use a whole number from 1 to 1024",
    })  # fmt: skip
    status, line = told("count")
    assert (status, (line or {})["code"]) == (2, "mistake")  # argparse's own


def test_without_a_mistake_nothing_is_told() -> None:
    assert told("count", "resnet50", "--json") == (0, None)


@pytest.mark.parametrize(
    ("raised", "status", "line"),
    [
        ("OSError(28, 'No space left on device')", 1, ("disk_full", "[Errno 28] No space left on device")),
        ("OSError(5, 'Input/output error')", 1, ("machine", "[Errno 5] Input/output error")),
        ("KeyboardInterrupt", 130, ("stopped", "stopped")),
        ("MemoryError", 70, ("out_of_memory", "MemoryError")),
        ("TypeError('of ours')", 70, ("crashed", "TypeError")),
    ],
)
def test_what_ends_a_command_has_a_code(raised: str, status: int, line: tuple[str, str]) -> None:
    found = told(script=broken(raised))
    assert found == (status, {"code": line[0], "message": line[1]})


def test_a_package_that_is_missing_is_named() -> None:
    status, line = told(script=broken("ModuleNotFoundError(name='onnx')"))
    assert (status, (line or {})["code"], (line or {})["package"]) == (2, "missing_package", "onnx")


def test_people_read_words(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert cli.main(["count", "resnext50_0x4d"]) == 2
    assert capsys.readouterr().err == "resnext_viz: cardinality is 0; use a whole number from 1 to 1024\n"


@given(st.sampled_from(ErrorCode), st.text(), st.dictionaries(st.sampled_from(["folder", "epoch"]), st.text()))
def test_every_error_crosses_whole_in_one_line_of_ascii(
    code: ErrorCode, message: str, details: dict[str, object]
) -> None:
    error = ToldError(code, message, details)
    line = error.to_line()
    assert line.isascii()
    assert line.isprintable()
    assert last_error(["Traceback (most recent call last):", line, "  what came later"]) == error


def test_only_lines_of_ours_are_errors() -> None:
    others = ['{"epoch": 1, "share": 0.5}', '{"code": "nonsense", "message": ""}', "{", "{}", "[]", "x", "[" * 9999]
    assert last_error([*others, '{"code":' * 99_999, '{"code": "stopped"}', '{"code": ["a"], "message": ""}']) is None
    first, last = ToldError(ErrorCode.STOPPED, "1"), ToldError(ErrorCode.MACHINE, "2")
    assert last_error([first.to_line(), *others, last.to_line()]) == last


def caught(error: Exception, folder: Path) -> UserError:
    with pytest.raises(RunFolderError) as told, kept_in(folder, "all is kept"):
        raise error
    return told.value


def test_what_training_cannot_do_bears_a_code(tmp_path: Path) -> None:
    assert caught(OSError(28, "No space left on device"), tmp_path).code is ErrorCode.DISK_FULL
    assert caught(OSError(122, "Disk quota exceeded"), tmp_path).code is ErrorCode.DISK_FULL
    assert caught(PermissionError(13, "Permission denied"), tmp_path).code is ErrorCode.MACHINE
    with pytest.raises(UserError) as short, told_when_short(lambda: "short"):
        raise MemoryError
    assert (str(short.value), short.value.code) == ("short", ErrorCode.OUT_OF_MEMORY)
    with pytest.raises(UserError) as gone:
        find_splits(tmp_path / "gone")
    assert (gone.value.code, gone.value.details) == (ErrorCode.DATA_GONE, {"folder": tmp_path / "gone"})
    assert UserError("x").code is SpecError("depths", (), "y").code is ErrorCode.MISTAKE
