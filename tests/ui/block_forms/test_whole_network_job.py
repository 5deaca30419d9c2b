"""The job that checks a whole network: its rows, its estimate and offers, stopping it, and a page that was left."""

import time
from pathlib import Path

import pytest

from resnext_viz.block_forms.terms import Form
from resnext_viz.nn.proof import network_estimate
from resnext_viz.nn.proof.network_estimate import MachineSpeed, Speeds
from resnext_viz.spec import ResNeXtSpec, Stem
from resnext_viz.ui.block_forms import whole_network_job
from resnext_viz.ui.block_forms.whole_network_job import Asked, NetworkJob
from tests.support.one_thread import one_thread

__all__ = ["one_thread"]

SPEC = ResNeXtSpec(depths=(1, 1), cardinality=3, base_width=4, stem=Stem.CIFAR, num_classes=5)
PHOTO = Path(__file__).parents[2] / "data" / "cifar10" / "cat" / "0010.jpg"
ASKED = Asked(SPEC, 8, ("float64",), 1, PHOTO.name, PHOTO.read_bytes())


def ended(job: NetworkJob) -> NetworkJob:
    job.start()
    until = time.monotonic() + 60
    while job.running and time.monotonic() < until:
        time.sleep(0.02)
    assert not job.running
    return job


def test_a_job_has_every_row_and_says_where_and_how() -> None:
    job = ended(NetworkJob(ASKED))
    assert job.problem is None
    assert len(job.rows) == job.total == 2 * (4 + 6)  # pairs; stem, 2 stages, logits; then gradients, weights
    assert all(row["equal"] for row in job.rows)
    assert not job.stopped_early
    assert "input 2×3×8×8 from 0010.jpg" in job.where
    assert "21 convolutions in form (a)" in job.estimate  # 2 blocks of 9, 2 projections, the stem


def test_what_takes_long_is_offered_smaller_and_run_only_by_the_patient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        network_estimate, "machine_speeds", lambda _: Speeds(dict.fromkeys(Form, MachineSpeed(0.8, 0.0)), 0.0)
    )
    job = ended(NetworkJob(ASKED))  # 21 + 17 + 9 + 9 convolutions, 4/3 times: 60 s
    assert len(job.rows) == job.total
    twice = Asked(SPEC, 8, ("float64", "float32"), 1)
    job = ended(NetworkJob(twice))
    assert job.rows == []
    assert not job.stopped_early
    smaller, words = job.offers[0]
    assert (smaller.dtypes, smaller.image_size) == (("float32",), 8)
    assert words == "8 px, float32, 1 step: about 60 s"
    patient = ended(NetworkJob(Asked(**{**vars(twice), "patient": True})))
    assert len(patient.rows) == patient.total == 40


def test_a_job_stops_between_two_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    job = NetworkJob(ASKED)
    steps: list[int] = []
    between_blocks = job._between_blocks

    def counted() -> None:
        steps.append(len(job.rows))
        if job.rows:
            job.stop()
        between_blocks()

    monkeypatch.setattr(job, "_between_blocks", counted)
    ended(job)
    assert job.stopped_early
    assert len(job.rows) == 1
    assert steps[-1] == 1
    assert not whole_network_job._TURN.locked()


def test_a_job_that_nobody_watches_ends_and_one_that_waits_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(NetworkJob, "unwatched_s", 0.3)
    with whole_network_job._TURN:
        job = ended(NetworkJob(ASKED))
    assert job.doing == "Waiting for another visitor’s check"
    assert job.rows == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"photo": b"no picture"}, "Not an image"),
        ({"spec": SPEC.with_options(num_classes=1)}, "num_classes is 1"),
        ({"spec": SPEC.with_options(cardinality=1024, depths=(9, 9))}, "convolutions; a check takes up to 20,000"),
    ],
)
def test_what_cannot_be_run_is_told_in_words(changes: dict[str, object], words: str) -> None:
    job = ended(NetworkJob(Asked(**{**vars(ASKED), "photo_name": "photo.jpg", **changes})))
    assert job.problem is not None
    assert words in job.problem
    assert not whole_network_job._TURN.locked()
