"""Commands of ours as children of the server: what went wrong is told by its code, in words for a visitor."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from resnext_viz.errors import ErrorCode, UserError
from resnext_viz.kit.child import Ending
from resnext_viz.ui.kit.jobs.own_command import ChildError, own_command, problem
from tests.support.program import program

__all__ = ["program"]
PATIENCE_S = 60


def told(status: int, script: str = "", **words: object) -> Ending:
    """The ending of a command that tells this error."""
    lines = list[str]()
    path = Path(sys.executable)
    path.write_text(f"#!/bin/sh\n{script}\necho '{json.dumps(words) if words else ''}' >&2\nexit {status}\n")
    ending = own_command(("export",), lines.append).run(PATIENCE_S)
    assert (ending.status, ending.wanted, ending.out_of_time) == (status, False, False)
    return ending


def test_what_it_tells_has_words_by_its_code(program: Callable[[str], Path]) -> None:
    program("")
    short = told(70, code="out_of_memory", message="MemoryError /home/somebody")
    assert str(problem(short)) == "this server is out of memory; dial a smaller network, or try again later"
    assert str(problem(short, {ErrorCode.OUT_OF_MEMORY: "use small batches"})) == "use small batches"
    full = told(1, code="disk_full", message="[Errno 28] /home/somebody")
    assert isinstance(problem(full), UserError)
    assert "disk of this server is full" in str(problem(full, {ErrorCode.STOPPED: "stopped"}))


def test_english_is_never_parsed(program: Callable[[str], Path]) -> None:
    program("")
    for words in ("No space left on device", "CUDA out of memory", "resnext_viz: cardinality is 0"):
        ending = told(2, script=f"echo '{words}' >&2")
        assert ending.error is None
        assert isinstance(problem(ending), ChildError)


def test_what_nobody_expected_is_for_the_log_with_the_last_that_was_said(program: Callable[[str], Path]) -> None:
    program("")
    script = "i=0; while [ $i -lt 2000 ]; do echo filler filler filler >&2; i=$((i+1)); done; echo TypeError: last >&2"
    unexpected = problem(told(70, script, code="crashed", message="TypeError"))
    assert isinstance(unexpected, ChildError)
    assert "`export` ended with status 70" in str(unexpected)
    assert "TypeError: last" in str(unexpected)
    assert len(str(unexpected)) < 21_000


def test_it_runs_on_one_thread_and_finds_the_package_anywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: Callable[[str], Path]
) -> None:
    monkeypatch.chdir(tmp_path)
    program("echo $OMP_NUM_THREADS; echo ${PYTHONPATH%%:*}")
    lines = list[str]()
    own_command((), lines.append).run(PATIENCE_S)
    assert lines == ["1", str(Path(__file__).parents[4])]
