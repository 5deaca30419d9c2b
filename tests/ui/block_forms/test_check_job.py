"""The check of a block in three forms as a job: every row, without a thread too; what was measured stays on Stop."""

import re
import threading

import pytest

from resnext_viz.spec import ResNeXtSpec, Stem
from resnext_viz.ui.block_forms.check_job import CheckJob
from resnext_viz.ui.kit.jobs import job as job_module
from tests.support.one_thread import one_thread

__all__ = ["one_thread"]

ABOUT = (ResNeXtSpec((1,), cardinality=3, base_width=4, stem=Stem.CIFAR), 1, 1, 8)
PAIRS = {"A-B", "A-C", "B-C"}  # of Fig. 3 a, b, c


def test_every_row_comes_without_a_thread_and_says_what_comes_next(monkeypatch: pytest.MonkeyPatch) -> None:
    job, said = CheckJob(*ABOUT), list[str]()
    monkeypatch.setattr(threading.Thread, "start", lambda _: (_ for _ in ()).throw(RuntimeError("no threads")))
    for _ in job.in_steps():
        said.append(job.doing)
    assert (job.problem, job.finished) == (None, True)
    assert job.done == job.total == len(job.rows) > 0
    for dtype in {row["dtype"] for row in job.rows}:
        of_it = [(row["mode"], row["what"], row["forms"]) for row in job.rows if row["dtype"] == dtype]
        assert set(of_it) == {(mode, what, pair) for mode in ("eval", "train") for what in ("output", "gradient")
                              for pair in PAIRS}  # fmt: skip
    nexts = [f"{row['dtype']}, {row['what']}s in {row['mode']} mode, pair {row['forms']}" for row in job.rows[1:]]
    assert said[:-1] == [f"Checking {words}" for words in nexts]
    assert "input 2×64×8×8" in job.where


def test_the_time_that_is_left_is_told_by_what_rows_take(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seconds as a Xeon took for ResNeXt-50: the first pair waits for all three forms, a gradient for both ways."""
    took = {("output", "A-B"): 0.9, ("gradient", "A-B"): 2.2}
    clock, told = [0.0], list[tuple[float, float | None]]()
    monkeypatch.setattr(job_module.time, "perf_counter", lambda: clock[0])
    job = CheckJob(*ABOUT)
    for _ in job.in_steps():
        told.append((clock[0], job.left_s))
        following = re.search(r"(output|gradient)s in .* pair (.*)", job.doing)
        assert following
        clock[0] += took.get(following.groups(), 0.07)
    end_s = told[-1][0]
    assert end_s > 15
    for at_s, left_s in told[1:]:
        assert left_s == pytest.approx(end_s - at_s, rel=0.35, abs=0.5)


def test_rows_that_were_measured_stay_when_it_is_stopped() -> None:
    job = CheckJob(*ABOUT)
    for _ in job.in_steps():
        if job.done == 2:
            job.stop()
    assert (len(job.rows), job.done, job.stopped_early, job.problem) == (2, 2, True, None)
    assert job.total > 2
