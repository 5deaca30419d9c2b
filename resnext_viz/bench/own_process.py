"""Engines in a process of their own, so that what one side sets for its whole process never helps or harms another."""

from __future__ import annotations

import multiprocessing
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from typing import Any

from resnext_viz.bench.result import BenchError
from resnext_viz.errors import UserError

Engines = Mapping[str, Callable[[], float]]
_GOES_WITHIN_S = 60.0  # the workers of a loader end first, which takes a busy machine a while


@contextmanager
def in_own_process(make: Callable[..., Engines], *arguments: Any) -> Iterator[Callable[[str], float]]:
    """Inside, a call gives what the engine of that name among `make(*arguments)`, made there, measures.

    Raises:
        UserError: `make` or an engine raised it there, or the process ended.
    """
    context = multiprocessing.get_context("spawn")  # a fork would take torch's threads and settings along
    here, there = context.Pipe()
    process = context.Process(target=_serve, args=(there, make, arguments))
    process.start()
    there.close()
    try:
        _answer(here)

        def ask(name: str) -> float:
            here.send(name)
            return _answer(here)

        yield ask
    finally:
        here.close()
        process.join(_GOES_WITHIN_S)
        if process.is_alive():
            process.kill()
            process.join()


def _answer(connection: Connection) -> float:
    try:
        answer = connection.recv()
    except (EOFError, ConnectionError) as error:
        raise BenchError("a process that was to be measured ended; is there enough memory?") from error
    if isinstance(answer, UserError):
        raise answer
    if isinstance(answer, str):
        raise RuntimeError(f"in the measured process:\n{answer}")
    return float(answer)


def _serve(connection: Connection, make: Callable[..., Engines], arguments: tuple[Any, ...]) -> None:
    with suppress(KeyboardInterrupt, EOFError, ConnectionError):  # whoever asked is gone
        try:
            engines = make(*arguments)
            connection.send(0.0)
            while True:
                connection.send(engines[connection.recv()]())
        except (EOFError, ConnectionError):
            raise
        except UserError as error:
            connection.send(error)
        except Exception:
            connection.send(traceback.format_exc())
