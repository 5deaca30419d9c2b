"""What a visitor notices of another's load: reruns while it lasts, against the same visitor's idle ones."""

from __future__ import annotations

import shutil
import threading
from functools import partial
from pathlib import Path

import pytest

from resnext_viz.bench.app import beside_loads
from resnext_viz.bench.result import four_digits
from resnext_viz.inference.weights.catalogue import BUNDLED_FILE


def test_reruns_are_counted_from_the_begin_of_the_work_to_its_end() -> None:
    left, ended = iter([5.0, 7.0, 9.0]), threading.Event()
    free = threading.Event()

    def rerun() -> float:
        found = next(left, 9.0)
        if found == 9.0:
            free.set()
        return found

    def work() -> None:
        assert free.wait(60)
        ended.set()

    found = beside_loads._reruns_during(work, rerun)
    assert found[:3] == [0.005, 0.007, 0.009]
    assert ended.is_set()


def test_the_rows_compare_the_p95_of_both(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beside_loads, "LOADS", 2)
    monkeypatch.setattr(beside_loads, "IDLE_S", 0.5)
    monkeypatch.setattr(beside_loads, "write_random", partial(_copy, BUNDLED_FILE))
    idle, meanwhile = beside_loads.beside_loads()
    assert meanwhile.ratio == four_digits(idle.p95_ms / meanwhile.p95_ms)
    assert idle.ratio is None
    assert "p95" in (meanwhile.against or "")


def _copy(source: Path, target: Path) -> None:
    shutil.copyfile(source, target)
