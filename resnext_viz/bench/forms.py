"""The three forms of one block on this machine: time and memory, as `nn.form_timing` measures them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from resnext_viz.bench.result import BenchError, BenchRow, rows_of
from resnext_viz.kit.timing import gathered
from resnext_viz.names import parse
from resnext_viz.nn.form_timing import calls_of, rounds
from resnext_viz.nn.proof.equivalence import block_of, input_shape

NAME = "resnext50_32x4d"
BLOCK = (1, 2)  # stage and block of it, from 1: the paper's, of Table 2


def measure(names: Sequence[str] = (NAME,), device: str = "auto") -> list[BenchRow]:
    """Rows for the forms of a network's second block, forward, then forward and backward; all against form (c).

    Raises:
        UserError: no such network or device; more than one network; blocks of two layers; a block too large.
    """
    if len(names) != 1:
        raise BenchError(f"names is {' '.join(names)[:60]!r}; give one network, such as {NAME}")
    spec = parse(names[0])
    stage, number = BLOCK
    block = block_of(spec, stage, min(number, spec.depths[0]))
    rows = []
    for what, calls in calls_of(block, device).items():
        named = {f"{what}, {name}": times for name, times in gathered(rounds(calls, device)).items()}
        found = rows_of("forms", named, list(named)[-1], input_shape(block)[0])
        rows += [
            replace(row, extra_mb=_megabytes(call.extra_bytes)) for row, call in zip(found, calls.values(), strict=True)
        ]
    return rows


def _megabytes(size: int | None) -> float | None:
    return None if size is None else round(size / 1e6, 2)
