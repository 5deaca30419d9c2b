"""Measuring two networks as a job: all rounds, one job at a time, stopped where asked, refused in words."""

import time

import pytest

from resnext_viz import complexity, parse
from resnext_viz.figures.counting.movement_table import Timing
from resnext_viz.kit.timing import PAIR_ROUNDS
from resnext_viz.ui.counting.pair_job import PairJob
from resnext_viz.ui.kit.jobs.job import MEASURING
from tests.support.one_thread import one_thread

__all__ = ["one_thread"]
PATIENCE_S = 120


def job(ours: str = "resnext11_4x4d_cifar10", theirs: str = "resnet11_cifar10", size: int = 8) -> PairJob:
    return PairJob(complexity(parse(ours), size), complexity(parse(theirs), size))


def finished(started: PairJob) -> PairJob:
    limit = time.monotonic() + PATIENCE_S
    while started.running and time.monotonic() < limit:
        time.sleep(0.02)
    assert not started.running
    return started


def test_every_round_of_every_batch_is_measured() -> None:
    measured = job()
    assert measured.timings == [Timing(batch, None, None) for batch in PAIR_ROUNDS]
    measured.start()
    finished(measured)
    assert measured.problem is None
    assert measured.done == measured.total == sum(PAIR_ROUNDS.values())
    assert [(timing.batch, timing.rounds) for timing in measured.timings] == list(PAIR_ROUNDS.items())
    assert all(timing.ours_ms and timing.theirs_ms for timing in measured.timings)
    assert "torch eager, float32" in measured.where
    assert not measured.stopped_early


def test_a_second_job_waits_for_the_first_and_can_be_stopped_waiting() -> None:
    waiting = job()
    with MEASURING:
        waiting.start()
        time.sleep(0.1)
        assert waiting.running
        assert waiting.done == 0
        waiting.stop()
        finished(waiting)
    assert waiting.stopped_early


def test_a_stopped_job_keeps_what_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    stopped = job()
    monkeypatch.setattr(PairJob, "stopping", property(lambda each: each.done >= 3))
    stopped.start()
    finished(stopped)
    assert stopped.done == 3
    assert stopped.timings[0].rounds == 3
    assert stopped.timings[1] == Timing(8, None, None)


def test_what_is_too_large_is_refused_in_words() -> None:
    refused = job("resnext101_64x4d", "resnet50", 4096)
    refused.start()
    finished(refused)
    assert refused.problem is not None
    assert "choose a smaller network or image_size" in refused.problem
