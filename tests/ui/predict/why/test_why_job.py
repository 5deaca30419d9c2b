"""The job that switches off one path after another: its figures, stopping it, going on, and a page that was left."""

import copy
from collections.abc import Iterator

import pytest
import torch
from torch import Tensor

from resnext_viz.inference.attribution.paths import OpenedBlock
from resnext_viz.nn.network import ResNeXt
from resnext_viz.spec import ResNeXtSpec, Stem
from resnext_viz.ui.predict.why.why_job import PathsJob
from tests.inference.conftest import trained
from tests.support.one_thread import one_thread

__all__ = ["one_thread"]

CARDINALITY = 6
SPEC = ResNeXtSpec(depths=(1, 1), cardinality=CARDINALITY, base_width=4, stem=Stem.CIFAR, num_classes=5)


@pytest.fixture
def model() -> ResNeXt:
    return trained(SPEC).requires_grad_(False)


def picture() -> Tensor:
    return torch.randn(3, 16, 16, generator=torch.Generator().manual_seed(1))


def without(model: ResNeXt, *paths: int) -> Tensor:
    """Probabilities of a copy in which the columns of stage 2's last 1×1 that read these paths are zero."""
    own = copy.deepcopy(model)
    weight = own.layer2[0].conv3.weight
    width = weight.shape[1] // CARDINALITY
    for path in paths:
        weight[:, (path - 1) * width : path * width] = 0
    return own(picture()[None])[0].softmax(0)


def ended(job: PathsJob) -> PathsJob:
    job.start()
    job.wait(60)
    assert not job.running
    assert job.problem is None
    return job


def check_all(job: PathsJob, model: ResNeXt) -> None:
    assert (job.done, job.total, job.stopped_early) == (CARDINALITY, CARDINALITY, False)
    expected = [float(without(model, path)[3]) for path in range(1, CARDINALITY + 1)]
    assert job.alone(3) == pytest.approx(expected, rel=1e-5)
    assert job.probabilities() == pytest.approx(without(model).tolist(), rel=1e-5)
    assert job.without(frozenset((2, 5))) == pytest.approx(without(model, 2, 5).tolist(), rel=1e-5)


def test_a_job_has_what_the_network_says_without_each_path(model: ResNeXt) -> None:
    check_all(ended(PathsJob(model, picture(), 2, 1)), model)


def test_a_job_that_was_stopped_keeps_its_figures_and_goes_on(model: ResNeXt, monkeypatch: pytest.MonkeyPatch) -> None:
    job = PathsJob(model, picture(), 2, 1)
    asked: list[int] = []

    def one_at_a_time(opened: OpenedBlock) -> Iterator[Tensor]:
        for path in range(1, CARDINALITY + 1):
            asked.append(path)
            if path == 2:
                job.stop()
            yield opened.logits_without((path,))[None]

    monkeypatch.setattr(OpenedBlock, "logits_without_each", one_at_a_time)
    ended(job)
    assert (job.done, job.stopped_early) == (2, True)
    assert len(job.alone(3)) == 2
    later = job.go_on()
    later.wait(60)
    assert not later.running
    assert asked == list(range(1, CARDINALITY + 1))
    check_all(later, model)


def test_a_job_that_nobody_watches_ends(model: ResNeXt, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PathsJob, "unwatched_s", -1.0)
    job = ended(PathsJob(model, picture(), 2, 1))
    assert (job.done, job.stopped_early) == (0, True)
