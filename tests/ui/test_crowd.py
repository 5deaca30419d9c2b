"""Visitors who wait are counted while they wait, and no longer."""

import contextlib
import threading

import pytest

from resnext_viz.ui.crowd import CROWD, Gate, is_crowded, waiting

PATIENCE_S = 30


def test_a_crowd_is_those_who_wait_at_this_moment() -> None:
    with contextlib.ExitStack() as stack:
        for _ in range(CROWD - 1):
            stack.enter_context(waiting())
        assert not is_crowded()
        with contextlib.suppress(ValueError), waiting():
            assert is_crowded()
            raise ValueError
        assert not is_crowded()
        stack.enter_context(waiting())
        assert is_crowded()
    assert not is_crowded()


def test_counting_is_exact_with_many_threads() -> None:
    def come_and_go() -> None:
        for _ in range(500):
            with waiting():
                pass

    threads = [threading.Thread(target=come_and_go) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not is_crowded()
    with contextlib.ExitStack() as stack:
        for _ in range(CROWD):
            assert not is_crowded()
            stack.enter_context(waiting())
        assert is_crowded()


def test_a_gate_lets_few_inside_and_all_through() -> None:
    gate, inside, most, done = Gate(2), [0], [0], []
    lock = threading.Lock()

    def run(number: int) -> None:
        with gate.inside():
            with lock:
                inside[0] += 1
                most[0] = max(most[0], inside[0])
            threading.Event().wait(0.005)
            with lock:
                inside[0] -= 1
                done.append(number)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)
    assert sorted(done) == list(range(12))
    assert most[0] == 2


def test_who_steps_aside_lets_another_in_and_comes_back() -> None:
    gate, order = Gate(1), list[str]()
    other_may_end = threading.Event()

    def other() -> None:
        with gate.inside():
            order.append("other inside")
            assert other_may_end.wait(PATIENCE_S)
            order.append("other leaves")

    with gate.inside():
        thread = threading.Thread(target=other)
        thread.start()
        assert order == []
        with gate.aside():
            other_may_end.set()
            thread.join(PATIENCE_S)
        order.append("back inside")
    assert order == ["other inside", "other leaves", "back inside"]


def test_who_fails_inside_or_aside_leaves_the_room_free() -> None:
    gate = Gate(1)
    with pytest.raises(ValueError, match="broken"), gate.inside(), gate.aside():
        raise ValueError("broken")
    with gate.aside():  # outside it means nothing
        pass
    entered = threading.Event()
    thread = threading.Thread(target=lambda: _enter(gate, entered))
    thread.start()
    assert entered.wait(PATIENCE_S)


def _enter(gate: Gate, entered: threading.Event) -> None:
    with gate.inside():
        entered.set()
