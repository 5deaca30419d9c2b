"""How many random numbers `explain` explains: by chance, for nobody counted anything.

The numbers are as long as those that people ask about: `python -m tests.explanations.by_chance --count 300 --seed 0`.
"""

from __future__ import annotations

import argparse
import math
import random
import sys
import time
from collections.abc import Callable, Iterator
from itertools import chain

from resnext_viz.explanations import explain_number

Shape = tuple[float, float, Callable[[float], str]]  # from, to, and how it is written
SHAPES: dict[str, tuple[Shape, ...]] = {
    "params": (
        (5e6, 300e6, lambda value: f"{value:,.0f} params"),
        (5e6, 300e6, lambda value: f"{value:.0f}"),
        (5e6, 300e6, lambda value: f"{value / 1e6:.2f}M params"),
        (5e6, 99e6, lambda value: f"{value / 1e6:.1f}M params"),
        (100e6, 999e6, lambda value: f"{value / 1e6:.0f}M params"),
    ),
    "MACs": (
        (1e9, 60e9, lambda value: f"{value / 1e9:.2f} GFLOPs"),
        (1e9, 60e9, lambda value: f"{value / 1e9:.2f} GMac"),
        (1e9, 60e9, lambda value: f"{value / 1e9:.2f} G"),
        (1e9, 60e9, lambda value: f"{value:,.0f} MACs"),
        (1e9, 60e9, lambda value: f"{value / 1e9:.1f} GFLOPs"),
    ),
    "sizes": (
        (20e6, 999e6, lambda value: f"{value / 1e6:.2f} MB"),
        (20e6, 999e6, lambda value: f"{value / 1e6:.1f} MB"),
        (20e6, 999e6, lambda value: f"{value / 1e6:.2f} MiB"),
    ),
}  # fmt: skip


def random_numbers(count: int, seed: int) -> Iterator[tuple[str, str]]:
    """So many numbers, as many of each kind, with their kind."""
    chance = random.Random(seed)
    for number in range(count):
        kind = list(SHAPES)[number % len(SHAPES)]
        low, high, written = chance.choice(SHAPES[kind])
        yield kind, written(math.exp(chance.uniform(math.log(low), math.log(high))))


def explained_by_chance(count: int, seed: int, network: str | None = None) -> dict[str, list[str]]:
    """Of each kind the numbers that something "explains"."""
    explained: dict[str, list[str]] = {kind: [] for kind in SHAPES}
    for kind, number in random_numbers(count, seed):
        if explain_number(number, network).found:
            explained[kind].append(number)
    return explained


def main() -> None:
    """Prints how many of each kind are explained."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--network")
    parser.add_argument("--all", action="store_true", help="prints them, too")
    arguments = parser.parse_args()
    began = time.process_time()
    explained = explained_by_chance(arguments.count, arguments.seed, arguments.network)
    took_ms = 1000 * (time.process_time() - began) / arguments.count
    by_kind = ", ".join(f"{kind} {len(numbers)}" for kind, numbers in explained.items())
    total = sum(map(len, explained.values()))
    sys.stdout.write(f"{total} of {arguments.count} explained ({by_kind}); {took_ms:.0f} ms each\n")
    for number in chain(*explained.values()) if arguments.all else ():
        sys.stdout.write(f"{number} - {explain_number(number, arguments.network).matches[0].sentence}\n")


if __name__ == "__main__":
    main()
