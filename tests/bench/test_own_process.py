"""What is measured in a process of its own answers here, also when it goes wrong. Torch is not loaded for it."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from resnext_viz.bench.own_process import Engines, in_own_process
from resnext_viz.bench.result import BenchError
from resnext_viz.errors import ErrorCode

ROOT = Path(__file__).parents[2]
PATIENCE_S = 60


def counting(start: str) -> Engines:
    numbers = iter(range(int(start) + 1, int(start) + 10))
    return {"up": lambda: float(next(numbers)), "broken": lambda: 1 / 0}


def talking() -> Engines:
    sys.stdout.write("made\n")

    def measured() -> float:
        sys.stdout.write("7.5\n")
        os.system("echo 8.5")
        return 9.5

    return {"loud": measured}


def mistaken() -> Engines:
    raise BenchError("subject is 'speed'", ErrorCode.MACHINE, subject="speed")


def ending() -> Engines:
    raise SystemExit(1)


def noted(path: str) -> Engines:
    Path(path).write_text(str(os.getpid()))
    return {}


def test_engines_keep_their_state_and_a_fault_brings_its_traceback() -> None:
    with in_own_process(counting, "3") as ask:
        assert [ask("up"), ask("up")] == [4.0, 5.0]
        with pytest.raises(RuntimeError, match="line .*, in .*\n(.*\n)*ZeroDivisionError"):
            ask("broken")
        with pytest.raises(RuntimeError, match="ZeroDivisionError"):
            ask("up")


def test_what_an_engine_prints_is_no_answer() -> None:
    with in_own_process(talking) as ask:
        assert [ask("loud"), ask("loud")] == [9.5, 9.5]


def test_a_users_mistake_is_the_same_here() -> None:
    with pytest.raises(BenchError, match="subject is 'speed'") as told, in_own_process(mistaken):
        pass
    assert (told.value.code, told.value.details) == (ErrorCode.MACHINE, {"subject": "speed"})


def test_a_process_that_ends_is_told_in_words() -> None:
    with pytest.raises(BenchError, match="a process that was to be measured ended"), in_own_process(ending):
        pass


def test_two_that_are_measured_do_not_keep_each_other_and_none_is_left(tmp_path: Path) -> None:
    files = tmp_path / "one", tmp_path / "two"
    with in_own_process(noted, str(files[0])), in_own_process(noted, str(files[1])):
        pass
    assert all(gone(path) for path in files)


def test_it_goes_with_whoever_asked(tmp_path: Path) -> None:
    script = (
        "import os, sys\nfrom resnext_viz.bench.own_process import in_own_process\n"
        "from tests.bench.test_own_process import noted\n"
        "with in_own_process(noted, sys.argv[1]):\n    os.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, tmp_path / "one"], cwd=ROOT, check=False)
    assert done.returncode == -9
    began = time.monotonic()
    while not gone(tmp_path / "one"):
        assert time.monotonic() - began < PATIENCE_S
        time.sleep(0.05)


def gone(path: Path) -> bool:
    """Whether the process that wrote its number there has ended."""
    try:
        status = Path(f"/proc/{path.read_text()}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return True
    return status.rpartition(")")[2].split()[0] == "Z"  # nobody here waits for a dead one's child
