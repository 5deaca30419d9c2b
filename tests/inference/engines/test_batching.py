"""One thread answers everybody: in order, in batches, nothing lost; a full queue refuses; it ends when it should."""

from __future__ import annotations

import gc
import threading
import weakref
from concurrent.futures import Future
from concurrent.futures import wait as wait_for

import pytest
import torch
from torch import Tensor

from resnext_viz.inference.engines import batching
from resnext_viz.inference.engines.batching import MAX_WAITING, BatchAnswer, BatchingQueue
from resnext_viz.inference.errors import BusyError

PATIENCE_S = 60


class Net:
    """Doubles its inputs; holds back until let go, and remembers its batches and threads."""

    def __init__(self, held: bool = False) -> None:
        self.batches: list[list[float]] = []
        self.threads: set[int] = set()
        self.started, self.free = threading.Event(), threading.Event()
        if not held:
            self.free.set()

    def run(self, inputs: Tensor) -> Tensor:
        self.started.set()
        assert self.free.wait(PATIENCE_S)
        self.batches.append(inputs.flatten().tolist())
        self.threads.add(threading.get_ident())
        return 2 * inputs


def pictures(*values: float) -> Tensor:
    return torch.tensor(values)[:, None]


def values_of(answers: list[Future[BatchAnswer]]) -> list[float]:
    return [value for answer in answers for value in answer.result(PATIENCE_S).logits.flatten().tolist()]


def test_what_gathers_while_a_batch_runs_is_the_next_one_in_order() -> None:
    net, queue = Net(held=True), BatchingQueue(max_batch=4)
    answers = [queue.submit(net.run, pictures(0))]
    assert net.started.wait(PATIENCE_S)
    answers += [queue.submit(net.run, pictures(*values)) for values in ((1,), (2, 3), (4, 5), (6,), (7, 8, 9))]
    net.free.set()
    assert values_of(answers) == [2.0 * value for value in range(10)]
    assert net.batches == [[0], [1, 2, 3], [4, 5, 6], [7, 8, 9]]
    assert [answer.result().batch for answer in answers] == [1, 3, 3, 3, 3, 3]
    assert len(net.threads) == 1
    assert threading.get_ident() not in net.threads


def test_two_engines_never_share_a_batch() -> None:
    one, two, queue = Net(held=True), Net(), BatchingQueue(max_batch=8)
    answers = [queue.submit(one.run, pictures(0))]
    assert one.started.wait(PATIENCE_S)
    answers += [queue.submit(net.run, pictures(n)) for n, net in enumerate((one, one, two, two, one), 1)]
    one.free.set()
    assert values_of(answers) == [0, 2, 4, 6, 8, 10]
    assert one.batches == [[0], [1, 2], [5]]
    assert two.batches == [[3, 4]]


def test_many_threads_at_once_each_get_their_own_answer() -> None:
    net, queue = Net(), BatchingQueue(max_batch=16)
    found: dict[int, list[float]] = {}

    def ask(number: int) -> None:
        for turn in range(20):
            found.setdefault(number, []).extend(values_of([queue.submit(net.run, pictures(100 * number + turn))]))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(64)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)
    assert found == {number: [2.0 * (100 * number + turn) for turn in range(20)] for number in range(64)}
    assert sum(map(len, net.batches)) == 64 * 20


def test_a_full_queue_refuses_in_words_and_goes_on() -> None:
    net, queue = Net(held=True), BatchingQueue(max_batch=16)
    answers = [queue.submit(net.run, torch.zeros(16, 1)) for _ in range(MAX_WAITING // 16)]
    with pytest.raises(BusyError, match=rf"busy: {MAX_WAITING} pictures wait already.*Try again"):
        queue.submit(net.run, torch.zeros(1, 1))
    net.free.set()
    assert len(values_of(answers)) == MAX_WAITING
    wait_for(answers)
    assert values_of([queue.submit(net.run, pictures(3))]) == [6]


def test_whoever_has_an_answer_may_ask_again_at_once() -> None:
    net, queue = Net(held=True), BatchingQueue(max_batch=MAX_WAITING)
    asked, again = threading.Event(), list[Future[BatchAnswer]]()

    def ask_again(_: Future[BatchAnswer]) -> None:
        """On the queue's own thread, at the very moment that the answer is there."""
        try:
            again.append(queue.submit(net.run, torch.zeros(MAX_WAITING, 1)))
        finally:
            asked.set()

    full = queue.submit(net.run, torch.zeros(MAX_WAITING, 1))
    full.add_done_callback(ask_again)
    net.free.set()
    assert asked.wait(PATIENCE_S)
    assert len(values_of(again)) == MAX_WAITING


def test_a_slow_network_takes_fewer_into_its_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 4.0, *range(1000)])
    monkeypatch.setattr(batching.time, "perf_counter", lambda: next(clock))
    net, queue = Net(), BatchingQueue(max_batch=2)
    assert len(values_of([queue.submit(net.run, pictures(0, 1))])) == 2  # 2 s for each
    net.free.clear()
    kept = [queue.submit(net.run, pictures(0, 1)) for _ in range(3)]  # the third would wait 8 s
    with pytest.raises(BusyError, match="6 pictures wait already, about 12 s of work"):
        queue.submit(net.run, pictures(0))
    net.free.set()
    assert len(values_of(kept)) == 6


def test_one_that_fails_is_told_and_the_next_is_answered() -> None:
    net, queue = Net(), BatchingQueue(max_batch=4)

    def fail(_: Tensor) -> Tensor:
        raise ZeroDivisionError("broken")

    with pytest.raises(ZeroDivisionError, match="broken"):
        queue.submit(fail, pictures(1)).result(PATIENCE_S)
    assert values_of([queue.submit(net.run, pictures(1))]) == [2]


@pytest.mark.parametrize("number", [0, 5])
def test_only_as_many_as_a_batch_holds(number: int) -> None:
    with pytest.raises(ValueError, match=f"{number} pictures at once; 1 to 4"):
        BatchingQueue(max_batch=4).submit(Net().run, torch.zeros(number, 1))


def test_networks_of_one_device_take_turns() -> None:
    turn, inside, together = threading.Lock(), [0], []

    def run(inputs: Tensor) -> Tensor:
        inside[0] += 1
        together.append(inside[0])
        threading.Event().wait(0.002)
        inside[0] -= 1
        return inputs

    queues = [BatchingQueue(2, turn) for _ in range(4)]
    values_of([queue.submit(run, pictures(n)) for n in range(5) for queue in queues])
    assert set(together) == {1}


def test_an_owner_that_nobody_holds_ends_its_thread() -> None:
    threads = list[threading.Thread]()

    def run(inputs: Tensor) -> Tensor:
        threads.append(threading.current_thread())
        return inputs

    queue = BatchingQueue(max_batch=2)
    queue.submit(run, pictures(1)).result(PATIENCE_S)
    gone = weakref.ref(queue)
    del queue
    gc.collect()
    assert gone() is None
    threads[0].join(PATIENCE_S)
    assert not threads[0].is_alive()


def test_a_closed_one_refuses_whoever_waits_and_whoever_comes() -> None:
    net, queue = Net(held=True), BatchingQueue(max_batch=1)
    first = queue.submit(net.run, pictures(1))
    assert net.started.wait(PATIENCE_S)
    second = queue.submit(net.run, pictures(2))
    queue.close()
    net.free.set()
    assert values_of([first]) == [2]
    with pytest.raises(BusyError, match="unloaded"):
        second.result(PATIENCE_S)
    with pytest.raises(BusyError, match="unloaded"):
        queue.submit(net.run, pictures(3))
