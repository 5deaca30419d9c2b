"""A thousand classes are one click away: offered, downloaded, answering beside, and what a new visit begins with."""

from __future__ import annotations

import hashlib
import io
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from streamlit.testing.v1 import AppTest

from resnext_viz.inference.photos.preprocess import CIFAR, Preprocess
from resnext_viz.inference.photos.samples import SAMPLES
from resnext_viz.inference.weights import catalogue, download
from resnext_viz.inference.weights.catalogue import find_weights, usual_name
from resnext_viz.spec import ResNeXtSpec, Stem
from resnext_viz.ui.kit import link
from resnext_viz.ui.kit.jobs.refreshing import SessionJobs
from resnext_viz.ui.predict.batch_section import BatchSession
from resnext_viz.ui.predict.download_job import megabytes
from resnext_viz.ui.predict.photos import strangers
from tests.app.predict.test_batch import CIFAR10, upload
from tests.app.test_pages import ANATOMY, PREDICT, drawn, kept, link_of, opened
from tests.inference.conftest import trained
from tests.inference.weights import weight_server
from tests.inference.weights.weight_server import Server, serving

V1, V2 = "ResNeXt50_32X4D_Weights.IMAGENET1K_V1", "ResNeXt50_32X4D_Weights.IMAGENET1K_V2"
THINGS = tuple(f"thing {number}" for number in range(1000))
SPEC = ResNeXtSpec(depths=(1,), cardinality=2, base_width=4, stem=Stem.CIFAR, num_classes=len(THINGS))
PHOTO = min(CIFAR10.glob("cat/*.jpg"))
OFFER, HERE, BELOW = "knows 1,000 classes: about", "is on this machine: it knows 1,000", "answers below: it knows 1,000"


@pytest.fixture
def published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SimpleNamespace]:
    """ResNeXt-50's entries with a small network behind them, on a server of this machine; nothing is downloaded yet."""
    out = io.BytesIO()
    torch.save(trained(SPEC).state_dict(), out)
    monkeypatch.setattr(weight_server, "CONTENT", out.getvalue())
    file = f"resnext50_32x4d-{hashlib.sha256(out.getvalue()).hexdigest()[:8]}.pth"
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    monkeypatch.setattr(Preprocess, "of_torchvision", lambda _: CIFAR)
    monkeypatch.setattr(download, "PAUSE_S", 0.0)
    with serving() as address:
        told = SimpleNamespace(kind="good", address=address, file=tmp_path / "checkpoints" / file)

        def record(name: str) -> SimpleNamespace:
            meta = {"categories": THINGS, "_metrics": {"ImageNet-1K": {"acc@1": 81.0}}}
            url = f"{told.address}/{told.kind}/{file}" if name == V2 else f"{told.address}/missing/{name}-00000000.pth"
            return SimpleNamespace(url=url, meta=meta, transforms=dict)

        monkeypatch.setattr(catalogue, "_record", record)
        for name in (V1, V2):
            monkeypatch.setitem(vars(find_weights(name)), "spec", SPEC)
        yield told


def pressed(app: AppTest, key: str) -> AppTest:
    app.button(key=key).click().run()
    assert not app.exception
    return app


def downloaded(app: AppTest) -> AppTest:
    pressed(app, "start_download")
    kept(app, SessionJobs).by_name["download"].wait(60)
    app.run()
    assert not app.exception
    return app


def test_one_click_brings_them_and_they_answer_the_same_photo(published: SimpleNamespace) -> None:
    app = upload(opened(PREDICT), PHOTO)
    assert link_of(app)["weights"] == "cifar10"
    assert OFFER in drawn(app)
    downloaded(app)
    page = drawn(app)
    assert published.file.is_file()
    assert BELOW in page
    assert "Top 5 of 10 classes" in page  # the first answers stay what they were
    assert "Top 5 of 1,000 classes" in page
    assert "thing " in page
    assert (link_of(app)["weights"], link_of(app)["beside"]) == ("cifar10", V2)
    pressed(app, "use_more_classes")
    page = drawn(app)
    assert f"Your photo, {PHOTO.name}" in page
    assert "Top 5 of 1,000 classes" in page
    assert "Top 5 of 10 classes" not in page
    assert "beside" not in link_of(app)
    assert link_of(app)["weights"] == V2
    assert 'class="rx-more-classes"' not in page


@pytest.mark.usefixtures("published")
def test_once_there_a_new_visit_begins_with_them_and_an_open_page_stays_as_it_is() -> None:
    first, second = (upload(opened(PREDICT), PHOTO) for _ in range(2))
    downloaded(first)
    second.run()
    assert "Top 5 of 1,000 classes" not in drawn(second)
    assert HERE in drawn(second)
    assert link_of(second)["weights"] == "cifar10"
    new = upload(opened(PREDICT), PHOTO)
    assert link_of(new)["weights"] == usual_name() == V2
    assert "Top 5 of 1,000 classes" in drawn(new)
    assert "Top 5 of 10 classes" in drawn(upload(opened(PREDICT, **link_of(second)), PHOTO))
    next(each for each in new.selectbox if each.label == "Weights").set_value("cifar10").run()
    kept(new, BatchSession).answers.job.wait(60)
    assert "Top 5 of 10 classes" in drawn(new.run())
    assert link_of(new)["weights"] == "cifar10"  # named, for without it the link would mean others


def test_a_link_of_before_that_asks_of_a_network_means_the_bundled_one(published: SimpleNamespace) -> None:
    published.file.parent.mkdir()
    published.file.write_bytes(weight_server.CONTENT)
    assert usual_name() == V2
    app = opened(PREDICT, off="2.1-1", photo="chelsea.png")
    assert (link_of(app)["weights"], link_of(app)["off"]) == ("cifar10", "2.1-1")
    assert link_of(opened(PREDICT, photo="chelsea.png"))["weights"] == V2
    assert "weights" not in link_of(opened(ANATOMY))


@pytest.mark.parametrize("name", [V1, V2])
def test_either_version_is_one_to_begin_with(
    published: SimpleNamespace, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    del published
    monkeypatch.setattr(catalogue, "names_here", lambda: ("cifar10", name))
    assert usual_name() == name
    monkeypatch.setattr(catalogue, "names_here", lambda: ("cifar10", V1, V2, "ResNet50_Weights.IMAGENET1K_V2"))
    assert usual_name() == V2
    monkeypatch.setattr(catalogue, "names_here", lambda: ("cifar10", "ResNet50_Weights.IMAGENET1K_V2"))
    assert usual_name() == "cifar10"


def test_without_a_network_that_is_said_and_the_page_goes_on(published: SimpleNamespace) -> None:
    published.address = "http://127.0.0.1:9"
    app = upload(opened(PREDICT), PHOTO)
    page = drawn(downloaded(app))
    assert "The weights did not come." in page
    assert "cannot be reached" in page
    assert "Top 5 of 10 classes" in page
    assert app.button(key="start_download").label == "Try again"
    with serving() as published.address:
        assert BELOW in drawn(downloaded(app))


def test_while_they_come_the_page_shows_how_far_and_can_stop(published: SimpleNamespace) -> None:
    published.kind, Server.go = "held", threading.Event()
    app = upload(opened(PREDICT), PHOTO)
    pressed(app, "start_download")
    assert kept(app, SessionJobs).by_name["download"].running
    assert "Top 5 of 10 classes" in drawn(app)
    pressed(app, "stop_download")
    Server.go.set()
    kept(app, SessionJobs).by_name["download"].wait(60)
    app.run()
    assert not published.file.is_file()
    assert "The download was stopped. What came so far is kept" in drawn(app)
    published.kind = "good"
    assert BELOW in drawn(downloaded(app))


def test_other_weights_are_offered_nothing(published: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    (published.file.parent.parent / "own.safetensors").write_bytes(catalogue.BUNDLED_FILE.read_bytes())
    monkeypatch.setenv("RESNEXT_VIZ_WEIGHTS", str(published.file.parent.parent))
    assert OFFER not in drawn(upload(opened(PREDICT, weights="file:own.safetensors"), PHOTO))
    assert OFFER in drawn(upload(opened(PREDICT, weights="cifar10-c1"), PHOTO))


def test_the_table_of_the_link_knows_which_key_always_stands_in_it() -> None:
    assert [key.name for key in link.KEYS.values() if key.named] == ["weights"]


def test_the_few_classes_that_a_network_knows_are_named_before_a_photo_is_given() -> None:
    assert (
        "It knows airplane, automobile, bird, cat, deer, dog, frog, horse, ship and truck, and nothing else."
        in drawn(opened(PREDICT))
    )


def test_samples_of_none_of_its_classes_say_so_where_some_show_one() -> None:
    assert drawn(opened(PREDICT, weights="cifar10")).count("Not among its classes") == len(SAMPLES) - 1
    assert strangers(SAMPLES, ("0", "1")) == set()


def test_weights_that_are_not_here_say_what_is_missing_and_the_photo_stays(published: SimpleNamespace) -> None:
    published.address = "http://127.0.0.1:9"
    app = upload(opened(PREDICT, weights="cifar10"), PHOTO)
    weights = next(each for each in app.selectbox if each.label == "Weights")
    missing = [title for title in weights.options if title.startswith("Not here, ")]
    assert len(missing) == len(weights.options) - 3  # two bundled, and one's own
    weights.set_value(V2).run()
    page = drawn(downloaded(app))
    assert f"V2: not on this machine, about {megabytes(V2)} MB." in page
    assert "The weights did not come." in page
    assert "cannot be reached" in page
    assert "Your photo stays." in page
    pressed(app, "use_bundled")
    assert f"Your photo, {PHOTO.name}" in drawn(app)
    assert "Top 5 of 10 classes" in drawn(app)
