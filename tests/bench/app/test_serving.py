"""The load test loses nothing, counts what it says, and speaks to the app as a browser does."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from resnext_viz.bench.app import serving
from resnext_viz.bench.app.load import Load, memory_reader, photo, row, together
from resnext_viz.bench.app.served_apps import our_app
from resnext_viz.bench.app.upload import open_uploader
from resnext_viz.bench.result import BenchError
from resnext_viz.inference.engines.batching import MAX_WAITING
from resnext_viz.inference.photos.decode import decode_image
from resnext_viz.inference.predictor.by_name import load_predictor


def test_a_row_of_load() -> None:
    load = Load(elapsed_s=2.0)
    load.answered(0.010, pictures=3)
    load.answered(0.030)
    load.refused(0.001)
    load.lose()
    made = load.row("clients", 123.4)
    assert (made.median_ms, made.p95_ms, made.per_second) == (10.0, 30.0, 2.0)
    assert (made.refused, made.lost, made.memory_mb) == (1, 1, 123)


def test_nothing_answered_is_no_row() -> None:
    with pytest.raises(BenchError, match="clients: nothing was answered"):
        row("clients", [])


def test_a_client_that_fails_fails_the_measurement() -> None:
    with pytest.raises(BenchError, match="a client failed: ZeroDivisionError"):
        together([lambda: None, lambda: 1 / 0])  # type: ignore[list-item, func-returns-value]


def test_calls_run_side_by_side() -> None:
    barrier = threading.Barrier(5, timeout=30)
    assert together([lambda: barrier.wait() and None] * 5) >= 0


def test_photos_differ_and_can_be_read() -> None:
    assert len({photo(seed) for seed in range(5)}) == 5
    assert decode_image(photo(1)).width == 640


def test_memory_grows_with_what_is_held() -> None:
    read = memory_reader()
    before = read()
    held = bytearray(b"x" * 200_000_000)
    assert read() - before > 150
    del held


def test_a_crowd_is_answered_or_refused_and_nobody_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "PART_S", 1.5)
    monkeypatch.setattr(serving, "AGAIN_S", 0.05)
    predictor = load_predictor("cifar10", "cpu")
    size = predictor.max_batch
    crowd = serving._crowd(predictor, 3 * MAX_WAITING // size, size)
    assert len(crowd.answers_s) > 0
    assert len(crowd.answers_s) % size == 0
    assert len(crowd.refusals_s) > 0
    assert crowd.lost == 0
    assert predictor._queue._work._pictures == 0


def test_visitors_upload_to_the_real_app() -> None:
    with our_app({"STREAMLIT_SERVER_MAX_UPLOAD_SIZE": "8"}) as address, ThreadPoolExecutor(4) as pool:
        visitors = list(pool.map(lambda _: open_uploader(address, "weights=cifar10"), range(4)))
        answered = pool.map(lambda n: visitors[n % 4].answer("photo.jpg", photo(n)), range(4))
        assert all(seconds is not None and seconds > 0 for seconds in answered)
        with pytest.raises(BenchError, match="answers 413"):
            visitors[0].answer("large.jpg", bytes(9 * 2**20))
        for visitor in visitors:
            visitor.close()
