"""Two networks on this machine: a forward pass of each, in turns, so that what equal MACs cost in time is seen.

Both have random weights and run as torch runs them by itself: eager, float32, eval mode, TF32 off. Timed is from
pictures in memory to logits on the CPU. Weights do not change the time, nor do pictures.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

import torch

from resnext_viz.bench import peers
from resnext_viz.bench.result import PAIR_ROUNDS, BenchError, BenchRow, gathered, rows_of, timed, turns
from resnext_viz.complexity import BYTES_PER_FLOAT32, Complexity, complexity
from resnext_viz.figures.numbers import byte_size, short
from resnext_viz.inference.engine import Engine
from resnext_viz.names import name_of, parse
from resnext_viz.nn import build, choose_device

NAMES = ("resnext50_32x4d", "resnet50")
LIMIT_S = 30.0  # for the rounds of one batch
MOST_BYTES = 4_000_000_000  # of both networks with their largest batch
MOST_MACS = 400_000_000_000  # of the largest batch of either
_MAPS_AT_ONCE = 4  # what a block reads, its shortcut, and what a layer reads and puts out
ENGINE = "torch eager, float32"


def measure(names: Sequence[str] = NAMES, device: str = "auto", image_size: int | None = None) -> list[BenchRow]:
    """A row for each of two networks, for each batch size; the first against the second.

    Args:
        names: the two networks.
        device: where.
        image_size: side of the pictures; each network's own if None.

    Raises:
        UserError: no such network or device, not two different ones, or more than a machine should be asked for.
    """
    if len(names) != 2:
        raise BenchError(f"names is {' '.join(names)[:60]!r}; give two networks, such as {' '.join(NAMES)}")
    ours, theirs = (complexity(parse(name), image_size) for name in names)
    if ours.walk == theirs.walk:
        raise BenchError(f"names is {' '.join(names)[:60]!r}, one network twice; give two different ones")
    rows = []
    engines = engines_of(ours, theirs, device)
    for batch in PAIR_ROUNDS:
        samples = gathered(rounds(ours, theirs, engines, batch))
        rows += rows_of("pair", samples, list(engines)[1], batch)
    return rows


def engines_of(ours: Complexity, theirs: Complexity, device: str = "auto") -> dict[str, Engine]:
    """Both networks, built and ready, under their names.

    Raises:
        UserError: no such device, or networks too large to be measured.
    """
    place = choose_device(device)
    for counts in (ours, theirs):
        check_size(counts)
    return {_named(counts): peers.eager(build(counts.walk.spec).eval().to(place), place, "torch")
            for counts in (ours, theirs)}


def rounds(
    ours: Complexity, theirs: Complexity, engines: dict[str, Engine], batch: int
) -> Iterator[dict[str, float]]:
    """Milliseconds of a batch through each network, round by round."""
    timers = {}
    for (name, engine), counts in zip(engines.items(), (ours, theirs), strict=True):
        timers[name] = timed(partial(engine.run, _pictures(counts, batch)))
    yield from turns(timers, PAIR_ROUNDS[batch], LIMIT_S)


def check_size(counts: Complexity) -> None:
    """Nothing, if the network may be measured here.

    Raises:
        BenchError: its largest batch takes more memory or work than a machine should be asked for.
    """
    batch, largest = max(PAIR_ROUNDS), max(layer.acts for layer in counts.layers)
    size = BYTES_PER_FLOAT32 * (counts.params + _MAPS_AT_ONCE * batch * largest)
    if size > MOST_BYTES // 2:
        raise BenchError(f"network takes up to {byte_size(size)} for {batch} images, at most "
                         f"{byte_size(MOST_BYTES // 2)} are measured; choose a smaller network or image_size")
    if batch * counts.macs > MOST_MACS:
        raise BenchError(f"network takes {short(batch * counts.macs)} MACs for {batch} images, at most "
                         f"{short(MOST_MACS)} are measured; choose a smaller network or image_size")


def _named(counts: Complexity) -> str:
    return f"{name_of(counts.walk.spec)} at {counts.walk.image_size}, {ENGINE}"


def _pictures(counts: Complexity, batch: int) -> torch.Tensor:
    size = counts.walk.image_size
    shape = (batch, counts.walk.spec.in_channels, size, size)
    return torch.randn(shape, generator=torch.Generator().manual_seed(0))
