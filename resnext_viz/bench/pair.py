"""Two networks on this machine: what equal MACs cost in time, as `nn.network_timing` measures it."""

from __future__ import annotations

from collections.abc import Sequence

from resnext_viz.bench.result import BenchError, BenchRow, rows_of
from resnext_viz.complexity import Complexity, complexity
from resnext_viz.kit.timing import PAIR_ROUNDS
from resnext_viz.names import name_of, parse
from resnext_viz.nn.network_timing import ENGINE, forward_passes, rounds

NAMES = ("resnext50_32x4d", "resnet50")


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
    passes = forward_passes(ours, theirs, device)
    rows = []
    for batch in PAIR_ROUNDS:
        mine, other = zip(*rounds(ours, theirs, passes, batch), strict=True)
        rows += rows_of("pair", {_named(ours): mine, _named(theirs): other}, _named(theirs), batch)
    return rows


def _named(counts: Complexity) -> str:
    return f"{name_of(counts.walk.spec)} at {counts.walk.image_size}, {ENGINE}"
