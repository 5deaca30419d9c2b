"""Nobody's page waits for another's network, and an upload's network goes with its visitor."""

from __future__ import annotations

import gc
import json
import re
import threading
import time
import weakref
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from streamlit import config
from streamlit.runtime.uploaded_file_manager import UploadedFile
from streamlit.testing.v1 import AppTest

from resnext_viz.bench.app.session import visit
from resnext_viz.inference.engines.engine import EngineChoice
from resnext_viz.inference.engines.selection import Chosen, Network, choose_engine
from resnext_viz.inference.predictor import by_name
from resnext_viz.inference.predictor import predictor as predictor_module
from resnext_viz.inference.predictor.by_name import load_predictor
from resnext_viz.inference.predictor.predictor import Predictor
from resnext_viz.inference.weights.catalogue import BUNDLED_FILE
from resnext_viz.kit.operator_log import LOG
from resnext_viz.ui.kit.record import record_key
from resnext_viz.ui.kit.weights.loading import SharedNetworks
from resnext_viz.ui.predict import weights
from resnext_viz.ui.predict.batch_section import BatchSession
from resnext_viz.ui.predict.own_weights import OwnNetwork
from resnext_viz.ui.predict.photos import ShownViews
from resnext_viz.ui.predict.shown_picture import ShownPicture
from resnext_viz.ui.predict.why.why_state import WhySession
from tests.app.predict.test_batch import upload
from tests.app.predict.test_two_networks import PHOTO
from tests.app.served_here import served_here
from tests.app.test_pages import BLOCK_FORMS, PREDICT, ROOT, drawn, kept, opened
from tests.inference.conftest import tiny_file, tiny_model, tiny_spec

__all__ = ["tiny_file", "tiny_model", "tiny_spec"]

PATIENCE_S = 60
SLOW = "slow.safetensors"


@pytest.fixture
def slow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[threading.Event, threading.Event]]:
    """A checkpoint on the server whose load says that it began, and then waits until it is let go."""
    (tmp_path / SLOW).write_bytes(BUNDLED_FILE.read_bytes())
    monkeypatch.setenv("RESNEXT_VIZ_WEIGHTS", str(tmp_path))
    begun, free = threading.Event(), threading.Event()

    def load(name: Any, *args: Any, **kwargs: Any) -> Predictor:
        if isinstance(name, Path) and name.name == SLOW:
            begun.set()
            assert free.wait(PATIENCE_S)
        return load_predictor(name, *args, **kwargs)

    monkeypatch.setattr(by_name, "load_predictor", load)
    yield begun, free
    free.set()


def test_a_second_visitors_page_runs_while_the_firsts_network_loads(
    slow: tuple[threading.Event, threading.Event],
) -> None:
    begun, free = slow
    with served_here() as address, visit(address) as first, visit(address) as second, ThreadPoolExecutor(3) as pool:
        predict = first.pages["Predict"]
        loading = pool.submit(first.rerun, predict, f"weights=file:{SLOW}")
        try:
            assert begun.wait(PATIENCE_S)
            assert pool.submit(second.rerun, predict).result(PATIENCE_S) > 0
            assert pool.submit(second.rerun, predict).result(PATIENCE_S) > 0
            assert not loading.done()
        finally:
            free.set()
        loading.result(PATIENCE_S)


def test_whoever_waits_for_a_network_can_choose_another_meanwhile(
    slow: tuple[threading.Event, threading.Event],
) -> None:
    begun, free = slow
    with served_here() as address, visit(address) as visitor, ThreadPoolExecutor(2) as pool:
        predict = visitor.pages["Predict"]
        pool.submit(visitor.ask, predict, f"weights=file:{SLOW}").result(PATIENCE_S)
        assert begun.wait(PATIENCE_S)
        assert pool.submit(visitor.rerun, predict, "weights=cifar10").result(PATIENCE_S) > 0
        assert not free.is_set()


@pytest.fixture(autouse=True)
def no_records(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pytest keeps records of a log, and a traceback there, of an engine that a processor cannot run, its network."""
    monkeypatch.setattr(LOG, "filters", [lambda _record: False])


@pytest.fixture
def networks(monkeypatch: pytest.MonkeyPatch) -> list[weakref.ref[Predictor]]:
    """Every network of an upload that is loaded from now on."""
    found: list[weakref.ref[Predictor]] = []
    make = Predictor.__init__

    def noted(self: Predictor, name: str, *args: Any, **kwargs: Any) -> None:
        if name == "uploaded checkpoint":
            found.append(weakref.ref(self))
        make(self, name, *args, **kwargs)

    monkeypatch.setattr(Predictor, "__init__", noted)
    return found


def with_own_checkpoint(*files: Path) -> AppTest:
    app = opened(PREDICT)
    choice = next(box for box in app.selectbox if box.label == "Weights")
    choice.set_value("own").run()
    app.file_uploader(key="own_weights").set_value([(file.name, file.read_bytes(), "") for file in files])
    app.run()
    assert not app.exception
    return app


def alive(networks: list[weakref.ref[Predictor]]) -> int:
    gc.collect()
    return sum(network() is not None for network in networks)


def left(networks: list[weakref.ref[Predictor]], wanted: int) -> int:
    """How many are alive, once so many are: a job that was stopped holds its network until it hears of it."""
    deadline = time.monotonic() + PATIENCE_S
    while alive(networks) != wanted and time.monotonic() < deadline:
        time.sleep(0.05)
    return alive(networks)


def test_an_uploads_network_is_loaded_once_and_goes_when_the_upload_is_taken_away(
    tiny_file: Path, networks: list[weakref.ref[Predictor]]
) -> None:
    app = upload(with_own_checkpoint(tiny_file), PHOTO)
    assert "Top 5 of 5 classes" in drawn(app)
    assert len(networks) == 1
    app.file_uploader(key="own_weights").set_value([])
    app.run()
    assert left(networks, 0) == 0


def test_an_uploads_network_goes_with_its_session(tiny_file: Path, networks: list[weakref.ref[Predictor]]) -> None:
    app = upload(with_own_checkpoint(tiny_file), PHOTO)
    assert alive(networks) == 1
    del app
    assert left(networks, 0) == 0


def test_what_only_a_session_holds_goes_with_it_on_a_real_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streamlit keeps a session for a while after its connection is lost; here for no time at all."""
    held: list[weakref.ref[Predictor]] = []

    def load(*args: Any, **kwargs: Any) -> Predictor:
        predictor = load_predictor(*args, **kwargs)
        held.append(weakref.ref(predictor))
        return predictor

    monkeypatch.setattr(by_name, "load_predictor", load)
    monkeypatch.setattr(weights, "_NETWORKS", SharedNetworks(kept=0))
    before = config.get_option("server.disconnectedSessionTTL")
    config.set_option("server.disconnectedSessionTTL", 0)
    try:
        with served_here() as address:
            with visit(address) as visitor:
                visitor.rerun(visitor.pages["Predict"])
                visitor.rerun(visitor.pages["Predict"])
                assert len(held) == alive(held) == 1
            deadline = time.monotonic() + PATIENCE_S
            while alive(held) and time.monotonic() < deadline:
                with visit(address):  # Streamlit looks for ended sessions when another one ends
                    pass
            assert alive(held) == 0
    finally:
        config.set_option("server.disconnectedSessionTTL", before)


def test_an_uploads_network_goes_with_the_page(tiny_file: Path, networks: list[weakref.ref[Predictor]]) -> None:
    app = upload(with_own_checkpoint(tiny_file), PHOTO)
    assert alive(networks) == 1
    app.switch_page(f"../../{BLOCK_FORMS}").run()
    assert left(networks, 0) == 0


def test_photos_and_what_was_made_of_them_go_with_the_page(
    tiny_file: Path, networks: list[weakref.ref[Predictor]]
) -> None:
    app = upload(with_own_checkpoint(tiny_file), PHOTO)
    assert kept(app, ShownPicture).picture is not None
    app.switch_page(f"../../{BLOCK_FORMS}").run()
    assert left(networks, 0) == 0
    for kind in (BatchSession, WhySession, ShownPicture, ShownViews):
        assert record_key(kind) not in app.session_state


def test_two_who_upload_one_file_have_a_network_each_and_neither_keeps_the_others(
    tiny_file: Path, networks: list[weakref.ref[Predictor]]
) -> None:
    first, second = with_own_checkpoint(tiny_file), with_own_checkpoint(tiny_file)
    assert alive(networks) == 2
    del first
    assert left(networks, 1) == 1
    assert not second.exception


def test_an_upload_that_cannot_be_used_is_refused_in_words_until_a_better_one_comes(
    tiny_file: Path, tmp_path: Path
) -> None:
    (tmp_path / "broken.safetensors").write_bytes(b"no such thing")
    app = with_own_checkpoint(tmp_path / "broken.safetensors")
    assert "These weights cannot be used." in drawn(app)
    app.file_uploader(key="own_weights").set_value([(tiny_file.name, tiny_file.read_bytes(), "")])
    app.run()
    assert "cannot be used" not in drawn(app)
    assert "5 classes" in drawn(app)


def test_printing_the_engines_names_makes_none(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[EngineChoice] = []

    def counted(choice: EngineChoice, network: Network) -> Chosen:
        made.append(choice)
        return choose_engine(choice, network)

    monkeypatch.setattr(predictor_module, "choose_engine", counted)
    app = opened(PREDICT)
    assert app.selectbox(key="engine").options[1] == "Exact: torch eager, float32"
    assert set(made) <= {EngineChoice.AUTO}  # none at all where another test has loaded this network


def test_an_engine_that_is_there_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    app = opened(PREDICT)
    asked: list[Any] = []
    monkeypatch.setattr(weights, "awaited", lambda *words: asked.append(words))
    app.run()
    assert not app.exception
    assert asked == []


def test_a_load_that_was_given_up_is_begun_anew(tiny_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = with_own_checkpoint(tiny_file)
    job = kept(app, OwnNetwork).load
    monkeypatch.setattr(job, "predictor", None)  # as of one that nobody waited for when its turn came
    app.run()
    assert "Loading was ended" not in drawn(app)
    assert "5 classes" in drawn(app)


def test_no_page_loads_in_a_function_that_streamlit_caches() -> None:
    """Such a function holds a lock while it runs, which another visitor would wait for inside the gate."""
    files = [*(ROOT / "resnext_viz" / "ui").rglob("*.py"), *(ROOT / "pages").glob("*.py")]
    assert [file.name for file in files if re.search(r"st\.cache_(resource|data)", file.read_text("utf-8"))] == []


def test_the_bytes_of_an_upload_go_once_its_network_stands_and_names_may_still_come(
    tiny_file: Path, networks: list[weakref.ref[Predictor]], monkeypatch: pytest.MonkeyPatch
) -> None:
    freed: list[int] = []
    truncate = UploadedFile.truncate

    def noted(self: UploadedFile, size: int | None = None) -> int:
        freed.append(len(self.getvalue()))
        return truncate(self, size)

    monkeypatch.setattr(UploadedFile, "truncate", noted)
    app = upload(with_own_checkpoint(tiny_file), PHOTO)
    assert set(freed) == {tiny_file.stat().st_size}  # the runner of these tests sends them anew for each run
    names = json.dumps(["ant", "bee", "cow", "doe", "elk"]).encode()
    app.file_uploader(key="own_classes").set_value([("names.json", names, "")])
    app.run()
    assert len(networks) == 2
    assert not app.exception
    assert all(name in drawn(app) for name in ("ant", "bee", "cow", "doe", "elk"))
    app.run()
    assert len(networks) == 2
