"""Commands beside the page: what they print, what goes wrong in words, Stop, turns, files that go with their job."""

import gc
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from resnext_viz.inference.predictor.network_file import FileFormat
from resnext_viz.inference.weights.checkpoint import load_checkpoint
from resnext_viz.kit.child import end_all
from resnext_viz.names import parse
from resnext_viz.ui.code import file_job
from resnext_viz.ui.code.file_job import FileJob
from resnext_viz.ui.kit.jobs.command_job import TURN, CommandJob

SMALL = parse("resnext5_2x4d_b1")


def finished(job: CommandJob) -> CommandJob:
    job.start()
    wait_for(lambda: not job.running)
    return job


def wait_for(holds: Callable[[], bool]) -> None:
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < 120
        time.sleep(0.01)


def test_what_a_command_prints_is_kept_line_by_line() -> None:
    job = finished(CommandJob("count", "resnext50_32x4d", "--json"))
    assert (job.finished, job.problem) == (True, None)
    assert json.loads("\n".join(job.lines))["params"] == 25_028_904
    spent = job.seconds
    time.sleep(0.02)
    assert job.seconds == spent > 0


def test_a_mistake_is_told_in_the_commands_own_words() -> None:
    job = finished(CommandJob("count", "resnext50_0x4d"))
    assert not job.finished
    assert job.problem == "cardinality is 0; use a whole number from 1 to 1024"


def test_an_answer_that_finds_a_difference_is_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")  # ends with status 1
    assert finished(CommandJob()).finished


def test_a_process_that_dies_or_takes_too_long_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    slow = tmp_path / "python"
    slow.write_text("#!/bin/sh\nif [ $3 = die ]; then kill -9 $$; fi\nexec sleep 600\n")
    slow.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(slow))
    assert "ended from outside (signal 9)" in str(finished(CommandJob("die")).problem)
    monkeypatch.setattr("resnext_viz.ui.kit.jobs.command_job.LIMIT_S", 0.1)
    assert "longer than 0.1 seconds" in str(finished(CommandJob("wait")).problem)


def test_stop_ends_the_process_at_once_and_gives_the_turn_to_the_next(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    slow = tmp_path / "python"
    slow.write_text("#!/bin/sh\necho begun\nexec sleep 600\n")
    slow.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(slow))
    first, second, third = CommandJob(), CommandJob(), CommandJob()
    first.start()
    wait_for(lambda: first.lines == ["begun"])
    second.start()
    third.start()
    assert (second.waits, third.waits, second.lines) == (True, True, [])
    second.stop()
    wait_for(lambda: not second.running)
    assert (second.finished, second.problem, second.lines) == (False, None, [])
    first.stop()
    wait_for(lambda: third.lines == ["begun"])
    assert (first.finished, first.problem) == (False, None)
    third.stop()
    wait_for(lambda: not third.running)
    assert not TURN.locked()


def test_a_file_is_there_as_long_as_its_job() -> None:
    job = FileJob(SMALL, FileFormat.SAFETENSORS, 32, seed=4)
    assert job.share < 1
    finished(job)
    assert job.finished
    assert job.path.name == "resnext5_2x4d_b1.safetensors"
    assert load_checkpoint(job.path).spec == SMALL
    assert (len(job.lines), job.share) == (file_job.STEPS[FileFormat.SAFETENSORS] + 2, 1.0)  # two lines of result
    folder = job.path.parent
    assert list(folder.iterdir()) == [job.path]
    del job
    wait_for(lambda: gc.collect() >= 0 and not folder.exists())  # its thread may be about to end


def test_when_the_server_ends_no_process_and_no_file_is_left(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    slow = tmp_path / "python"
    slow.write_text("#!/bin/sh\necho begun\nexec sleep 600\n")
    slow.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(slow))
    job = FileJob(SMALL, FileFormat.SAFETENSORS, 32, seed=4)
    job.start()
    wait_for(lambda: job.lines == ["begun"])
    end_all()
    wait_for(lambda: not job.running)
    assert not job.path.parent.exists()


def test_a_file_is_refused_where_it_is_too_large_or_the_room_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    large = finished(FileJob(parse("resnet101_1x128d"), FileFormat.ONNX, 224, 0))
    assert "126,886,696 params" in str(large.problem)  # torchvision's num_params of wide_resnet101_2
    monkeypatch.setattr(file_job, "MAX_KEPT_BYTES", 1000)
    assert "other visitors’ files" in str(finished(FileJob(SMALL, FileFormat.PT2, 32, 0)).problem)
