"""The check of a block in three forms as a job: every row, without a thread too; what was measured stays on Stop."""

import threading

import pytest

from resnext_viz.spec import ResNeXtSpec, Stem
from resnext_viz.ui.block_forms.check_job import CheckJob
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


def test_rows_that_were_measured_stay_when_it_is_stopped() -> None:
    job = CheckJob(*ABOUT)
    for _ in job.in_steps():
        if job.done == 2:
            job.stop()
    assert (len(job.rows), job.done, job.stopped_early, job.problem) == (2, 2, True, None)
    assert job.total > 2
