"""The job that measures what the forms cost: its figures, stopping it, and waiting for another one."""

import time

import pytest

from resnext_viz.figures.block_forms.form_costs import PASSES
from resnext_viz.nn import form_timing
from resnext_viz.spec import ResNeXtSpec, Stem
from resnext_viz.ui.block_forms import form_cost_job
from resnext_viz.ui.block_forms.form_cost_job import FormCostJob
from resnext_viz.ui.kit.jobs.job import MEASURING
from tests.support.one_thread import one_thread

__all__ = ["one_thread"]

ABOUT = (ResNeXtSpec((2,), cardinality=4, base_width=4, stem=Stem.CIFAR), 1, 2, 8)


def ended(job: FormCostJob) -> FormCostJob:
    job.start()
    job.wait(60)
    assert not job.running
    assert job.problem is None
    return job


def test_every_form_is_measured_in_both_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(form_timing, "FORM_ROUNDS", 2)
    monkeypatch.setattr(form_cost_job, "FORM_ROUNDS", 2)
    job = ended(FormCostJob(*ABOUT))
    assert tuple(job.costs) == PASSES
    assert all(tuple(costs) == ("a", "b", "c") for costs in job.costs.values())
    assert all(cost.median_ms and cost.extra_mb for costs in job.costs.values() for cost in costs.values())
    assert (job.done, job.total, job.stopped_early) == (4, 4, False)
    assert "float32" in job.where
    assert "input 2×256×8×8 (batch 2)" in job.where


def test_a_job_stops_between_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    job = FormCostJob(*ABOUT)
    turns = form_timing.rounds

    def stopped_at_once(calls: dict[str, form_timing.Call]) -> object:
        for once in turns(calls):
            job.stop()
            yield once

    monkeypatch.setattr(form_timing, "rounds", stopped_at_once)
    ended(job)
    assert job.stopped_early
    assert job.done == 1
    assert tuple(job.costs) == PASSES[:1]


def test_a_job_that_waits_for_another_can_be_stopped() -> None:
    with MEASURING:
        job = FormCostJob(*ABOUT)
        job.start()
        until = time.monotonic() + 30
        while job.doing != "Waiting for another measurement" and time.monotonic() < until:
            time.sleep(0.01)
        job.stop()
        job.wait(30)
    assert not job.running
    assert job.costs == {}
