"""The three forms of one block on this machine: time and memory of a forward pass, and of one forward and backward.

The same random weights in each form, float32, as torch runs them by itself: all its threads, TF32 off. Forward is in
eval mode without gradients; forward and backward in train mode, to the gradients of the input and of every weight.
Memory is the most bytes of tensors alive at once in one call, beyond weights and input (`nn.live_memory`).
Source: arXiv 1611.05431, section 4: form (c) was chosen "because it is more succinct and faster".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import NamedTuple

import torch
from torch import Tensor

from resnext_viz.bench.result import BenchError, BenchRow, gathered, rows_of, turns
from resnext_viz.bench.result import timed as timed_call
from resnext_viz.figures.form_block import FORM_NAMES
from resnext_viz.layers import Block
from resnext_viz.names import parse
from resnext_viz.nn.device import choose_device, exact_float32
from resnext_viz.nn.equivalence import block_of, input_shape
from resnext_viz.nn.form_run import random_block
from resnext_viz.nn.forms import Form, to_form
from resnext_viz.nn.live_memory import peak_bytes
from resnext_viz.nn.network import Residual

NAME = "resnext50_32x4d"
BLOCK = (1, 2)  # stage and block of it, from 1: the paper's, of Table 2
ROUNDS = 12
LIMIT_S = 8.0  # for the rounds of one kind of pass


class Call(NamedTuple):
    """One kind of pass through one form: what to run, and the most bytes that it has alive at once."""

    run: Callable[[], object]
    extra_bytes: int | None


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
        rows += [replace(row, extra_mb=_megabytes(call.extra_bytes)) for row, call in
                 zip(found, calls.values(), strict=True)]
    return rows


def calls_of(block: Block, device: str = "auto") -> dict[str, dict[str, Call]]:
    """What to measure: kind of pass -> form in words -> call; form (c) is the last of each.

    Raises:
        UserError: no such device; a two-layer block, or one too large.
    """
    place = choose_device(device)
    x = torch.randn(input_shape(block), generator=torch.Generator().manual_seed(0)).to(place)
    grouped = random_block(block, seed=0).float().to(place)
    calls: dict[str, dict[str, Call]] = {"forward": {}, "forward and backward": {}}
    for form in Form:
        module = to_form(grouped, form)
        for what, run in (("forward", _forward), ("forward and backward", _both)):
            call = partial(run, module, x)
            call()  # kernels are chosen and loaded
            there_before = [*module.parameters(), *module.buffers(), x]
            calls[what][words_of(form)] = Call(call, peak_bytes(call, place, there_before))
            module.zero_grad()
    return calls


def words_of(form: Form) -> str:
    """`(a) sum of paths`."""
    letter = form.value.lower()
    return next(f"({name}) {words.lower()}" for name, words in FORM_NAMES.items() if name == letter)


def rounds(calls: dict[str, Call], device: str = "auto") -> Iterator[dict[str, float]]:
    """Milliseconds of each form, round by round."""
    place = choose_device(device)

    def timer(call: Call) -> Callable[[], float]:
        return timed_call(lambda: _finished(call.run, place))

    return turns({name: timer(call) for name, call in calls.items()}, ROUNDS, LIMIT_S)


def _finished(run: Callable[[], object], place: torch.device) -> None:
    with exact_float32(place):
        run()
        if place.type == "cuda":
            torch.cuda.synchronize(place)
        elif place.type == "mps":
            torch.mps.synchronize()


def _forward(module: Residual, x: Tensor) -> None:
    module.eval()
    with torch.no_grad():
        module(x)


def _both(module: Residual, x: Tensor) -> None:
    module.train()
    module.zero_grad()
    start = x.detach().requires_grad_()
    module(start).sum().backward()


def _megabytes(size: int | None) -> float | None:
    return None if size is None else round(size / 1e6, 2)
