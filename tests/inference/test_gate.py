"""A gate lets few inside; whoever waits, by whatever way, stands aside of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch

from resnext_viz.inference.engines.engine import EngineChoice
from resnext_viz.inference.engines.selection import Chosen
from resnext_viz.inference.gate import Gate, LongLock, aside
from resnext_viz.inference.photos import decode
from resnext_viz.inference.photos.decoder import Decoder
from resnext_viz.inference.predictor import predictor
from resnext_viz.inference.predictor.by_name import load_predictor
from resnext_viz.ui.kit.jobs.job import Job

PATIENCE_S = 60


def sample_file() -> bytes:
    return min((Path(__file__).parents[1] / "data" / "cifar10").glob("cat/*.jpg")).read_bytes()


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


class Held(Job):
    """Ends when it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.free = threading.Event()

    def steps(self) -> Iterator[None]:
        yield
        assert self.free.wait(PATIENCE_S)


def assert_aside(wait: Callable[[], object], let_go: Callable[[], object]) -> None:
    """While a thread inside a gate waits, another comes in; then the first is let go, and ends."""
    gate, begun, came_in = Gate(1), threading.Event(), threading.Event()

    def first() -> None:
        with gate.inside():
            begun.set()
            wait()

    threads = [threading.Thread(target=first), threading.Thread(target=_enter, args=(gate, came_in))]
    threads[0].start()
    assert begun.wait(PATIENCE_S)
    threads[1].start()
    others_came = came_in.wait(5)
    waits_still = threads[0].is_alive()
    let_go()
    for thread in threads:
        thread.join(PATIENCE_S)
        assert not thread.is_alive()
    assert others_came
    assert waits_still


def test_who_waits_for_a_turn_stands_aside_and_so_does_who_has_it() -> None:
    turn, free = LongLock(), threading.Event()
    turn.__enter__()
    assert_aside(lambda: turn.__enter__() or turn.__exit__(), turn.__exit__)

    def have() -> None:
        with turn:
            assert free.wait(PATIENCE_S)

    assert_aside(have, free.set)


def test_who_waits_for_a_job_stands_aside() -> None:
    job = Held()
    job.start()
    assert_aside(lambda: job.wait(PATIENCE_S), job.free.set)


def test_who_waits_for_a_decoder_stands_aside() -> None:
    decoder = Decoder(max_pixels=2**20, workers=1)
    worker = decoder._free.get()  # somebody's picture is being decoded
    data = sample_file()
    try:
        assert_aside(lambda: decoder.decode(data), lambda: decoder._free.put(worker))
    finally:
        decoder.close()


def test_who_waits_for_an_answer_stands_aside(tiny_file: Path) -> None:
    loaded = load_predictor(tiny_file, "cpu")
    picture = decode.decode_here(sample_file())
    turn = loaded._network.turn
    turn.acquire()
    assert_aside(lambda: loaded.predict([picture]), turn.release)
    turn.acquire()
    assert_aside(lambda: loaded.logits(torch.zeros(1, 3, 32, 32)), turn.release)


def test_who_waits_for_an_engine_stands_aside(tiny_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded, free = load_predictor(tiny_file, "cpu"), threading.Event()

    def slow(*_: object) -> Chosen:
        assert free.wait(PATIENCE_S)
        return loaded._chosen[EngineChoice.AUTO]

    monkeypatch.setattr(predictor, "choose_engine", slow)
    assert_aside(lambda: loaded.check_of(EngineChoice.INT8), free.set)


def test_outside_every_gate_nothing_is_given_up() -> None:
    with aside(), LongLock():
        pass
