"""Engines in a process of their own, so that what one side sets for its whole process never helps or harms another."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, wait
from contextlib import contextmanager
from queue import SimpleQueue

from resnext_viz.bench.result import BenchError
from resnext_viz.errors import ErrorCode
from resnext_viz.kit.child import Child, Ending

Engines = Mapping[str, Callable[[], float]]
_GOES_WITHIN_S = 60.0  # the workers of a loader end first, which takes a busy machine a while


@contextmanager
def in_own_process(make: Callable[..., Engines], *words: str) -> Iterator[Callable[[str], float]]:
    """Inside, a call gives what the engine of that name among `make(*words)`, made there, measures.

    Raises:
        UserError: `make` or an engine raised it there, or the process ended.
    """
    answers: SimpleQueue[str | Future[Ending]] = SimpleQueue()
    maker = f"{make.__module__}:{make.__qualname__}"
    child = Child((maker, *words), answers.put, module="resnext_viz.bench.engine_worker", is_told=True)
    ended = child.run_beside()
    ended.add_done_callback(answers.put)  # behind its last answer
    try:
        _answer(answers)

        def ask(name: str) -> float:
            child.tell(name)
            return _answer(answers)

        yield ask
    finally:
        child.hang_up()
        wait([ended], _GOES_WITHIN_S)
        child.end()
        wait([ended])


def _answer(answers: SimpleQueue[str | Future[Ending]]) -> float:
    answer = answers.get()
    if isinstance(answer, str):
        return float(answer)
    answers.put(answer)  # whoever asks again is told again
    raise _problem(answer.result())


def _problem(ending: Ending) -> Exception:
    told = ending.error
    if told is None:
        return BenchError("a process that was to be measured ended; is there enough memory?")
    if told.code is ErrorCode.CRASHED:
        return RuntimeError(f"in the measured process:\n{ending.said}")
    return BenchError(told.message, told.code, **told.details)
