"""What is measured in a process of its own answers here, also when it goes wrong. Torch is not loaded for it."""

import pytest

from resnext_viz.bench.own_process import Engines, in_own_process
from resnext_viz.bench.result import BenchError


def counting(start: int) -> Engines:
    numbers = iter(range(start + 1, start + 10))
    return {"up": lambda: float(next(numbers)), "broken": lambda: 1 / 0}


def mistaken() -> Engines:
    raise BenchError("subject is 'speed'")


def ending() -> Engines:
    raise SystemExit(1)


def test_engines_keep_their_state_and_a_fault_brings_its_traceback() -> None:
    with in_own_process(counting, 3) as ask:
        assert [ask("up"), ask("up")] == [4.0, 5.0]
        with pytest.raises(RuntimeError, match="ZeroDivisionError"):
            ask("broken")


def test_a_users_mistake_is_the_same_here() -> None:
    with pytest.raises(BenchError, match="subject is 'speed'"), in_own_process(mistaken):
        pass


def test_a_process_that_ends_is_told_in_words() -> None:
    with pytest.raises(BenchError, match="a process that was to be measured ended"), in_own_process(ending):
        pass
