"""The operator's log: one logger, a level by environment, threads that nobody hears, and no `except` that forgets."""

import ast
import logging
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from resnext_viz import cli
from resnext_viz.kit import operator_log
from resnext_viz.kit.operator_log import LOG, VARIABLE, guarded, log_threads, open_log

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "resnext_viz"
SECRET = "secret of /home/somebody"
BROAD, HEARS = {"Exception", "BaseException"}, {"logged", "reported", "_logged"}
# Broad, and neither raised again nor logged: file and function, and why that is right.
DEAF = {
    ("bench/app/load.py", "guarded"): "raised by `together`, which started the thread",
    ("bench/engine_worker.py", "main"): "its traceback goes to the process that asked, which raises it",
    ("bench/tool_check.py", "verdict_of"): "what a stranger's tool raises is the finding, and only a shell shows it",
    ("bench/tool_check.py", "_run"): "what a stranger's tool raises is the finding, and stands in its row",
    ("inference/photos/colours.py", "_by_profile"): "a made-up colour profile is expected; the picture is whole",
    ("inference/photos/decode_worker.py", "answer"): "a made-up picture is expected; this process has no log",
    ("inference/engines/batching.py", "_answer"): "set as the exception of those who asked",
    ("nn/module_inventory.py", "inventory_of_module"): "told to whoever wrote the layer; no page looks at modules",
    ("training/data/data_report.py", "_size"): "a file that is no picture is told of when it is decoded",
    ("__main__.py", "run"): "shown to the one at the shell, by Python's own hook",
}


def fail() -> None:
    raise TypeError(SECRET)


def test_a_thread_and_a_loop_that_nobody_hears_are_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    guarded(fail, "tidying")()
    assert "tidying failed" in caplog.text
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)  # put back afterwards
    log_threads()
    thread = threading.Thread(target=fail, name="warm-up")
    thread.start()
    thread.join()
    assert "thread warm-up failed" in caplog.text
    assert caplog.text.count(SECRET) == 2


@pytest.mark.parametrize(
    ("said", "level"),
    [
        ("debug", logging.DEBUG),
        ("INFO", logging.INFO),
        ("warning", logging.WARNING),
        ("error", logging.ERROR),
        ("", logging.WARNING),
    ],
)
def test_the_environment_names_the_level(said: str, level: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LOG, "level", LOG.level)
    monkeypatch.setenv(VARIABLE, said)
    open_log()
    assert LOG.level == level


def test_a_level_that_is_none_is_told_and_ends_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(LOG, "level", LOG.level)
    monkeypatch.setenv(VARIABLE, "loud")
    operator_log._tell_no_level.cache_clear()
    assert cli.main(["count", "resnext50_32x4d"]) == 0
    open_log()  # as a server does that a command has started
    assert caplog.text.count("RESNEXT_VIZ_LOG is 'loud'; use debug, info, warning, error") == 1


_ALONE = """
import sys
from resnext_viz.kit.operator_log import open_log, reported
open_log()
open_log()
try:
    raise TypeError("a file called \\x1b[2J.jpg")
except TypeError as error:
    print(reported(error, "a job"))
"""


def test_a_process_of_its_own_writes_the_log_once_and_lets_no_name_command_the_terminal() -> None:
    done = subprocess.run([sys.executable, "-c", _ALONE], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stderr.count("Traceback (most recent call last)") == 1
    assert r"a file called \x1b[2J.jpg" in done.stderr
    assert "\x1b" not in done.stderr
    reference = re.search(r"reference ([0-9a-f]{8})", done.stdout)
    assert reference
    assert f"a job failed, reference {reference[1]}" in done.stderr


_HOSTILE = """
from resnext_viz.kit.operator_log import open_log, logged
open_log()
forged = "no such class\\n2026-01-01 00:00:00,000 ERROR resnext_viz: a job failed, reference deadbeef"
logged(ValueError(forged), "a page" + forged)
logged(ValueError("begins" + "\\x1b\\n" * 3_000_000 + "ends"), "a page")
"""


def test_nobody_forges_a_record_or_swells_it() -> None:
    done = subprocess.run([sys.executable, "-c", _HOSTILE], cwd=ROOT, capture_output=True, text=True, check=True)
    first, second = (record for record in re.split(r"^(?! )", done.stderr, flags=re.MULTILINE) if record)
    assert (first.count("deadbeef"), second.count("deadbeef")) == (2, 0)
    assert "begins" in second
    assert "ends" in second
    assert len(second) < 50_000


def test_no_error_is_caught_broadly_and_forgotten() -> None:
    found = {
        (path.relative_to(PACKAGE).as_posix(), function)
        for path in sorted(PACKAGE.rglob("*.py")) for function in deaf(ast.parse(path.read_text(encoding="utf-8")))
    }  # fmt: skip
    assert found == set(DEAF)


def deaf(tree: ast.AST, function: str = "") -> Iterator[str]:
    """The function around each handler of every error that neither raises nor logs."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.ExceptHandler) and is_broad(node) and not is_heard(node):
            yield function
        yield from deaf(node, node.name if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) else function)


def is_broad(handler: ast.ExceptHandler) -> bool:
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(kind is None or (isinstance(kind, ast.Name) and kind.id in BROAD) for kind in caught)


def is_heard(handler: ast.ExceptHandler) -> bool:
    inside = [node for statement in handler.body for node in ast.walk(statement)]
    calls = {node.func.id for node in inside if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    return any(isinstance(node, ast.Raise) for node in inside) or bool(HEARS & calls)
