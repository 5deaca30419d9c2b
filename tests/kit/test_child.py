"""Child processes: heard as they print, bounded in time, ended by whoever wants, and told apart by codes, not words."""

import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from resnext_viz.kit.child import Child, Ending, end_all
from tests.support.program import program

__all__ = ["program"]
PATIENCE_S = 60


def wait_for(holds: Callable[[], bool]) -> None:
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < PATIENCE_S
        time.sleep(0.01)


def running(child: Child, limit_s: float = PATIENCE_S, grace_s: float = 0.0) -> Callable[[], Ending]:
    """Runs it in a thread; gives its ending once it has ended."""
    endings = list[Ending]()
    thread = threading.Thread(target=lambda: endings.append(child.run(limit_s, grace_s)))
    thread.start()

    def ending() -> Ending:
        thread.join(PATIENCE_S)
        return endings[0]

    return ending


def gone(process_id: int | None) -> bool:
    try:
        os.kill(process_id or 0, 0)
    except ProcessLookupError:
        return True
    return False


def test_a_child_of_ours_is_heard_and_asked_for_codes() -> None:
    lines = list[str]()
    ending = Child(("count", "resnet50", "--json"), lines.append).run(PATIENCE_S)
    assert (ending.status, ending.error, ending.said) == (0, None, "")
    assert json.loads("\n".join(lines))["params"] == 25_557_032  # torchvision's num_params
    refused = Child(("count", "resnext50_0x4d"), lines.append).run(PATIENCE_S)
    assert refused.error
    assert (refused.status, refused.error.code, refused.error.details["field"]) == (2, "mistake", "cardinality")
    assert refused.error.message == "cardinality is 0; use a whole number from 1 to 1024"


def test_it_is_ended_at_once_or_after_it_was_asked_to(program: Callable[[str], Path]) -> None:
    program("trap 'echo heard; exit 130' TERM\necho begun\nwhile true; do sleep 0.05; done")
    for end, expected, lines in (
        (lambda child: child.end(), -9, ["begun"]),
        (lambda child: child.interrupt(PATIENCE_S), 130, ["begun", "heard"]),
    ):
        heard = list[str]()
        child = Child((), heard.append)
        ending = running(child)
        wait_for(lambda heard=heard: heard == ["begun"])  # type: ignore[misc]
        end(child)
        assert (ending().status, ending().wanted, heard, gone(child.process_id)) == (expected, True, lines, True)


def test_one_that_does_not_heed_its_signal_is_killed(program: Callable[[str], Path]) -> None:
    program("trap '' TERM\necho begun\nwhile true; do sleep 0.05; done")
    heard = list[str]()
    child = Child((), heard.append)
    ending = running(child)
    wait_for(lambda: heard == ["begun"])
    child.interrupt(0.2)
    assert (ending().status, gone(child.process_id)) == (-9, True)


def test_its_time_is_bounded(program: Callable[[str], Path]) -> None:
    program("exec sleep 600")
    late = Child((), print).run(0.2)
    assert (late.status, late.out_of_time, late.wanted) == (-9, True, False)
    program("trap 'exit 130' TERM\nwhile true; do sleep 0.05; done")
    asked = Child((), print).run(0.3, PATIENCE_S)
    assert (asked.status, asked.out_of_time) == (130, True)


def test_one_that_was_ended_before_it_began_never_begins(program: Callable[[str], Path], tmp_path: Path) -> None:
    program(f"touch {tmp_path}/begun")
    child = Child((), print)
    child.end()
    assert (child.run(PATIENCE_S).wanted, child.process_id, child.is_over) == (True, None, True)
    assert not (tmp_path / "begun").exists()


def test_one_that_is_ended_while_it_starts_does_not_stay(
    program: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Slow(subprocess.Popen[str]):
        def __init__(self, *words: Any, **options: Any) -> None:
            super().__init__(*words, **options)
            child.end()  # somebody else's thread

    program("exec sleep 600")
    monkeypatch.setattr(subprocess, "Popen", Slow)
    child = Child((), print)
    ending = child.run(PATIENCE_S)
    assert (ending.status, ending.wanted, ending.out_of_time) == (-9, True, False)


def test_when_the_server_ends_no_process_begins_or_is_left(program: Callable[[str], Path]) -> None:
    program("echo begun\nexec sleep 600")
    heard, cleaned = list[str](), list[str]()
    child, waiting = Child((), heard.append, lambda: cleaned.append("one")), Child((), heard.append)
    ending = running(child)
    wait_for(lambda: heard == ["begun"])
    end_all()
    assert (ending().wanted, gone(child.process_id), cleaned) == (True, True, ["one"])
    assert (waiting.run(PATIENCE_S).wanted, heard) == (True, ["begun"])


def test_others_come_first_where_that_is_wanted(program: Callable[[str], Path]) -> None:
    kind, heard = min(19, os.getpriority(os.PRIO_PROCESS, 0) + 5), list[str]()  # 19 is the kindest
    program("sleep 0.3; nice")
    Child((), heard.append).run(PATIENCE_S, kindness=kind)
    assert int(heard[0]) == kind


def test_one_that_is_told_answers_and_ends_when_nobody_tells_it_more(program: Callable[[str], Path]) -> None:
    program("while read -r line; do echo heard $line; done; echo end")
    heard = list[str]()
    child = Child((), heard.append, is_told=True)
    ended = child.run_beside()
    wait_for(lambda: child.process_id is not None)
    child.tell("one")
    wait_for(lambda: heard == ["heard one"])
    child.hang_up()
    assert (ended.result(PATIENCE_S).status, ended.result().wanted, heard) == (0, False, ["heard one", "end"])
    child.tell("two")
    child.hang_up()


def test_it_runs_where_and_with_what_it_is_given(program: Callable[[str], Path], tmp_path: Path) -> None:
    program('echo "$2 $3"; pwd; echo $COLOUR')
    heard = list[str]()
    Child(("run",), heard.append, module="other", folder=tmp_path, environment={"COLOUR": "red"}).run(PATIENCE_S)
    assert heard == ["other run", str(tmp_path), "red"]


def test_what_keeps_it_from_starting_comes_with_its_ending(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(FileNotFoundError):
        Child((), print).run_beside().result(PATIENCE_S)


def test_nothing_else_in_the_package_starts_a_process() -> None:
    package = Path(__file__).parents[2] / "resnext_viz"
    importing = {
        str(path.relative_to(package))
        for path in package.rglob("*.py")
        if re.search(
            r"^\s*(import|from) (subprocess|multiprocessing)\b", path.read_text(encoding="utf-8"), re.MULTILINE
        )
    }
    # Frames of bytes go to and fro within bounds of their own where strangers' pictures are decoded.
    assert importing == {"kit/child.py", "inference/photos/decode_process.py"}
