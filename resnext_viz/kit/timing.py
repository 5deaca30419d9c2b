"""Interleaved timing: what is compared runs in turns, so that a busy moment meets all of it."""

from __future__ import annotations

import math
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

PAIR_ROUNDS = {1: 20, 8: 8}  # pictures at once -> rounds, where two networks are compared
FORM_ROUNDS = 12  # where the three forms of a block are
LIMIT_S = 20.0  # for the rounds of one comparison
LEAST_ROUNDS = 2


def percentile(samples: Sequence[float], share: float) -> float:
    """The smallest sample that at least `share` of them do not exceed."""
    return sorted(samples)[max(0, math.ceil(share * len(samples)) - 1)]


def timed(call: Callable[[], object], repeats: int = 1) -> Callable[[], float]:
    """`call` as an engine: milliseconds of one call, over `repeats`, because a clock has its grain."""

    def measured() -> float:
        began = time.perf_counter()
        for _ in range(repeats):
            call()
        return (time.perf_counter() - began) / repeats * 1000

    return measured


def in_turns(
    engines: Mapping[str, Callable[[], float]], rounds: int, limit_s: float = LIMIT_S
) -> dict[str, list[float]]:
    """Samples of engines that give their milliseconds, round by round, so that a busy moment meets all of them.

    The first round warms up and is left out. A slow machine gets fewer rounds, at least `LEAST_ROUNDS`.
    """
    return gathered(turns(engines, rounds, limit_s))


def gathered(rounds: Iterable[Mapping[str, float]]) -> dict[str, list[float]]:
    """The samples of each engine, of all rounds."""
    samples: defaultdict[str, list[float]] = defaultdict(list)
    for once in rounds:
        for name, elapsed_ms in once.items():
            samples[name].append(elapsed_ms)
    return dict(samples)


def turns(
    engines: Mapping[str, Callable[[], float]], rounds: int, limit_s: float = LIMIT_S
) -> Iterator[dict[str, float]]:
    """The rounds of `in_turns`, each as it is measured, for whoever shows them meanwhile or may stop between them."""
    began = time.monotonic()
    for number in range(rounds + 1):
        if number > LEAST_ROUNDS and time.monotonic() - began > limit_s:
            return
        once = {name: engine() for name, engine in engines.items()}
        if number:
            yield once
