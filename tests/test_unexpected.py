"""Every door behind which something unexpected can happen: general words for the visitor, all of it in the log."""

import json
import logging
import re
import runpy
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket
from streamlit import error_util
from streamlit.runtime.scriptrunner import script_runner
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.local_script_runner import LocalScriptRunner

from resnext_viz.errors import UserError, first_line
from resnext_viz.inference.engines import openvino_engines, selection
from resnext_viz.inference.engines.batching import BatchingQueue
from resnext_viz.inference.engines.engine import Engine, EngineChoice
from resnext_viz.inference.engines.fallback import Fallback
from resnext_viz.inference.predictor.measured import read_measured
from resnext_viz.kit.operator_log import PAGE_FAILED
from resnext_viz.nn import build
from resnext_viz.spec import ResNeXtSpec
from resnext_viz.training.run.run_folder import CHECKPOINT
from resnext_viz.ui import server
from resnext_viz.ui.kit.jobs.command_job import CommandJob
from resnext_viz.ui.kit.jobs.computation import Computation
from resnext_viz.ui.kit.jobs.job import Job
from resnext_viz.ui.train.queue import TrainingQueue
from resnext_viz.ui.train.turn import Turn

ROOT = Path(__file__).parents[1]
SECRET = "secret of /home/somebody"
REFERENCE = re.compile(r"reference ([0-9a-f]{8})")


def fail(*_: object, **__: object) -> Any:
    raise TypeError(SECRET)


def lose(*_: object) -> Any:
    raise RuntimeError(SECRET)


def assert_general(words: str, log: pytest.LogCaptureFixture) -> None:
    """No visitor reads what went wrong or where; the log has it all, under the reference that the words give."""
    assert not re.search(r"[A-Za-z]*(Error|Exception)\b|Traceback|/home|secret", words)
    reference = REFERENCE.search(words)
    assert reference
    told = [record for record in log.records if reference[1] in record.getMessage()]
    assert len(told) == 1
    assert (told[0].name, told[0].levelname) == ("resnext_viz", "ERROR")  # no level leaves out what a reference names
    assert SECRET in log.text
    assert "Traceback (most recent call last)" in log.text


class Failing(Job):
    def steps(self) -> Generator[None, None, None]:
        yield
        fail()


def ended(job: Job) -> str:
    job.start()
    job.wait(120)
    assert not job.running
    return str(job.problem)


def of_a_job(_: pytest.MonkeyPatch, __: Path) -> str:
    return ended(Failing())


def of_a_computation(_: pytest.MonkeyPatch, __: Path) -> str:
    def steps() -> Iterator[int]:
        yield 1
        fail()

    return ended(Computation("numbers", steps))


def child(monkeypatch: pytest.MonkeyPatch, folder: Path, status: int, said: str) -> None:
    """Has every command of ours be a process that says so on standard error and ends with that status."""
    python = folder / "python"
    python.write_text(f"#!/bin/sh\necho '{said}' >&2\nexit {status}\n")
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))


def of_a_command(monkeypatch: pytest.MonkeyPatch, folder: Path) -> str:
    child(monkeypatch, folder, 70, f"Traceback (most recent call last):\nTypeError: {SECRET}")
    return ended(CommandJob("count"))


def of_a_command_that_the_machine_failed(monkeypatch: pytest.MonkeyPatch, folder: Path) -> str:
    child(monkeypatch, folder, 1, json.dumps({"code": "machine", "message": f"[Errno 5] Input/output error: {SECRET}"}))
    return ended(CommandJob("export"))


def of_a_training_run(monkeypatch: pytest.MonkeyPatch, folder: Path) -> str:
    child(monkeypatch, folder, 70, f"Traceback (most recent call last):\nTypeError: {SECRET}")
    return ended(Turn(("train",), folder, TrainingQueue()))


def of_the_last_engine(_: pytest.MonkeyPatch, __: Path) -> str:
    with pytest.raises(UserError) as told:
        Fallback([lambda: Engine("only", lose)], max_batch=2).run(torch.zeros(1, 3, 2, 2))
    return str(told.value)


def of_an_engine_that_cannot_be_made(monkeypatch: pytest.MonkeyPatch, _: Path) -> str:
    monkeypatch.setattr(selection, "_fast_engines", lambda _: iter([fail]))
    return _chosen().check


def of_an_engine_that_cannot_run(monkeypatch: pytest.MonkeyPatch, _: Path) -> str:
    monkeypatch.setattr(selection, "_fast_engines", lambda _: iter([lambda: Engine("fast", fail)]))
    return _chosen().check


def _chosen() -> selection.Chosen:
    model = build(ResNeXtSpec(cardinality=2, base_width=2, depths=(1,), num_classes=3)).eval()
    network = selection.Network(model, torch.device("cpu"), (3, 32, 32), 2, keep=False)
    return selection.choose_engine(EngineChoice.AUTO, network)


def of_a_page(monkeypatch: pytest.MonkeyPatch, _: Path) -> str:
    return page_words(monkeypatch, failing_page)


def of_a_fragment(monkeypatch: pytest.MonkeyPatch, _: Path) -> str:
    return page_words(monkeypatch, page_with_failing_fragment)


def of_a_click(monkeypatch: pytest.MonkeyPatch, _: Path) -> str:
    app = served(monkeypatch, page_with_failing_button).run()
    app.button[0].click().run()
    return words_on(app)


def of_a_request(_: pytest.MonkeyPatch, __: Path) -> str:
    handlers = {Exception: server.answer_unexpected}
    app = Starlette(
        routes=[Route("/put", fail)], exception_handlers=handlers, middleware=[Middleware(server.SecurityHeaders)]
    )
    with TestClient(app, raise_server_exceptions=False) as client:
        answer = client.get("/put")
    assert answer.status_code == 500
    return answer.text


DOORS: tuple[Callable[[pytest.MonkeyPatch, Path], str], ...] = (
    of_a_job,
    of_a_computation,
    of_a_command,
    of_a_command_that_the_machine_failed,
    of_a_training_run,
    of_the_last_engine,
    of_an_engine_that_cannot_be_made,
    of_an_engine_that_cannot_run,
    of_a_page,
    of_a_fragment,
    of_a_click,
    of_a_request,
)


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.__name__)
def test_a_visitor_reads_general_words_and_the_log_has_the_rest(
    door: Callable[[pytest.MonkeyPatch, Path], str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert_general(door(monkeypatch, tmp_path), caplog)


def failing_page() -> None:
    import streamlit as st

    st.text("drawn before")
    raise TypeError("secret of /home/somebody")


def page_with_failing_fragment() -> None:
    import streamlit as st

    @st.fragment
    def part() -> None:
        raise TypeError("secret of /home/somebody")

    part()


def page_with_failing_button() -> None:
    import streamlit as st

    def clicked() -> None:
        raise TypeError("secret of /home/somebody")

    st.button("Fail", on_click=clicked)


def page_that_forgot_to_catch() -> None:
    from resnext_viz.errors import UserError

    raise UserError("the photo is too large; save it smaller")


def served(monkeypatch: pytest.MonkeyPatch, script: Callable[[], None]) -> AppTest:
    """A page as the server of app.py runs it; Streamlit's test runner by itself leaves an app's handler out."""
    handler = runpy.run_path(str(ROOT / "app.py"))["app"]._on_script_error
    begin = partial(script_runner.ScriptRunner.__init__)
    monkeypatch.setattr(
        script_runner.ScriptRunner, "__init__", lambda self, **given: begin(self, **given, on_script_error=handler)
    )
    assert issubclass(LocalScriptRunner, script_runner.ScriptRunner)
    return AppTest.from_function(script, default_timeout=60)


def words_on(app: AppTest) -> str:
    assert not app.exception  # Streamlit's own box
    (html,) = [part.proto.body for part in app.get("html")]
    return str(html)


def page_words(monkeypatch: pytest.MonkeyPatch, script: Callable[[], None]) -> str:
    words = words_on(served(monkeypatch, script).run())
    assert PAGE_FAILED in words
    return words


def test_words_for_the_visitor_that_a_page_forgot_to_catch_are_shown(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    words = words_on(served(monkeypatch, page_that_forgot_to_catch).run())
    assert "The photo is too large; save it smaller." in words
    assert "page_that_forgot_to_catch" in caplog.text


def test_a_page_that_failed_is_in_the_log_once(caplog: pytest.LogCaptureFixture) -> None:
    streamlits = logging.getLogger("streamlit.error_util")
    streamlits.addHandler(caplog.handler)
    streamlits.addFilter(server.is_told_here_only)
    try:
        error_util._log_uncaught_app_exception(TypeError(SECRET))  # what Streamlit calls before an app's handler
    finally:
        streamlits.removeFilter(server.is_told_here_only)
        streamlits.removeHandler(caplog.handler)
    assert not caplog.records


def test_a_connection_that_fails_ends_and_is_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    async def talk(connection: WebSocket) -> None:
        await connection.accept()
        fail()

    app = Starlette(routes=[WebSocketRoute("/", talk)], middleware=[Middleware(server.OrderlyConnections)])
    with TestClient(app) as client, client.websocket_connect("/") as connection:
        ended = connection.receive()
    assert (ended["type"], ended["code"]) == ("websocket.close", 1011)  # RFC 6455: something unexpected at the server
    assert not ended.get("reason")
    assert caplog.text.count("a connection failed, reference") == 1
    assert SECRET in caplog.text


def test_expected_mistakes_are_told_as_before_and_are_no_matter_for_the_log(caplog: pytest.LogCaptureFixture) -> None:
    def steps() -> Iterator[int]:
        raise UserError("dial a smaller network")
        yield

    assert ended(Computation("numbers", steps)) == "dial a smaller network"
    assert not caplog.records


def test_an_engine_that_gives_way_leaves_its_traceback(caplog: pytest.LogCaptureFixture) -> None:
    fallback = Fallback([lambda: Engine("fast", lose), lambda: Engine("slow", lambda x: x)], max_batch=2)
    fallback.run(torch.zeros(1, 3, 2, 2))
    assert fallback.notes == ("fast failed; answers come from slow",)
    assert SECRET in caplog.text


def test_without_a_whole_openvino_torch_answers(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(openvino_engines, "_core", lose)
    assert "torch eager" in _chosen().fallback.engine.name
    assert SECRET in caplog.text


def test_a_damaged_record_is_named_in_the_log_and_one_that_is_missing_is_not(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert read_measured(tmp_path / "model.safetensors") is None
    assert not caplog.records
    (tmp_path / "model.json").write_text("{")
    assert read_measured(tmp_path / "model.safetensors") is None
    assert "model.json is not used" in caplog.text


def test_weights_that_were_not_written_are_in_the_log(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / CHECKPOINT).touch()
    child(monkeypatch, tmp_path, 70, f"TypeError: {SECRET}")
    ended(Turn(("train",), tmp_path, TrainingQueue()))
    assert "weights were not written: status 70" in caplog.text


def test_an_engine_that_gives_too_few_answers_fails_those_who_asked_and_goes_on() -> None:
    queue = BatchingQueue(max_batch=4)
    with pytest.raises(RuntimeError):
        queue.submit(lambda inputs: inputs[:1], torch.zeros(2, 1)).result(60)
    assert len(queue.submit(lambda inputs: inputs, torch.zeros(2, 1)).result(60).logits) == 2
    queue.close()


def test_an_exception_without_words_is_not_called_by_its_class() -> None:
    assert first_line(KeyError(), 100) == "no reason is given"
    assert first_line(ValueError("one\ntwo"), 2) == "on"


def test_a_crash_of_a_command_is_no_answer() -> None:
    broken = "import runpy, resnext_viz.cli as cli; cli._parser = None; "
    script = f"{broken}runpy.run_module('resnext_viz', run_name='__main__')"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, "TypeError" in done.stderr) == (70, True)  # 1 would be a check that found a difference
