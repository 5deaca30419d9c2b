"""Networks load once for everybody, side by side, and leave memory when nobody wants them."""

from __future__ import annotations

import gc
import threading
import time
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from resnext_viz.errors import UserError
from resnext_viz.ui.kit.admission import PREDICT
from resnext_viz.ui.kit.weights import loading
from resnext_viz.ui.kit.weights.loading import AT_ONCE, LoadJob, SharedNetworks, load_version, loaded, version_of

PATIENCE_S = 60


class Network:
    """Stands for a predictor."""


class Slow:
    """A load that says when it begins, and ends when it is let go."""

    def __init__(self, problem: Exception | None = None) -> None:
        self.begun, self.free, self.times = threading.Event(), threading.Event(), 0
        self._problem = problem

    def __call__(self) -> Any:
        self.times += 1
        self.begun.set()
        assert self.free.wait(PATIENCE_S)
        if self._problem:
            raise self._problem
        return Network()


def ended(found: Any) -> LoadJob:
    """The job, when it has ended."""
    assert isinstance(found, LoadJob)
    found.wait(PATIENCE_S)
    assert not found.running
    return found


def kept(networks: SharedNetworks, *keys: str) -> list[Any]:
    return [networks.network(key, Network, "Loading") for key in keys]  # type: ignore[arg-type]


def test_all_who_want_a_network_share_one_load_and_one_copy() -> None:
    networks, slow = SharedNetworks(kept=3), Slow()
    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(networks.network, "a", slow, "Loading") for _ in range(8)]
        assert slow.begun.wait(PATIENCE_S)
        assert not any(each.done() for each in asked)
        slow.free.set()
        assert len({id(each.result(PATIENCE_S)) for each in asked}) == 1
    assert slow.times == 1
    assert networks.network("a", slow, "Loading") is asked[0].result()
    assert slow.times == 1


def test_a_visitors_page_runs_while_another_waits_for_a_network() -> None:
    networks, slow = SharedNetworks(kept=3), Slow()

    def page(load: Callable[[], Any], key: str) -> Any:
        with PREDICT.inside():
            return networks.network(key, load, "Loading")

    with ThreadPoolExecutor(3) as pool:
        first = [pool.submit(page, slow, "slow") for _ in range(2)]  # one begins the load, the other joins it
        try:
            assert slow.begun.wait(PATIENCE_S)
            second = pool.submit(page, Network, "quick")
            assert isinstance(second.result(PATIENCE_S), Network)
            assert not any(each.done() for each in first)
        finally:
            slow.free.set()
        assert first[0].result(PATIENCE_S) is first[1].result(PATIENCE_S)
    with PREDICT.inside():  # it is free again
        pass


def test_so_many_load_at_once_and_the_others_in_their_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LoadJob, "unwatched_s", PATIENCE_S)
    networks, loads = SharedNetworks(kept=9), [Slow() for _ in range(AT_ONCE + 1)]
    jobs = [networks.ask(number, load) for number, load in enumerate(loads)]
    for load in loads[:AT_ONCE]:
        assert load.begun.wait(PATIENCE_S)
    assert not loads[-1].begun.wait(0.2)
    loads[0].free.set()
    assert loads[-1].begun.wait(PATIENCE_S)
    for load in loads:
        load.free.set()
    assert all(ended(job).predictor for job in jobs)


def test_a_failed_load_is_told_to_all_who_wait_and_tried_again_by_the_next() -> None:
    networks, slow = SharedNetworks(kept=3), Slow(UserError("The file is damaged. Use another."))
    with ThreadPoolExecutor(3) as pool:
        asked = [pool.submit(networks.network, "a", slow, "Loading") for _ in range(3)]
        assert slow.begun.wait(PATIENCE_S)
        waiting = networks.ask("a", slow)
        slow.free.set()
        for each in asked:
            with pytest.raises(UserError, match=r"^The file is damaged\. Use another\.$"):
                each.result(PATIENCE_S)
    assert ended(waiting).problem == "The file is damaged. Use another."
    assert isinstance(kept(networks, "a")[0], Network)


def test_the_last_used_are_kept_and_the_others_go() -> None:
    networks = SharedNetworks(kept=2)
    gone = [weakref.ref(each) for each in kept(networks, "a", "b")]
    kept(networks, "a", "c")
    gc.collect()
    assert [each() is None for each in gone] == [False, True]
    assert kept(networks, "a")[0] is gone[0]()


def test_one_that_somebody_uses_is_found_again_though_it_is_no_longer_kept() -> None:
    networks = SharedNetworks(kept=1)
    used = kept(networks, "a")[0]
    kept(networks, "b", "c")
    assert kept(networks, "a")[0] is used


def test_whoever_leaves_stops_nobodys_load() -> None:
    networks, slow = SharedNetworks(kept=1), Slow()
    networks.ask("a", slow)  # and nobody waits
    assert slow.begun.wait(PATIENCE_S)
    other = networks.ask("a", slow)
    slow.free.set()
    assert ended(other).predictor is kept(networks, "a")[0]


def test_an_upload_that_was_taken_away_before_its_turn_is_not_read() -> None:
    blocking = [Slow() for _ in range(AT_ONCE)]
    jobs = [LoadJob(number, load) for number, load in enumerate(blocking)]
    for job, load in zip(jobs, blocking, strict=True):
        job.start()
        assert load.begun.wait(PATIENCE_S)
    unwanted = Slow()
    job = LoadJob("unwanted", unwanted)
    job.start()
    job.stop()
    for load in blocking:
        load.free.set()
    with pytest.raises(UserError, match="Choose the weights again"):
        loaded(job, "Reading the checkpoint")
    assert unwanted.times == 0


def test_one_that_nobody_waits_for_when_its_turn_comes_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """A visitor who leafs through all networks keeps the next one waiting for two of them, not for all."""
    monkeypatch.setattr(LoadJob, "unwatched_s", PATIENCE_S)
    networks, blocking, unwanted = SharedNetworks(kept=9), [Slow() for _ in range(AT_ONCE)], Slow()
    jobs = []
    for number, load in enumerate(blocking):
        jobs.append(networks.ask(number, load))
        assert load.begun.wait(PATIENCE_S)
    left = networks.ask("left", unwanted)
    monkeypatch.setattr(LoadJob, "unwatched_s", 0.0)
    for load in blocking:
        load.free.set()
    assert all(ended(job).predictor for job in jobs)
    deadline = time.monotonic() + PATIENCE_S
    while left.running and time.monotonic() < deadline:  # type: ignore[union-attr]
        time.sleep(0.01)
    assert unwanted.times == 0
    monkeypatch.setattr(LoadJob, "unwatched_s", PATIENCE_S)
    assert isinstance(kept(networks, "left")[0], Network)


def test_a_load_keeps_neither_the_uploads_bytes_nor_the_network_beyond_its_holder() -> None:
    upload = Network()  # bytes cannot be watched
    held = weakref.ref(upload)
    job = LoadJob("mine", partial(lambda _: Network(), upload))  # type: ignore[arg-type]
    del upload
    job.start()
    ended(job)
    gc.collect()
    assert held() is None
    assert job.predictor is not None
    network = weakref.ref(job.predictor)
    del job
    gc.collect()
    assert network() is None


def test_a_file_that_was_replaced_is_another_version(tmp_path: Path) -> None:
    file = tmp_path / "model.safetensors"
    file.write_bytes(b"one")
    first = version_of(file)
    assert version_of(file) == first
    other = tmp_path / "other"
    other.write_bytes(b"two")
    other.replace(file)
    assert version_of(file) != first
    file.unlink()
    with pytest.raises(UserError, match=r"model\.safetensors is not there any more"):
        version_of(file)


def busy(monkeypatch: pytest.MonkeyPatch) -> list[Slow]:
    """Loads that take all the room there is."""
    monkeypatch.setattr(loading, "_ROOM", threading.BoundedSemaphore(AT_ONCE))
    others = [Slow() for _ in range(AT_ONCE)]
    for number, other in enumerate(others):
        LoadJob(number, other).start()
        assert other.begun.wait(PATIENCE_S)
    return others


def test_an_upload_that_is_taken_away_leaves_memory_though_others_load(monkeypatch: pytest.MonkeyPatch) -> None:
    others = busy(monkeypatch)

    class Upload:
        """Bytes of a visitor's."""

        def __call__(self) -> Any:
            raise AssertionError("loaded")

    upload = Upload()
    held, job = weakref.ref(upload), LoadJob("upload", upload)
    job.start()
    del upload
    job.stop()
    ended(job)
    gc.collect()
    assert held() is None
    assert job.given_up
    for other in others:
        other.free.set()


def test_whatever_ends_a_load_those_who_wait_hear_of_it() -> None:
    networks, loads = SharedNetworks(kept=3), []

    def load() -> Any:
        loads.append(1)
        raise SystemExit(3)

    with pytest.raises(UserError) as told:
        networks.network("a", load, "Loading")
    assert "SystemExit" not in str(told.value)
    assert len(loads) == 1


def test_a_file_that_is_replaced_or_removed_while_its_load_waits_is_told_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "mine.safetensors"
    path.write_bytes(b"one")
    version = version_of(path)
    path.write_bytes(b"another")
    with pytest.raises(UserError, match=r"^mine\.safetensors was replaced meanwhile"):
        load_version(path, version, "cpu")
    path.unlink()
    with pytest.raises(UserError, match=r"^mine\.safetensors is not there any more"):
        load_version(path, version, "cpu")
