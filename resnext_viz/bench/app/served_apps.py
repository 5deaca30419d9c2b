"""Streamlit servers to measure: our app, and small apps that do next to nothing, each in a process of its own."""

from __future__ import annotations

import socket
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, wait
from contextlib import contextmanager
from pathlib import Path

from resnext_viz.bench.result import BenchError
from resnext_viz.kit.app_files import APP
from resnext_viz.kit.child import Child, Ending

ROOT = Path(__file__).parents[3]
EMPTY_APP = 'import streamlit as st\n\nst.title("Empty")\n'
SLIDER_APP = """import streamlit as st

cardinality = st.slider("Cardinality C", 1, 64, 32)
st.metric("Paths", cardinality)
"""
# Our own settings that cost or save time in a rerun, so that an app is compared and not its configuration.
SAME_SETTINGS = ("--runner.postScriptGC", "false", "--runner.magicEnabled", "false")
_START_LIMIT_S = 60
_STOP_LIMIT_S = 5


@contextmanager
def our_app(environment: Mapping[str, str] | None = None, port: int | None = None) -> Iterator[str]:
    """The address of this project's app, while it is served with more in its environment; on any free port, or on one.

    Raises:
        BenchError: it does not start.
    """
    with _served(APP.parent, (), environment, port) as address:
        yield address


@contextmanager
def small_app(script: str, *options: str) -> Iterator[str]:
    """The address of an app of one script, while it is served with `options`.

    Raises:
        BenchError: it does not start.
    """
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "app.py").write_text(script)
        with _served(Path(folder), options) as address:
            yield address


@contextmanager
def _served(
    folder: Path, options: tuple[str, ...], environment: Mapping[str, str] | None = None, port: int | None = None
) -> Iterator[str]:
    port = port or free_port()
    words = [
        "run", "app.py", "--server.port", str(port), "--server.address", "127.0.0.1", "--server.headless", "true",
        "--server.fileWatcherType", "none", "--browser.gatherUsageStats", "false", *options,
    ]  # fmt: skip
    printed: list[str] = []
    server = Child(words, printed.append, module="streamlit", folder=folder, environment=environment or {})
    ended = server.run_beside()
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_until_healthy(address, ended)
        yield address
    except BenchError as error:
        server.interrupt(_STOP_LIMIT_S)
        said = ended.result().said.splitlines()
        raise BenchError(f"{error}{_last_problem([*printed, *said])}") from error
    finally:
        server.interrupt(_STOP_LIMIT_S)
        wait([ended])


def _last_problem(lines: Sequence[str]) -> str:
    """What the server's own log says last went wrong, to be put behind a sentence."""
    problems = [line.strip() for line in lines if "Error" in line or "Exception" in line]
    return f" (the server's log: {problems[-1][:300]})" if problems else ""


def _wait_until_healthy(address: str, ended: Future[Ending]) -> None:
    deadline = time.monotonic() + _START_LIMIT_S
    while time.monotonic() < deadline and not ended.done():
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=1) as answer:  # noqa: S310  # http, ours
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.05)
    raise BenchError(f"Streamlit did not start within {_START_LIMIT_S} s; `python -m resnext_viz app` may tell why")


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
